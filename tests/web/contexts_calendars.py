"""What pages about shared calendars must be given.  See contexts.py."""

from datetime import date

from tests.web.contexts_people import ABOUT
from tests.web.contexts_staff import STAFF
from tests.web.samples import CHILD, MOTHER, NOW, Context

OFFICE = "c" * 32
TERMS = "d" * 32
_EFFECTS = [
    {"value": "no_visits", "text": "No visits on its days"},
    {"value": "no_school", "text": "No school on its days"},
]
_YEARS = [{"value": "2030", "text": "2030"}, {"value": "2031", "text": "2031"}]
_DAYS = {"name": "", "first": "", "last": "", "earliest": "", "latest": ""}
_RAMADAN = {"years": [], "ramadan_earliest": "", "ramadan_latest": ""}
_CLOSED = {
    "id": "e1",
    "name": "Court closed",
    "first": date(2030, 5, 24),
    "last": date(2030, 5, 27),
    "hours": "",
    "estimated": False,
    "source": "",
}
_EVENING = {
    "id": "e2",
    "name": "Ramadan 1452",
    "first": date(2030, 12, 26),
    "last": date(2031, 1, 23),
    "hours": "15:30 to 18:00",
    "estimated": True,
    "source": "Islamic calendar",
}
_CHRISTMAS = {
    "id": "e3",
    "name": "Christmas Day",
    "first": date(2030, 12, 25),
    "last": None,
    "hours": "",
    "estimated": False,
    "source": "public holidays of GB-ENG",
}
CALENDARS: Context = {
    **STAFF,
    "calendars": [
        {"id": OFFICE, "name": "Office closed", "effect": "No visits on its days", "everybody": True}
        | {"next": _CLOSED},
        {"id": TERMS, "name": "Terms of Oak School", "effect": "No school on its days", "everybody": False}
        | {"next": None},
    ],
    "may_keep": True,
    "effects": _EFFECTS,
    "form": {"name": "", "effect": ""},
    "errors": [],
}
CALENDARS_NONE: Context = CALENDARS | {
    "calendars": [],
    "errors": [{"field": "name", "text": "Write a name that colleagues understand."}],
}
CALENDARS_READ: Context = CALENDARS | {"may_keep": False}
CALENDAR: Context = {
    **STAFF,
    "calendar": {"id": OFFICE, "name": "Office closed", "effect": "No visits on its days"},
    "with_hours": True,
    "months": [
        {"first": date(2030, 5, 1), "entries": [_CLOSED]},
        {"first": date(2030, 12, 1), "entries": [_CHRISTMAS, _EVENING]},
    ],
    "everybody": "l1",
    "counts_for": [{"id": "l2", "name": "Maya"}],
    "others": 2,
    "may_keep": True,
    "may_link": True,
    "years": _YEARS,
    "form": _DAYS | _RAMADAN,
    "errors": [{"field": "last", "text": "The last day is before the first. Change one of them."}],
}
CALENDAR_EMPTY: Context = CALENDAR | {
    "with_hours": False,
    "months": [],
    "everybody": None,
    "counts_for": [],
    "others": 0,
    "errors": [],
}
HOLIDAYS: Context = {
    **STAFF,
    "calendar": {"id": OFFICE, "name": "Office closed"},
    "countries": [{"value": "DE", "text": "Germany"}, {"value": "GB", "text": "United Kingdom"}],
    "country": "United Kingdom",
    "parts": [{"value": "ENG", "text": "England"}, {"value": "SCT", "text": "Scotland"}],
    "years": _YEARS,
    "preview_year": 2031,
    "preview": [_CHRISTMAS],
    "may_keep": True,
    "form": {"country": "GB", "part": "", "years": ["2030"]},
    "errors": [],
}
HOLIDAYS_FIRST: Context = HOLIDAYS | {
    "country": "",
    "parts": [],
    "preview": [],
    "form": {"country": "", "part": "", "years": []},
}
CHILD_CALENDARS: Context = {
    **ABOUT,
    "everywhere": [
        {"id": "l1", "calendar": OFFICE, "name": "Office closed", "effect": "No visits on its days"}
    ],
    "links": [
        {
            "id": "l2",
            "calendar": TERMS,
            "name": "Terms of Oak School",
            "effect": "No school on its days",
            "whose": "Maya",
        }
    ],
    "calendars": [{"value": TERMS, "text": "Terms of Oak School (No school on its days)"}],
    "people": [{"value": CHILD, "text": "Maya"}, {"value": MOTHER, "text": "Dana"}],
    "form": {"calendar": "", "person": CHILD},
    "errors": [{"field": "calendar", "text": "Choose a calendar."}],
}
FAMILY_HOURS: Context = {
    **ABOUT,
    "person": {"id": MOTHER, "name": "Dana"},
    "weekly": [{"id": "h1", "hours": "Saturday, 09:00 to 17:00", "zone": "Europe/London"}],
    "away": [
        {"id": "a1", "first": date(2030, 6, 3), "last": date(2030, 6, 14)},
        {"id": "a2", "first": date(2030, 7, 1), "last": None},
    ],
    "calendars": [
        {"id": "k1", "address": False, "times": 41, "read_at": NOW, "failure": ""},
        {"id": "k2", "address": True, "times": 1, "read_at": NOW, "failure": "It did not answer."},
    ],
    "weekdays": [{"value": "monday", "text": "Monday"}, {"value": "tuesday", "text": "Tuesday"}],
    "form": {
        "days": ["monday"],
        "earliest": "",
        "latest": "",
        "first": "",
        "last": "",
        "zone": "Europe/London",
    },
    "errors": [{"field": "latest", "text": "The end is not after the start."}],
}
