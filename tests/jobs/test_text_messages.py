"""Text messages through a provider that answers over HTTP: once each, asked after, and a call where none arrives."""

import base64
import re
from dataclasses import replace
from datetime import timedelta

import jwt
import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_about
from contact_service.ids import PersonId
from contact_service.invitations.actions.opening import Device, Opened, redeem
from contact_service.jobs.composing import Post, Texting
from contact_service.jobs.letters import send_letters
from contact_service.jobs.receipts import RING_AFTER, ask_for_receipts
from contact_service.notifications.message import (
    LONGEST_WITHOUT_RECEIPT,
    Medium,
    MessageKind,
    OutboxState,
    Queued,
    wait_for_receipt,
)
from contact_service.people.actions import channels
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse
from contact_service.people.queries.channels import channels_of
from contact_service.sms.message import Mobile, mobile
from contact_service.sms.providers import GovUkNotify, OwnGateway, Provider, Twilio
from contact_service.visits.visit import Visit
from tests.cast import House, Phone
from tests.jobs.conftest import Gateway, Office

At = tuple[Office, Post]
MOBILE = "07700 900123"
KNOWN = "+61 491 570 156"  # given to nobody, but of the kind that mobiles have
ALWAYS = SafeRule()


def texting(post: Post, provider: Provider) -> Post:
    return replace(post, texting=Texting(provider=provider, country="GB"))


@pytest.fixture
def post(office: At, gateway: Gateway) -> Post:
    """Letters through the mail server, text messages through a gateway of one's own."""
    return texting(office[1], OwnGateway(url=f"{gateway.url}/sms", key="k"))


def reached_at(house: House, person: PersonId, value: str, rule: SafeRule = ALWAYS) -> None:
    """Somebody has this number or address, and nothing else."""
    kind = ChannelKind.EMAIL if "@" in value else ChannelKind.PHONE
    with house.work(house.cast.karim) as work:
        for old in channels_of(work, person):
            channels.end_channel(work, old.person, old.id)
        channels.add_channel(work, person, NewChannel(kind=kind, value=value, rule=rule, confirmed=True))


def of_dana(house: House, visit: Visit, kind: MessageKind = MessageKind.INVITATION) -> Queued:
    return next(m for m in house.messages(visit) if m.kind is kind and m.person == house.cast.dana)


@pytest.fixture
def visit(house: House) -> Visit:
    """Dana is reached by text message; the carer by e-mail."""
    reached_at(house, house.cast.dana, MOBILE)
    return house.approved()


def test_a_link_goes_to_the_phone_once_and_leads_to_its_reader(
    house: House, visit: Visit, post: Post, office: At, gateway: Gateway
) -> None:
    for _ in range(2):
        send_letters(house.installation, post)
    [sent] = gateway.sent
    secret = house.secret(visit, house.cast.dana)
    assert sent["to"] == "+447700900123"
    assert f"https://visits.example/v#{secret}" in sent["text"]
    assert not any(e.rcpt_tos[0].startswith("dana") for e in office[0].taken)
    message = of_dana(house, visit)
    assert (message.state, message.medium, message.delivered_at) == (OutboxState.SENT, Medium.SMS, None)
    [(_, path, headers, _)] = gateway.asked
    assert (path, headers["authorization"], headers["idempotency-key"]) == ("/sms", "Bearer k", message.id)


