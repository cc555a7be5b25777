"""What pages about rooms and video links must be given.  See contexts.py."""

from datetime import date, timedelta

from tests.web.contexts_people import ABOUT
from tests.web.contexts_staff import STAFF
from tests.web.samples import CHILD, END, MOTHER, START, VISIT, Context

PRISON, CENTRE, CALENDAR = "e" * 32, "f" * 32, "c" * 32
_MONDAY = date(2026, 11, 23)
_AWAY = {"id": "a1", "first": date(2030, 5, 24), "last": date(2030, 5, 27)}
_TAKEN: Context = {
    "starts_at": START,
    "ends_at": END,
    "visit": VISIT,
    "name": "Maya",
    "held": False,
    "beyond": False,
}
_OTHERS: Context = _TAKEN | {"visit": None, "name": ""}
POOLS: Context = {
    **STAFF,
    "pools": [
        {"id": PRISON, "name": "HMP Northmoor", "units": 2}
        | {"hours": ["Monday, Tuesday, 09:00 to 11:30", "Saturday, 13:00 to 16:00"], "closed": [_AWAY]},
        {"id": CENTRE, "name": "Contact centre, Mill Lane", "units": 1, "hours": [], "closed": []},
    ],
    "may_keep": True,
    "form": {"name": "", "units": "", "zone": "Europe/London"},
    "errors": [],
}
POOLS_NONE: Context = POOLS | {
    "pools": [],
    "errors": [{"field": "units", "text": "Enter how many there are, from 1 to 50."}],
}
POOLS_READ: Context = POOLS | {"may_keep": False}
_DAYS: list[Context] = [
    {"day": _MONDAY + timedelta(days=n), "hours": "Open 09:00 to 11:30", "closed": [], "most": 0, "taken": []}
    for n in range(7)
]
POOL: Context = {
    **STAFF,
    "pool": {"id": PRISON, "name": "HMP Northmoor", "units": 2, "desk": "bookings@northmoor.example"},
    "monday": _MONDAY,
    "sunday": _MONDAY + timedelta(days=6),
    "previous": _MONDAY - timedelta(days=7),
    "next": _MONDAY + timedelta(days=7),
    "today": _MONDAY + timedelta(days=1),
    "days": [
        _DAYS[0] | {"most": 1, "taken": [_OTHERS]},
        _DAYS[1] | {"most": 2, "taken": [_TAKEN, _OTHERS | {"held": True}, _TAKEN | {"beyond": True}]},
        _DAYS[2] | {"closed": ["Closed", "Closed 10:00 to 11:00: Search"]},
        *_DAYS[3:],
    ],
    "weekly": [{"id": "h1", "hours": "Monday, Tuesday, 09:00 to 11:30"}],
    "away": [_AWAY, {"id": "a2", "first": date(2030, 12, 25), "last": None}],
    "calendars": [{"id": "l1", "calendar": CALENDAR, "name": "Lock-downs"}],
    "shared": [{"value": CALENDAR, "text": "Lock-downs"}],
    "written": [{"value": "cy", "text": "Welsh"}, {"value": "en", "text": "English"}],
    "language_of_desk": "Welsh",
    "may_keep": True,
    "may_set_desk": True,
    "weekdays": [{"value": "monday", "text": "Monday"}, {"value": "tuesday", "text": "Tuesday"}],
    "form": {
        "name": "HMP Northmoor",
        "units": "2",
        "calendar": "",
        "days": ["monday"],
        "earliest": "",
        "latest": "",
        "first": "2030-05-27",
        "last": "2030-05-24",
        "desk": "bookings@northmoor.example",
        "language": "cy",
    },
    "errors": [{"field": "last", "text": "The last day is before the first. Change one of them."}],
}
POOL_READ: Context = POOL | {
    "may_keep": False,
    "may_set_desk": False,
    "weekly": [],
    "away": [],
    "calendars": [],
    "shared": [],
    "errors": [],
}
_ASKED: Context = {
    "id": "q1",
    "answer": "none",
    "asked_at": START,
    "asked_by": "Karim Okafor",
    "answered_at": None,
    "answered_by": "",
    "last": None,
    "reference": "",
}
_SAID: Context = _ASKED | {
    "id": "q2",
    "answered_at": END,
    "answered_by": "Karim Okafor",
    "reference": "OMU/117",
}
PLACE: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Rosa", "is_child": False},
    "places": [
        {"id": "l1", "pool": PRISON, "name": "HMP Northmoor"}
        | {"first": date(2030, 5, 1), "last": date(2030, 6, 30)},
        {"id": "l2", "pool": CENTRE, "name": "Contact centre, Mill Lane"}
        | {"first": date(2030, 7, 1), "last": None},
    ],
    "pools": [{"value": PRISON, "text": "HMP Northmoor"}],
    "cleared": [
        {
            "key": f"{PRISON}-{CHILD}",
            "pool": PRISON,
            "name": "HMP Northmoor",
            "child": ABOUT["child"],
            "may_ask": True,
            "brings": False,
            "standing": "refused",
            "asked": [
                _ASKED,
                _SAID | {"answer": "refused"},
                _SAID | {"answer": "granted", "last": date(2030, 6, 30)},
            ],
        },
        {
            "key": f"{CENTRE}-{MOTHER}",
            "pool": CENTRE,
            "name": "Hospital",
            "child": {"id": MOTHER, "name": "Finn"},
            "may_ask": True,
            "brings": False,
            "standing": "missing",
            "asked": [],
        },
    ],
    "child_too": True,
    "answers": [{"value": "granted", "text": "Yes"}, {"value": "refused", "text": "No"}],
    "typed": {"answer": "", "reference": "", "last": "", "clearance": "q1", "pool": "", "child": ""},
    "form": {"pool": PRISON, "first": "2030-05-01", "last": ""},
    "errors": [
        {"field": "first", "text": "They take part from elsewhere on some of these days. End that first."}
    ],
}
PLACE_NONE: Context = PLACE | {"places": [], "pools": [], "cleared": [], "errors": []}
