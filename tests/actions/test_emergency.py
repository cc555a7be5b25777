"""Emergencies by two people, approvals by the policy, and reasons that punish: what an ordinary yes and no is not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contact_service import actor
from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.actions import accept_policy
from contact_service.agency_policy.version import PolicyAct
from contact_service.errors import BadInput, NotAllowed
from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUp, FollowUpKind
from contact_service.identity import actions as identity
from contact_service.ids import AccountId
from contact_service.invitations.actions import inviting
from contact_service.jobs.doors import lapse_requests
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.visits.actions.recording import submit
from contact_service.visits.queries.doubting import reasons_set_aside
from contact_service.visits.queries.writing import remarks_of
from contact_service.visits.reasons import CancelReason, DeclineReason, EmergencyReason
from contact_service.visits.record import Remark, Sections
from contact_service.visits.visit import Outcome, Visit, VisitState
from contact_service.work import begin
from tests.actions.test_doubts import publish
from tests.cast import PASSWORD, House

SOON = datetime(2030, 5, 14, 16, 0)  # noqa: DTZ001  wall time: three hours from the house's noon
EMERGENCY = {"wall_start": SOON, "emergency": EmergencyReason.CHILD_IN_DISTRESS}
PUNISHING = "Visits are withdrawn as a punishment until he behaves."
AUTOMATIC = """\
title: Siblings
approvals:
  automatic:
    - {name: brothers_and_sisters, relations: [sibling], levels: [supported], most_minutes: 45}
"""


def together(house: House, **changes: object) -> dict[str, object]:
    """Mia and her brother Jonas, without a parent."""
    wish = {"people": (house.cast.jonas,), "level": SupervisionLevel.SUPPORTED}
    return wish | changes


def refusal(house: House, **changes: object) -> list[str]:
    """The codes for which Karim's wish is refused."""
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(**changes))
    assert isinstance(result, Refused)
    return [reason.code for reason in result.reasons]


def accept(house: House) -> None:
    """Karim has read the newest policy."""
    with house.work(house.cast.karim) as work:
        version = agency_policy.policy_in_force(work).version
        accept_policy(work, PolicyAct.BOOK, version=version)


def another_approver(house: House) -> AccountId:
    with begin(house.installation, actor.COMMAND_LINE) as work:
        return identity.add_account(
            work, email="tess@demo.example", name="Tess Quill", roles=(Role.APPROVER,), password=PASSWORD
        )


def review_of(house: House, visit: Visit) -> FollowUp:
    with house.reading(house.cast.priya) as work:
        [found] = asked.open_about(work, visit.id, FollowUpKind.OVERRIDE_REVIEW)
    return found


@pytest.mark.rule("R48")
def test_without_an_emergency_tonight_is_too_soon(house: House) -> None:
    assert refusal(house, wall_start=SOON) == ["too_soon"]


@pytest.mark.rule("R48")
def test_two_people_set_a_rule_of_time_aside_and_a_third_looks_at_it(house: House) -> None:
    visit = house.requested(**EMERGENCY)
    assert visit.emergency is not None
    assert visit.emergency.until == house.clock.at + timedelta(hours=48)
    assert house.last_entry()["facts"]["emergency"] == "child_in_distress"  # type: ignore[index]
    assert house.last_entry()["facts"]["set_aside_1"] == "too_soon"  # type: ignore[index]
    with house.reading(house.cast.priya) as work:
        assert [reason.code for reason in reasons_set_aside(work, visit)] == ["too_soon"]
    with house.work(house.cast.priya) as work:
        approved = inviting.approve(work, visit.id)
    assert not isinstance(approved, Refused)
    assert review_of(house, visit).due_at == visit.ends_at + timedelta(days=5)


@pytest.mark.rule("R48")
def test_whoever_reviews_had_no_part_in_it(house: House) -> None:
    visit, tess = house.approved(**EMERGENCY), another_approver(house)
    review = review_of(house, visit)
    for account, reason, error in (
        (house.cast.karim, "emergency_right", NotAllowed),
        (house.cast.priya, "emergency_right", NotAllowed),
        (tess, "not_needed", BadInput),
    ):
        with pytest.raises(error), house.work(account) as work:
            follow_ups.mark_done(work, review.id, reason)
    with house.work(tess) as work:
        follow_ups.mark_done(work, review.id, "emergency_wrong")
    assert house.last_entry()["reason"] == "emergency_wrong"


@pytest.mark.rule("R48")
@pytest.mark.rule("R11")
def test_one_person_is_never_both(house: House) -> None:
    with begin(house.installation, actor.COMMAND_LINE) as work:
        roles = (Role.WORKER, Role.APPROVER)
        omar = identity.add_account(
            work, email="omar@demo.example", name="Omar Said", roles=roles, password=PASSWORD
        )
    visit = house.requested(**EMERGENCY)
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE visit SET requested_by = :who"), {"who": omar})
    with house.work(omar) as work:
        result = inviting.approve(work, visit.id)
    assert isinstance(result, Refused)
    assert "own_request" in [reason.code for reason in result.reasons]


@pytest.mark.rule("R48")
def test_who_and_how_closely_watched_are_never_set_aside(house: House) -> None:
    assert refusal(house, **EMERGENCY | {"people": (house.cast.viktor,)})[:1] == ["not_in_plan"]
    assert "no_contact" in refusal(house, **EMERGENCY | {"people": (house.cast.viktor,)})
    assert "longer_than_plan" in refusal(house, **EMERGENCY | {"length": timedelta(minutes=60)})


