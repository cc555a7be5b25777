"""A real mail server on this machine, and how letters leave through it."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from contact_service.jobs.letters import Post
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
