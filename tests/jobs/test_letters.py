"""Letters through a real mail server: once each, again while that can help, and then given up."""

import quopri
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes

import pytest
from sqlalchemy import text

from contact_service import actor
from contact_service.audit.events import AuditEvent, EventType
from contact_service.database import metadata
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.jobs import doors
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.keys import actions as keys
from contact_service.mail import Letter, MailLink, MailNotAccepted, message_bytes
from contact_service.notifications import actions as outbox, queries as notifications
from contact_service.notifications.message import MessageKind, OutboxState, Queued
from contact_service.people.actions import channels
from contact_service.people.channel import DAY_MINUTES, Channel, ChannelKind, SafeRule, SafeUse, to_bytes
from contact_service.people.queries.channels import channels_of
from contact_service.people.tables import ChannelRow
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit, VisitState
from contact_service.work import Work
from tests.cast import NOON, House
from tests.jobs.conftest import Office, raw

At = tuple[Office, Post]


def states(house: House) -> dict[str, int]:
    """How many messages stand where."""
    with house.installation.engine.connect() as connection:
        rows = connection.execute(text("SELECT state, count(*) FROM outbox GROUP BY state")).all()
    return dict(map(tuple, rows))


def invitations(house: House, visit: Visit) -> list[Queued]:
    return [m for m in house.messages(visit) if m.kind is MessageKind.INVITATION]


def test_every_message_is_sent_once_and_recorded(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    for _ in range(2):
        send_letters(house.installation, post)
    assert len(keeper.taken) == 4
    assert sorted(e.rcpt_tos[0].partition("@")[0] for e in keeper.taken) == ["dana", "ines", "karim", "priya"]
    assert states(house) == {"sent": 4, "queued": 4}  # and two reminders each to come
    assert house.history().count("invitation.sent") == 2
    assert house.invitation(visit, house.cast.dana).state.value == "sent"


def test_two_processes_send_every_message_once(house: House, office: At) -> None:
    keeper, post = office
    house.approved()
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(lambda _: send_letters(house.installation, post), range(2)))
    assert len(keeper.taken) == 4
    assert len({message_from_bytes(t)["Message-ID"] for t in keeper.texts()}) == 4


def test_the_link_leads_to_the_person_and_stands_in_no_table(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    send_letters(house.installation, post)
    secret = house.secret(visit, house.cast.dana)
    [letter] = [e for e in keeper.taken if e.rcpt_tos == ["dana@demo.example"]]
    assert f"https://visits.example/v#{secret}".encode() in quopri.decodestring(raw(letter))
    with house.installation.engine.connect() as connection:
        rows = [repr(tuple(r)) for t in metadata.tables.values() for r in connection.execute(t.select())]
    assert secret not in "".join(rows)


def test_a_letter_to_the_family_names_no_case_and_no_other_person(house: House, office: At) -> None:
    keeper, post = office
    house.approved()
    send_letters(house.installation, post)
    for envelope in keeper.taken:
        # A link is random letters, in which by chance a name may stand.
        words = re.sub(r"/v#\S+", "", quopri.decodestring(raw(envelope)).decode().lower())
        for hidden in ("marlowe", "okafor", "mia", "viktor", house.cast.case, "contact", "placement"):
            assert hidden not in words, (envelope.rcpt_tos, hidden)


def test_a_letter_names_the_place_of_a_clock_to_those_alone_who_live_there(house: House, office: At) -> None:
    """Every approver reads of a request, also who may not know where the child lives; so does the mother."""
    keeper, post = office
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE \"case\" SET zone = 'Asia/Kathmandu'"))
    house.approved(wall_start=house.wish().wall_start + timedelta(days=1))
    send_letters(house.installation, post)
    told = {e.rcpt_tos[0].partition("@")[0]: quopri.decodestring(raw(e)).decode() for e in keeper.taken}
    assert "16:00 (+0545)" in told["priya"]
    assert "16:00 (Nepal Time)" in told["ines"]
    assert "11:15 (BST)" in told["dana"]
    assert [name for name, words in told.items() if "Nepal" in words] == ["ines"]


def test_a_refusal_that_may_pass_is_tried_again_after_a_growing_wait(house: House, office: At) -> None:
    keeper, post = office
    house.requested()
    keeper.answer = "451 try later"
    for wait in (5, 10, 20):
        send_letters(house.installation, post)
        offered = keeper.offered
        house.clock.forward(timedelta(seconds=wait - 1))
        send_letters(house.installation, post)
        assert keeper.offered == offered
        house.clock.forward(timedelta(seconds=1))
    keeper.answer = ""
    send_letters(house.installation, post)
    assert states(house) == {"sent": 1}


