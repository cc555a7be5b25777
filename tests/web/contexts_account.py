"""What pages about signing in must be given.  See contexts.py."""

from datetime import date

from contact_service.factors.factor import Factors, Passkey
from contact_service.factors.queries import AgencyLink
from tests.web.contexts_staff import STAFF
from tests.web.samples import NOW, Context

CODE: Context = {"csrf": "t", "agency": "Family Visits", "errors": [], "has_app": True, "has_passkey": False}
CODE_AGAIN: Context = {
    **CODE,
    "has_app": False,
    "has_passkey": True,
    "errors": [
        {"field": "code", "text": "This code is not right, or it was used before. Wait for the next one."}
    ],
}
_SESSION = {"handle": "0" * 32, "started_at": NOW, "seen_at": NOW, "way": "Password and app", "this": True}
ACCOUNT: Context = {
    **STAFF,
    "email": "karim@demo.example",
    "needs_passkey": True,
    "factors": Factors(
        app_since=NOW,
        codes_left=9,
        passkeys=(Passkey(id="1" * 32, name="My phone", added_at=NOW, used_at=NOW),),
    ),
    "sessions": [_SESSION, _SESSION | {"this": False, "handle": "1" * 32}],
    "errors": [],
}
BARE: Context = {
    **ACCOUNT,
    "factors": Factors(app_since=None, codes_left=0, passkeys=()),
    "sessions": [_SESSION],
    "errors": [{"field": "password", "text": "This is not your password."}],
}
APP: Context = {
    **STAFF,
    "picture": "",
    "secret": "abcd efgh ijkl mnop qrst uvwx yz23 4567",
    "errors": [{"field": "code", "text": "This code is not right."}],
}
OF_SOMEBODY: Context = {
    **ACCOUNT,
    "person": {"id": "1" * 32, "name": "Lena Voss", "email": "lena@demo.example", "disabled": False},
    "through_agency": True,
    "agency_link": AgencyLink(allowed_until=NOW, linked_at=NOW),
}
GONE: Context = {
    **BARE,
    "person": {"id": "1" * 32, "name": "Lena Voss", "email": "lena@demo.example", "disabled": True},
    "sessions": [],
    "through_agency": False,
    "agency_link": None,
}
AGENCY_ONWARD: Context = {"csrf": "", "agency": "Family Visits", "address": "https://id.example/a?b=c&d=e"}
AGENCY_BACK: Context = {
    "csrf": "",
    "agency": "Family Visits",
    "returned": {"code": "c", "state": "s", "iss": "https://id.example"},
}
AGENCY_PROBLEM: Context = {
    "csrf": "",
    "agency": "Family Visits",
    "words": "Your agency’s sign-in does not answer just now. Sign in here with your password instead.",
}
PROVE: Context = {
    **STAFF,
    "act": "/w/policy/accept",
    "fields": [("why", "Because <it> is so"), ("once", "1")],
    "held": '[["why", "Because <it> is so"], ["once", "1"]]',
    "back": "/w/policy",
    "has_passkey": False,
    "has_app": True,
    "through_agency": "",
    "errors": [{"field": "code", "text": "This code is not right."}],
}
PROVE_AGENCY: Context = {**PROVE, "has_app": False, "through_agency": "Northshire", "errors": []}
AGENCY_PROVED: Context = {"csrf": "", "agency": "Family Visits", "words": ""}
AGENCY_NOT_PROVED: Context = {**AGENCY_PROVED, "words": "Somebody else signed in at your agency."}
PROVE_PASSKEY: Context = {
    **PROVE,
    "act": "",
    "fields": [],
    "held": "[]",
    "has_passkey": True,
    "errors": [],
}
PROVE_ONWARD: Context = {**STAFF, "act": "/w/policy/accept", "fields": PROVE["fields"]}
CODES: Context = {**STAFF, "codes": ["abcdef-ghijkl-mnopqr-stuvwx"] * 10}
PASSWORD_CODE: Context = {
    **STAFF,
    "person": {"id": "1" * 32, "name": "Lena Voss", "email": "lena@demo.example"},
    "code": "abcdef-ghijkl-mnopqr-stuvwx",
}
NEW_PASSWORD: Context = {"csrf": "", "agency": "Family Visits", "email": "lena@demo.example", "errors": []}
NEW_PASSWORD_WRONG: Context = {
    **NEW_PASSWORD,
    "errors": [
        {"field": "code", "text": "The e-mail address or the code is not right, or the code is too old."}
    ],
}
TOO_WEAK: Context = {**ACCOUNT, "errors": [{"field": "new", "text": "Use at least 15 characters."}]}
FIRST_RUN: Context = {"csrf": "", "agency": "Family Visits", "name": "", "email": "", "errors": []}
FIRST_RUN_WRONG: Context = {
    **FIRST_RUN,
    "name": "Bo Lund",
    "email": "bo@demo.example",
    "errors": [{"field": "code", "text": "This code is not right, or it is too old."}],
}
_STATEMENT = {
    "version": 2,
    "assessed_on": date(2026, 1, 5),
    "reference": "File DP-17",
    "controller": "Example County Council",
    "legal_bases": "Children Act 1989, s.34.\nArticle 6(1)(e) and 9(2)(g).",
    "processors": "Example Hosting Ltd runs the server.",
    "by": "Bo Lund",
    "entered_at": NOW,
}
DATA_PROTECTION: Context = {
    **STAFF,
    "versions": [_STATEMENT, _STATEMENT | {"version": 1}],
    "typed": _STATEMENT | {"assessed_on": "2026-01-05"},
    "may_write": True,
    "errors": [],
}
DATA_PROTECTION_EMPTY: Context = {
    **DATA_PROTECTION,
    "versions": [],
    "typed": dict.fromkeys(("assessed_on", "reference", "controller", "legal_bases", "processors"), ""),
    "errors": [{"field": "reference", "text": "Write where the assessment is kept."}],
}
DATA_PROTECTION_READ: Context = {**DATA_PROTECTION_EMPTY, "may_write": False, "errors": []}
