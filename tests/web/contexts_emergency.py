"""What the pages about emergency access, about why somebody reads and about roles are given.  See contexts.py."""

from datetime import timedelta

from tests.web.contexts_staff import STAFF
from tests.web.samples import CHILD, NOW, Context

_ONE: Context = {
    "id": "1" * 32,
    "who": "Sami Korhonen",
    "own": False,
    "child": "Maya Marin",
    "child_id": CHILD,
    "reason": "A child may come to harm",
    "words": "Her school rang: nobody has fetched her.",
    "opened_at": NOW,
    "until": NOW + timedelta(hours=4),
    "early": False,
    "open": True,
    "may_end": True,
    "may_review": False,
    "due_at": NOW + timedelta(days=3),
    "overdue": False,
    "review": None,
}
_OVER: Context = {**_ONE, "open": False, "may_end": False, "early": True, "may_review": True, "overdue": True}
_LOOKED_AT: Context = {
    **_ONE,
    "open": False,
    "may_end": False,
    "review": {"by": "Priya Nair", "at": NOW, "finding": "It was wrong", "words": "It could have waited."},
}
EMERGENCY_ACCESS: Context = {
    **STAFF,
    "may_open": True,
    "typed": {"name": "Maya", "born_on": "", "other": "", "reason": "", "words": ""},
    "hours": "4 h",
    "reasons": [{"value": "covering", "text": "I cover for a colleague who is away, and it cannot wait"}],
    "findings": [{"value": "wrong", "text": "It was wrong"}],
    "standing": [{**_ONE, "own": True}],
    "waiting": [_OVER, {**_OVER, "id": "2" * 32, "own": True, "may_review": False, "overdue": False}],
    "looked_at": [_LOOKED_AT],
    "errors": [{"field": "name", "text": "Nothing was opened: what you wrote fits no record."}],
    "refusals": [{"rule": "R65", "text": "Choose what kind of emergency it is."}],
}
EMERGENCY_ACCESS_NONE: Context = {
    **EMERGENCY_ACCESS,
    "may_open": False,
    "standing": [],
    "waiting": [],
    "looked_at": [],
    "errors": [],
    "refusals": [],
}
PURPOSE: Context = {
    **STAFF,
    "staff": {"name": "Noor Haddad", "roles": ["auditor"], "purpose": "A complaint"},
    "purposes": [{"value": "inspection", "text": "An inspection"}],
    "typed": {"purpose": "", "words": "17"},
    "errors": [{"field": "purpose", "text": "Choose what you read for."}],
}
WHY_OPENED: Context = {
    **STAFF,
    "opened_at": NOW,
    "typed": {"text": ""},
    "errors": [{"field": "text", "text": "Write why you opened the emergency details."}],
}
PERMISSIONS: Context = {
    **STAFF,
    "roles": ["Worker", "Approver", "Visit supervisor", "Auditor", "Administrator"],
    "rows": [{"what": "Book a visit", "may": [True, False, False, False, False]}],
}
