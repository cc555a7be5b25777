"""What every staff page must be given.  See contexts.py for the addresses and the rules."""

from datetime import date, timedelta

from tests.web.samples import CARER, CHILD, END, LENA, MOTHER, NOW, START, VISIT, Context

STAFF: Context = {
    "csrf": "token-for-forms",
    "agency": "Family Visits",
    "staff": {
        "name": "Karim Aziz",
        "roles": ["worker", "approver", "visit_supervisor", "auditor"],
        "purpose": "",
    },
    "notice": None,  # or one sentence about what just succeeded (after POST-redirect-GET)
}
MINUTES = [{"value": str(n), "text": f"{n} minutes"} for n in (15, 20, 30, 45)]
LEVELS = [{"value": "supervised", "text": "Supervised: within sight and sound throughout"}]
PEOPLE = [
    {"name": "Maya", "relation": "child"},
    {"name": "Rosa Marin", "relation": "mother"},
    {"name": "Ellen", "relation": "caregiver"},
]


SIGN_IN: Context = {
    "csrf": "t",
    "agency": "Family Visits",
    "email": "",
    "errors": [],
    "again": False,
    "password_set": False,
    "through_agency": False,
}
SIGN_IN_AGAIN: Context = {
    **SIGN_IN,
    "email": "karim@demo.example",
    "errors": [{"field": "password", "text": "The e-mail address or the password is not right."}],
}

TODAY: Context = {
    **STAFF,
    "now": NOW,
    "needs_you": [
        {
            "text": "Noah's visit at 17:00 has no visit supervisor.",
            "action": "Choose one",
            "href": "/w/visit/1",
        }
    ],
    "follow_ups": [
        {
            "id": "f1",
            "text": "Rosa said no to a question before a visit. Ask what would help.",
            "due_at": NOW,
            "late": True,
            "href": f"/w/visit/{VISIT}",
            "link": "See visit",
            "reasons": [{"value": "spoken_to_them", "text": "I have spoken with them"}],
        },
        {
            "id": "f2",
            "text": "A booked visit with Maya is in doubt. Look at it.",
            "due_at": END,
            "late": False,
            "href": f"/w/visit/{VISIT}",
            "link": "See visit",
            "reasons": [],
        },
    ],
    "counts": {"done": 1, "live": 1, "to_come": 2},
    "visits": [
        {
            "id": VISIT,
            "starts_at": START - timedelta(minutes=30),
            "ends_at": START,
            "child": {"name": "Ellie", "age": 4},
            "people": [{"name": "Rose", "relation": "grandmother"}],
            "state": "live",
            "in_doubt": False,
            "here": ["Ellie", "Rose", "Lena"],
            "action": {"text": "Open room", "href": f"/w/visit/{VISIT}/room"},
        },
        {
            "id": "2",
            "starts_at": START,
            "ends_at": END,
            "child": {"name": "Maya", "age": 6},
            "people": [{"name": "Rosa", "relation": "mother"}],
            "state": "ready",
            "in_doubt": True,
            "here": [],
            "action": {"text": "See visit", "href": "/w/visit/2"},
        },
    ],
    "next_visit": None,  # when there is none today: {"starts_at", "child": {"name"}, "href"} or None
}
TODAY_EMPTY: Context = {
    **TODAY,
    "needs_you": [],
    "follow_ups": [],
    "visits": [],
    "counts": {"done": 0, "live": 0, "to_come": 0},
    "next_visit": {"starts_at": START + timedelta(days=2), "child": {"name": "Maya"}, "href": "/w/visit/3"},
}

# What the policy says about an act; shown with a button until this person has accepted this version.
READ: Context = {
    "act": "book",
    "version": 3,
    "accepted": True,
    "says": ["A visit needs a day of notice.", "Somebody else approves it."],
}
UNREAD: Context = {**READ, "accepted": False}

