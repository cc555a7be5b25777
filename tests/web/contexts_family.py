"""What every family, error and demo page must be given.  See contexts.py for the addresses and the rules."""

from datetime import timedelta

from tests.web.samples import END, LINK, MOTHER, NOW, START, Context

TONGUES = [
    {"tag": "en", "name": "English", "href": "?lang=en", "chosen": True},
    {"tag": "es", "name": "Español", "href": "?lang=es", "chosen": False},
]
FAMILY: Context = {
    "tongues": TONGUES,  # empty where the agency writes English alone
    "csrf": "token-for-forms",
    "agency": "Family Visits",
    "base": LINK,
    "help": {"name": "Karim", "phone": "01632 960123"},
}

CODE: Context = {"agency": "Family Visits", "help": FAMILY["help"], "nonce": "bm9uY2U=", "tongues": TONGUES}
OPENER: Context = CODE | {"app": ""}
OPENER_IN_APP: Context = CODE | {"app": "iphone"}  # or "android"
LINKED: Context = {"agency": "Family Visits", "help": FAMILY["help"], "secret": "c2VjcmV0"}
CHOOSE: Context = {
    **LINKED,
    "times": [
        {"place": 1, "starts_at": START},
        {"place": 2, "starts_at": START + timedelta(days=1)},
        {"place": 3, "starts_at": START + timedelta(days=3)},
    ],
    "minutes": 30,
    "until": START - timedelta(days=1),
    "gone": False,
}
ANSWER: Context = {
    **LINKED,
    "starts_at": START,
    "minutes": 30,
    "answered": "",  # or "coming", "cannot"
    "why_not": [{"value": "ill", "text": "I am ill"}, {"value": "work", "text": "I have to work"}],
}
OTHER_TIMES: Context = {
    **LINKED,
    "times": [START + timedelta(days=day) for day in (1, 2, 4)],
    "gone": False,
}
TOLD: Context = {
    "agency": "Family Visits",
    "help": FAMILY["help"],
    "title": "Your visit is booked",
    "text": "You get a message with the link to your visit.",
    "when": START,  # or None
}
LANDING: Context = {
    **FAMILY,
    "stage": "open",  # "early" (link opens later), "open", "over", "off" (will not take place)
    "role": "family",  # "family" or "caregiver"
    "heading": "Your visit with Maya",  # caregiver: "Maya's visit with Rosa"
    "starts_at": START,
    "ends_at": END,
    "opens_at": START - timedelta(minutes=15),
    "starts_in_minutes": 12,  # negative once started
    "who": [
        {"name": "Maya", "you": False, "note": ""},
        {"name": "Rosa", "you": True, "note": ""},
        {"name": "Lena", "you": False, "note": "visit supervisor"},
    ],
    "visit_supervisor": "Lena",
    "next_url": f"{LINK}/consent/1",  # the next thing to do: first open card, then the check, then the room
    "next_visit": None,  # an instant or None, shown when over
    "place_may_record": False,
}
LANDING_PRISON: Context = {**LANDING, "place_may_record": True}
LANDING_EARLY: Context = {**LANDING, "stage": "early", "starts_in_minutes": 3000}
LANDING_OVER: Context = {**LANDING, "stage": "over", "next_visit": START + timedelta(days=3)}
LANDING_OFF: Context = {**LANDING, "stage": "off"}