def test_somebody_with_a_phone_alone_is_reminded_on_it(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    send_letters(house.installation, post)
    due = of_dana(house, visit, MessageKind.REMINDER).due_at
    house.clock.at = due
    send_letters(house.installation, post)
    assert [row["to"] for row in gateway.sent] == ["+447700900123"] * 2
    assert "soon" in gateway.sent[1]["text"]
    assert f"/v#{house.secret(visit, house.cast.dana)}" in gateway.sent[1]["text"]


@pytest.mark.usefixtures("visit")
def test_a_text_message_names_nobody_else_and_fits_in_two(house: House, post: Post, gateway: Gateway) -> None:
    send_letters(house.installation, post)
    told = gateway.sent[0]["text"]
    words = re.sub(r"/v#\S+", "", told).lower()
    for hidden in ("marlowe", "okafor", "mia", "viktor", house.cast.case, "contact", "placement"):
        assert hidden not in words
    assert told.isascii()
    assert len(told) <= 2 * 153  # of the seven-bit alphabet, GSM 03.38, in a message of several parts


def test_it_is_asked_after_until_it_has_arrived(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.became = "sending"
    send_letters(house.installation, post)
    ask_for_receipts(house.installation, post)
    assert len(gateway.asked) == 1  # not at once
    house.clock.forward(timedelta(seconds=30))
    for _ in range(2):
        ask_for_receipts(house.installation, post)
    assert [row[:2] for row in gateway.asked[1:]] == [("GET", "/sms/r0")]
    gateway.became = "delivered"
    house.clock.forward(timedelta(seconds=30))
    ask_for_receipts(house.installation, post)
    assert of_dana(house, visit).delivered_at == house.clock.at
    assert house.history().count("message.delivered") == 1
    house.clock.forward(timedelta(days=1))
    ask_for_receipts(house.installation, post)
    assert len(gateway.asked) == 3


def asked_to_ring(house: House, visit: Visit) -> int:
    with house.reading(house.cast.karim) as work:
        return len(open_about(work, visit.id, FollowUpKind.NOT_REACHED))


def test_what_did_not_arrive_is_told_to_the_worker_who_can_ring(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.became = "failed"
    send_letters(house.installation, post)
    house.clock.forward(timedelta(seconds=30))
    for _ in range(2):
        ask_for_receipts(house.installation, post)
    assert of_dana(house, visit).state is OutboxState.FAILED
    assert asked_to_ring(house, visit) == 1
    assert house.history().count("message.failed") == 1
    assert house.invitation(visit, house.cast.dana).state.value == "failed"


def test_a_phone_that_stays_off_is_rung_after_an_hour_and_not_when_the_message_came_after_all(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.became = "sending"
    send_letters(house.installation, post)
    for _ in range(12):
        house.clock.forward(RING_AFTER / 10)
        ask_for_receipts(house.installation, post)
    assert asked_to_ring(house, visit) == 1
    gateway.became = "delivered"
    house.clock.forward(timedelta(minutes=10))
    ask_for_receipts(house.installation, post)
    assert asked_to_ring(house, visit) == 0


def test_a_number_that_the_provider_does_not_take_is_given_up_and_told(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.status = 400
    send_letters(house.installation, post)
    message = of_dana(house, visit)
    assert (message.state, message.error, message.told) == (OutboxState.FAILED, "HTTP 400", True)


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503, 302])
def test_what_may_pass_is_tried_again(
    house: House, visit: Visit, post: Post, gateway: Gateway, status: int
) -> None:
    gateway.status = status
    send_letters(house.installation, post)
    assert of_dana(house, visit).state is OutboxState.QUEUED
    gateway.status = 0
    house.clock.forward(timedelta(seconds=5))
    send_letters(house.installation, post)
    assert of_dana(house, visit).state is OutboxState.SENT
    assert len({row["id"] for row in gateway.sent}) == 1


def test_a_provider_that_is_gone_keeps_no_letter_and_loses_no_text_message(
    house: House, visit: Visit, post: Post, office: At, gateway: Gateway
) -> None:
    gone = texting(post, OwnGateway(url="http://127.0.0.1:1/sms", key="k"))
    send_letters(house.installation, gone)
    assert len(office[0].taken) == 3  # everybody else's
    message = of_dana(house, visit)
    assert (message.state, message.attempts) == (OutboxState.QUEUED, 0)
    send_letters(house.installation, post)
    assert len(gateway.sent) == 1


@pytest.mark.usefixtures("visit")
def test_a_mail_server_that_is_gone_keeps_no_text_message(house: House, post: Post, gateway: Gateway) -> None:
    send_letters(house.installation, replace(post, server=replace(post.server, port=1)))
    assert len(gateway.sent) == 1


def test_without_a_provider_a_phone_gets_nothing_and_the_worker_is_told(
    house: House, visit: Visit, office: At
) -> None:
    send_letters(house.installation, office[1])
    message = of_dana(house, visit)
    assert (message.state, message.error, message.told) == (OutboxState.FAILED, "no_safe_channel", True)


@pytest.mark.parametrize("value", ["020 7946 0000", "+44 161 496 0000"])
def test_a_landline_gets_no_text_message(house: House, post: Post, gateway: Gateway, value: str) -> None:
    reached_at(house, house.cast.dana, value)
    house.approved()
    send_letters(house.installation, post)
    assert gateway.asked == []


@pytest.mark.parametrize("use", [SafeUse.CALL_ONLY, SafeUse.NEVER])
def test_a_phone_that_must_not_be_written_to_is_not(
    house: House, post: Post, gateway: Gateway, use: SafeUse
) -> None:
    reached_at(house, house.cast.dana, MOBILE, SafeRule(use=use))
    house.approved()
    send_letters(house.installation, post)
    assert gateway.asked == []


def test_a_number_that_nobody_confirmed_gets_no_link(house: House, post: Post, gateway: Gateway) -> None:
    """Also not in the hours in which the address that was confirmed is not safe."""
    mornings = SafeRule(use=SafeUse.BETWEEN, earliest=9 * 60, latest=10 * 60)
    reached_at(house, house.cast.dana, "dana@demo.example", mornings)
    with house.work(house.cast.karim) as work:
        channels.add_channel(work, house.cast.dana, NewChannel(kind=ChannelKind.PHONE, value=KNOWN))
    visit = house.approved()
    send_letters(house.installation, post)
    assert gateway.asked == []
    assert of_dana(house, visit).state is OutboxState.QUEUED


def test_a_phone_that_sleeps_does_not_hold_up_a_letter(
    house: House, post: Post, office: At, gateway: Gateway
) -> None:
    reached_at(house, house.cast.dana, KNOWN)
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.EMAIL, value="dana@demo.example", confirmed=True)
        channels.add_channel(work, house.cast.dana, new)
    house.clock.at = house.clock.at.replace(hour=22)
    house.approved(wall_start=house.wish().wall_start + timedelta(days=1))
    send_letters(house.installation, post)
    assert gateway.asked == []
    assert any(e.rcpt_tos == ["dana@demo.example"] for e in office[0].taken)


def test_what_may_have_left_goes_once_more_and_then_somebody_rings(
    house: House, visit: Visit, office: At, gateway: Gateway
) -> None:
    """Twilio and Notify send again whatever they are asked again."""
    post = texting(office[1], Twilio(account="AC1", token="t", sender="MG1", url=gateway.url))
    gateway.silent = True
    for _ in range(5):
        send_letters(house.installation, post)
        house.clock.forward(timedelta(minutes=10))
    assert len(gateway.sent) == 2
    message = of_dana(house, visit)
    assert (message.state, message.told) == (OutboxState.UNKNOWN, True)


def test_a_gateway_that_sends_once_is_asked_until_it_answers(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.silent = True
    for _ in range(4):
        send_letters(house.installation, post)
        house.clock.forward(timedelta(minutes=10))
    gateway.silent = False
    send_letters(house.installation, post)
    assert len(gateway.sent) == 5
    assert len({row["id"] for row in gateway.sent}) == 1
    assert of_dana(house, visit).state is OutboxState.SENT


def test_however_many_texts_wait_for_a_provider_that_is_gone_letters_leave(
    house: House, post: Post, office: At
) -> None:
    reached_at(house, house.cast.dana, MOBILE)
    gone = texting(post, OwnGateway(url="http://127.0.0.1:1/sms", key="k"))
    for days in (1, 2, 5):
        house.approved(wall_start=house.wish().wall_start + timedelta(days=days))
    for _ in range(2):
        send_letters(house.installation, gone)
    assert sum(e.rcpt_tos == ["ines@demo.example"] for e in office[0].taken) == 3


@pytest.mark.parametrize("became", ["failed", "sending"])
def test_nobody_is_asked_to_ring_whoever_has_come_by_the_link(
    house: House, visit: Visit, post: Post, gateway: Gateway, became: str
) -> None:
    gateway.became = became
    send_letters(house.installation, post)
    house.clock.at = visit.starts_at - timedelta(minutes=10)
    house.opened(visit)
    with house.as_actor(actor.NOBODY) as work:
        device = Device(key=Phone().key, cookies={}, address="192.0.2.1")
        assert isinstance(redeem(work, house.secret(visit, house.cast.dana), device), Opened)
    ask_for_receipts(house.installation, post)
    assert asked_to_ring(house, visit) == 0


def test_nobody_is_asked_to_ring_about_a_visit_that_is_over(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    gateway.became = "sending"
    send_letters(house.installation, post)
    house.clock.at = visit.ends_at + timedelta(hours=1)
    for _ in range(2):
        ask_for_receipts(house.installation, post)
        house.clock.forward(timedelta(hours=1))
    assert asked_to_ring(house, visit) == 0
    assert len(gateway.asked) == 2  # and it is not asked after any more


def test_what_a_network_only_took_over_makes_nobody_ring(
    house: House, visit: Visit, office: At, gateway: Gateway
) -> None:
    """Some networks never say that a message arrived."""
    post = texting(office[1], Twilio(account="AC1", token="t", sender="MG1", url=gateway.url))
    gateway.became = "sent"
    send_letters(house.installation, post)
    for _ in range(12):
        house.clock.forward(RING_AFTER / 10)
        ask_for_receipts(house.installation, post)
    assert asked_to_ring(house, visit) == 0
    assert of_dana(house, visit).state is OutboxState.SENT


def test_no_phone_beeps_at_night(house: House, visit: Visit, post: Post, gateway: Gateway) -> None:
    house.clock.at = house.clock.at.replace(hour=23)
    send_letters(house.installation, post)
    assert gateway.asked == []
    assert of_dana(house, visit).state is OutboxState.QUEUED
    house.clock.forward(timedelta(hours=9))
    send_letters(house.installation, post)
    assert of_dana(house, visit).state is OutboxState.SENT


def test_twilio_is_spoken_to_as_it_asks(house: House, visit: Visit, office: At, gateway: Gateway) -> None:
    post = texting(office[1], Twilio(account="AC1", token="t", sender="MG1", url=gateway.url))
    send_letters(house.installation, post)
    house.clock.forward(timedelta(minutes=1))
    gateway.became = "undelivered"
    ask_for_receipts(house.installation, post)
    (_, path, headers, _), (_, asked, _, _) = gateway.asked
    assert path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")) == b"AC1:t"
    assert set(gateway.sent[0]) == {"To", "Body", "MessagingServiceSid"}
    assert asked == "/2010-04-01/Accounts/AC1/Messages/SM0.json"
    assert of_dana(house, visit).state is OutboxState.FAILED


def test_notify_is_spoken_to_as_it_asks(house: House, visit: Visit, office: At, gateway: Gateway) -> None:
    service, secret = "26785a09-ab16-4eb0-8407-a37497a57506", "3d844edf-8d35-48ac-975b-e847b4f122b0"
    key = f"a name-{service}-{secret}"
    post = texting(office[1], GovUkNotify(key=key, template="t1", url=gateway.url))
    send_letters(house.installation, post)
    house.clock.forward(timedelta(minutes=1))
    gateway.became = "permanent-failure"
    ask_for_receipts(house.installation, post)
    (_, path, headers, _), (_, asked, _, _) = gateway.asked
    assert (path, asked) == ("/v2/notifications/sms", "/v2/notifications/r0")
    token = headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(token, secret, algorithms=["HS256"], options={"verify_iat": False})
    assert claims["iss"] == service
    [sent] = gateway.sent
    assert (sent["phone_number"], sent["template_id"]) == ("+447700900123", "t1")
    assert sent["reference"] == of_dana(house, visit).id
    assert of_dana(house, visit).state is OutboxState.FAILED


def test_a_gateway_without_receipts_is_asked_once(
    house: House, visit: Visit, post: Post, gateway: Gateway
) -> None:
    send_letters(house.installation, post)
    gateway.status = 404
    for _ in range(3):
        house.clock.forward(timedelta(hours=1))
        ask_for_receipts(house.installation, post)
    assert len(gateway.asked) == 2
    assert of_dana(house, visit).state is OutboxState.SENT


def test_no_table_holds_a_number_or_a_link(house: House, visit: Visit, post: Post) -> None:
    send_letters(house.installation, post)
    with house.installation.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM outbox")).all()
    assert "900123" not in repr(rows)
    assert house.secret(visit, house.cast.dana) not in repr(rows)


@pytest.mark.parametrize(
    ("value", "country", "found"),
    [
        ("+61 491 570 156", "GB", Mobile(number="+61491570156", known=True)),
        ("0491 570 156", "AU", Mobile(number="+61491570156", known=True)),
        ("(212) 555-2368", "US", Mobile(number="+12125552368", known=True)),
        ("07700 900123", "GB", Mobile(number="+447700900123", known=False)),  # of no network: for films
        ("020 7946 0000", "GB", None),
        ("030 123456", "DE", None),
        ("0800 496 0000", "GB", None),
        ("12", "GB", None),
        ("", "GB", None),
    ],
)
def test_which_numbers_take_text_messages(value: str, country: str, found: Mobile | None) -> None:
    assert mobile(value, country) == found


def test_a_number_that_stands_in_no_list_comes_after_an_address(
    house: House, post: Post, office: At, gateway: Gateway
) -> None:
    reached_at(house, house.cast.dana, MOBILE)
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=ChannelKind.EMAIL, value="dana@demo.example", confirmed=True)
        channels.add_channel(work, house.cast.dana, new)
    house.approved()
    send_letters(house.installation, post)
    assert gateway.asked == []
    assert any(e.rcpt_tos == ["dana@demo.example"] for e in office[0].taken)


def test_a_receipt_is_asked_for_ever_more_rarely_and_not_for_ever() -> None:
    assert wait_for_receipt(timedelta()) == timedelta(seconds=30)
    assert wait_for_receipt(timedelta(minutes=4)) == timedelta(minutes=2)
    assert wait_for_receipt(timedelta(hours=9)) == timedelta(minutes=10)
    assert wait_for_receipt(LONGEST_WITHOUT_RECEIPT) is None
