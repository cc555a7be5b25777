"""A goodbye that was said by mistake is taken back: who may, how long, and that nobody comes straight in by it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col

from contact_service import actor
from contact_service.consent import actions as consent
from contact_service.errors import NotFound
from contact_service.ids import AccountId
from contact_service.invitations.actions.letting_back import let_back
from contact_service.invitations.invitation import InvitationState
from contact_service.invitations.tables import InvitationRow
from contact_service.policy.decision import Permitted, Refused
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Role, Stage as RoomStage
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.visits.actions import aside, attending, ending, running
from contact_service.visits.actions.handing import hand_over
from contact_service.visits.queries.handing import Staff
from contact_service.visits.seen import Seen
from contact_service.visits.visit import EndReason, Outcome, Participant, Stage, Visit, VisitState
from tests.actions.test_admission import codes
from tests.actions.test_repairing import another
from tests.actions.test_restriction import restrict
from tests.actions.test_talking_alone import admits, listed, says_goodbye
from tests.cast import House, Phone

MINUTE = timedelta(minutes=1)
NEW_LEG = "ee" * 8


def together(house: House) -> tuple[Visit, Phone]:
    """Lena, Dana and Mia (with Ines) are together, each by the link that they opened; and the phone of Ines."""
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    phones = {person: house.opens(visit, person) for person in (house.cast.dana, house.cast.ines)}
    for person, phone in phones.items():
        assert isinstance(house.knocks(visit, person, phone), Permitted)
        house.comes_in(visit, person)
    return house.visit(visit.id), phones[house.cast.ines]


def takes_back(
    house: House, visit: Visit, participant: Participant, *, by: AccountId | None = None
) -> Visit | Refused:
    with house.work(by or house.cast.lena) as work:
        return let_back(work, visit.id, participant.id)


def carer_in(house: House, visit: Visit) -> Participant:
    return house.child_in(house.visit(visit.id))


def at_the_door_again(house: House) -> Visit:
    """Mia was sent home by mistake, was asked back, and waits."""
    visit, phone = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    takes_back(house, visit, house.child_in(visit))
    assert isinstance(house.knocks(visit, house.cast.ines, phone), Permitted)
    house.joins(visit, carer_in(house, visit), NEW_LEG)
    return house.visit(visit.id)


def outcome_of(house: House, visit: Visit) -> Outcome | None:
    return house.visit(visit.id).seen_from(house.cast.mia).outcome


@pytest.mark.rule("R71")
def test_mia_is_sent_home_by_mistake_and_comes_back_through_the_waiting_room(house: House) -> None:
    visit, phone = together(house)
    mia = house.child_in(visit)
    says_goodbye(house, visit, mia)
    house.clock.forward(9 * MINUTE)
    assert isinstance(takes_back(house, visit, mia), Visit)
    said = house.last_entry()
    assert said["type"] == "participant.goodbye_taken_back"
    assert said["decision"]["rules"] == ["R15", "R20", "R21", "R23", "R25", "R59", "R68", "R71"]  # type: ignore[index]
    assert listed(house, visit)[Role.CHILD] is RoomStage.WAITING
    assert "not_waiting" in codes(
        admits(house, visit, mia)
    )  # nobody is there yet, and nobody is let in unseen
    assert isinstance(house.knocks(visit, house.cast.ines, phone), Permitted)
    house.joins(visit, carer_in(house, visit), NEW_LEG)
    assert carer_in(house, visit).stage is Stage.WAITING
    with house.work(house.cast.lena) as work:
        refused = running.admit(work, visit.id, mia.id, Seen())
    assert set(codes(refused)) == {"not_identified", "company_not_seen", "whereabouts_unknown"}
    assert outcome_of(house, visit) is Outcome.COMPLETED  # until she is let in
    assert isinstance(admits(house, visit, mia), Visit)
    assert (carer_in(house, visit).stage, outcome_of(house, visit)) == (Stage.ADMITTED, None)
    assert house.state(visit) is VisitState.LIVE


def test_who_does_not_come_back_keeps_what_their_visit_came_to(house: House) -> None:
    visit, _ = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    takes_back(house, visit, house.child_in(visit))
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.SUPERVISOR_LOST)
    assert outcome_of(house, visit) is Outcome.COMPLETED


def test_a_no_at_the_door_changes_nothing_of_what_the_visit_came_to_before(house: House) -> None:
    visit = at_the_door_again(house)
    with house.as_family(house.cast.ines) as work:
        attending.withdrew(work, visit.id, carer_in(house, visit))
    assert carer_in(house, visit).stage is Stage.LEFT
    assert outcome_of(house, visit) is Outcome.COMPLETED


def test_who_was_let_in_again_and_says_no_then_has_said_no(house: House) -> None:
    visit = at_the_door_again(house)
    assert isinstance(admits(house, visit, carer_in(house, visit)), Visit)
    with house.as_family(house.cast.ines) as work:
        attending.withdrew(work, visit.id, carer_in(house, visit))
    assert outcome_of(house, visit) is Outcome.CONSENT_WITHDRAWN


def test_who_was_asked_back_by_mistake_is_sent_home_again_and_kindly(house: House) -> None:
    visit, _ = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    takes_back(house, visit, house.child_in(visit))
    assert isinstance(says_goodbye(house, visit, carer_in(house, visit)), Visit)
    assert carer_in(house, visit).stage is Stage.GOODBYE
    assert outcome_of(house, visit) is Outcome.COMPLETED


def test_what_was_read_before_a_goodbye_opens_no_way_around_it(house: House) -> None:
    """A device that joins, or a no that is said, at the moment of the goodbye: it waits for it, and then finds it."""
    visit, _ = together(house)
    before = house.child_in(visit)
    says_goodbye(house, visit, before)
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.joined(work, visit.id, before, NEW_LEG, house.clock.at)
    assert carer_in(house, visit).stage is Stage.GOODBYE
    with house.as_family(house.cast.ines) as work:
        attending.withdrew(work, visit.id, before)
    assert carer_in(house, visit).stage is Stage.GOODBYE
    assert outcome_of(house, visit) is Outcome.COMPLETED
    assert house.state(visit) is VisitState.LIVE


def _late(house: House, _: Visit) -> None:
    house.clock.forward(10 * MINUTE)


def _ended(house: House, visit: Visit) -> None:
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)


def _restricted(house: House, _: Visit) -> None:
    restrict(house, RestrictionKind.NO_CONTACT, person=house.cast.ines, other=house.cast.mia)


def _withdrawn(house: House, visit: Visit) -> None:
    with house.as_family(house.cast.ines) as work:
        consent.withdraw_all(work, house.cast.ines, visit=visit.id)


def _removed(house: House, visit: Visit) -> None:
    house.relay(visit, EventKind.REMOVED, 1, participant=house.child_in(visit).id, generation=1)


def _taken_back_before(house: House, visit: Visit) -> None:
    assert isinstance(takes_back(house, visit, house.child_in(visit)), Visit)


def _back(house: House, visit: Visit) -> None:
    _taken_back_before(house, visit)
    house.joins(visit, carer_in(house, visit), NEW_LEG)


def _link_revoked(house: House, visit: Visit) -> None:
    _link_becomes(house, visit, state=InvitationState.REVOKED.value)


def _link_unbound(house: House, visit: Visit) -> None:
    _link_becomes(house, visit, cookie_hash=None)


def _link_becomes(house: House, visit: Visit, **changes: object) -> None:
    link = house.invitation(visit, house.cast.ines).id
    with Session(house.installation.engine) as session:
        session.exec(update(InvitationRow).where(col(InvitationRow.id) == link).values(changes))
        session.commit()


def _supervisor_away(house: House, visit: Visit) -> None:
    house.relay(visit, EventKind.LEFT, 1, participant=visit.watcher.id, leg=visit.watcher.leg)


@pytest.mark.rule("R71")
@pytest.mark.parametrize(
    ("since", "code"),
    [
        (_late, "goodbye_stands"),
        (_ended, "not_running"),
        (_restricted, "no_contact"),
        (_withdrawn, "consent_missing"),
        (_removed, "no_goodbye"),
        (_taken_back_before, "no_goodbye"),
        (_back, "no_goodbye"),
        (_link_revoked, "link_dead"),
        (_link_unbound, "link_dead"),
        (_supervisor_away, "supervisor_away"),
    ],
)
def test_what_has_happened_since_lets_a_goodbye_stand(
    house: House, since: Callable[[House, Visit], None], code: str
) -> None:
    visit, _ = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    since(house, visit)
    before = house.visit(visit.id)
    assert code in codes(takes_back(house, visit, house.child_in(visit)))
    assert house.visit(visit.id) == before
    assert house.last_entry()["type"] == "admission.refused"


@pytest.mark.rule("R71")
def test_who_was_never_sent_home_is_not_asked_back(house: House) -> None:
    visit, _ = together(house)
    mia = house.child_in(visit)
    assert codes(takes_back(house, visit, mia)) == ["no_goodbye"]
    house.relay(visit, EventKind.LEFT, 1, participant=mia.id, leg=mia.leg)
    assert codes(takes_back(house, visit, mia)) == ["no_goodbye"]


@pytest.mark.rule("R21")
@pytest.mark.parametrize("who", ["karim", "priya"])
def test_nobody_else_takes_a_goodbye_back(house: House, who: str) -> None:
    visit, _ = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    refused = takes_back(house, visit, house.child_in(visit), by=getattr(house.cast, who))
    assert codes(refused) == ["not_supervisor"]


@pytest.mark.rule("R21")
def test_after_a_handing_over_it_is_the_other_ones_to_take_back(house: House) -> None:
    sami = another(house)
    visit, _ = together(house)
    says_goodbye(house, visit, house.child_in(visit))
    with house.work(house.cast.karim) as work:
        to, before = (Staff(supervisor=one, duty=visit.duty) for one in (sami, visit.supervisor))
        assert isinstance(hand_over(work, visit.id, to, before=before), Visit)
    with pytest.raises(NotFound):
        takes_back(house, visit, house.child_in(visit))
    assert codes(takes_back(house, visit, house.child_in(visit), by=sami)) == ["supervisor_away"]
    house.joins(visit, house.visit(visit.id).watcher, "bb" * 8)
    assert isinstance(takes_back(house, visit, house.child_in(visit), by=sami), Visit)


def test_without_a_link_of_their_own_nobody_is_asked_back(house: House) -> None:
    """In a visit whose devices came by no link that is known."""
    visit = house.live()
    says_goodbye(house, visit, house.child_in(visit))
    assert codes(takes_back(house, visit, house.child_in(visit))) == ["link_dead"]


def test_the_supervisor_and_strangers_are_nobody_to_ask_back(house: House) -> None:
    visit, _ = together(house)
    for participant in (visit.watcher.id, "f" * 32):
        with pytest.raises(NotFound), house.work(house.cast.lena) as work:
            aside.take_goodbye_back(work, visit.id, participant, link_stands=True)
        with pytest.raises(NotFound), house.work(house.cast.lena) as work:
            let_back(work, visit.id, participant)
