"""What the pages of owed contact are given."""

from datetime import date, timedelta

from contact_service.ids import PersonId, VisitId
from contact_service.pages.owed_chart import chart_of
from contact_service.plans.terms import Frequency, Period, PlanPerson, SupervisionLevel
from contact_service.visits.loss import Cause, Standing
from contact_service.visits.owed import Meeting, Promise, reckon
from tests.web.contexts_people import ABOUT
from tests.web.contexts_staff import STAFF
from tests.web.samples import CARER, CHILD, END, MOTHER, START, VISIT, Context

_MONDAY = date(2026, 10, 5)
_TERMS = PlanPerson(
    person=PersonId(MOTHER),
    level=SupervisionLevel.SUPERVISED,
    length=timedelta(minutes=30),
    frequency=Frequency(per=Period.WEEK, least=2),
)
# How the visits of eight weeks went: given, lost and by what, to come.
_WEEKS: tuple[tuple[Cause | Standing, ...], ...] = (
    (Standing.GIVEN, Standing.GIVEN),
    (Standing.GIVEN, Cause.STAFF),
    (Cause.NO_SHOW, Cause.CAREGIVER),
    (Standing.GIVEN, Standing.GIVEN, Standing.GIVEN),
    (Standing.GIVEN,),
    (Standing.GIVEN, Cause.NO_SHOW),
    (Standing.GIVEN, Standing.GIVEN),
    (Standing.GIVEN, Standing.AHEAD),
)


def _meetings() -> list[Meeting]:
    return [
        Meeting(
            visit=VisitId(f"{week}-{number}"),
            on=_MONDAY + timedelta(days=7 * week + 2 * number),
            standing=what if isinstance(what, Standing) else Standing.LOST,
            cause=what if isinstance(what, Cause) else None,
            still_owed=False if (week, what) == (5, Cause.NO_SHOW) else None,
            minutes=30,
        )
        for week, whats in enumerate(_WEEKS)
        for number, what in enumerate(whats)
    ]


