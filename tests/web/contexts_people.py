"""What pages about people, homes, rights, orders, hours and languages must be given.  See contexts.py."""

from datetime import date

from tests.web.contexts_staff import LEVELS, MINUTES, STAFF
from tests.web.samples import CARER, CHILD, LENA, MOTHER, NOW, Context

ABOUT: Context = {
    **STAFF,
    "child": {"id": CHILD, "name": "Maya"},
    "errors": [],
    "refusals": [],
}
NO_SUCH_DAY = "Choose a date."
DETAILS_FORM: Context = {
    "form": {
        "name": "Rosa Marin",
        "known_as": "Rosa",
        "preferred": "",
        "pronouns": "she/her",
        "born_on": "1961-11-11",
        "needs": ["reading"],
        "support": "Large print.",
        "aliases": "Rosa Nowak",
        "zone": "Europe/Warsaw",
    },
    "language_rows": [
        {"language": "Polish", "mode": "spoken", "fluency": "native"},
        {"language": "", "mode": "spoken", "fluency": "good"},
    ],
    "modes": [{"value": "spoken", "text": "Spoken"}, {"value": "signed", "text": "Signed"}],
    "fluencies": [{"value": "native", "text": "Mother tongue"}, {"value": "good", "text": "Good"}],
    "needs": [{"value": "reading", "text": "Reading"}, {"value": "sight", "text": "Sight"}],
}
RELATIONS = [{"value": "kin", "text": "Other family"}]
PEOPLE: Context = {
    **ABOUT,
    **DETAILS_FORM,
    "form": DETAILS_FORM["form"] | {"role": "", "relation": "kin", "word": "grandmother"},
    "people": [
        {"id": CHILD, "name": "Maya Marin", "known_as": "Maya", "relation": "child", "approved": None},
        {"id": MOTHER, "name": "Rosa Marin", "known_as": "Rosa", "relation": "mother", "approved": True},
        {"id": "3", "name": "Marc Dunn", "known_as": "Marc", "relation": "uncle", "approved": False},
    ],
    "roles": [{"value": "family_member", "text": "Family"}],
    "relations": RELATIONS,
    "elsewhere": [{"value": "6", "text": "Leo Marin (case of Leo)"}],
    "known": None,  # or {known, known_relation, known_word} as typed, when something is wrong with them
    "errors": [{"field": "role", "text": "Choose what they are in this case."}],
}
DETAILS: Context = {
    **ABOUT,
    **DETAILS_FORM,
    "person": {"id": MOTHER, "name": "Rosa Marin"},
    "errors": [
        {"field": "language-2", "text": "We do not know this language."},
        {"field": "needs", "text": "Choose from these needs."},
    ],
}