# The form's own values come back as they were typed.  ``people`` are the plan's, and those barred.
BOOK: Context = {
    **STAFF,
    "reading": READ,
    "once": "c0ffee",
    "changing": None,  # or {"id": ..., "starts_at": ...}: the form then posts to .../change
    "children": [{"value": CHILD, "text": "Maya Marin, 6"}],
    "child": {"id": CHILD, "name": "Maya", "age": 6},  # None until one is picked
    "plan": {
        "version": 2,
        "level": "supervised",
        "minutes": 30,
        "often": "every week",
        "review_on": date(2027, 1, 15),
        "review": "ahead",
        "basis": "An agreement",
    },
    "sharing": [
        {
            "id": f"sharing-{MOTHER}",
            "name": "Leo",
            "relation": "brother",
            "choices": [{"value": f"{MOTHER}:{CARER}", "text": "Comes with Ellen Field"}],
            "chosen": "",
        }
    ],
    "could_be_optional": [{"value": MOTHER, "text": "Rosa Marin"}, {"value": "leo", "text": "Leo"}],
    "busy": None,  # or {"lines": [...], "mark": ...}: whose calendar says that they are busy then
    "out": None,  # or {"ids": [...], "names": ...}: who could not come at the time that was taken
    "people": [
        {
            "id": MOTHER,
            "name": "Rosa Marin",
            "relation": "mother",
            "consent": "given",
            "barred": None,
            "chosen": True,
        },
        {
            "id": CARER,
            "name": "Ellen Field",
            "relation": "caregiver",
            "consent": "needed",
            "barred": None,
            "chosen": True,
        },
        {
            "id": "3",
            "name": "Marc Dunn",
            "relation": "uncle",
            "consent": "needed",
            "chosen": False,
            "barred": "Must not meet Maya: no contact since 2 March 2026.",
        },
    ],
    "form": {
        "date": "2026-11-24",
        "time": "16:00",
        "minutes": "30",
        "level": "supervised",
        "visit_supervisor": LENA,
        "duty": "",
        "reason": "",
        "emergency": "",
        "optional": [],
        "quorum": "",
        "settled": "",
        "known": "",
    },
    "lengths": MINUTES,
    "levels": LEVELS,
    "visit_supervisors": [{"value": LENA, "text": "Lena Voss"}],
    "left_out": "Sam Ode cannot watch this visit. The plan asks for a woman.",
    "duty_people": [{"value": "priya", "text": "Priya Nair, 01632 960100"}],
    "zone": "London",
    "emergencies": [],  # choices, where only rules that an emergency sets aside said no
    "errors": [],
    "refusals": [],  # rules that said no: {"rule": "R4", "text": ...}
}
BOOK_EMERGENCY: Context = {
    **BOOK,
    "emergencies": [{"value": "sudden_move", "text": "The child has to move suddenly"}],
    "refusals": [{"rule": "R5", "text": "It is too soon. Choose a later time.", "href": "", "link": ""}],
}
TIMES: Context = {
    **STAFF,
    "child": {"id": CHILD, "name": "Maya"},
    "who": "Rosa and Leo",
    "minutes": "30",
    "offers": [
        {
            "starts_at": START,
            "elsewhere": [{"place": "New York", "clock": "11:00", "day": None, "shifted": False}],
            "supervisor": "Lena Voss",
            "interpreter": None,
            "reasons": ["The usual day and time", "Soon after school"],
            "coming": "",
            "left_out": None,
            "people": [MOTHER, CARER],
            "sharing": [],
            "wall": "2026-11-24T16:00|s1,s2",
            "filled": {"child": CHILD, "date": "2026-11-24", "time": "16:00"},
        },
        {
            "starts_at": START + timedelta(days=2),
            "elsewhere": [
                {"place": "Auckland", "clock": "05:00", "day": date(2026, 11, 27), "shifted": False}
            ],
            "supervisor": "Lena Voss",
            "interpreter": {"id": "i1", "name": "Ida"},
            "reasons": [],
            "coming": "",
            "left_out": None,
            "people": [MOTHER, CARER],
            "sharing": [],
            "wall": "2026-11-26T16:00|s1",
            "filled": {"child": CHILD, "date": "2026-11-26", "time": "16:00"},
        },
    ],
    "asking": [{"value": MOTHER, "text": "Rosa"}, {"value": CARER, "text": "Ines"}],
    "errors": [],
    "refusals": [],
    "without": [
        {
            "day": date(2026, 11, 29),
            "why": ["Maya has no visits at those hours.", "Apart from that, everybody is free at 15:00."],
        }
    ],
    "place": "London",
    "clocks": [{"place": "New York", "names": "Rosa"}],
    "typed": {"child": CHILD, "date": "", "time": ""},
    "people": [MOTHER, CARER],
    "sharing": [],
    "optional": "",  # or who must be there, and who comes if they can
    "if_they_can": {"people": [], "quorum": ""},
    "kept_out": [],  # what keeps some of them out at any time
}
TIMES_NONE: Context = {**TIMES, "offers": []}
WITHOUT_SAM = {"ids": ["sam"], "names": "Sam", "why": ["Sam is not in Maya’s contact plan."]}
TIMES_WITHOUT_SOME: Context = {
    **TIMES,
    "optional": "Rosa must be there. At least 2 of these must come: Leo, Noor and Sam.",
    "if_they_can": {"people": ["leo", "noor", "sam", "kim"], "quorum": "2"},
    "kept_out": ["Kim must be kept apart from somebody in this visit. Book two visits."],
    "offers": [
        TIMES["offers"][0] | {"coming": "Leo, Noor and Sam", "reasons": ["Everybody can come"]},
        TIMES["offers"][0]
        | {
            "coming": "Leo and Noor",
            "left_out": WITHOUT_SAM,
        },
    ],
}
BOOK_BUSY: Context = {
    **BOOK,
    "busy": {
        "lines": ["Rosa is busy from 15:30 to 17:00, by their own calendar."],
        "mark": "0123456789abcdef",
    },
}
BOOK_WITHOUT_SOME: Context = {**BOOK, "out": {"ids": ["sam"], "names": "Sam"}}
BOOK_FIRST: Context = {**BOOK, "child": None, "people": [], "plan": None}
BOOK_REFUSED: Context = {
    **BOOK,
    "errors": [{"field": "time", "text": "There is no 01:30 on that day, because the clocks go forward."}],
    "refusals": [
        {
            "rule": "R4",
            "text": "The agency has not consented for Maya. Record its consent first.",
            "href": f"/w/child/{CHILD}#consents",
            "link": "Record the consent",
        },
        {"rule": "R8", "text": "Choose a visit supervisor.", "href": "", "link": ""},
    ],
}

