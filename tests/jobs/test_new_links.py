"""What the mail server is handed when a link was replaced, and which visits a link given by hand makes ready."""

from datetime import timedelta

from contact_service.invitations.reissue import Way
from contact_service.jobs import doors
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.notifications.message import MessageKind, OutboxState
from contact_service.people.actions.channels import add_channel, end_channel
from contact_service.people.channel import ChannelKind, NewChannel
from contact_service.people.queries.channels import channels_of
from contact_service.visits.visit import VisitState
from tests.actions.test_reissuing import replaced
from tests.cast import House
from tests.jobs.conftest import Office


def move_away(house: House) -> None:
    """Somebody talks the worker into another address for Dana."""
    with house.work(house.cast.karim) as work:
        for channel in channels_of(work, house.cast.dana):
            end_channel(work, house.cast.dana, channel.id)
        add_channel(work, house.cast.dana, NewChannel(kind=ChannelKind.EMAIL, value="else@tests.example"))


def test_of_an_invitation_that_still_waits_and_the_new_one_the_new_link_alone_leaves(
    house: House, office: tuple[Office, Post]
) -> None:
    keeper, post = office
    visit = house.approved()
    old = house.secret(visit, house.cast.dana)
    house.clock.forward(timedelta(days=1))
    replaced(house, visit)
    send_letters(house.installation, post)
    new = house.secret(visit, house.cast.dana).encode()
    assert not any(old.encode() in one for one in keeper.texts())
    to_dana = [one for one in keeper.texts() if new in one.replace(b"=\r\n", b"")]
    assert len([one for one in to_dana if b"Subject: Your video visit" in one]) == 1


def test_it_never_goes_to_an_address_that_was_written_down_meanwhile(
    house: House, office: tuple[Office, Post]
) -> None:
    keeper, post = office
    visit = house.approved()
    house.clock.forward(timedelta(days=1))
    replaced(house, visit)
    move_away(house)
    send_letters(house.installation, post)
    assert not any("else@tests.example" in one.rcpt_tos for one in keeper.taken)
    sent = [m for m in house.messages(visit) if m.person == house.cast.dana and m.generation == 2]
    invitation = next(m for m in sent if m.kind is MessageKind.INVITATION)
    assert (invitation.state, invitation.error) == (OutboxState.FAILED, "no_safe_channel")


def test_a_visit_whose_message_failed_is_ready_when_its_link_was_given_by_hand(
    house: House, office: tuple[Office, Post]
) -> None:
    _, post = office
    visit = house.approved()
    with house.work(house.cast.karim) as work:
        for channel in channels_of(work, house.cast.dana):
            end_channel(work, house.cast.dana, channel.id)
    send_letters(house.installation, post)
    doors.make_ready(house.installation)
    assert house.state(visit) is VisitState.APPROVED
    house.clock.at = visit.starts_at - timedelta(minutes=10)
    replaced(house, visit, Way.SHOWN)
    doors.make_ready(house.installation)
    doors.open_doors(house.installation)
    assert house.state(visit) is VisitState.WAITING
