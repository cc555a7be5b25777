"""One connection to a provider of text messages for as many as there are."""

from datetime import datetime
from typing import Self

import httpx

from contact_service.sms.message import Delivery, Sms, SmsNotAccepted
from contact_service.sms.providers import Provider

TIMEOUT_SECONDS = 10


class SmsLink:
    """TLS is checked, no redirection is followed, no proxy is taken from the environment.

    ``is_reachable`` turns false for good when no connection can be made, or a question is not answered: whoever has
    more messages tries later, and letters do not wait for it.
    """

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._client = httpx.Client(timeout=TIMEOUT_SECONDS, follow_redirects=False, trust_env=False)
        self.is_reachable = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def hand_over(self, sms: Sms, now: datetime) -> str | SmsNotAccepted:
        """Hand over one message: the provider's name for it, or why it was not accepted."""
        try:
            return self._provider.hand_over(self._client, sms, now)
        except SmsNotAccepted as refused:
            self._note(refused)
            if self._provider.sends_once:
                refused.may_have_left = False
            return refused

    def ask(self, receipt: str, now: datetime) -> Delivery | SmsNotAccepted:
        """What became of a message, or why the provider does not say."""
        try:
            return self._provider.ask(self._client, receipt, now)
        except SmsNotAccepted as refused:
            self._note(refused)
            return refused

    def _note(self, refused: SmsNotAccepted) -> None:
        if refused.unreachable or refused.may_have_left:
            self.is_reachable = False
