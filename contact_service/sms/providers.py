"""The providers of text messages: an address of one's own, Twilio, and GOV.UK Notify.

Each says how a message is handed over and how its receipt is asked for.  What HTTP answers mean is the same for all.
Sources: Twilio Messages resource, API 2010-04-01; GOV.UK Notify REST API, version 2.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import quote

import httpx
import jwt

from contact_service.sms.message import Delivery, Sms, SmsNotAccepted

TWILIO = "https://api.twilio.com"
NOTIFY = "https://api.notifications.service.gov.uk"
_UUID = 36
_LONGEST_RECEIPT = 200
# Not of the message: our key is wrong, or we are too fast, or they are not well.  It may pass, or somebody mends it.
_MAY_PASS = frozenset({401, 402, 403, 407, 408, 425, 429})
_SERVER_ERRORS = 500
# Somebody in between got no answer in time, or a bad one.
_MAY_HAVE_LEFT = frozenset({502, 504})


class Provider(Protocol):
    """How text messages leave.  ``sends_once``: whatever has the same id is sent once, however often it is asked."""

    @property
    def sends_once(self) -> bool:
        """Whether asking again is safe."""

    def hand_over(self, client: httpx.Client, sms: Sms, now: datetime) -> str:
        """Hand one over, and return the provider's name for it; raises ``SmsNotAccepted``."""

    def ask(self, client: httpx.Client, receipt: str, now: datetime) -> Delivery:
        """What became of the message that the provider calls ``receipt``; raises ``SmsNotAccepted``."""


@dataclass(frozen=True, kw_only=True)
class OwnGateway:
    """Any service that takes JSON: ``POST url`` with ``id``, ``to``, ``text``; ``GET url/id`` answers ``status``.

    The id goes as Idempotency-Key too, which a gateway must honour: it is asked again when it does not answer.
    """

    url: str
    key: str
    sender: str = ""
    sends_once: bool = True

    def hand_over(self, client: httpx.Client, sms: Sms, now: datetime) -> str:  # noqa: ARG002  no clock in its key
        """As ``Provider`` says."""
        body = {"id": sms.message_id, "to": sms.recipient, "text": sms.text}
        if self.sender:
            body["from"] = self.sender
        headers = self._headers() | {"Idempotency-Key": sms.message_id}
        answer = _answer(client, "POST", self.url, headers=headers, json=body)
        return _receipt(answer.get("id", sms.message_id))

    def ask(self, client: httpx.Client, receipt: str, now: datetime) -> Delivery:  # noqa: ARG002
        """As ``Provider`` says; a gateway without receipts answers 404, 405 or 501."""
        url = f"{self.url.rstrip('/')}/{quote(receipt, safe='')}"
        answer = _answer(
            client, "GET", url, headers=self._headers(), without_receipts=frozenset({404, 405, 501})
        )
        return _delivery(answer, delivered={"delivered"}, failed={"failed", "undelivered"})

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"} if self.key else {}


@dataclass(frozen=True, kw_only=True)
class Twilio:
    """``sender`` is a number, a name, or the SID of a messaging service (``MG...``)."""

    account: str
    token: str
    sender: str
    url: str = TWILIO
    sends_once: bool = False

    def hand_over(self, client: httpx.Client, sms: Sms, now: datetime) -> str:  # noqa: ARG002
        """As ``Provider`` says."""
        service = self.sender.startswith("MG")
        form = {
            "To": sms.recipient,
            "Body": sms.text,
            ("MessagingServiceSid" if service else "From"): self.sender,
        }
        answer = _answer(
            client, "POST", f"{self._messages()}.json", auth=(self.account, self.token), data=form
        )
        return _receipt(answer.get("sid"))

    def ask(self, client: httpx.Client, receipt: str, now: datetime) -> Delivery:  # noqa: ARG002
        """As ``Provider`` says."""
        url = f"{self._messages()}/{quote(receipt, safe='')}.json"
        answer = _answer(client, "GET", url, auth=(self.account, self.token))
        if answer.get("status") == "sent":
            return Delivery.HANDED_ON
        return _delivery(
            answer, delivered={"delivered", "read"}, failed={"failed", "undelivered", "canceled"}
        )

    def _messages(self) -> str:
        return f"{self.url.rstrip('/')}/2010-04-01/Accounts/{quote(self.account, safe='')}/Messages"


@dataclass(frozen=True, kw_only=True)
class GovUkNotify:
    """``template`` is a template of the service whose whole text is ``((body))``.

    ``key`` is an API key as Notify shows it: a name, the service's id and the secret, with hyphens between.
    """

    key: str
    template: str
    url: str = NOTIFY
    sends_once: bool = False

    def hand_over(self, client: httpx.Client, sms: Sms, now: datetime) -> str:
        """As ``Provider`` says."""
        body = {
            "phone_number": sms.recipient,
            "template_id": self.template,
            "personalisation": {"body": sms.text},
            "reference": sms.message_id,
        }
        url = f"{self.url.rstrip('/')}/v2/notifications/sms"
        return _receipt(_answer(client, "POST", url, headers=self._headers(now), json=body).get("id"))

    def ask(self, client: httpx.Client, receipt: str, now: datetime) -> Delivery:
        """As ``Provider`` says.  ``sent`` is all that is ever known of a number abroad."""
        url = f"{self.url.rstrip('/')}/v2/notifications/{quote(receipt, safe='')}"
        answer = _answer(client, "GET", url, headers=self._headers(now))
        if answer.get("status") == "sent":
            return Delivery.NO_RECEIPT
        failed = {"permanent-failure", "temporary-failure", "technical-failure", "validation-failed"}
        return _delivery(answer, delivered={"delivered"}, failed=failed)

    def _headers(self, now: datetime) -> dict[str, str]:
        service, secret = self.key[-2 * _UUID - 1 : -_UUID - 1], self.key[-_UUID:]
        token = jwt.encode({"iss": service, "iat": int(now.timestamp())}, secret, algorithm="HS256")
        return {"Authorization": f"Bearer {token}"}


def _answer(
    client: httpx.Client,
    method: str,
    url: str,
    *,
    without_receipts: frozenset[int] = frozenset(),
    **asked: Any,  # noqa: ANN401  httpx's own
) -> dict[str, Any]:
    """The JSON object that the provider answers; ``SmsNotAccepted`` says whether it may pass, never what was sent."""
    try:
        response = client.request(method, url, **asked)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise SmsNotAccepted(type(error).__name__, permanent=False, unreachable=True) from None
    except httpx.HTTPError as error:
        raise SmsNotAccepted(type(error).__name__, permanent=False, may_have_left=True) from None
    status = response.status_code
    if status in without_receipts:
        return {"status": Delivery.NO_RECEIPT}
    if not response.is_success:
        may_pass = status in _MAY_PASS or status >= _SERVER_ERRORS or response.is_redirect
        unknown = status in _MAY_HAVE_LEFT
        raise SmsNotAccepted(f"HTTP {status}", permanent=not may_pass, may_have_left=unknown)
    try:
        answer = response.json()
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _receipt(found: object) -> str:
    """The provider's name for a message; empty when it gave none that can be asked for."""
    return found if isinstance(found, str) and len(found) <= _LONGEST_RECEIPT and found.isprintable() else ""


def _delivery(answer: dict[str, Any], *, delivered: set[str], failed: set[str]) -> Delivery:
    status = answer.get("status")
    if status == Delivery.NO_RECEIPT:
        return Delivery.NO_RECEIPT
    if status in delivered:
        return Delivery.DELIVERED
    return Delivery.NOT_DELIVERED if status in failed else Delivery.PENDING
