"""Answers 429 to whoever asks for more than ``request_limits`` gives them, before anything else is done for them."""

import logging
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contact_service.identity.network import may_be_everybodys, network_of
from contact_service.pages import errors
from contact_service.request_limits.buckets import MOST_CALLERS, Buckets
from contact_service.request_limits.kinds import LIMITS, SHARED_TIMES, Budget, Kind, kind_of, shape_of
from contact_service.request_limits.known import KNOWN

logger = logging.getLogger(__name__)
FILES, API = "/static/", "/api/"
LINES_EVERY_SECONDS = 60.0
# What a door answers to somebody whom it does not know (any more).
_REFUSED = ([303], [401], [403])


def declared(routes: Iterable[BaseRoute], *, before: str = "") -> list[tuple[str, str]]:
    """Method and path of each of ``routes``, as it is declared, with ``before`` in front of it."""
    return [
        (method, before + one.path)
        for one in routes
        if isinstance(one, APIRoute)
        for method in one.methods or ()
    ]


def kinds_of(routes: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Kind]:
    """The kind of each method and shape of address; raises ``LookupError`` for a route without a limit."""
    return {(method, shape_of(route)): kind_of(method, route) for method, route in routes}


@dataclass(kw_only=True)
class RequestLimits:
    """ASGI middleware.  Sockets are passed on: what carries signals counts them itself.

    ``inside`` holds the pages, and in its state the kind of each route; ``api`` makes the answer to a request that is
    one too many.  ``times`` multiplies every limit.
    """

    app: ASGIApp
    inside: FastAPI
    api: Callable[[], Response]
    times: int = 1
    clock: Callable[[], float] = time.monotonic
    _kinds: Mapping[tuple[str, str], Kind] = field(init=False)
    _buckets: Buckets = field(default_factory=Buckets, init=False)
    _known: OrderedDict[int, str] = field(default_factory=OrderedDict, init=False)
    _refused: Counter[Kind] = field(default_factory=Counter, init=False)
    _said_at: dict[Kind, float] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._kinds = self.inside.state.request_kinds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on what is within the limits, and remember whom the doors found."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kind, seen = self._kind(scope), _showing(scope)
        who = self._known.get(seen)
        wait = self._wait(kind, scope, who=who, seen=seen)
        if wait:
            self._say(kind, who)
            await self._refusal(scope, wait)(scope, receive, send)
            return
        noted: list[str] = []
        scope[KNOWN] = noted
        answered: list[int] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered.append(message["status"])
            await send(message)

        await self.app(scope, receive, sending)
        self._remember(seen, noted, refused=answered[-1:] in _REFUSED)

    def _kind(self, scope: Scope) -> Kind:
        path: str = scope["path"]
        if path.startswith(FILES):
            return Kind.FILE
        return self._kinds.get((scope["method"], shape_of(path)), Kind.ELSEWHERE)

    def _wait(self, kind: Kind, scope: Scope, *, who: str | None, seen: int) -> int:
        limit, at = LIMITS[kind], self.clock()
        if who is not None:
            return self._buckets.take((kind, who), limit.person, at=at, times=self.times)
        if limit.network is None:
            return self._buckets.take((kind, seen), limit.person, at=at, times=self.times)
        return self._of_network(kind, limit.network, scope, at)

    def _of_network(self, kind: Kind, budget: Budget, scope: Scope, at: float) -> int:
        client = scope.get("client")
        address = client[0] if client else ""
        times = self.times * (SHARED_TIMES if may_be_everybodys(address) else 1)
        return self._buckets.take((kind, network_of(address)), budget, at=at, times=times)

    def _remember(self, seen: int, noted: list[str], *, refused: bool) -> None:
        """What a request showed says who it is until a door finds it untrue; then it is a stranger's again.

        What was wrong before a door looked, as a body that cannot be read, says nothing of whose it was.
        """
        if not noted:
            if refused:
                self._known.pop(seen, None)
            return
        self._known[seen] = noted[-1]
        self._known.move_to_end(seen)
        if len(self._known) > MOST_CALLERS:
            self._known.popitem(last=False)

    def _refusal(self, scope: Scope, wait: int) -> Response:
        answer = (
            self.api()
            if scope["path"].startswith(API)
            else errors.too_many(Request({**scope, "app": self.inside}))
        )
        answer.headers["Retry-After"] = str(wait)
        return answer

    def _say(self, kind: Kind, who: str | None) -> None:
        """One line a minute for each kind at most: how many were refused since the last, and one id."""
        self._refused[kind] += 1
        at = self.clock()
        if at - self._said_at.get(kind, -LINES_EVERY_SECONDS) >= LINES_EVERY_SECONDS:
            self._said_at[kind] = at
            more = {"kind": kind.value, "refused": self._refused.pop(kind), "one_of_them": who}
            logger.warning("requests were refused: too many", extra=more)


def _showing(scope: Scope) -> int:
    """A number for what a request shows of who it is, and where: one browser may be several people's doors.

    The number of one process and never written down, so that nobody makes two things with the same one.
    """
    # With a slash more, for what is asked of a server as a whole: "*".
    _, area, *rest = f"{scope['path']}/".split("/", 3)
    shown = tuple(value for name, value in scope["headers"] if name in (b"cookie", b"authorization"))
    return hash((area, rest[0] if rest and area == "v" else "", shown))
