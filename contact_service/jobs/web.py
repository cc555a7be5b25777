"""One careful question to an address that somebody typed: over TLS, to a host that anybody may reach, with bounds.

The host is looked up once, every number of it is judged, and the connection goes to a number that was judged: what a
name means cannot change in between.  A redirection is a new address, and judged as one.
"""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from contact_service.errors import BadInput
from contact_service.working_hours.addresses import clean_address, is_of_the_web
from contact_service.working_hours.calendar_file import LARGEST_BYTES
from contact_service.working_hours.errors import CalendarNotReadable

_SECONDS, _MOST_REDIRECTIONS, _PIECE = 20.0, 3, 65_536
_FOUND, _MOVED = 200, (301, 302, 303, 307, 308)
NO_ANSWER = "The address did not answer. Look whether it is still the right one."
NOT_FOUND = "The address answered that there is no calendar. Copy it again from the settings of the calendar."
NOT_OURS = "The address belongs to no host of the web, and we do not ask it."
TOO_FAR = "The address sent us on too often, or to an address that we do not ask."


def _numbers_of(host: str) -> list[str]:
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


@dataclass(frozen=True, kw_only=True)
class Web:
    """The web as it is asked; a test has one of its own, with a host and a certificate on this machine."""

    numbers_of: Callable[[str], Iterable[str]] = _numbers_of
    may_ask: Callable[[str], bool] = is_of_the_web
    port: int = 443
    trusted: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    seconds: float = _SECONDS

    def ask(self, address: str) -> bytes:
        """What the address answers, ``LARGEST_BYTES`` and one more at most; raises ``CalendarNotReadable``."""
        until = time.monotonic() + self.seconds
        for _ in range(_MOST_REDIRECTIONS + 1):
            try:
                answer, there = self._ask_once(address, until)
            except (OSError, http.client.HTTPException, UnicodeError):
                raise CalendarNotReadable(NO_ANSWER) from None
            if there is None:
                return answer
            try:
                address = clean_address(urljoin(address, there))
            except (BadInput, ValueError):  # a place that is no address at all
                break
        raise CalendarNotReadable(TOO_FAR)

    def _ask_once(self, address: str, until: float) -> tuple[bytes, str | None]:
        """The body, or where it went."""
        parts = urlsplit(address)
        host = parts.hostname or ""
        connection = http.client.HTTPSConnection(host, context=self.trusted)
        connection.sock = self.trusted.wrap_socket(
            self._connected(host, until), server_hostname=host, do_handshake_on_connect=False
        )
        # Every wait for a byte may be short, and all of them together long: then we hang up.
        watch = threading.Timer(_left(until), _hang_up, [connection.sock])
        watch.start()
        try:
            connection.sock.do_handshake()
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                "GET", path, headers={"Accept": "text/calendar", "User-Agent": "contact-service"}
            )
            response = connection.getresponse()
            if response.status in _MOVED:
                return b"", response.headers.get("Location", "")
            if response.status != _FOUND:
                raise CalendarNotReadable(NOT_FOUND)
            return _all_of(response, until), None
        finally:
            watch.cancel()
            connection.close()

    def _connected(self, host: str, until: float) -> socket.socket:
        numbers = list(self.numbers_of(host))
        if not numbers or not all(self.may_ask(number) for number in numbers):
            raise CalendarNotReadable(NOT_OURS)
        return socket.create_connection((numbers[0], self.port), timeout=_left(until))


def _all_of(response: http.client.HTTPResponse, until: float) -> bytes:
    """The body, cut where it is too much; raises ``TimeoutError`` where it was not all there in time."""
    pieces, size = [], 0
    while size <= LARGEST_BYTES and (piece := response.read1(_PIECE)):
        pieces.append(piece)
        size += len(piece)
    _left(until)
    return b"".join(pieces)[: LARGEST_BYTES + 1]


def _hang_up(line: ssl.SSLSocket) -> None:
    with contextlib.suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