REASONS = [
    {
        "rule": "R47",
        "text": "Rosa is no longer approved to meet Maya. Ask an approver first.",
        "href": f"/w/child/{CHILD}/people",
        "link": "See who is approved",
    },
    {"rule": "R6", "text": "It lies outside the agency’s hours.", "href": "", "link": ""},
]
EMERGENCY: Context = {
    "reason": "The child has to move suddenly",
    "until": END + timedelta(days=1),
    "set_aside": REASONS[1:],
}
VISIT_PAGE: Context = {
    **STAFF,
    "series": {
        "id": "5e1e" * 8,
        "visits": 8,
        "when": "every Tuesday at 16:00",
        "moved": "24 November 2026, 10:00",
    },  # or None
    "visit": {
        "id": VISIT,
        "version": 4,
        "state": "approved",
        "outcomes": [],  # or one {name, outcome} for each child
        "starts_at": START,
        "ends_at": END,
        "level": "supervised",
        "plan_version": 2,
        "child": {"id": CHILD, "name": "Maya", "age": 6},
        "children": [{"id": CHILD, "name": "Maya", "within": True}],
        "visit_supervisor": "Lena Voss",
        "duty": "Priya Nair, 01632 960100",
        "requested_by": "Karim Aziz",
    },
    "people": [
        {
            "name": "Rosa Marin",
            "relation": "mother",
            "invitation": "delivered",
            "channel": "r...@demo.example",
            "at": NOW,
            "consent": "given",
            "comes": True,
            "may_record": "",
            "new_link": "/w/visit/x/new-link/y",
            "letter": "/w/visit/x/letter/y",
            "printed_at": NOW,
        },
        {
            "name": "Ellen Field",
            "relation": "caregiver",
            "invitation": "queued",
            "channel": "e...@demo.example",
            "at": None,
            "consent": "needed",
            "comes": False,
            "may_record": "HMP Northmoor",
            "new_link": "/w/visit/x/new-link/y",
            "letter": "/w/visit/x/letter/y",
            "printed_at": NOW,
        },
    ],
    "messages": [
        {
            "name": "Rosa Marin",
            "relation": "mother",
            "kind": "invitation",
            "state": "delivered",
            "medium": "sms",
            "at": NOW,
        },
        {
            "name": "Ellen Field",
            "relation": "caregiver",
            "kind": "invitation",
            "state": "failed",
            "medium": "email",
            "at": NOW,
        },
        {
            "name": "Rosa Marin",
            "relation": "mother",
            "kind": "reminder",
            "state": "queued",
            "medium": "",
            "at": START,
        },
        {
            "name": "Ellen Field",
            "relation": "caregiver",
            "kind": "reminder",
            "state": "expired",
            "medium": "",
            "at": START,
        },
    ],
    "calls": [{"at": START, "by": "Lena Voss", "to": "Rosa Marin (mother)", "result": "No answer"}],
    "records": [
        {
            "child": CHILD,
            "name": "Maya",
            "by": "Lena Voss",
            "signed_off_by": None,
            "sign_off": True,
            "sections": [{"title": "What happened", "text": "They drew a house together."}],
            "added": [
                {
                    "title": "Why the emergency details were opened",
                    "text": "Rosa fell.",
                    "at": NOW,
                    "by": "Lena Voss",
                }
            ],
        }
    ],
    "decision": {
        "kind": "approved",
        "by": "Priya Nair",
        "at": NOW,
        "text": "",
        "reasons": [{"rule": "R1", "text": "Everybody is named in the plan."}],
    },  # or None
    "doubt": None,
    "choice": None,
    "if_they_can": None,
    "replies": [],
    "emergency": None,
    "typed": {"code": "caregiver_ill", "text": ""},
    "owed": [{"href": f"/w/child/{CHILD}/owed/{VISIT}", "name": "Maya"}],  # once it is over
    "actions": ["room", "change", "cancel", "withdraw", "record"],  # those this reader may do now
    "cancel_reasons": [{"value": "caregiver_ill", "text": "The carer is ill"}],
    "errors": [],
    "refusals": [],
    "history": [
        {"at": NOW, "who": "Priya Nair", "text": "Approved", "about": "", "times": 1},
        {"at": NOW, "who": "Lena Voss", "text": "Somebody was let in", "about": "Dana Marlowe", "times": 2},
    ],
}

