"""Who carries messages in one turn: the mail server, and the provider of text messages where there is one."""

from contextlib import ExitStack
from datetime import datetime
from typing import Self

from contact_service.errors import MessageNotAccepted
from contact_service.jobs.composing import Post
from contact_service.mail import Letter, MailLink
from contact_service.notifications.message import Medium
from contact_service.sms.link import SmsLink
from contact_service.sms.message import Sms


class Carriers:
    """One connection to each, made when the first message goes."""

    def __init__(self, post: Post) -> None:
        self._mail = MailLink(post.server)
        self._sms = SmsLink(post.texting.provider) if post.texting is not None else None
        self._open = ExitStack()

    def __enter__(self) -> Self:
        self._open.enter_context(self._mail)
        if self._sms is not None:
            self._open.enter_context(self._sms)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def any_reachable(self) -> bool:
        """Whether anything may still leave in this turn."""
        return self._mail.is_reachable or (self._sms is not None and self._sms.is_reachable)

    @property
    def unreachable(self) -> frozenset[Medium]:
        """What nothing leaves by in this turn any more."""
        stands = {
            Medium.EMAIL: self._mail.is_reachable,
            Medium.DESK: self._mail.is_reachable,
            Medium.SMS: self._sms is None or self._sms.is_reachable,
        }
        return frozenset(medium for medium, reachable in stands.items() if not reachable)

    def hand_over(self, written: Letter | Sms, now: datetime) -> str | MessageNotAccepted:
        """Hand over one message: what it can be asked about by, empty for a letter; or why it was not accepted."""
        if isinstance(written, Letter):
            return self._mail.hand_over(written) or ""
        assert self._sms is not None
        return self._sms.hand_over(written, now)
