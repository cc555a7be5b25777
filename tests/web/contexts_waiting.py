"""What the pages of the waiting list must be given.  See contexts.py for the addresses and the rules."""

from datetime import date, timedelta

from tests.web.contexts_staff import STAFF
from tests.web.samples import CARER, CHILD, END, LENA, MOTHER, NOW, START, Context

ENTRY: Context = {
    "id": "e1",
    "place": 1,
    "child": "Maya",
    "who": "Rosa and Leo",
    "minutes": 30,
    "priority": "Ordered by a court",
    "hours": "Monday, Wednesday, 15:00 to 18:00",
    "until": date(2026, 12, 20),
    "since": NOW,
    "watcher": "",
    "in_vain": "",
    "offer": {"href": "/w/waiting/offer/o1", "until": NOW + timedelta(hours=2)},
}
WAITING: Context = {
    **STAFF,
    "entries": [
        ENTRY,
        ENTRY
        | {
            "id": "e2",
            "place": 4,
            "child": "Noah",
            "priority": "In the plan",
            "watcher": "Lena Voss",
            "in_vain": "No visit supervisor understands everybody, and nobody in the plan could interpret.",
            "offer": None,
        },
    ],
    "errors": [],
    "refusals": [],
}
WAITING_NOBODY: Context = {**WAITING, "entries": []}
ASK: Context = {
    **STAFF,
    "once": "o",
    "child": {"id": CHILD, "name": "Maya"},
    "who": "Rosa and Leo",
    "typed": {"child": CHILD, "minutes": "30", "level": "supervised"},
    "people": [MOTHER, CARER],
    "sharing": [],
    "form": {"days": ["monday", "wednesday"], "earliest": "15:00", "latest": "", "until": "", "duty": LENA},
    "weekdays": [{"value": "monday", "text": "Monday"}, {"value": "wednesday", "text": "Wednesday"}],
    "duty_people": [{"value": LENA, "text": "Lena Voss"}],
    "errors": [],
    "refusals": [],
}
ASK_WRONG: Context = {
    **ASK,
    "errors": [
        {"field": "days", "text": "There is a time that fits. Look for times and take one."},
        {"field": "until", "text": "Choose a date."},
    ],
}
OFFER: Context = {
    **STAFF,
    "offer": {
        "id": "o1",
        "starts_at": START,
        "ends_at": END,
        "until": NOW + timedelta(hours=2),
        "held": True,
        "over": "",
        "visit": None,
    },
    "already": [START - timedelta(days=7)],
    "entry": ENTRY,
    "supervisor": "Lena Voss",
    "interpreter": "Ida",
    "busy": {"lines": ["Dana is busy from 15:30 to 16:30, by their own calendar."], "mark": "ab" * 8},
    "known": "",
    "errors": [],
    "refusals": [],
}
OFFER_REFUSED: Context = {
    **OFFER,
    "refusals": [{"rule": "R2", "text": "No contact with Rosa.", "href": "", "link": ""}],
}
OFFER_OVER: Context = {
    **OFFER,
    "offer": OFFER["offer"] | {"held": False, "over": "Nobody answered in time."},
}
OFFER_BOOKED: Context = {
    **OFFER,
    "offer": OFFER["offer"] | {"held": False, "over": "This time is booked.", "visit": "/w/visit/1"},
}