VISIT_SHARED: Context = {
    **VISIT_PAGE,
    "visit": VISIT_PAGE["visit"]
    | {
        "state": "recorded",
        "child": {"id": CHILD, "name": "Maya and Leo", "age": "6 and 4"},
        "children": [
            {"id": CHILD, "name": "Maya", "within": True},
            {"id": "6", "name": "Leo", "within": False},
        ],
        "outcomes": [{"name": "Maya", "outcome": "completed"}],
    },
}
BUSY = ["Dana is busy from 15:30 to 16:30, by their own calendar."]
CHOICE: Context = {
    "times": [
        {"starts_at": START, "interpreter": "Ida", "left_out": "", "busy": []},
        {
            "starts_at": START + timedelta(days=2),
            "interpreter": "Otto",
            "left_out": "Sam and Leo",
            "busy": BUSY,
        },
        {"starts_at": START + timedelta(days=4), "interpreter": "", "left_out": "", "busy": BUSY},
    ],
    "asked": "Rosa",
    "waits": "family",  # "approver" first, then "family", "over" when nobody chose in time
    "until": NOW + timedelta(days=2),
}
CHOICE_SURE: Context = {
    **STAFF,
    "child": {"id": CHILD, "name": "Maya"},
    "times": [{"day": START.date(), "clock": "16:00"}, {"day": NOW.date(), "clock": "17:00"}],
    "place": "London",
    "typed": {"child": CHILD, "minutes": "30", "quorum": ""},
    "many": {"people": [MOTHER], "times": ["2026-11-25T16:00|a"], "asked": [MOTHER]},
    "busy": {"lines": BUSY, "mark": "ab" * 8},
    "errors": [
        {"field": "known", "text": "Somebody is busy then. Read who it is, and tick that you know it."}
    ],
    "refusals": [],
}
VISIT_CHOICE: Context = {
    **VISIT_PAGE,
    "visit": VISIT_PAGE["visit"] | {"state": "requested"},
    "choice": CHOICE,
    "if_they_can": {"coming": "Sam and Leo", "quorum": 0, "left_out": ""},
    "actions": ["withdraw", "change"],
}
VISIT_CANNOT: Context = {
    **VISIT_PAGE,
    "replies": [
        {
            "text": "Rosa cannot come.",
            "why": "I have to work",
            "said_at": NOW,
            "wants": START + timedelta(days=2),
            "kept_until": NOW + timedelta(days=1),
        }
    ],
    "actions": ["change", "cancel"],
}
VISIT_IN_DOUBT: Context = {
    **VISIT_PAGE,
    "doubt": {"visit": VISIT, "reasons": REASONS, "barred": False, "decides": True, "mends": True},
    "emergency": EMERGENCY,
}

