"""What pages about a new link in place of a lost one must be given.  See contexts.py."""

from markupsafe import Markup

from tests.web.contexts_staff import REASONS, STAFF
from tests.web.samples import END, MOTHER, NOW, START, VISIT, Context

NEW_LINK: Context = {
    **STAFF,
    "visit": {
        "id": VISIT,
        "child": {"name": "Maya", "age": 6},
        "starts_at": START,
        "ends_at": END,
        "state": "waiting",
    },
    "participant": MOTHER,
    "name": "Rosa",
    "held": ["r…@demo.example", "…123"],
    "establishment": "",
    "opens_at": START,
    "is_open": True,
    "here": True,
    "before": 1,
    "known_by": [
        {"value": "called_back", "text": "I rang them back on a number we hold"},
        {"value": "in_person", "text": "They stand in front of me"},
    ],
    "typed": {"known_by": "", "text": ""},
    "errors": [],
    "refusals": [],
}
NEW_LINK_EARLY: Context = NEW_LINK | {"held": [], "is_open": False, "here": False, "refusals": REASONS}
NEW_LINK_DESK: Context = NEW_LINK | {"held": ["b…@northmoor.example"], "establishment": "HMP Northmoor"}
NEW_LINK_DESK_NEW: Context = NEW_LINK_DESK | {"held": [], "refusals": REASONS}
CODE: Context = {
    **STAFF,
    "visit_id": VISIT,
    "name": "Rosa",
    "address": "visits.example/code",
    "code": "1234 5678",
    "good_until": NOW,
}
SHOWN: Context = {
    **STAFF,
    "visit_id": VISIT,
    "name": "Rosa",
    "picture": Markup('<svg class="qr" viewBox="0 0 1 1"></svg>'),
}
LETTER: Context = {
    **STAFF,
    "visit": NEW_LINK["visit"],
    "participant": MOTHER,
    "name": "Rosa",
    "kinds": ["invitation", "reminder"],
    "before": 1,
    "given": True,
    "printed_at": NOW,
    "by_hand": False,
    "post": {"in_time": True, "last_on": START.date(), "days": 3},
    "refusals": [],
}
LETTER_TOO_LATE: Context = LETTER | {
    "kinds": ["not_taking_place"],
    "by_hand": True,
    "post": {"in_time": False, "last_on": START.date(), "days": 3},
    "refusals": REASONS,
}
LETTER_NONE: Context = LETTER | {"kinds": [], "printed_at": None}
