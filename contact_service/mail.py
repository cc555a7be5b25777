"""Send messages through one SMTP server, and say whether a failure is permanent.

Headers are a fixed list: what is not in it is never sent, so nothing about one person reaches another by header.
"""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Self

from contact_service.errors import MessageNotAccepted

TIMEOUT_SECONDS = 10
_PERMANENT = range(500, 600)


class MailNotAccepted(MessageNotAccepted):
    """The mail server did not take the message."""


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """Where messages are handed over."""

    host: str
    port: int
    starttls: bool = False
    user: str = ""
    password: str = ""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One message to one person."""

    sender: str
    recipient: str
    subject: str
    text: str
    message_id: str
    sent_at: datetime
    calendar: "CalendarFile | None" = None


@dataclass(frozen=True, kw_only=True)
class CalendarFile:
    """An iCalendar file that goes with a letter, and its METHOD (RFC 6047, section 2.4)."""

    content: bytes
    method: str


class MailLink:
    """One connection to a mail server for many letters, made when the first one goes.

    ``is_reachable`` turns false for good when no connection can be made: whoever has more letters tries later.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._smtp: smtplib.SMTP | None = None
        self.is_reachable = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._smtp.quit()
        self._smtp = None

    def hand_over(self, letter: Letter) -> MailNotAccepted | None:
        """Hand over one letter; None, or why it was not accepted."""
        try:
            raw = message_bytes(letter)
            smtp = self._connected()
        except MailNotAccepted as refused:
            return refused
        try:
            smtp.sendmail(letter.sender, [letter.recipient], raw)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            if isinstance(error, (OSError, smtplib.SMTPServerDisconnected)):
                self._drop()
            return _not_accepted(error)
        return None

    def _connected(self) -> smtplib.SMTP:
        """The connection, made now when there is none; raises ``MailNotAccepted`` when no server takes letters."""
        if self._smtp is not None:
            return self._smtp
        try:
            self._smtp = smtplib.SMTP(self._server.host, self._server.port, timeout=TIMEOUT_SECONDS)
            if self._server.starttls:
                self._smtp.starttls(context=ssl.create_default_context())
            if self._server.user:
                self._smtp.login(self._server.user, self._server.password)
        except (OSError, smtplib.SMTPException) as error:
            self.is_reachable = False
            self._drop()
            raise MailNotAccepted(type(error).__name__, permanent=False, unreachable=True) from None
        return self._smtp

    def _drop(self) -> None:
        """Let go of a connection that is of no use any more; the next letter makes another."""
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def message_bytes(letter: Letter) -> bytes:
    """The raw message.  Raises ``MailNotAccepted`` when a field would break a header."""
    for field in (letter.sender, letter.recipient, letter.subject, letter.message_id):
        # Python 3.11's email lets an encoded word carry a header break; nothing of that kind may pass.
        if any(ord(c) < ord(" ") or c in "\x7f\u2028\u2029\u0085" for c in field) or "=?" in field:
            raise MailNotAccepted("A field of the message has a control character.", permanent=True)
    message = EmailMessage(policy=SMTP)
    message["From"] = letter.sender
    message["To"] = letter.recipient
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.sent_at)
    message["Message-ID"] = letter.message_id
    message.set_content(letter.text, cte="quoted-printable")
    if letter.calendar is not None:
        message.add_attachment(
            letter.calendar.content.decode(),
            subtype="calendar",
            charset="utf-8",
            cte="quoted-printable",
            filename="appointment.ics",
            params={"method": letter.calendar.method},
        )
        # Its boundary would be made from the clock and chance; ours is the same each time the letter is written.
        message.set_boundary(f"=_{letter.message_id.strip('<>').partition('@')[0]}")
    return message.as_bytes()


def _not_accepted(error: Exception) -> MailNotAccepted:
    codes = [getattr(error, "smtp_code", 0)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    permanent = all(code in _PERMANENT for code in codes) or isinstance(error, ValueError)
    return MailNotAccepted(type(error).__name__, permanent=permanent)