CHANGES = [
    {
        "name": "Rosa Marin",
        "before": ["By video", "Supervised", "30 minutes"],
        "after": ["By video", "Monitored", "45 minutes"],
        "loosens": True,
    },
    {"name": "Emil Brandt", "before": ["In person"], "after": [], "loosens": False},
]
RESTRICTED: Context = {
    "id": "r1",
    "kind": "suspended",
    "people": ["Maya Marin", "Rosa Marin"],
    "state": "active",
    "from_on": date(2026, 11, 2),
    "until_on": date(2026, 11, 9),
    "reason": "Decision of the agency",
    "why": "A visit now would not be safe",
    "ended": False,
    "lift_asked": True,
    "own": False,
}
APPROVALS: Context = {
    **STAFF,
    "reading": UNREAD | {"act": "approve"},
    "plans": [
        {
            "id": "p1",
            "version": 3,
            "child": "Maya Marin",
            "at": NOW,
            "review_on": date(2027, 1, 30),
            "own": False,
            "changes": CHANGES,
        }
    ],
    "merges": [],  # merge_shown's; contexts_people.MERGE is one
    "stops": [RESTRICTED | {"orders": [{"value": "o1", "text": "Family Court, ZW30"}]}],
    "lifts": [RESTRICTED],
    "doubts": [
        {
            "visit": "8" * 32,
            "version": 5,
            "child": {"name": "Maya", "age": 6},
            "people": PEOPLE[1:],
            "starts_at": START,
            "ends_at": END,
            "reasons": REASONS,
            "barred": False,
        }
    ],
    "clearing_reasons": [{"value": "visit_stands", "text": "The visit stands as it is"}],
    "requests": [
        {
            "visit": VISIT,
            "version": 2,
            "child": {"name": "Maya", "age": 6},
            "people": PEOPLE[1:],
            "starts_at": START,
            "ends_at": END,
            "level": "supervised",
            "requested_by": "Karim Aziz",
            "requested_at": NOW,
            "reason": "",
            "checks": [{"rule": "R1", "text": "Everybody is named in the plan."}],
            "emergency": EMERGENCY,
            "choice": None,
            "busy": [{"text": BUSY[0], "known": known} for known in (True, False)],
            "if_they_can": {"coming": "Leo and Noor", "quorum": 2, "left_out": "Sam"},
            "own": False,
        },
        {
            "visit": "9" * 32,
            "version": 2,
            "child": {"name": "Ellie", "age": 4},
            "people": PEOPLE[1:2],
            "starts_at": START,
            "ends_at": END,
            "level": "supervised",
            "requested_by": "Priya Nair",
            "requested_at": NOW,
            "reason": "Birthday",
            "checks": [],
            "emergency": None,
            "choice": CHOICE | {"waits": "approver", "until": None},
            "if_they_can": {"coming": "Leo", "quorum": 0, "left_out": ""},
            "busy": [],
            "own": True,
        },
    ],
    "typed": None,
    "decline_reasons": [{"value": "too_soon", "text": "Too soon after the last visit"}],
    "errors": [],
    "refusals": [],
}

