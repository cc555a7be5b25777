"""Tickets open exactly one door for thirty seconds."""

import base64
import json
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, strategies as st

from contact_service.protocol.errors import TicketRefused
from contact_service.protocol.rooms import Role
from contact_service.protocol.ticket import PREFIX, Ticket, open_ticket, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
NOW = 1_800_000_000_000
TICKET = Ticket(
    relay="relay-1",
    visit="aa" * 16,
    participant="bb" * 16,
    role=Role.FAMILY,
    generation=1,
    issued_at_ms=NOW,
    not_before_ms=NOW,
    expires_at_ms=NOW + 30_000,
    id="cc" * 16,
)


def opened(text: str, *, now_ms: int = NOW, relay: str = "relay-1", booted_at_ms: int = NOW - 1) -> Ticket:
    return open_ticket(text, KEY.public_key(), relay=relay, booted_at_ms=booted_at_ms, now_ms=now_ms)


def refusal(text: str, **changes: int | str) -> str:
    with pytest.raises(TicketRefused) as refused:
        opened(text, **changes)  # type: ignore[arg-type]
    return refused.value.code


def signed_claims(claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    signature = base64.urlsafe_b64encode(KEY.sign(PREFIX + body.encode())).rstrip(b"=").decode()
    return f"{body}.{signature}"


def test_a_signed_ticket_opens_and_says_what_was_signed() -> None:
    assert opened(sign(TICKET, KEY)) == TICKET


def test_time_and_place_are_checked() -> None:
    text = sign(TICKET, KEY)
    assert refusal(text, relay="relay-2") == "wrong_relay"
    assert refusal(text, booted_at_ms=NOW + 1) == "before_boot"
    assert refusal(text, now_ms=NOW - 2_001) == "too_early"
    assert refusal(text, now_ms=NOW + 30_000) == "expired"
    assert opened(text, now_ms=NOW + 29_999) == TICKET


def test_no_ticket_lives_longer_than_thirty_seconds_whatever_it_claims() -> None:
    text = sign(replace(TICKET, expires_at_ms=NOW + 3_600_000), KEY)
    assert refusal(text, now_ms=NOW + 30_000) == "expired"


def test_another_key_or_another_purpose_does_not_open() -> None:
    assert refusal(sign(TICKET, Ed25519PrivateKey.generate())) == "bad_signature"
    body = sign(TICKET, KEY).partition(".")[0]
    without_prefix = base64.urlsafe_b64encode(KEY.sign(body.encode())).rstrip(b"=").decode()
    assert refusal(f"{body}.{without_prefix}") == "bad_signature"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "turn"}, "wrong_type"),
        ({"v": 2}, "malformed"),
        ({"role": "observer"}, "malformed"),
        ({"generation": -1}, "malformed"),
        ({"issued_at_ms": 1.5}, "malformed"),
        ({"jwk": {}}, "malformed"),
        ({"visit": "../etc"}, "malformed"),
    ],
)
def test_signed_claims_of_another_form_are_refused(change: dict[str, object], code: str) -> None:
    claims = json.loads(base64.urlsafe_b64decode(sign(TICKET, KEY).partition(".")[0] + "=="))
    assert refusal(signed_claims(claims | change)) == code


def test_signed_text_that_is_no_object_is_refused() -> None:
    assert refusal(signed_claims([])) == "malformed"
    assert refusal(signed_claims("join")) == "malformed"


@given(st.data())
def test_a_ticket_with_any_one_character_changed_is_refused(data: st.DataObject) -> None:
    text = sign(TICKET, KEY)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters().filter(lambda c: c != text[at]))
    assert refusal(text[:at] + other + text[at + 1 :]) in {"malformed", "bad_signature"}


@given(st.text(max_size=3_000))
def test_any_text_is_refused_with_a_code(text: str) -> None:
    assert refusal(text) in {"malformed", "bad_signature"}
