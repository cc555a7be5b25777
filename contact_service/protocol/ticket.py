"""Tickets: signed by the API, checked by a relay offline, good for one join within 30 seconds.

Text form: base64url(JSON claims) "." base64url(Ed25519 signature over PREFIX and the first part), no padding.
That a ticket works once is the relay's memory, not this module's.
"""

import base64
import binascii
import json
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contact_service.protocol.errors import ProtocolError, TicketRefused
from contact_service.protocol.fields import NAME, Fields
from contact_service.protocol.rooms import Role

PREFIX = b"contact-service/ticket/1\n"
LIFETIME_MS = 30_000
EARLY_MS = 2_000
"""How far the API's clock may run ahead of the relay's."""
_LIMIT = 2_048


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One participant may open one leg in one visit on one relay; Unix milliseconds, end excluded."""

    relay: str
    visit: str
    participant: str
    role: Role
    generation: int
    issued_at_ms: int
    not_before_ms: int
    expires_at_ms: int
    id: str


def sign(ticket: Ticket, private_key: Ed25519PrivateKey) -> str:
    """``ticket`` as text that only the holder of ``private_key`` can make."""
    claims = {"v": 1, "type": "join"} | asdict(ticket)
    body = _encode(json.dumps(claims, separators=(",", ":")).encode())
    return f"{body}.{_encode(private_key.sign(PREFIX + body.encode()))}"


def open_ticket(
    text: str, public_key: Ed25519PublicKey, *, relay: str, booted_at_ms: int, now_ms: int
) -> Ticket:
    """The claims of ``text`` if they hold here and now; raise ``TicketRefused`` with its code otherwise.

    The signature is checked before anything inside is looked at.
    """
    ticket = _claims(_verified(text, public_key))
    if ticket.relay != relay:
        raise TicketRefused("wrong_relay")
    if ticket.issued_at_ms < booted_at_ms:
        raise TicketRefused("before_boot")
    if now_ms < ticket.not_before_ms - EARLY_MS:
        raise TicketRefused("too_early")
    if now_ms >= min(ticket.expires_at_ms, ticket.issued_at_ms + LIFETIME_MS):
        raise TicketRefused("expired")
    return ticket


def _verified(text: str, public_key: Ed25519PublicKey) -> str:
    body, dot, signature = text.partition(".")
    if not dot or len(text) > _LIMIT:
        raise TicketRefused("malformed")
    try:
        public_key.verify(_decode(signature), PREFIX + body.encode("utf-8", "surrogatepass"))
    except InvalidSignature:
        raise TicketRefused("bad_signature") from None
    return _decode(body).decode("utf-8", "replace")


def _claims(text: str) -> Ticket:
    try:
        fields = Fields.of_text(text, limit=_LIMIT)
        fields.integer("v", least=1, most=1)
        kind = fields.text("type", limit=20)
        ticket = _ticket(fields)
    except ProtocolError:
        raise TicketRefused("malformed") from None
    if kind != "join":
        raise TicketRefused("wrong_type")
    return ticket


def _ticket(fields: Fields) -> Ticket:
    ticket = Ticket(
        relay=fields.matching("relay", NAME),
        visit=fields.identifier("visit"),
        participant=fields.identifier("participant"),
        role=fields.member("role", Role),
        generation=fields.integer("generation"),
        issued_at_ms=fields.integer("issued_at_ms"),
        not_before_ms=fields.integer("not_before_ms"),
        expires_at_ms=fields.integer("expires_at_ms"),
        id=fields.identifier("id"),
    )
    fields.end()
    return ticket


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise TicketRefused("malformed") from None
    if _encode(raw) != text:
        raise TicketRefused("malformed")
    return raw