CHILD_PAGE: Context = {
    **STAFF,
    "child": {"id": CHILD, "name": "Maya Marin", "age": 6, "case": "c" * 32},
    "plan": {
        "version": 2,
        "level": "supervised",
        "minutes": 30,
        "often": "every week",
        "review_on": date(2027, 1, 15),
        "review": "near",  # or "past", or "ahead"
        "basis": "An agreement; the order of Family Court, ZW30",
        "purpose": "Keep Maya close to her mother.",
    },  # or None
    "people": [
        {"id": MOTHER, "name": "Rosa Marin", "relation": "mother", "in_plan": True},
        {"id": CARER, "name": "Ellen Field", "relation": "caregiver", "in_plan": True},
    ],
    "knows_people": True,
    "orders": [
        {
            "id": "o1",
            "about": "No contact",
            "court": "Family Court",
            "reference": "ZW30",
            "decided_on": date(2026, 3, 2),
            "standing": "stands",
        }
    ],
    "consents": [
        {
            "person": "Rosa Marin",
            "purpose": "Take part in visits",
            "kind": "consent",  # or assent, or notice
            "state": "given",
            "provisional": True,
            "unseen": True,
            "by": "Rosa Marin",
            "method": "on their page",
            "on": date(2026, 11, 2),
            "text_version": "1",
        }
    ],
    "restrictions": [
        {
            "id": "r1",
            "kind": "no_contact",
            "people": ["Marc Dunn", "Maya Marin"],
            "state": "active",
            "from_on": date(2026, 3, 2),
            "until_on": None,
            "reason": "Court order of 2 March 2026",
            "why": "",
            "ended": False,
            "lift_asked": False,
            "own": False,
        }
    ],
    "upcoming": [{"href": f"/w/visit/{VISIT}", "starts_at": START, "state": "approved"}],
    "may_change": True,
    "once": "c0ffee",
    "consent_people": [{"value": CHILD, "text": "Maya (the agency decides)"}],
    "purposes": [{"value": "take_part", "text": "Take part in visits"}],
    "consent_methods": [
        {"value": "spoken", "text": "Spoken, witnessed"},
        {"value": "by_decision_holder", "text": "by the holder of the right to decide"},
    ],
    "consent_holders": [{"value": "agency", "text": "The agency"}],
    "witnesses": [{"value": LENA, "text": "Lena Voss"}],
    "stop_reasons": [{"value": "safety", "text": "A visit now would not be safe"}],
    "restriction_kinds": [
        {"value": "no_contact", "text": "No contact with the child"},
        {"value": "apart", "text": "Two people kept apart"},
    ],
    "restriction_sources": [{"value": "court_order", "text": "Court order"}],
    "restriction_orders": [{"value": "0a" * 16, "text": "Family Court, ZE26C00077"}],
    "restriction_people": [{"value": MOTHER, "text": "Rosa Marin"}],
    "form": {},  # values typed before an error, by field name
    "errors": [],
    "refusals": [],
}

ROOM: Context = {
    **STAFF,
    "visit": {"id": VISIT, "child": {"name": "Maya"}, "starts_at": START, "ends_at": END},
    "participant": LENA,  # the reader's own participant id
    "hold_reasons": [{"value": "pause", "text": "A short pause"}, {"value": "worry", "text": "A worry"}],
    "back_minutes": 10,
    "end_reasons": [
        {"value": "completed", "text": "The visit is complete"},
        {"value": "ended_for_safety", "text": "For safety"},
    ],
    "methods": [
        {"value": "photo", "text": "Photo held by the agency"},
        {"value": "spoken_code", "text": "Spoken code"},
    ],
    "notes": [{"at": START, "text": "Warm greeting from both sides."}],
}

RECORD: Context = {
    **STAFF,
    "visit": {
        "id": VISIT,
        "state": "ended",
        "child": {"id": CHILD, "name": "Maya"},
        "shared": False,
        "starts_at": START,
        "ends_at": END,
    },
    "once": "c0ffee",
    "facts": {"started_at": START, "ended_at": END, "breaks": 1, "holds": 2, "drops": 0, "goodbyes_back": 1},
    "people": [{"name": "Rosa Marin", "relation": "mother", "joined_at": START, "left_at": END}],
    "talks": [{"name": "Maya (Ines Lund)", "began_at": START, "ended_at": END}],  # ended_at may be None
    "calls": [{"at": START, "by": "Lena Voss", "to": "Rosa Marin (mother)", "result": "No answer"}],
    "notes": [{"at": START, "text": "Warm greeting from both sides."}],
    "outcomes": [
        {"value": "completed", "text": "Completed"},
        {"value": "adult_no_show", "text": "The adult did not join"},
    ],
    "form": {
        "outcome": "completed",
        "what_happened": "",
        "child_before": "",
        "child_after": "",
        "said": "",
        "why_opened": "",
        "next": "",
    },
    "unexplained": False,
    "due_at": END + timedelta(hours=72),
    "errors": [],
    "refusals": [],
}