MERGE: Context = {
    "id": "m1",
    "kept": {"name": "Rosa Marin", "lines": ["born 1961-11-11", "01632 960103"]},
    "merged": {"name": "R. Marin", "lines": ["01632 960103"]},
    "by": "Karim Aziz",
    "at": NOW,
    "own": False,
}
MERGE_OWN: Context = MERGE | {"id": "m2", "merged": {"name": "Rosa Dunn", "lines": []}, "own": True}
CHANNEL: Context = {
    "id": "c1",
    "kind": "phone",
    "value": "01632 960103",
    "use": "between",
    "rule": "Safe only from 09:00 to 12:00",
    "say": "It is about the library books.",
    "confirmed_by": "Karim Aziz",  # None when nobody has checked it
    "confirmed_at": NOW,
    "same": [{"name": "Emil Brandt", "href": f"/w/child/{CHILD}/person/5"}, {"name": None, "href": None}],
}
PERSON: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Rosa Marin", "is_child": False},
    "known": [
        {"label": "Full name", "lines": ["Rosa Marin"]},
        {"label": "Date of birth", "lines": [date(1961, 11, 11)]},
        {"label": "Pronouns", "lines": []},
    ],
    "relation": {"says": "Other family", "word": "grandmother"},  # None on the child's own page
    "relations": RELATIONS,
    "approval": {
        "stands": True,
        "ended_at": None,
        "barred": False,
        "may_approve": False,
    },  # None on the child's own page
    "channels": [
        CHANNEL,
        CHANNEL | {"id": "c2", "use": "never", "confirmed_by": None, "confirmed_at": None, "same": []},
    ],
    "photo": {"by": "", "at": None},  # as the question
    "question": {"by": "Karim Aziz", "at": NOW},  # None for a child; "at" None where none is agreed
    "merges": [MERGE],
    "elsewhere": False,
    "others": [{"value": "5", "text": "R. Marin"}],
    "form": {"relation": "kin", "word": "grandmother"},
    "relating": False,
    "merging": None,  # or {other, keep} as typed, when something is wrong with them
}
AGREED_QUESTION: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Rosa Marin"},
    "kept": True,
    "form": {"question": "", "answer": "Lantern"},
    "errors": [{"field": "question", "text": "Write the question that was agreed."}],
}
PHOTO: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Rosa Marin"},
    "kept": True,
    "errors": [{"field": "photo", "text": "Choose a photo first."}],
}
PERSON_AGAIN: Context = {
    **PERSON,
    "photo": {"by": "Karim Aziz", "at": NOW},
    "approval": {"stands": False, "ended_at": NOW, "barred": False, "may_approve": True},
    "channels": [],
    "merges": [],
    "question": {"by": "", "at": None},
    "merging": {"other": "", "keep": "this"},
    "errors": [{"field": "other", "text": "Choose the other record."}],
}
PERSON_BARRED: Context = {
    **PERSON,
    "approval": {"stands": False, "ended_at": None, "barred": True, "may_approve": True},
}
PERSON_CHILD: Context = {
    **PERSON,
    "person": {"id": CHILD, "name": "Maya Marin", "is_child": True},
    "relation": None,
    "approval": None,
    "question": None,
    "photo": None,
    "channels": [],
    "merges": [],
    "others": [],
}
PERSON_ELSEWHERE: Context = {
    **PERSON,
    "person": {"id": "6", "name": "Leo Marin", "is_child": False},
    "elsewhere": True,
    "channels": [],
    "merges": [],
    "others": [],
}
PEOPLE_KNOWN: Context = {
    **PEOPLE,
    "known": {"known": "6", "known_relation": "half_sibling", "known_word": ""},
    "errors": [{"field": "known_word", "text": "Write what the child calls them, like brother."}],
}
CHANNEL_NEW: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Rosa Marin"},
    "changing": None,
    "kinds": [{"value": "phone", "text": "Phone number"}],
    "uses": [{"value": "never", "text": "Not safe: do not use it"}],
    "form": {
        "kind": "phone",
        "value": "12",
        "use": "",
        "earliest": "",
        "latest": "",
        "say": "",
        "confirmed": "",
    },
    "errors": [{"field": "value", "text": "Write a phone number with its area code, in digits."}],
}
CHANNEL_RULE: Context = {
    **CHANNEL_NEW,
    "changing": {"id": "c1", "kind": "Phone number", "value": "01632 960103"},
    "errors": [{"field": "latest", "text": "The end is not after the start."}],
}

HOME: Context = {
    **ABOUT,
    "placements": [
        {
            "id": "p1",
            "first_on": date(2026, 1, 2),
            "last_on": None,
            "confidential": True,
            "concealed": False,
            "carer": "Ellen Field",
            "place": "14 Larch Row",
            "area": "Northmoor",
            "school": "Hill Primary",
        },
        {
            "id": "p2",
            "first_on": date(2025, 1, 2),
            "last_on": date(2026, 1, 1),
            "confidential": True,
            "concealed": True,
            "carer": "",
            "place": "",
            "area": "",
            "school": "",
        },
    ],
    "carers": [{"value": CARER, "text": "Ellen Field"}],
    "form": {
        "carer": "",
        "place": "",
        "area": "",
        "school": "",
        "first_on": "",
        "last_on": "",
        "confidential": "yes",
    },
    "ending": "",
    "adding": False,
    "errors": [{"field": "last-p1", "text": NO_SUCH_DAY}],
}
DECIDING: Context = {
    **ABOUT,
    "rights": [
        {
            "id": "r1",
            "holder": "The agency",
            "matters": ["Everything"],
            "basis": "Care order",
            "first_on": date(2025, 1, 2),
            "last_on": None,
            "state": "stands",  # or "ahead", or "ended"
        }
    ],
    "may_change": True,
    "holders": [{"value": "agency", "text": "The agency"}],
    "matters": [{"value": "contact", "text": "Whether the child meets somebody"}],
    "bases": [{"value": "care_order", "text": "Care order"}],
    "form": {"holder": "", "matters": ["contact"], "basis": "", "first_on": "", "last_on": ""},
    "ending": "",
    "adding": True,
    "errors": [
        {"field": "matters", "text": "Choose what they may decide."},
        {"field": "last_on", "text": "The last day is before the first. Check the dates."},
    ],
}

