"""What the pages of the week and of its plan are given."""

from datetime import date, timedelta

from tests.web.contexts_staff import STAFF
from tests.web.samples import CHILD, END, LENA, START, VISIT, Context

_MONDAY = date(2026, 11, 23)
_DAYS = [_MONDAY + timedelta(days=number) for number in range(7)]
_ENTRY: Context = {
    "id": VISIT,
    "starts_at": START,
    "ends_at": END,
    "state": "approved",
    "child": "Maya",
    "people": "Rosa",
    "supervisor": "Lena Voss",
    "in_doubt": False,
}
WEEK: Context = {
    **STAFF,
    "monday": _MONDAY,
    "sunday": _MONDAY + timedelta(days=6),
    "previous": _MONDAY - timedelta(days=7),
    "next": _MONDAY + timedelta(days=7),
    "today": _MONDAY + timedelta(days=1),
    "days": [
        {
            "day": day,
            "is_today": number == 1,
            "visits": [_ENTRY, _ENTRY | {"state": "requested", "in_doubt": True}] if number == 1 else [],
        }
        for number, day in enumerate(_DAYS)
    ],
    "count": 2,
    "supervisors": [{"value": LENA, "text": "Lena Voss"}],
    "children": [{"value": CHILD, "text": "Maya"}],
    "supervisor": LENA,
    "child": "",
}
_RUN: Context = {
    "id": VISIT,
    "monday": _MONDAY,
    "sunday": _MONDAY + timedelta(days=6),
    "kind": "plan",
    "state": "done",
    "words": "Done",
    "is_running": False,
    "stop_asked": False,
    "placed": 2,
    "wanted": 3,
    "points": 1520,
    "percent": "99.6",
    "parts": [{"name": "Visits placed", "points": 1400}, {"name": "Work beyond a fair share", "points": -3}],
    "weights": [("court", 1000), ("agreed", 700)],
    "policy_version": 1,
    "solver": "recreate",
    "steps": 4000,
    "seed": 1,
    "version": "week/1",
    "by": "Priya Nair",
    "started_at": START,
}
_PLACED: Context = {
    "id": VISIT,
    "key": f"{CHILD}:1",
    "child": "Maya",
    "people": "Rosa",
    "minutes": 45,
    "priority": "Court order",
    "starts_at": START,
    "ends_at": END,
    "supervisor": "Lena Voss",
    "duty": "Karim Aziz",
    "reasons": ["The usual time", "Knows the family best"],
    "why_not": [],
    "opening": None,
    "state": "draft",
    "refusal": [],
    "unchanged": False,
    "was": None,
    "not_asked": "",
    "href": "",
}
_LEFT: Context = _PLACED | {
    "starts_at": None,
    "ends_at": None,
    "reasons": [],
    "why_not": ["Whenever it would suit, nobody who may watch over it is free."],
    "opening": {"supervisor": "Lena Voss", "first": START, "after": END, "starts_at": START},
}
_MOVED: Context = {
    "was": {"starts_at": START, "supervisor": "Lena Voss", "duty": "Karim Aziz"},
    "href": f"/w/visit/{VISIT}",
}
_DRAFT: Context = {
    "days": _DAYS,
    "table": [
        {"name": "Lena Voss", "days": [[], [{"starts_at": START, "child": "Maya"}], [], [], [], [], []]}
    ],
    "placed": [
        _PLACED,
        _PLACED | {"state": "accepted", "href": f"/w/visit/{VISIT}", "id": "a" * 32},
        _PLACED | {"state": "refused", "refusal": ["R42/quiet_school"], "id": "b" * 32},
        _PLACED | {"state": "refused", "not_asked": "This visit can no longer be changed.", "id": "c" * 32},
    ],
    "unchanged": 0,
    "hidden": 3,
    "left": [_LEFT, _LEFT | {"opening": None, "priority": ""}],
    "open": True,
}
_NOTHING: Context = {
    "days": _DAYS,
    "table": [],
    "placed": [],
    "unchanged": 0,
    "hidden": 0,
    "left": [],
    "open": False,
}
PLAN_PAGE: Context = {
    **STAFF,
    "monday": _MONDAY,
    "sunday": _MONDAY + timedelta(days=6),
    "previous": _MONDAY - timedelta(days=7),
    "next": _MONDAY + timedelta(days=7),
    "is_past": False,
    "may_plan": True,
    "seconds": ["10", "30"],
    "runs": [_RUN, _RUN | {"kind": "repair", "words": "Stopped, with the best plan so far"}],
    "errors": [],
}
PLAN_PAST: Context = PLAN_PAGE | {
    "is_past": True,
    "runs": [],
    "errors": [{"field": "week", "text": "Choose a week that begins on a Monday."}],
}
DRAFT_PAGE: Context = {
    **STAFF,
    "run": _RUN,
    "draft": _DRAFT,
    "may_accept": True,
    "may_plan": True,
    "results": None,
    "now": START,
}
DRAFT_RUNNING: Context = DRAFT_PAGE | {
    "run": _RUN | {"is_running": True, "words": "Searching", "state": "searching"},
    "draft": _NOTHING,
}
DRAFT_STOPPING: Context = DRAFT_RUNNING | {
    "run": _RUN | {"is_running": True, "stop_asked": True, "words": "Searching"}
}
DRAFT_ACCEPTED: Context = DRAFT_PAGE | {"results": {"asked": 2, "refused": []}}
DRAFT_REFUSED: Context = DRAFT_PAGE | {
    "results": {
        "asked": 1,
        "refused": [
            {"id": VISIT, "name": "Maya with Rosa", "rule": "R42", "text": "Maya is at school then."}
        ],
    }
}
DRAFT_MENDED: Context = DRAFT_PAGE | {
    "run": _RUN | {"kind": "repair", "percent": ""},
    "draft": _DRAFT
    | {
        "placed": [_PLACED | _MOVED],
        "left": [_LEFT | _MOVED],
        "unchanged": 7,
        "hidden": 0,
    },
    "may_accept": False,
}
DRAFT_EMPTY: Context = DRAFT_PAGE | {"draft": _NOTHING}
DRAFT_LOST: Context = DRAFT_EMPTY | {
    "run": _RUN | {"state": "lost", "words": "Failed: nothing came of it. Plan again"}
}
DRAFT_STANDS: Context = DRAFT_EMPTY | {"run": _RUN | {"kind": "repair"}}