RECORD_SHARED: Context = {**RECORD, "visit": RECORD["visit"] | {"shared": True}, "unexplained": True}

VERIFIED: Context = {
    "state": "ok",  # "ok", "broken" or "never" (nothing sealed yet)
    "entries": 412,
    "sealed": 410,
    "root": "mN2x0Jm7q9aXw0YkKzv3t1uGm5mVb3Xb0sQkXl1lq2c=",
    "checked_at": NOW,
    "origin": "contact-service.example",
    "problem": None,  # when broken: {"code": "LEAF_MISMATCH", "entry": 17, "text": ...}
}
CASES: Context = {
    **STAFF,
    "cases": [
        {"id": "c" * 32, "child": "Maya Marin", "events": 61, "last_at": NOW, "href": "/w/case/" + "c" * 32}
    ],
}
HISTORY: Context = {
    **STAFF,
    "case": {"id": "c" * 32, "child": "Maya Marin"},
    "verification": VERIFIED,
    "events": [
        {
            "number": 41,
            "at": NOW,
            "who": "Priya Nair, approver",
            "what": "Visit approved",
            "kind": "visit",
            "details": [{"label": "Visit", "value": "24 November 2026, 16:00"}],
            "hash": "9f3c21ab77d0",
        },
        {
            "number": 40,
            "at": NOW,
            "who": "Karim Aziz, worker",
            "what": "Booking refused",
            "kind": "refused",
            "details": [{"label": "Rule", "value": "R4"}],
            "hash": "0b17a2c44e91",
        },
    ],
}
HISTORY_BROKEN: Context = {
    **HISTORY,
    "verification": VERIFIED
    | {
        "state": "broken",
        "problem": {"code": "LeafMismatch", "entry": 17, "text": "Entry 17 is not what was sealed."},
    },
}
A_READING: Context = {
    "at": NOW,
    "part": "The history of the case",
    "in_emergency": False,
    "purpose": "",
    "words": "",
}
READINGS: Context = {
    **STAFF,
    "case": {"id": "c" * 32, "child": "Maya Marin"},
    "readers": [
        {"who": "Karim Aziz (worker)", "times": 12, "last_at": NOW},
        {"who": "Noor Haddad (auditor)", "times": 1, "last_at": NOW},
    ],
    "readings": [
        {
            "at": NOW,
            "who": "Karim Aziz (worker)",
            "part": "Where the child lives",
            "in_emergency": True,
            "purpose": "",
            "words": "",
        },
        {
            "at": NOW,
            "who": "Noor Haddad (auditor)",
            "part": "The history of the case",
            "in_emergency": False,
            "purpose": "An inspection",
            "words": "2030/17",
        },
    ],
}
READERS: Context = {
    **STAFF,
    "many": 40,
    "rows": [
        {"day": NOW.date(), "who": "Karim Aziz", "cases": 41, "many": True},
        {"day": NOW.date(), "who": "Noor Haddad", "cases": 3, "many": False},
    ],
}
LOG: Context = {
    **STAFF,
    "verification": VERIFIED,
    "checkpoint": "contact-service.example\n410\nmN2x0Jm7q9aXw0YkKzv3t1uGm5mVb3Xb0sQkXl1lq2c=\n",
    "key": "contact-service.example+1234abcd+AQ...",
    "command": "contact-service audit verify --database sqlite:///contact.db --key VKEY",
}

