"""What the pages of series are given."""

from datetime import date, timedelta

from tests.web.contexts_people import ABOUT
from tests.web.contexts_staff import STAFF
from tests.web.samples import CARER, CHILD, MOTHER, NOW, START, VISIT, Context

ONE = "0e1a" * 8
SERIES = "5e1e" * 8
_NEW_YORK: Context = {"place": "New York", "clock": "11:00", "day": None, "shifted": False}
_ROWS: list[Context] = [
    {
        "day": date(2026, 11, 25),
        "clock": "16:00",
        "fit": "fits",
        "lacks_interpreter": False,
        "left_out": "Leo",
        "why": [],
        "busy": ["Dana is busy from 15:30 to 16:30, by their own calendar."],
        "elsewhere": [_NEW_YORK],
    },
    {
        "day": date(2026, 12, 2),
        "clock": "16:00",
        "fit": "refused",
        "lacks_interpreter": False,
        "left_out": "",
        "why": ["Lena Voss has another visit then. Choose another time, or somebody else."],
        "busy": [],
        "elsewhere": [_NEW_YORK],
    },
    {
        "day": date(2027, 3, 10),
        "clock": "16:00",
        "fit": "later",
        "lacks_interpreter": True,
        "left_out": "",
        "why": [],
        "busy": [],
        "elsewhere": [],
    },
    {
        "day": date(2027, 3, 28),
        "clock": "01:30",
        "fit": "no_such_time",
        "lacks_interpreter": False,
        "left_out": "",
        "why": [],
        "busy": [],
        "elsewhere": [],
    },
    {
        "day": date(2027, 3, 17),
        "clock": "16:00",
        "fit": "later",
        "lacks_interpreter": False,
        "left_out": "",
        "why": [],
        "busy": [],
        "elsewhere": [_NEW_YORK | {"clock": "12:00", "shifted": True}],
    },
]
_CHILD: Context = {"id": CHILD, "name": "Maya"}
_CLOCKS = [{"place": "New York", "names": "Rosa"}]
ASK: Context = {
    **STAFF,
    "once": ONE,
    "child": _CHILD,
    "who": "Rosa",
    "when": "every Wednesday at 16:00",
    "place": "London",
    "form": {"every": "1", "last": "2027-03-31"},
    "weeks": [{"value": "1", "text": "every week"}, {"value": "2", "text": "every 2 weeks"}],
    "typed": {"child": CHILD, "date": "2026-11-25", "time": "16:00", "minutes": "30"},
    "people": [MOTHER, CARER],
    "sharing": [f"{CHILD}:{CARER}"],
    "optional": "Rosa must be there. These come if they can: Leo.",
    "if_they_can": {"people": [CHILD], "quorum": "1"},
    "rows": _ROWS,
    "busy": {
        "lines": ["25 November 2026: Dana is busy from 15:30 to 16:30, by their own calendar."],
        "mark": "ab" * 8,
    },
    "known": "",
    "counts": {"all": 5, "fits": 1, "later": 2, "left_out": 2},
    "clocks": _CLOCKS,
    "errors": [],
    "refusals": [],
}
ASK_FIRST: Context = {
    **ASK,
    "optional": "",
    "if_they_can": {"people": [], "quorum": ""},
    "when": "",
    "place": "",
    "rows": [],
    "busy": None,
    "clocks": [],
}
ASK_NONE: Context = {
    **ASK,
    "rows": [_ROWS[1], _ROWS[3]],
    "counts": {"all": 2, "fits": 0, "later": 0, "left_out": 2},
    "errors": [{"field": "last", "text": "The last day is before the first. Change one of them."}],
}
CHECK: Context = {
    **{name: ASK[name] for name in (*STAFF, "child", "who", "when", "place", "rows", "counts", "clocks")},
    "optional": ASK["optional"],
    "busy": ASK["busy"],
    "back": f"/w/series/{SERIES}",
    "action": f"/w/series/{SERIES}/extend",
    "hidden": {"last": "2027-03-31"},
    "splitting": False,
    "errors": [],
    "refusals": [],
}
CHECK_SPLIT: Context = {**CHECK, "optional": "", "busy": None, "splitting": True}
ONWARD: Context = {
    **STAFF,
    "child": _CHILD,
    "series": {"id": SERIES},
    "one": {"id": ONE, "original": START.replace(tzinfo=None)},
    "place": "London",
    "weekdays": [{"value": "wednesday", "text": "Wednesday"}],
    "lengths": [{"value": "30", "text": "30 minutes"}],
    "levels": [{"value": "supervised", "text": "Supervised"}],
    "visit_supervisors": [{"value": "1e0a" * 8, "text": "Lena Voss"}],
    "left_out": "",
    "duty_people": [{"value": "1e0a" * 8, "text": "Lena Voss"}],
    "form": {
        "weekday": "wednesday",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": "",
        "duty": "",
    },
    "errors": [{"field": "duty", "text": "Name the duty person who answers throughout the visit."}],
    "refusals": [],
}
_SUMMARY: Context = {
    "id": SERIES,
    "when": "every Wednesday at 16:00",
    "who": "Rosa",
    "first": date(2026, 11, 25),
    "last": date(2027, 3, 31),
    "visits": 18,
    "state": "going_on",
}
LIST: Context = {
    **ABOUT,
    "child": _CHILD,
    "series": [_SUMMARY, _SUMMARY | {"state": "ended"}],
    "may_book": True,
    "errors": [],
    "refusals": [],
}
LIST_NONE: Context = {**LIST, "series": [], "may_book": False}
_BOOKED: Context = {
    "id": ONE,
    "day": START,
    "clock": None,
    "at": START,
    "original": None,
    "state": "approved",
    "visit": VISIT,
    "left_out": "Leo",
    "why": [],
    "busy": [],
    "elsewhere": [_NEW_YORK],
    "may_decide": False,
    "may_split": True,
    "ahead": True,
}
SERIES_PAGE: Context = {
    **STAFF,
    "child": _CHILD,
    "series": _SUMMARY
    | {
        "place": "London",
        "minutes": 30,
        "level": "supervised",
        "visit_supervisor": "Lena Voss",
        "duty": "Priya Nair",
        "optional": "Rosa must be there. These come if they can: Leo.",
        "follows": SERIES,
        "followed_by": None,
    },
    "rows": [
        _BOOKED,
        _BOOKED
        | {"id": "0e1f" * 8, "original": NOW.replace(tzinfo=None), "may_split": False, "visit": CHILD},
        _BOOKED
        | {"id": "0e1b" * 8, "visit": None, "clock": "16:00", "day": START + timedelta(days=7)}
        | {"state": "left_out", "why": [{"rule": "R55", "text": ""}], "may_decide": True},
        _BOOKED
        | {"id": "0e1c" * 8, "visit": None, "clock": "16:00", "day": START + timedelta(days=14)}
        | {"state": "called_off", "why": [{"rule": "", "text": "The child is ill"}], "may_split": False},
        _BOOKED
        | {"id": "0e1d" * 8, "visit": None, "clock": "16:00", "day": START + timedelta(days=21)}
        | {"state": "planned", "may_decide": True},
        _BOOKED | {"id": "0e2a" * 8, "visit": MOTHER, "why": [{"rule": "R40", "text": ""}]},
    ],
    "doubts": [CHILD],
    "clocks": _CLOCKS,
    "to_approve": 0,
    "seen": "1f2e3d4c5b6a7988",
    "may_change": True,
    "longer_from": date(2027, 4, 7),
    "cancel_reasons": [{"value": "child_ill", "text": "The child is ill"}],
    "errors": [],
    "refusals": [],
}
SERIES_TO_APPROVE: Context = {**SERIES_PAGE, "to_approve": 2}
SERIES_OVER: Context = {
    **SERIES_PAGE,
    "series": SERIES_PAGE["series"]
    | {"state": "goes_on", "followed_by": SERIES, "follows": None, "optional": ""},
    "rows": [],
    "may_change": False,
}
