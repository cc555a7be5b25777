"""The demo's ``serve``: the same application, with a mail server inside that catches every message."""

import os
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Lock

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from contact_service import app, clock
from contact_service.pages.site import Caught, DemoDesk
from contact_service.settings import Settings, address

PASSWORD_VARIABLE = "DEMO_PASSWORD"  # noqa: S105  the name, not the password


class Mailbox:
    """An SMTP server's memory."""

    def __init__(self) -> None:
        self._caught: list[Caught] = []
        self._lock = Lock()

    def messages(self) -> list[Caught]:
        """Everything caught so far, oldest first."""
        with self._lock:
            return list(self._caught)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Keep a message."""
        message = message_from_bytes(envelope.original_content or b"", policy=policy.SMTP)
        assert isinstance(message, EmailMessage)
        words = message.get_body(("plain",))
        caught = Caught(
            to=str(message["To"]),
            subject=str(message["Subject"]),
            text=words.get_content() if words is not None else "",
            at=clock.utc_now(),
        )
        with self._lock:
            self._caught.append(caught)
        return "250 Kept"


def run(settings: Settings) -> None:
    """Serve the demo until told to stop."""
    mailbox = Mailbox()
    host, port = address(settings.demo_smtp_listen)
    controller = Controller(mailbox, hostname=host, port=port)
    controller.start()
    try:
        desk = DemoDesk(password=os.environ.get(PASSWORD_VARIABLE, ""), messages=mailbox.messages)
        app.serve(settings, demo_desk=desk)
    finally:
        controller.stop()
