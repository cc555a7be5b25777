"""Send one message through one SMTP server, and say whether a failure is permanent.

Headers are a fixed list: what is not in it is never sent, so nothing about one person reaches another by header.
"""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from contact_service.errors import ContactServiceError

TIMEOUT_SECONDS = 10
_PERMANENT = range(500, 600)


class MailNotAccepted(ContactServiceError):
    """The mail server did not take the message."""

    def __init__(self, message: str, *, permanent: bool) -> None:
        """``permanent`` says that trying again cannot help."""
        super().__init__(message)
        self.permanent = permanent


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


def send(letters: Sequence[Letter], server: MailServer) -> list[MailNotAccepted | None]:
    """Hand over each letter; per letter None or why it was not accepted.  One connection for all."""
    try:
        with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS) as smtp:
            if server.starttls:
                smtp.starttls(context=ssl.create_default_context())
            if server.user:
                smtp.login(server.user, server.password)
            return [_hand_over(smtp, letter) for letter in letters]
    except (OSError, smtplib.SMTPException) as error:
        return [_not_accepted(error)] * len(letters)


def _hand_over(smtp: smtplib.SMTP, letter: Letter) -> MailNotAccepted | None:
    try:
        smtp.sendmail(letter.sender, [letter.recipient], message_bytes(letter))
    except (OSError, ValueError, smtplib.SMTPException, MailNotAccepted) as error:
        return _not_accepted(error)
    return None


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
    return message.as_bytes()


def _not_accepted(error: Exception) -> MailNotAccepted:
    if isinstance(error, MailNotAccepted):
        return error
    codes = [getattr(error, "smtp_code", 0)]
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
    permanent = all(code in _PERMANENT for code in codes) or isinstance(error, ValueError)
    return MailNotAccepted(f"{type(error).__name__}", permanent=permanent)