ORDER_ROW: Context = {
    "id": "o1",
    "version": 2,
    "about": "No contact",
    "forbids": True,
    "court": "Family Court",
    "reference": "ZW30",
    "says": "The father shall not meet Maya.",
    "decided_on": date(2026, 3, 2),
    "starts_on": date(2026, 3, 2),
    "ends_on": None,
    "status": "In force, varied",
    "standing": "stands",  # or "ahead", or "over"
    "recorded_at": NOW,
}
ORDER_FORM: Context = {
    "may_change": True,
    "subjects": [{"value": "no_contact", "text": "No contact"}],
    "statuses": [{"value": "in_force", "text": "In force"}],
    "form": {
        "about": "",
        "court": "",
        "reference": "",
        "decided_on": "",
        "starts_on": "",
        "ends_on": "",
        "status": "in_force",
        "says": "",
    },
    "errors": [{"field": "decided_on", "text": "This is before the child was born. Check the date."}],
}
ORDERS: Context = {**ABOUT, **ORDER_FORM, "orders": [ORDER_ROW]}
ORDER: Context = {
    **ABOUT,
    **ORDER_FORM,
    "order": ORDER_ROW,
    "earlier": [ORDER_ROW | {"version": 1, "ends_on": date(2026, 12, 31), "says": ""}],
    "discharged": False,
    "discharging": None,
}
ORDER_DISCHARGING: Context = {
    **ORDER,
    "discharging": "soon",
    "errors": [{"field": "discharged_on", "text": NO_SUCH_DAY}],
}
QUIET: Context = {
    **ABOUT,
    "quiet": [{"id": "q1", "kind": "School", "hours": "Monday, Tuesday, 08:30 to 15:15"}],
    "agency_hours": "any day, 08:00 to 20:00",
    "may_change": True,
    "kinds": [{"value": "school", "text": "School"}],
    "weekdays": [{"value": "monday", "text": "Monday"}],
    "form": {"kind": "", "days": ["monday"], "earliest": "", "latest": ""},
    "errors": [{"field": "kind", "text": "Choose what the child does then."}],
}
LANGUAGES: Context = {
    **STAFF,
    "people": [
        {"id": LENA, "name": "Lena Voss", "languages": ["Polish: Mother tongue"], "may_change": True},
        {"id": "2", "name": "Noor Haddad", "languages": [], "may_change": False},
    ],
}
_AWAY = [
    {"id": "a1", "first": date(2030, 6, 3), "last": date(2030, 6, 14), "why": "Leave"},
    {"id": "a2", "first": date(2030, 7, 1), "last": None, "why": "Training"},
]
HOURS: Context = {
    **STAFF,
    "people": [
        {"id": LENA, "name": "Lena Voss", "may_change": True, "weekly": [{"hours": "Monday, 09:00 to 17:00"}]}
        | {"away": _AWAY, "may_open": True},
        {"id": "2", "name": "Noor Haddad", "may_change": False, "weekly": [], "away": [], "may_open": False},
    ],
}
HOURS_CHANGE: Context = {
    **STAFF,
    "person": {"id": LENA, "name": "Lena Voss", "own": False},
    "weekly": [{"id": "h1", "hours": "Monday, 09:00 to 17:00"}],
    "away": _AWAY,
    "calendars": [
        {"id": "k1", "address": False, "times": 214, "read_at": NOW, "failure": ""},
        {"id": "k2", "address": True, "times": 0, "read_at": None, "failure": ""},
        {"id": "k3", "address": True, "times": 1, "read_at": NOW, "failure": "It did not answer."},
    ],
    "weekdays": [{"value": "monday", "text": "Monday"}, {"value": "tuesday", "text": "Tuesday"}],
    "kinds": [{"value": "leave", "text": "Leave"}, {"value": "ill", "text": "Ill"}],
    "form": {"days": ["monday"], "earliest": "09:00", "latest": "17:00", "first": "", "last": "", "kind": ""},
    "errors": [{"field": "latest", "text": "The end is not after the start."}],
}
STAFF_FIT: Context = {
    **STAFF,
    "person": {"id": LENA, "name": "Lena Voss", "own": False},
    "manages": True,
    "genders": [{"value": "woman", "text": "A woman"}, {"value": "man", "text": "A man"}],
    "gender": "",
    "trainings": [
        {"name": "sign language", "until": "2030-01-31", "last": date(2030, 1, 31), "over": True},
        {"name": "domestic abuse", "until": "soon", "last": None, "over": False},
    ],
    "conflicts": [
        {
            "id": "c1",
            "about": "Viktor Stahl, in the case of Maya",
            "why": "Related to them",
            "words": "Cousins.",
        }
        | {"since": NOW, "may_end": True},
        {"id": "c2", "about": "Somebody of a case that you do not work with", "why": "A friend", "words": ""}
        | {"since": NOW, "may_end": False},
    ],
    "children": [{"value": "c", "text": "Maya Marin"}],
    "child": {"id": "c", "name": "Maya Marin"},
    "people": [
        {"value": "everybody", "text": "Everybody in this case"},
        {"value": "v", "text": "Viktor Stahl"},
    ],
    "kinds": [{"value": "kin", "text": "Related to them"}],
    "longest": 500,
    "form": {"person": "v", "kind": "", "words": "They live in the same street."},
    "errors": [
        {"field": "until-2", "text": "Choose a date."},
        {"field": "kind", "text": "Choose why. Only those who manage staff see it."},
    ],
}
STAFF_FIT_OWN: Context = {
    **STAFF_FIT,
    "person": {"id": LENA, "name": "Lena Voss", "own": True},
    "manages": False,
    "gender": "woman",
    "conflicts": [],
    "child": None,
    "people": [],
    "errors": [],
}
LANGUAGES_CHANGE: Context = {
    **STAFF,
    "person": {"id": LENA, "name": "Lena Voss", "own": False},
    "language_rows": DETAILS_FORM["language_rows"],
    "modes": DETAILS_FORM["modes"],
    "fluencies": DETAILS_FORM["fluencies"],
    "errors": [{"field": "language-1", "text": "We do not know this language."}],
}