@pytest.mark.rule("R48")
def test_an_emergency_ends(house: House) -> None:
    far = datetime(2030, 5, 16, 21, 30)  # noqa: DTZ001  wall time: more than two days away, and too late in the evening
    codes = refusal(house, **EMERGENCY | {"wall_start": far})
    assert {"hours", "emergency_over"} == set(codes)


@pytest.mark.rule("R48")
def test_what_cannot_wait_can_be_agreed_to_until_it_would_begin(house: House) -> None:
    """An ordinary request without an answer lapses two hours before; this one was asked for later than that."""
    visit = house.requested(**EMERGENCY | {"wall_start": SOON - timedelta(hours=2)})
    house.clock.forward(timedelta(minutes=59))
    lapse_requests(house.installation)
    assert house.state(visit) is VisitState.REQUESTED
    house.clock.forward(timedelta(minutes=1))
    lapse_requests(house.installation)
    assert house.state(visit) is VisitState.LAPSED


def test_an_ordinary_visit_is_no_emergency_whatever_was_ticked(house: House) -> None:
    visit = house.requested(emergency=EmergencyReason.SUDDEN_MOVE)
    assert visit.emergency is None


def met_before(house: House) -> None:
    """Mia and Jonas have had a visit that was completed."""
    visit = house.requested(**together(house, wall_start=SOON + timedelta(days=7)))
    went_well(house, visit)


def went_well(house: House, visit: Visit) -> None:
    """As if it had taken place, been written down and signed off."""
    with house.installation.engine.begin() as connection:
        over = text("UPDATE visit SET state = 'signed_off', outcome = 'completed' WHERE id = :id")
        connection.execute(over, {"id": visit.id})
        connection.execute(text("DELETE FROM claim WHERE visit_id = :id"), {"id": visit.id})


@pytest.mark.rule("R50")
def test_what_the_policy_names_is_approved_at_once_marked_and_invited(house: House) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    met_before(house)
    entries = len(house.history())
    visit = house.visit(house.requested(**together(house)).id)
    assert (visit.state, visit.automatic) == (VisitState.APPROVED, "brothers_and_sisters")
    assert visit.approved_by is None
    approved = next(e.fields for e in house.entries()[entries:] if e.type == "visit.approved")
    assert (approved["reason"], approved["decision"]["rules"]) == ("automatic", ["R50"])
    assert "invitation" in {message.kind.value for message in house.messages(visit)}
    assert "visit_requested" not in {message.kind.value for message in house.messages(visit)}


@pytest.mark.rule("R50")
def test_the_first_visit_a_parent_and_an_emergency_wait_for_a_person(house: House) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    first = house.requested(**together(house))
    assert (first.state, first.automatic) == (VisitState.REQUESTED, "")
    met_before(house)
    parent = house.requested(wall_start=SOON + timedelta(days=2))
    assert (parent.state, parent.automatic) == (VisitState.REQUESTED, "")
    hurried = house.requested(**together(house, **EMERGENCY))
    assert (hurried.state, hurried.automatic) == (VisitState.REQUESTED, "")


@pytest.mark.rule("R50")
def test_a_change_of_an_automatic_approval_waits_for_a_person(house: House) -> None:
    publish(house, AUTOMATIC)
    accept(house)
    met_before(house)
    visit = house.requested(**together(house))
    with house.work(house.cast.karim) as work:
        later = house.wish(**together(house, wall_start=SOON + timedelta(days=3)))
        changed = inviting.change(work, visit.id, later)
    assert not isinstance(changed, Refused)
    assert (changed.state, changed.automatic) == (VisitState.REQUESTED, "")


def test_the_database_knows_no_approval_that_is_both_automatic_and_a_persons(house: House) -> None:
    visit = house.approved()
    statement = text("UPDATE visit SET automatic = 'Siblings' WHERE id = :id")
    with pytest.raises(IntegrityError), house.installation.engine.begin() as connection:
        connection.execute(statement, {"id": visit.id})


@pytest.mark.rule("R49")
def test_a_no_that_punishes_is_returned_and_nothing_changes(house: House) -> None:
    visit = house.requested()
    before = house.snapshot()
    with pytest.raises(BadInput, match="as a punishment"), house.work(house.cast.priya) as work:
        inviting.decline(work, visit.id, DeclineReason.SAFETY, PUNISHING)
    assert house.snapshot() == before
    with house.work(house.cast.priya) as work:
        inviting.decline(work, visit.id, DeclineReason.SAFETY, "The room is not ready.")
    assert house.state(visit) is VisitState.DECLINED


@pytest.mark.rule("R49")
def test_nor_is_a_visit_called_off_to_punish(house: House) -> None:
    visit = house.approved()
    before = house.snapshot()
    with pytest.raises(BadInput, match="as a punishment"), house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_DECLINED, PUNISHING)
    assert house.snapshot() == before
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_DECLINED, "Mia would rather play today.")
    assert house.state(visit) is VisitState.CANCELLED
    with house.reading(house.cast.karim) as work:
        assert [note.text for note in remarks_of(work, visit.id, Remark.CANCELLING)] == [
            "Mia would rather play today."
        ]


@pytest.mark.rule("R49")
def test_a_record_may_quote_what_was_said(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    said = Sections(what_happened="They read.", said=f"Dana: “{PUNISHING}”")
    with house.work(house.cast.lena) as work:
        assert submit(work, visit.id, said, Outcome.COMPLETED).state is VisitState.RECORDED