POLICY: Context = {
    **STAFF,
    "number": 3,
    "name": "England",
    "sections": [
        {
            "title": "Limits",
            "entries": [
                {
                    "name": "An urgent stop lasts at most",
                    "value": "7 days",
                    "force": "law",
                    "source": "Children Act 1989, s.34(6)",
                },
                {"name": "Shortest visit", "value": "5 min", "force": "", "source": ""},
            ],
        }
    ],
    "versions": [
        {"number": 4, "name": "England", "state": "proposed", "by": "Priya Nair", "at": NOW},
        {"number": 3, "name": "England", "state": "published", "by": "Priya Nair", "at": NOW},
        {"number": 2, "name": "Try", "state": "declined", "by": "Priya Nair", "at": NOW},
    ],
    "may_write": True,
}
POLICY_WRITE: Context = {
    **STAFF,
    "text": "title: Ours\nlimits:\n  minimum_notice: soon\n",
    "packs": ("generic", "england", "scotland", "washington"),
    "faults": [{"field": "text", "text": "3: Write a number and a unit."}],
    "errors": [],
}
AFFECTED: Context = {
    "href": f"/w/visit/{VISIT}",
    "child": "Maya",
    "starts_at": START,
    "state": "approved",
    "reasons": [{"rule": "R28", "text": "Visits are between 08:00 and 15:00 where the child lives."}],
}
POLICY_VERSION: Context = {
    **STAFF,
    "version": {
        "number": 4,
        "name": "England",
        "state": "proposed",
        "by": "Priya Nair",
        "at": NOW,
        "decided_by": "",
    },
    "decided_at": None,
    "changes": [
        {"name": "Notice a visit needs", "before": "1 day", "after": "2 h", "source": ""},
        {"name": "Siblings: per", "before": None, "after": "month", "source": "Guidance of the state"},
    ],
    "refused": [AFFECTED],
    "refused_elsewhere": 2,
    "looked_at": 12,
    "past": [AFFECTED],
    "waits": True,
    "own": False,
    "may_decide": True,
    "text": "title: Ours\n",
}

PLAN: Context = {
    **STAFF,
    "child": {"id": CHILD, "name": "Maya"},
    "plan": {
        "version": 2,
        "review_on": date(2027, 1, 30),
        "review": "past",
        "basis": "An agreement",
        "terms": [{"name": "Rosa Marin", "lines": ["By video", "Supervised", "30 minutes"]}],
    },
    "proposed": {"version": 3, "at": NOW, "review_on": date(2027, 1, 30), "own": True, "changes": CHANGES},
    "versions": [
        {
            "number": 3,
            "state": "proposed",
            "at": NOW,
            "review_on": date(2027, 1, 30),
            "basis": "The authority’s plan",
        }
    ],
    "may_change": True,
    "people": [{"value": "a", "text": "Rosa Marin"}],
    "media": [{"value": "video", "text": "By video"}],
    "levels": LEVELS,
    "risks": [{"value": "standard", "text": "Standard"}],
    "purposes": [{"value": "identity", "text": "to know where one comes from"}],
    "periods": [{"value": "week", "text": "a week"}],
    "weekdays": [{"value": "monday", "text": "Monday"}],
    "orders": [{"value": "o1", "text": "Family Court, ZW30"}],
    "bases": [{"value": "agreement", "text": "An agreement"}],
    "genders": [{"value": "woman", "text": "A woman"}, {"value": "man", "text": "A man"}],
    "gender_reasons": [{"value": "child_asked", "text": "The child asked for it"}],
    "trainings": [{"value": "sign language", "text": "sign language", "key": "1"}],
    "form": {
        "person": "a",
        "medium": "video",
        "level": "supervised",
        "minutes": "30",
        "risk": "standard",
        "purpose": "identity",
        "per": "week",
        "least": "1",
        "most": "2",
        "gap_days": "",
        "days": ["monday"],
        "earliest": "00:00",
        "latest": "24:00",
        "step_on": "",
        "step_level": "",
        "order": "",
        "supervisor_gender": "woman",
        "gender_reason": "",
        "trainings": ["sign language"],
        "review_on": "2027-01-30",
        "basis": "agreement",
        "take_out": "",
    },
    "changing": True,
    "again_on": "",
    "reviewing": False,
    "errors": [{"field": "minutes", "text": "Write a whole number."}],
    "refusals": [],
}
PLAN_REVIEWING: Context = {
    **PLAN,
    "proposed": PLAN["proposed"] | {"changes": []},
    "changing": False,
    "again_on": "2031-01-01",
    "reviewing": True,
    "errors": [{"field": "again_on", "text": "Choose a date."}],
}
