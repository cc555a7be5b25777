"""What fails for good by one channel goes by another that is safe, by each once, and the worker can ring in time."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service.audit.events import AuditEvent, EventType
from contact_service.follow_ups.actions import mark_done
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_about
from contact_service.jobs.composing import Post, Texting
from contact_service.jobs.letters import send_letters
from contact_service.jobs.receipts import ask_for_receipts
from contact_service.notifications.actions import queue
from contact_service.notifications.message import Medium, MessageKind, NewMessage, OutboxState, Queued
from contact_service.people.actions import channels
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse
from contact_service.people.queries.channels import channels_of
from contact_service.sms.providers import OwnGateway
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.jobs.conftest import Gateway, Office

At = tuple[Office, Post]
PHONE, SECOND_PHONE, LANDLINE = "+61 491 570 156", "+61 491 570 157", "020 7946 0000"
MAIL = "dana@demo.example"
ALWAYS, CALL_ONLY, NEVER = SafeRule(), SafeRule(use=SafeUse.CALL_ONLY), SafeRule(use=SafeUse.NEVER)


@pytest.fixture
def post(office: At, gateway: Gateway) -> Post:
    texting = Texting(provider=OwnGateway(url=f"{gateway.url}/sms", key="k"), country="GB")
    return replace(office[1], texting=texting)


def add(house: House, value: str, rule: SafeRule = ALWAYS, *, confirmed: bool = True) -> None:
    house.clock.forward(timedelta(seconds=1))  # what was added first is tried first
    kind = ChannelKind.EMAIL if "@" in value else ChannelKind.PHONE
    with house.work(house.cast.karim) as work:
        new = NewChannel(kind=kind, value=value, rule=rule, confirmed=confirmed)
        channels.add_channel(work, house.cast.dana, new)


@pytest.fixture
def dana(house: House) -> House:
    """Dana has a phone that takes text messages, and so far nothing else."""
    with house.work(house.cast.karim) as work:
        for old in channels_of(work, house.cast.dana):
            channels.end_channel(work, old.person, old.id)
    add(house, PHONE)
    return house


def invitation_of(house: House, visit: Visit) -> Queued:
    kind, dana = MessageKind.INVITATION, house.cast.dana
    return next(m for m in house.messages(visit) if m.kind is kind and m.person == dana)


def fails_at_the_phone(house: House, post: Post, gateway: Gateway) -> None:
    gateway.became = "failed"
    send_letters(house.installation, post)
    house.clock.forward(timedelta(seconds=30))
    ask_for_receipts(house.installation, post)


def letters_to_dana(office: At) -> int:
    return sum(envelope.rcpt_tos == [MAIL] for envelope in office[0].taken)


def rung_about(house: House, visit: Visit) -> int:
    with house.reading(house.cast.karim) as work:
        found = open_about(work, visit.id, FollowUpKind.NOT_REACHED)
    return sum(one.person == house.cast.dana for one in found)


def test_a_text_that_does_not_arrive_is_followed_by_a_letter_and_the_worker_hears_of_it(
    dana: House, post: Post, office: At, gateway: Gateway
) -> None:
    add(dana, MAIL)
    visit = dana.approved()
    fails_at_the_phone(dana, post, gateway)
    assert (letters_to_dana(office), rung_about(dana, visit)) == (0, 1)
    for _ in range(3):
        send_letters(dana.installation, post)
        dana.clock.forward(timedelta(minutes=10))
    message = invitation_of(dana, visit)
    assert (message.state, message.medium) == (OutboxState.SENT, Medium.EMAIL)
    assert (len(gateway.sent), letters_to_dana(office), rung_about(dana, visit)) == (1, 1, 1)
    assert dana.invitation(visit, dana.cast.dana).state.value == "sent"
    assert dana.history().count("message.failed") == 1


def test_an_address_that_is_refused_for_good_is_followed_by_a_text_message(
    dana: House, post: Post, office: At, gateway: Gateway
) -> None:
    office[0].answer = "550 no such mailbox"
    add(dana, MAIL)
    with dana.work(dana.cast.karim) as work:  # first the address, then the phone
        channels.end_channel(work, dana.cast.dana, channels_of(work, dana.cast.dana)[0].id)
    add(dana, PHONE)
    visit = dana.approved()
    for _ in range(2):
        send_letters(dana.installation, post)
    assert [row["to"] for row in gateway.sent] == ["+61491570156"]
    assert rung_about(dana, visit) == 1
    gateway.became = "delivered"
    dana.clock.forward(timedelta(seconds=30))
    ask_for_receipts(dana.installation, post)
    assert rung_about(dana, visit) == 0  # the phone has it


def test_when_every_way_has_failed_nothing_goes_twice_and_the_worker_is_asked_anew(
    dana: House, post: Post, office: At, gateway: Gateway
) -> None:
    add(dana, MAIL)
    visit = dana.approved()
    fails_at_the_phone(dana, post, gateway)
    with dana.work(dana.cast.karim) as work:
        [asked] = open_about(work, visit.id, FollowUpKind.NOT_REACHED)
        mark_done(work, asked.id, "not_needed")
    dana.clock.forward(timedelta(seconds=1))
    office[0].answer = "550 no such mailbox"
    for _ in range(4):
        send_letters(dana.installation, post)
        dana.clock.forward(timedelta(minutes=10))
    message = invitation_of(dana, visit)
    assert (message.state, message.told, len(message.failed_by)) == (OutboxState.FAILED, True, 2)
    assert (len(gateway.sent), rung_about(dana, visit)) == (1, 1)


@pytest.mark.parametrize(
    ("value", "rule"),
    [(MAIL, CALL_ONLY), (MAIL, NEVER), (SECOND_PHONE, CALL_ONLY), (SECOND_PHONE, None), (LANDLINE, ALWAYS)],
)
def test_no_second_way_is_one_that_is_not_safe(
    dana: House, post: Post, office: At, gateway: Gateway, value: str, rule: SafeRule | None
) -> None:
    """Without a rule it is a number of which nobody has confirmed whose it is."""
    add(dana, value, rule or ALWAYS, confirmed=rule is not None)
    visit = dana.approved()
    fails_at_the_phone(dana, post, gateway)
    send_letters(dana.installation, post)
    assert (letters_to_dana(office), len(gateway.sent)) == (0, 1)
    assert (invitation_of(dana, visit).state, rung_about(dana, visit)) == (OutboxState.FAILED, 1)


def test_a_second_way_waits_for_its_safe_hour(dana: House, post: Post, office: At, gateway: Gateway) -> None:
    """It is 13:00 where Dana is."""
    add(dana, MAIL, SafeRule(use=SafeUse.BETWEEN, earliest=15 * 60, latest=16 * 60))
    visit = dana.approved()
    fails_at_the_phone(dana, post, gateway)
    send_letters(dana.installation, post)
    assert (letters_to_dana(office), invitation_of(dana, visit).state) == (0, OutboxState.QUEUED)
    dana.clock.forward(timedelta(hours=2))
    send_letters(dana.installation, post)
    assert letters_to_dana(office) == 1


def test_a_second_way_that_is_safe_too_late_is_none(dana: House, post: Post, gateway: Gateway) -> None:
    """At noon of the day of the visit, that hour is over."""
    add(dana, MAIL, SafeRule(use=SafeUse.BETWEEN, earliest=10 * 60, latest=11 * 60))
    visit = dana.approved()
    dana.clock.forward(timedelta(days=1))
    fails_at_the_phone(dana, post, gateway)
    message = invitation_of(dana, visit)
    assert (message.state, rung_about(dana, visit)) == (OutboxState.FAILED, 1)


def test_the_same_number_written_down_twice_is_one_way(dana: House, post: Post, gateway: Gateway) -> None:
    add(dana, "0061 491 570 156")
    visit = dana.approved()
    fails_at_the_phone(dana, post, gateway)
    send_letters(dana.installation, post)
    assert (len(gateway.sent), invitation_of(dana, visit).state) == (1, OutboxState.FAILED)


def test_a_letter_that_only_ever_goes_by_e_mail_does_not_go_to_a_phone(
    dana: House, post: Post, office: At, gateway: Gateway
) -> None:
    add(dana, MAIL)
    visit = dana.approved()
    send_letters(dana.installation, post)
    sent = len(gateway.sent)
    office[0].answer = "550 no such mailbox"
    with dana.work(dana.cast.karim) as work:
        after = work.now + timedelta(days=1)
        copy = NewMessage(
            kind=MessageKind.CONSENT_COPY, visit=visit.id, person=dana.cast.dana, useless_after=after
        )
        queue(work, copy)
        work.record(AuditEvent(type=EventType.MESSAGE_SENT, reason="consent_copy"))
    for _ in range(2):
        send_letters(dana.installation, post)
    [failed] = [m for m in dana.messages(visit) if m.kind is MessageKind.CONSENT_COPY]
    assert (failed.state, len(gateway.sent)) == (OutboxState.FAILED, sent)
