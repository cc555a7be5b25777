"""What is meant for somebody in prison goes to the booking desk of the prison, and never to their own phone."""

import shutil
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from pathlib import Path

import pytest

from contact_service.agency_policy import actions as policy
from contact_service.clearances import actions
from contact_service.clearances.clearance import Answer
from contact_service.demo.brother import Brother
from contact_service.errors import BadInput
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_about
from contact_service.ids import PoolId
from contact_service.invitations.actions import inviting
from contact_service.invitations.actions.reissuing import reissue
from contact_service.invitations.reissue import Asked, KnownBy, Way
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.notifications.message import Medium, MessageKind, OutboxState, Queued
from contact_service.policy.decision import Refused
from contact_service.pools import actions as pools
from contact_service.pools.queries import links_of, pool_for
from contact_service.visits.actions import clearing, pooling
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from contact_service.visits.wish import ChildWished
from tests.cast import NOON, House
from tests.jobs.conftest import Office, raw

At = tuple[Office, Post]
DESK, ELSEWHERE = "bookings@northmoor.example", "elsewhere@northmoor.example"
pytestmark = pytest.mark.rule("R68")


@pytest.fixture
def prison(house: House) -> PoolId:
    """Dana, who has an e-mail address of her own too, takes part from a prison that has said yes."""
    with house.work(house.cast.karim) as work:
        made = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        clearing.set_desk(work, made, DESK)
        pooling.link(work, house.cast.dana, made, NOON.date(), None)
        asked = actions.ask(work, house.cast.dana, house.cast.mia, made)
        clearing.answer(work, house.cast.dana, asked, Answer.GRANTED, reference="OMU/117")
    return made


def to(office: At, address: str) -> list[str]:
    found = [message_from_bytes(raw(e)) for e in office[0].taken if e.rcpt_tos == [address]]
    return [
        "".join(
            part.get_payload(decode=True).decode()  # type: ignore[union-attr]
            for part in one.walk()
            if part.get_content_type() == "text/plain"
        )
        for one in found
    ]


def of_dana(house: House, visit: Visit, kind: MessageKind) -> Queued:
    return next(m for m in house.messages(visit) if m.kind is kind and m.person == house.cast.dana)


@pytest.mark.usefixtures("prison")
def test_the_link_goes_to_the_desk_with_its_own_reference_and_tells_nothing_else(
    house: House, office: At
) -> None:
    visit = house.approved()
    send_letters(house.installation, office[1])
    [letter] = to(office, DESK)
    assert f"/v#{house.secret(visit, house.cast.dana)}" in letter.replace("=\n", "")
    assert "OMU/117" in letter
    assert "Dana" in letter
    for hidden in ("marlowe", "mia", "ines", house.cast.case, "child", "court", "care"):
        assert hidden not in letter.partition("/v#")[0].lower()
    assert to(office, "dana@demo.example") == []
    assert of_dana(house, visit, MessageKind.INVITATION).medium is Medium.DESK


def test_a_new_question_without_a_reference_does_not_take_the_one_that_the_desk_knows_out_of_the_letter(
    house: House, prison: PoolId, office: At
) -> None:
    house.clock.forward(timedelta(hours=1))
    with house.work(house.cast.karim) as work:
        actions.ask(work, house.cast.dana, house.cast.mia, prison)
    house.clock.forward(timedelta(hours=1))
    house.approved()
    send_letters(house.installation, office[1])
    [letter] = to(office, DESK)
    assert "OMU/117" in letter


def test_of_a_carer_who_brings_a_child_from_there_the_desk_reads_the_reference_of_either(
    house: House, office: At, brother: Brother
) -> None:
    with house.work(house.cast.karim) as work:
        unit = pools.add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, unit, ELSEWHERE)
        pooling.link(work, brother.tomas, unit, NOON.date(), None)
        for person, reference in ((brother.tomas, "HH/T"), (brother.finn, "HH/F")):
            asked = actions.ask(work, person, house.cast.mia, unit)
            clearing.answer(work, person, asked, Answer.GRANTED, reference=reference)
    mia = ChildWished(child=house.cast.mia, caregiver=house.cast.ines)
    house.approved(child=brother.finn, caregiver=brother.tomas, sharing=(mia,))
    send_letters(house.installation, office[1])
    [letter] = to(office, ELSEWHERE)
    assert "HH/" in letter
    assert to(office, "tomas@demo.example") == []


