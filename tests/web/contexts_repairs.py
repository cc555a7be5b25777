"""What pages about repairing one visit in doubt must be given.  See contexts.py."""

from datetime import timedelta

from tests.web.contexts_staff import PEOPLE, REASONS, STAFF
from tests.web.samples import END, LENA, START, VISIT, Context

_DOUBT: Context = {
    "visit": VISIT,
    "version": 5,
    "child": {"name": "Maya", "age": 6},
    "people": PEOPLE[1:],
    "starts_at": START,
    "ends_at": END,
    "reasons": REASONS,
    "barred": False,
    "decides": True,
    "mends": True,
}
_OTHER = {"id": LENA, "name": "Sami Lind", "starts_at": START, "ends_at": END}
_DAY = timedelta(days=1)
REPAIR: Context = {
    **STAFF,
    "doubt": _DOUBT,
    "busy": ["Dana is busy from 15:30 to 16:30, by their own calendar."],
    "visit_supervisor": "Lena Voss",
    "mends": True,
    "supervisors": [_OTHER],
    "duty": "Lena Voss",
    "duty_people": [_OTHER | {"duty": "5a" * 16}],
    "times": [_OTHER | {"starts_at": START + n * _DAY, "ends_at": END + n * _DAY} for n in (1, 2, 6)],
    "fixed": [],
    "clearing_reasons": [{"value": "visit_stands", "text": "The visit stands as it is"}],
    "cancel_reasons": [{"value": "no_staff", "text": "Nobody can supervise it"}],
    "errors": [],
    "refusals": [],
}
REPAIR_NONE: Context = REPAIR | {
    "doubt": _DOUBT | {"reasons": [], "decides": False},
    "mends": False,
    "supervisors": [],
    "duty_people": [],
    "times": [],
}
REPAIR_FIXED: Context = REPAIR_NONE | {"fixed": REASONS[1:]}
SURE: Context = {
    **STAFF,
    "doubt": _DOUBT,
    "visit": {"id": VISIT, "version": 5},
    "before": {"starts_at": START, "ends_at": END, "name": "Lena Voss", "duty": "Lena Voss"},
    "after": {"starts_at": START + _DAY, "ends_at": END + _DAY, "name": "Sami Lind", "duty": "Lena Voss"},
    "moves": True,
    "watched": False,
    "supervisor": LENA,
    "duty": "",
    "busy": None,
    "known": "",
    "text": "",
    "errors": [],
    "refusals": [],
}
SURE_BUSY: Context = SURE | {
    "moves": False,
    "busy": {"lines": REPAIR["busy"], "mark": "ab" * 8},
    "errors": [
        {"field": "known", "text": "Somebody is busy then. Read who it is, and tick that you know it."}
    ],
}
SURE_REFUSED: Context = SURE | {"moves": False, "after": SURE["before"], "refusals": REASONS}
HAND_OVER: Context = {
    **STAFF,
    "visit": {
        "id": VISIT,
        "child": {"name": "Maya", "age": 6},
        "starts_at": START,
        "ends_at": END,
        "state": "live",
    },
    "before": {"visit_supervisor": LENA, "duty": LENA},
    "visit_supervisor": "Lena Voss",
    "supervisors": [{"value": "5a" * 16, "text": "Sami Lind"}, {"value": LENA, "text": "Lena Voss, as now"}],
    "duty_people": [{"value": LENA, "text": "Lena Voss, as now"}],
    "chosen": {"visit_supervisor": LENA, "duty": LENA},
    "stops": True,
    "nobody": False,
    "refusals": [],
}
HAND_OVER_NOBODY: Context = HAND_OVER | {
    "supervisors": [{"value": LENA, "text": "Lena Voss, as now"}],
    "nobody": True,
    "stops": False,
    "refusals": REASONS,
}