def test_a_refusal_that_will_not_pass_is_given_up_at_once_and_recorded(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    keeper.answer = "550 no such person"
    send_letters(house.installation, post)
    assert states(house) == {"failed": 5, "queued": 4}  # also the one that tells the worker
    assert house.history().count("message.failed") == 5
    assert house.invitation(visit, house.cast.dana).state.value == "failed"
    doors.make_ready(house.installation)
    assert house.state(visit) is VisitState.APPROVED


def test_a_mail_server_that_is_gone_loses_nothing(house: House, office: At) -> None:
    keeper, post = office
    house.requested()
    send_letters(house.installation, replace(post, server=replace(post.server, port=1)))
    assert states(house) == {"queued": 1}
    house.clock.forward(timedelta(minutes=1))
    send_letters(house.installation, post)
    assert len(keeper.taken) == 1


def test_a_message_is_given_up_when_its_moment_has_passed(house: House, office: At) -> None:
    keeper, post = office
    visit = house.requested()
    house.clock.at = visit.ends_at
    send_letters(house.installation, post)
    assert (keeper.offered, states(house)) == (0, {"expired": 1})


def test_a_link_that_died_before_it_was_sent_never_leaves(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    send_letters(house.installation, post)
    assert not [t for t in keeper.texts() if b"/v#" in t]


def test_a_failed_message_is_sent_again_when_a_worker_asks(house: House, office: At) -> None:
    keeper, post = office
    visit = house.requested()
    keeper.answer = "550 no"
    send_letters(house.installation, post)
    keeper.answer = ""
    with house.work(house.cast.karim) as work:
        assert outbox.send_again(work, visit.id) == 1
    send_letters(house.installation, post)
    assert states(house) == {"sent": 1}


def test_one_address_that_breaks_a_header_stops_no_other_letter(house: House, office: At) -> None:
    keeper, post = office
    visit = house.approved()
    with house.as_actor(actor.SCHEDULE) as work:
        _rename(house, work)
    send_letters(house.installation, post)
    assert "dana" not in {e.rcpt_tos[0].partition("@")[0] for e in keeper.taken}
    assert len(keeper.taken) == 4  # the others, and one that tells the worker
    with house.reading(house.cast.karim) as work:
        found = notifications.messages_of(work, visit.id)
    assert [m.person for m in found if m.state is OutboxState.FAILED] == [house.cast.dana]


def _rename(house: House, work: Work) -> None:
    """As if the address had come in before channels were checked."""
    broken = to_bytes("dana@demo.example\r\nBcc: all@x.example", SafeRule())
    channel = email_of(work, house.cast.dana)
    row = work.session.get_one(ChannelRow, channel.id)
    row.sealed = keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=house.cast.dana,
        plaintext=broken,
        field="channel",
    )
    work.record(AuditEvent(type=EventType.PERSON_ADDED, case=house.cast.case))


def email_of(work: Work, person: PersonId) -> Channel:
    return next(c for c in channels_of(work, person) if c.kind is ChannelKind.EMAIL)


def rule(house: House, use: SafeUse, earliest: int = 0, latest: int = DAY_MINUTES) -> None:
    """Say when one may write to Dana."""
    with house.work(house.cast.karim) as work:
        channel = email_of(work, house.cast.dana)
        new = SafeRule(use=use, earliest=earliest, latest=latest)
        channels.change_rule(work, house.cast.dana, channel.id, new, confirmed=True)


def test_a_message_waits_for_an_hour_that_is_safe(house: House, office: At) -> None:
    keeper, post = office
    rule(house, SafeUse.BETWEEN, 18 * 60, 20 * 60)  # it is one in the afternoon in London
    visit = house.approved()
    send_letters(house.installation, post)
    assert "dana" not in {e.rcpt_tos[0].partition("@")[0] for e in keeper.taken}
    [waits] = [m for m in invitations(house, visit) if m.state is OutboxState.QUEUED]
    assert (waits.person, waits.attempts) == (house.cast.dana, 0)
    assert waits.due_at == house.clock.at + timedelta(hours=5)
    house.clock.forward(timedelta(hours=5))
    send_letters(house.installation, post)
    assert "dana" in {e.rcpt_tos[0].partition("@")[0] for e in keeper.taken}


@pytest.mark.parametrize(
    ("use", "earliest", "error"),
    [
        (SafeUse.CALL_ONLY, 0, "no_safe_channel"),
        (SafeUse.NEVER, 0, "no_safe_channel"),
        (SafeUse.BETWEEN, 22 * 60, "no_safe_hour"),
    ],
)
def test_a_message_that_is_safe_at_no_time_is_given_up_and_the_worker_sees_it(
    house: House, office: At, use: SafeUse, earliest: int, error: str
) -> None:
    keeper, post = office
    rule(house, use, earliest)
    visit = house.approved()
    house.clock.forward(timedelta(hours=26))  # an hour before the visit
    send_letters(house.installation, post)
    assert "dana" not in {e.rcpt_tos[0].partition("@")[0] for e in keeper.taken}
    [failed] = [m for m in invitations(house, visit) if m.state is OutboxState.FAILED]
    assert (failed.person, failed.error) == (house.cast.dana, error)
    assert house.invitation(visit, house.cast.dana).state.value == "failed"


LETTER = Letter(
    sender="visits@tests.example",
    recipient="dana@demo.example",
    subject="Your visit",
    text="Hello.",
    message_id="<1@tests.example>",
    sent_at=NOON,
)
HOSTILE = [
    "x\r\nBcc: y@z",
    "x\nBcc: y@z",
    "x\rBcc: y@z",
    "x\0y",
    "x\u2028Bcc: y@z",
    "x\u0085Bcc: y@z",
    "=?utf-8?q?x=0D=0ABcc:_y@z?=",
    "x\x7fy",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
@pytest.mark.parametrize("name", ["sender", "recipient", "subject", "message_id"])
def test_no_field_breaks_a_header(name: str, hostile: str) -> None:
    with pytest.raises(MailNotAccepted) as refused:
        message_bytes(replace(LETTER, **{name: hostile}))  # type: ignore[arg-type]  # four texts
    assert refused.value.permanent


@pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
def test_whatever_the_body_says_the_headers_are_ours(hostile: str) -> None:
    head = message_bytes(replace(LETTER, text=hostile)).partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n")]
    assert b"Bcc" not in names
    assert set(names) == {
        b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Content-Type", b"Content-Transfer-Encoding",
        b"MIME-Version",
    }  # fmt: skip


def test_a_refused_letter_lets_the_next_one_pass(office: At) -> None:
    keeper, post = office
    with MailLink(post.server) as link:
        first, second = link.hand_over(replace(LETTER, subject="a\r\nBcc: b@c")), link.hand_over(LETTER)
    assert isinstance(first, MailNotAccepted)
    assert second is None
    assert len(keeper.taken) == 1