@pytest.fixture
def bilingual(office: At, tmp_path: Path) -> At:
    """The post of an agency that has the invitation to a desk in Welsh too."""
    keeper, post = office
    texts = tmp_path / "messages"
    shutil.copytree(post.messages_dir, texts)
    english = (texts / "invitation.desk.en.txt").read_text(encoding="utf-8")
    welsh = english.replace("A video visit to be booked", "Ymweliad fideo i'w drefnu")
    (texts / "invitation.desk.cy.txt").write_text(welsh, encoding="utf-8")
    return keeper, replace(post, messages_dir=texts)


@pytest.mark.parametrize(
    ("language", "first", "written"),
    [("cy-GB", "en", True), ("", "cy", True), ("", "en", False), ("pl", "en", False), ("en", "cy", False)],
)
def test_a_desk_is_written_to_in_its_language_else_in_the_agencys_first_else_in_english(
    house: House, prison: PoolId, bilingual: At, *, language: str, first: str, written: bool
) -> None:
    house.approved()
    with house.work(house.cast.priya) as work:
        clearing.set_desk(work, prison, DESK, language=language)
        version = policy.propose_policy(work, f"title: Languages\nworking_languages: [{first}]\n")
    with house.work(house.cast.ola) as work:
        policy.publish_policy(work, version)
    send_letters(house.installation, bilingual[1])
    [letter] = [message_from_bytes(raw(e)) for e in bilingual[0].taken if e.rcpt_tos == [DESK]]
    assert letter["subject"].startswith("Ymweliad" if written else "A video visit")


@pytest.mark.parametrize(
    ("language", "languages", "begins"),
    [
        ("es", "en, es", "Una visita"),
        ("es", "en", "A video visit"),
        ("en", "es", "A video visit"),  # English always is written
    ],
)
def test_a_desk_is_written_to_in_no_language_that_the_policy_leaves_out(
    house: House, prison: PoolId, office: At, *, language: str, languages: str, begins: str
) -> None:
    house.approved()
    with house.work(house.cast.priya) as work:
        clearing.set_desk(work, prison, DESK, language=language)
        settings = f"title: Languages\nlanguages: [{languages}]\nworking_languages: [es]\n"
        version = policy.propose_policy(work, settings)
    with house.work(house.cast.ola) as work:
        policy.publish_policy(work, version)
    send_letters(house.installation, office[1])
    [letter] = [message_from_bytes(raw(e)) for e in office[0].taken if e.rcpt_tos == [DESK]]
    assert str(make_header(decode_header(letter["subject"]))).startswith(begins)


def test_another_language_makes_no_new_address_of_it(house: House, prison: PoolId, office: At) -> None:
    with house.work(house.cast.priya) as work:
        before = pool_for(work, prison)
        clearing.set_desk(work, prison, DESK, language="cy")
        after = pool_for(work, prison)
        clearing.set_desk(work, prison, DESK)  # said again without a language
        assert pool_for(work, prison) == after
    assert after == replace(before, desk_language="cy")
    house.approved()
    send_letters(house.installation, office[1])
    assert len(to(office, DESK)) == 1, "nobody has to wait a day for it"


def test_a_language_that_is_none_is_refused(house: House, prison: PoolId) -> None:
    with house.work(house.cast.priya) as work, pytest.raises(BadInput):
        clearing.set_desk(work, prison, DESK, language="as we speak")


@pytest.mark.usefixtures("prison")
def test_reminders_and_the_word_that_it_is_off_go_there_too(house: House, office: At) -> None:
    visit = house.approved()
    send_letters(house.installation, office[1])
    house.clock.at = of_dana(house, visit, MessageKind.REMINDER).due_at
    send_letters(house.installation, office[1])
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.LOCKDOWN)
    send_letters(house.installation, office[1])
    assert (len(to(office, DESK)), to(office, "dana@demo.example")) == (3, [])


