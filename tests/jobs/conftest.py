"""A real mail server on this machine, and how letters leave through it."""

import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from contact_service.jobs.composing import Post
from contact_service.mail import MailServer
from contact_service.pages.rendering import web_dir


@dataclass
class Office:
    """Takes letters; answers with ``answer`` when it is told to refuse."""

    answer: str = ""
    taken: list[Envelope] = field(default_factory=list)
    offered: int = 0

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.offered += 1
        if self.answer:
            return self.answer
        self.taken.append(envelope)
        return "250 OK"

    def texts(self) -> list[bytes]:
        """The raw letters, in the order in which they came."""
        return [raw(envelope) for envelope in self.taken]


def raw(envelope: Envelope) -> bytes:
    """A letter as it came over the wire."""
    assert isinstance(envelope.content, bytes)
    return envelope.content


@pytest.fixture
def office() -> Iterator[tuple[Office, Post]]:
    keeper = Office()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(keeper, hostname="127.0.0.1", port=port)
    controller.start()
    yield keeper, post_through(port)
    controller.stop()


def post_through(port: int) -> Post:
    return Post(
        server=MailServer(host="127.0.0.1", port=port),
        sender="visits@tests.example",
        public_url="https://visits.example",
        messages_dir=Path(web_dir()) / "messages",
        help_name="the family time team",
        help_phone="01632 960000",
    )


@dataclass
class Gateway:
    """A provider of text messages that speaks as each of the real ones does; it answers with ``status`` where told to.

    ``silent``: it takes what it is told, and hangs up without a word.

    ``became`` is what it says of messages; ``asked`` is every request: method, path, headers, body.
    """

    status: int = 0
    silent: bool = False
    became: str = "delivered"
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    @property
    def sent(self) -> list[dict[str, str]]:
        """The bodies of what was handed over, forms and JSON alike."""
        return [_read(headers, body) for method, _, headers, body in self.asked if method == "POST"]


def _read(headers: dict[str, str], body: bytes) -> dict[str, str]:
    if headers["content-type"].startswith("application/json"):
        read: dict[str, str] = json.loads(body)
        return read
    return {name: values[0] for name, values in parse_qs(body.decode()).items()}


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    here = Gateway()

    class Door(BaseHTTPRequestHandler):
        def _answer(self, answer: dict[str, str]) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            here.asked.append((self.command, self.path, headers, body))
            if here.silent:
                self.close_connection = True
                return
            self.send_response(here.status or (201 if self.command == "POST" else 200))
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def do_POST(self) -> None:
            self._answer({"id": f"r{len(here.asked)}", "sid": f"SM{len(here.asked)}", "status": "queued"})

        def do_GET(self) -> None:
            self._answer({"status": here.became})

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    here.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield here
    server.shutdown()
    server.server_close()
    thread.join(5)