_CHART = chart_of(
    reckon(
        [Promise(first=_MONDAY, until=None, terms=_TERMS)],
        _meetings(),
        barred=[],
        today=_MONDAY + timedelta(days=52),
    )
)
_ROW: Context = {
    "first": date(2026, 10, 12),
    "last": date(2026, 10, 18),
    "is_over": True,
    "entitled": 2,
    "offered": 2,
    "ahead": 0,
    "given": 1,
    "minutes": 31,
    "lost": "no staff",
    "not_owed": 1,
    "to_decide": 1,
    "made_up": 1,
    "still_owed": 1,
    "owed_by": "no staff",
}
_ACCOUNT: Context = {
    "id": "0a0e-video",
    "name": "Rosa Marin",
    "relation": "mother",
    "medium": "By video",
    "promised": "at least 2 a week",
    "counted": True,
    "minutes": 30,
    "is_kept": True,
    "in_plan": True,
    "still_owed": 2,
    "to_decide": 1,
    "order": "Family Court, NM1",
    "given": 11,
    "entitled": 14,
    "last": date(2026, 11, 23),
    "next": date(2026, 11, 25),
    "short": 1,
    "period": "week",
    "periods": "weeks",
    "chart": _CHART,
    "rows": [_ROW, {**_ROW, "first": date(2026, 11, 23), "is_over": False, "ahead": 1, "still_owed": 0}],
    "earlier": [_ROW],
}
_NOTHING = {"counted": False, "still_owed": 0, "last": None, "next": None, "short": 0, "chart": None}
OWED: Context = {
    **ABOUT,
    "has_plan": True,
    "accounts": [
        _ACCOUNT,
        {**_ACCOUNT, **_NOTHING, "id": "0a0e-in_person", "medium": "In person", "is_kept": False},
        {**_ACCOUNT, **_NOTHING, "id": "0b0b-video", "name": "Jo Marin", "in_plan": False, "earlier": []},
        {**_ACCOUNT, **_NOTHING, "id": "0c0c-video", "name": "Ann Marin", "promised": "as agreed"},
    ],
    "decide": [
        {
            "href": f"/w/child/{CHILD}/owed/{VISIT}",
            "day": date(2026, 10, 19),
            "name": "Rosa Marin",
            "cause": "the adult did not join",
        }
    ],
    "floors": [
        {
            "text": "At least 2 a month",
            "names": ["Jonas"],
            "less": ["Jonas"],
            "note": "",
            "force": "guidance",
            "says": "DCYF policy 4254",
        },
        {
            "text": "The first visit within 72 hours",
            "names": ["Rosa", "Jo"],
            "less": [],
            "note": "Such visits are not kept here.",
            "force": "",
            "says": "",
        },
    ],
    "siblings": [
        {"name": "Jonas Marin", "days": 34, "last": date(2026, 10, 21), "next": None},
        {"name": "Finn Marin", "days": 0, "last": date(2026, 11, 21), "next": date(2026, 11, 28)},
    ],
    "errors": [],
    "refusals": [],
}
OWED_WITHOUT_PLAN: Context = {
    **OWED,
    "has_plan": False,
    "accounts": [],
    "decide": [],
    "floors": [],
    "siblings": [],
}
OVERVIEW: Context = {
    **STAFF,
    "children": [
        {
            "id": CHILD,
            "name": "Maya Marin",
            "has_plan": True,
            "still_owed": 2,
            "since": date(2026, 10, 12),
            "to_decide": 1,
            "short": 1,
            "apart": 1,
        },
        {
            "id": "1",
            "name": "Sam Hill",
            "has_plan": True,
            "still_owed": 0,
            "since": None,
            "to_decide": 0,
            "short": 0,
            "apart": 0,
        },
        {
            "id": "2",
            "name": "Ada Hill",
            "has_plan": False,
            "still_owed": 0,
            "since": None,
            "to_decide": 0,
            "short": 0,
            "apart": 2,
        },
    ],
    "behind": 1,
    "total": 2,
}
OVERVIEW_EMPTY: Context = {**OVERVIEW, "children": [], "behind": 0, "total": 0}
_SAID = {"text": "Was ill", "words": "A fever since the morning.", "by": "Sam Wu", "at": START}
_WITH: Context = {
    "id": MOTHER,
    "name": "Rosa Marin",
    "standing": "lost",
    "minutes": 0,
    "cause": "the adult did not join",
    "rule": "worker_decides",
    "childs_no": False,
    "still_owed": None,
    "explain_until": date(2026, 12, 1),
    "decisions": [],
    "reasons": [{"value": "wants_another", "text": "Still owed: they want another time"}],
}
LOST_VISIT: Context = {
    **ABOUT,
    "visit": {"id": VISIT, "starts_at": START, "ends_at": END},
    "within": True,
    "calls": [{"at": START, "by": "Lena Voss", "to": "Rosa Marin (mother)", "result": "No answer"}],
    "people": [_WITH],
    "sides": [
        {"id": CHILD, "name": "Maya Marin", "own": True, "came": True, "said": []},
        {"id": MOTHER, "name": "Rosa Marin", "own": False, "came": False, "said": [_SAID]},
    ],
    "owners": ["Sam Wu"],
    "may_write": True,
    "side_reasons": [{"value": "ill", "text": "Was ill"}],
    "typed": {"act": "", "person": "", "reason": "", "text": ""},
    "errors": [],
    "refusals": [],
}
LOST_VISIT_AGAIN: Context = {
    **LOST_VISIT,
    "typed": {"act": "decide", "person": MOTHER, "reason": "", "text": "Rang twice."},
    "errors": [{"field": f"decide-reason-{MOTHER}", "text": "Choose a reason."}],
}
LOST_VISIT_DECIDED: Context = {
    **LOST_VISIT,
    "within": False,
    "calls": [],
    "people": [
        {**_WITH, "still_owed": False, "decisions": [_SAID], "explain_until": None},
        {**_WITH, "id": "1", "name": "Jo Marin", "rule": "always_owed", "reasons": []},
        {**_WITH, "id": "2", "name": "Al Marin", "childs_no": True, "still_owed": True},
        {**_WITH, "id": CARER, "name": "Ann Marin", "standing": "given", "rule": "", "minutes": 22},
        {**_WITH, "id": "3", "name": "Bo Marin", "standing": "ahead", "rule": ""},
        {**_WITH, "id": "4", "name": "Di Marin", "standing": "not_offered", "rule": ""},
    ],
    "may_write": False,
}