WHY: Context = {
    "if_they_can": [],
    "out": [],
    **STAFF,
    "children": [{"value": CHILD, "text": "Maya Marin, 6"}],
    "child": {"id": CHILD, "name": "Maya"},  # None until one is picked
    "people": [{"id": MOTHER, "name": "Rosa Marin", "relation": "mother", "chosen": True}],
    "sharing": [],  # or child:carer of those who would share it
    "form": {
        "once": "c0ffee",
        "visit": "",
        "quorum": "",
        "settled": "",
        "known": "",
        "date": "2026-11-24",
        "time": "16:00",
        "minutes": "60",
        "level": "supervised",
        "visit_supervisor": LENA,
        "duty": "",
        "emergency": "",
        "reason": "Birthday",
    },
    "lengths": MINUTES,
    "levels": LEVELS,
    "zone": "London",
    "answer": None,
    "errors": [],
}
WHY_FIRST: Context = {**WHY, "child": None, "people": []}
WHY_NOT: Context = {
    **WHY,
    "if_they_can": ["5a" * 16],
    "answer": {
        "permitted": False,
        "passed": ["R1", "R2"],
        "reasons": [
            {
                "rule": "R41",
                "text": "The plan has other days or hours for Rosa.",
                "href": f"/w/child/{CHILD}/plan",
                "link": "Look at the contact plan",
            },
            {"rule": "R9", "text": "There is no 01:30 on that day.", "href": "", "link": ""},
        ],
        "change": [
            {"label": "Length", "text": "30 minutes", "on": None},
            {"label": "Start", "text": "", "on": date(2026, 11, 28), "clock": "11:00"},
        ],
        "filled": WHY["form"],
        "people": [MOTHER],
    },
}
WHY_NEVER: Context = {**WHY_NOT, "answer": WHY_NOT["answer"] | {"change": [], "filled": None}}
WHY_YES: Context = {**WHY_NOT, "answer": WHY_NOT["answer"] | {"permitted": True, "reasons": [], "change": []}}
