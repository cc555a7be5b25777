"""The written notice of an urgent stop: what it says, to whom it goes, and what it never says."""

from email import message_from_bytes
from email.policy import default

from contact_service.invitations.actions import stopping
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource, StopReason
from tests.cast import House
from tests.jobs.conftest import Office


def test_whoever_is_stopped_reads_the_decision_its_reason_its_length_and_what_they_can_do(
    house: House, office: tuple[Office, Post]
) -> None:
    with house.work(house.cast.karim) as work:
        stopping.restrict(
            work,
            house.cast.case,
            NewRestriction(
                kind=RestrictionKind.SUSPENDED,
                person=house.cast.dana,
                other=house.cast.mia,
                source=RestrictionSource.AGENCY_DECISION,
                reason=StopReason.SAFETY,
            ),
        )
    keeper, post = office
    send_letters(house.installation, post)
    (letter,) = [message_from_bytes(one, policy=default) for one in keeper.texts()]
    assert letter["To"] == "dana@demo.example"
    text = str(letter.get_content())
    for said in (
        "Decided on: 14 May 2030",
        "would not be safe",
        "7 days",
        "until Tuesday 21 May, 13:00",
        "lawyer",
    ):
        assert said in text, said
    for never in ("Mia", "Jonas", "Ines", "Marlowe", "Emil", "placement", "foster", "/v#"):
        assert never not in letter.as_string(), never
    assert "message.sent" in house.history()