CONSENT: Context = {
    **FAMILY,
    "card": {
        "number": 1,
        "of": 4,
        "purpose": "be_supervised",
        "kind": "required",  # "required" and "optional" ask yes or no; "notice" only asks to be read
        "picture": "eye",  # eye, note, norec or stop
        "title": "Lena will see and hear you",
        "lines": [
            "Lena is with you the whole time.",
            "Lena can pause the visit.",
            "Lena can stop the visit.",
        ],
        "version": "1",
        "language": "en",
        "may_be_unseen": True,
    },
    "errors": [],
}
CONSENT_OPTIONAL: Context = {
    **CONSENT,
    "card": CONSENT["card"] | {"kind": "optional", "number": 3, "picture": "sound", "may_be_unseen": False},
}
CONSENT_NOTICE: Context = {
    **CONSENT,
    "card": CONSENT["card"] | {"kind": "notice", "number": 2, "picture": "note"},
}
CONSENT_RECEIPT: Context = {
    **FAMILY,
    "answers": [
        {"title": "Lena will see and hear you", "answer": "yes", "url": f"{LINK}/consent/1"},
        {"title": "Lena writes a note", "answer": "later", "url": f"{LINK}/consent/2"},
    ],  # yes, no, later, read
    "given_at": NOW,
    "version": "1",
    "next_url": f"{LINK}/check",  # None when an answer keeps the door shut
}
COMPANY: Context = {**FAMILY, "child": None, "visit_supervisor": "Lena", "said": ""}
COMPANY_CHILD: Context = {**COMPANY, "child": "Maya", "said": "adult"}
CHECK: Context = {**FAMILY, "next_url": f"{LINK}/company", "for_child": False}
CHECK_CHILD: Context = {**CHECK, "for_child": True}
FAMILY_ROOM: Context = {
    **FAMILY,
    "invitation": "7e11" * 8,
    "participant": MOTHER,
    "you": "Rosa",
    "visit_supervisor": "Lena",
    "starts_at": START,
    "ends_at": END,
    "thanks_url": f"{LINK}/thanks",
}
START_FOR_CHILD: Context = {
    **FAMILY,
    "child": "Maya",
    "asked": "6" * 32,
    "everybody": "Maya",
    "who": ["Rosa"],
    "next_child": None,  # or {id, name} of another child at this device who was not asked
    "starts_at": START,
    "lines": ["You see each other on the screen.", "You can stop when you want."],
    "version": "1",
    "language": "en",
    "said": "later",  # or yes, or no
    "next_url": f"{LINK}/room",
}
START_FOR_TWO: Context = {
    **START_FOR_CHILD,
    "everybody": "Maya and Leo",
    "said": "yes",
    "next_child": {"id": "7" * 32, "name": "Leo"},
}
WITHDRAW: Context = {**FAMILY, "done": False}
NO_WAY_BACK: Context = {"back": "", "back_seconds": 600, "visit_supervisor": "Lena"}
THANKS: Context = {
    **FAMILY,
    "early": False,
    "next_visit": START + timedelta(days=3),
    "you": "Rosa",
    **NO_WAY_BACK,
}
BACK: Context = {**THANKS, "next_visit": None, "back": "now"}
CLOSED: Context = {
    "agency": "Family Visits",
    "help": FAMILY["help"],
    "title": "This link does not work now",
    "text": "Please call us. We will help you.",
}


ERROR: Context = {
    "agency": "Family Visits",
    "help": FAMILY["help"],
    "title": "We cannot find this page",
    "words": "The address may be wrong, or the page may have gone.",
    "do": ["Check the address.", "Go back and choose again."],
    "code": "404-9f3c",
    "home": None,  # or an address to go on from
    "emergency": None,  # or an address at which a case is opened that cannot wait
}


DEMO_START: Context = {
    "agency": "Family Visits",
    "visit": {"child": "Maya", "with": "Rosa", "starts_at": START},
    "password": "a made-up password",
    "sign_ins": [{"email": "karim@demo.example", "role": "worker", "does": "books visits"}],
    "links": [{"who": "Rosa, Maya's mother", "url": "/v#c2VjcmV0"}],
}
DEMO_MESSAGES: Context = {
    "agency": "Family Visits",
    "messages": [
        {
            "to": "rosa@demo.example",
            "subject": "Your visit",
            "at": NOW,
            "text": "Your visit is on Tuesday.\n",
            "links": ["http://localhost:8000/v#c2VjcmV0"],
        }
    ],
}
