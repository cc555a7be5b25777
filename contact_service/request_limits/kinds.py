"""Which kind of request a route is, and how often each kind may be asked.  Source: ASVS 5.0, 2.4.1.

Whoever is known (an account, the device of a link, a service account) is counted by themselves, wherever they sit;
everybody else by the network that they come from.  So a stranger never spends what somebody who is signed in needs.
"""

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is asked for."""

    SAFETY = "safety"
    ROOM = "room"
    LINK = "link"
    DOOR = "door"
    PAGE = "page"
    CHANGE = "change"
    SEARCH = "search"
    EXPORT = "export"
    API_READ = "api_read"
    API_CHANGE = "api_change"
    FILE = "file"
    HEALTH = "health"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, kw_only=True)
class Budget:
    """``at_once`` requests in one go, and ``a_minute`` in the long run."""

    at_once: int
    a_minute: int


@dataclass(frozen=True, kw_only=True)
class Limit:
    """For one caller who is known, and for all others of one network together.

    ``network`` is None where somebody who is not known yet is never counted with others: only as themselves.
    """

    person: Budget
    network: Budget | None


LIMITS: dict[Kind, Limit] = {
    # What makes a visit safer is cut for nobody: ten a second are more than hands can press.
    Kind.SAFETY: Limit(person=Budget(at_once=600, a_minute=600), network=None),
    # The room of a visit asks once a second how things stand, on every device that shows it.
    Kind.ROOM: Limit(
        person=Budget(at_once=600, a_minute=1_200), network=Budget(at_once=3_000, a_minute=6_000)
    ),
    # A mobile carrier, or a contact centre, is one address for all who open a link there; each secret and code that
    # is tried is counted by a limit of its own, which refuses no right one (security design, 1.3).
    Kind.LINK: Limit(person=Budget(at_once=300, a_minute=300), network=Budget(at_once=6_000, a_minute=6_000)),
    # So is an office for all who sign in there; wrong passwords are counted by themselves.
    Kind.DOOR: Limit(person=Budget(at_once=300, a_minute=300), network=Budget(at_once=3_000, a_minute=3_000)),
    Kind.PAGE: Limit(person=Budget(at_once=300, a_minute=300), network=Budget(at_once=600, a_minute=600)),
    Kind.CHANGE: Limit(person=Budget(at_once=200, a_minute=120), network=Budget(at_once=300, a_minute=300)),
    Kind.SEARCH: Limit(person=Budget(at_once=120, a_minute=120), network=Budget(at_once=60, a_minute=60)),
    Kind.EXPORT: Limit(person=Budget(at_once=20, a_minute=20), network=Budget(at_once=20, a_minute=20)),
    Kind.API_READ: Limit(
        person=Budget(at_once=600, a_minute=1_200), network=Budget(at_once=300, a_minute=300)
    ),
    Kind.API_CHANGE: Limit(
        person=Budget(at_once=300, a_minute=600), network=Budget(at_once=300, a_minute=300)
    ),
    Kind.FILE: Limit(
        person=Budget(at_once=3_000, a_minute=6_000), network=Budget(at_once=3_000, a_minute=6_000)
    ),
    Kind.HEALTH: Limit(person=Budget(at_once=600, a_minute=600), network=Budget(at_once=600, a_minute=600)),
    # What is no route at all.
    Kind.ELSEWHERE: Limit(
        person=Budget(at_once=300, a_minute=300), network=Budget(at_once=300, a_minute=300)
    ),
}
# An address of this machine or network may be a proxy's, for all who come: strangers there have this many times more.
SHARED_TIMES = 20

_ROUTES: tuple[tuple[str, Kind], ...] = (
    (r"(GET|POST) /v/{}/withdraw", Kind.SAFETY),
    (r"POST /w/visit/{}/room/(end|emergency)", Kind.SAFETY),
    (r"POST (/w/visit|/api/v1/visits)/{}/cancel", Kind.SAFETY),
    (r"POST (/w/child|/api/v1/children)/{}/(restrictions?|consents?)", Kind.SAFETY),
    (r"(GET|POST) /v/{}/.*", Kind.ROOM),
    (r"(GET|POST) /w/visit/{}/room(/.*)?", Kind.ROOM),
    (r"(GET|POST) (/v|/code|/v/(open|code|choice.*|answer.*))", Kind.LINK),
    (r"(GET|POST) (/w/(sign-in|first-run).*|/w/sign-out)", Kind.DOOR),
    (r"GET (/w/case/{}/history\.(csv|json)|/api/v1/cases/{}/history|/w/log)", Kind.EXPORT),
    (r"POST (/w/book/(times|filled)|/w/series/{}/from/{}/check|/w/child/{}/people/known)", Kind.SEARCH),
    (r"(GET|POST) /w/why", Kind.SEARCH),
    (r"GET /w/visit/{}/repair(/sure)?", Kind.SEARCH),
    (r"POST (/w/week/plan|/api/v1/plan-runs)", Kind.SEARCH),
    (r"GET /api/v1/(visits/(times|why-not|{}/repairs)|series/(check|{}/(longer|onward)))", Kind.SEARCH),
    (r"GET (/|/w/.*|/demo.*)", Kind.PAGE),
    (r"POST /w/.*", Kind.CHANGE),
    (r"GET /api/v1/.*", Kind.API_READ),
    (r"(POST|PUT) /api/v1/.*", Kind.API_CHANGE),
    (r"GET /healthz", Kind.HEALTH),
)
_RULES = tuple((re.compile(pattern.replace("{}", r"\{\}")), kind) for pattern, kind in _ROUTES)
_PARAMETER = re.compile(r"\{\w+\}")
# An id, a number, or a day: whatever stands in an address in place of a parameter.
_VALUE = re.compile(r"(?<=/)(?:[0-9a-f]{32}|[0-9]{1,9}|[0-9]{4}-[0-9]{2}-[0-9]{2})(?=/|$)", re.ASCII)


def kind_of(method: str, route: str) -> Kind:
    """The kind of a route, named as it is declared; raises ``LookupError`` where no rule names one."""
    asked = f"{method} {_PARAMETER.sub('{}', route)}"
    for pattern, kind in _RULES:
        if pattern.fullmatch(asked):
            return kind
    message = f"{asked} has no limit: say in request_limits/kinds.py what kind of request it is."
    raise LookupError(message)


def shape_of(path: str) -> str:
    """An address or a declared route, with {} for whatever differs from request to request."""
    return _VALUE.sub("{}", _PARAMETER.sub("{}", path) if "{" in path else path)