@pytest.mark.usefixtures("prison")
def test_a_desk_that_takes_no_letter_is_no_reason_to_write_to_the_person(house: House, office: At) -> None:
    visit = house.approved()
    office[0].answer = "550 no such mailbox"
    send_letters(house.installation, office[1])
    office[0].answer = ""
    send_letters(house.installation, office[1])
    assert of_dana(house, visit, MessageKind.INVITATION).state is OutboxState.FAILED
    assert to(office, "dana@demo.example") == []
    with house.reading(house.cast.karim) as work:
        rung = open_about(work, visit.id, FollowUpKind.NOT_REACHED)
    assert house.cast.dana in [one.person for one in rung]


def test_a_new_link_goes_to_no_desk_that_was_written_down_a_moment_ago(
    house: House, prison: PoolId, office: At
) -> None:
    visit = house.approved()
    send_letters(house.installation, office[1])
    asked = Asked(way=Way.SENT, known_by=KnownBy.CALLED_BACK, note="", before=1)
    with house.work(house.cast.karim) as work:
        made = reissue(work, visit.id, house.mother_in(visit).id, asked)
    assert isinstance(made, Refused)
    assert [one.code for one in made.reasons] == ["no_held_desk"]
    house.clock.forward(timedelta(hours=24))
    with house.work(house.cast.karim) as work:
        assert not isinstance(reissue(work, visit.id, house.mother_in(visit).id, asked), Refused)
    with house.work(house.cast.priya) as work:
        clearing.set_desk(work, prison, "elsewhere@northmoor.example")
    send_letters(house.installation, office[1])
    assert to(office, "elsewhere@northmoor.example") == []


@pytest.mark.rule("R64")
@pytest.mark.usefixtures("prison")
@pytest.mark.parametrize("way", [Way.READ_OUT, Way.SHOWN, Way.PRINTED])
def test_whoever_rings_for_somebody_in_prison_gets_no_code_and_the_link_that_stands_stays(
    house: House, way: Way
) -> None:
    visit = house.waiting()
    asked = Asked(way=way, known_by=KnownBy.IN_PERSON, note="", before=1)
    with house.work(house.cast.karim) as work:
        made = reissue(work, visit.id, house.mother_in(visit).id, asked)
    assert isinstance(made, Refused)
    assert [one.code for one in made.reasons] == ["desk_alone"]
    assert house.invitation(visit, house.cast.dana).generation == 1
    with house.work(house.cast.karim) as work:  # out of prison by now: as for everybody
        [link] = links_of(work, frozenset({house.cast.dana}))
        pooling.end_link(work, house.cast.dana, link.id)
        made = reissue(work, visit.id, house.mother_in(visit).id, asked)
    assert isinstance(made, Refused) == (way is Way.PRINTED)  # she has an address of her own again


def test_somebody_who_is_out_of_prison_that_day_is_written_to_themselves(
    house: House, prison: PoolId, office: At
) -> None:
    with house.work(house.cast.karim) as work:
        [link] = links_of(work, frozenset({house.cast.dana}))
        pooling.end_link(work, house.cast.dana, link.id)
    house.approved()
    send_letters(house.installation, office[1])
    assert (to(office, DESK), len(to(office, "dana@demo.example"))) == ([], 1)
    assert prison


@pytest.mark.parametrize("taken_away", [False, True])
def test_for_a_day_nothing_goes_to_an_address_in_place_of_another_and_the_worker_is_asked_to_ring(
    house: House, prison: PoolId, office: At, *, taken_away: bool
) -> None:
    visit = house.approved()
    with house.work(house.cast.priya) as work:
        if taken_away:
            clearing.set_desk(work, prison, "")
        clearing.set_desk(work, prison, ELSEWHERE)
    send_letters(house.installation, office[1])
    assert (to(office, ELSEWHERE), to(office, DESK), to(office, "dana@demo.example")) == ([], [], [])
    with house.reading(house.cast.karim) as work:
        rung = open_about(work, visit.id, FollowUpKind.NOT_REACHED)
    assert house.cast.dana in [one.person for one in rung]
    house.clock.forward(timedelta(hours=24))
    asked = Asked(way=Way.SENT, known_by=KnownBy.CALLED_BACK, note="", before=1)
    with house.work(house.cast.karim) as work:
        assert not isinstance(reissue(work, visit.id, house.mother_in(visit).id, asked), Refused)
    send_letters(house.installation, office[1])
    assert to(office, ELSEWHERE) != []
