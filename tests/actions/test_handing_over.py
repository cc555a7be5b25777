"""A visit that is near or runs is handed to another visit supervisor: the former one is out, and nothing flows."""

from datetime import timedelta

import pytest

from contact_service.errors import Conflict, NotAllowed, NotFound
from contact_service.ids import AccountId
from contact_service.jobs.doors import end_unwatched
from contact_service.plans.terms import Risk, SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import Role as RoomRole, Stage as RoomStage
from contact_service.visits.actions import aside, running
from contact_service.visits.actions.handing import hand_over
from contact_service.visits.queries.aside import talks_alone_in
from contact_service.visits.queries.handing import Staff, could_take_over
from contact_service.visits.visit import Outcome, Stage, Visit, VisitState
from tests.actions.test_repairing import another, away
from tests.cast import House
from tests.series.asked import Serial


def handed(
    house: House, visit: Visit, to: AccountId, *, by: AccountId | None = None, duty: str = ""
) -> Visit:
    found = tried(house, visit, to, by=by, duty=duty)
    assert not isinstance(found, Refused), found
    return found


def tried(
    house: House, visit: Visit, to: AccountId, *, by: AccountId | None = None, duty: str = ""
) -> Visit | Refused:
    staff = Staff(supervisor=to, duty=AccountId(duty or visit.duty))
    before = Staff(supervisor=visit.supervisor, duty=visit.duty)
    with house.work(by or house.cast.karim) as work:
        return hand_over(work, visit.id, staff, before=before)


def codes(refused: Refused) -> list[tuple[str, str]]:
    return [(reason.rule, reason.code) for reason in refused.reasons]


def flowing(house: House) -> list[str]:
    """Who may be heard by somebody, by the list that the relay is told."""
    [room] = house.rooms().rooms
    return [
        one.participant for one in room.people if room.state == "live" and one.stage is RoomStage.ADMITTED
    ]


def test_a_visit_that_waits_is_handed_over_and_the_former_supervisor_is_a_stranger_in_its_room(
    house: House,
) -> None:
    sami = another(house)
    visit = house.waiting()
    house.joins(visit, visit.watcher, "aa" * 8)
    handed(house, visit, sami)
    found = house.visit(visit.id)
    assert (found.state, found.supervisor, found.watcher.account) == (VisitState.WAITING, sami, sami)
    assert found.participant(visit.watcher.id) is None
    [room] = house.rooms().rooms
    [watching] = [one for one in room.people if one.role is RoomRole.SUPERVISOR]
    assert (watching.participant, watching.leg, watching.stage) == (found.watcher.id, None, RoomStage.WAITING)
    with house.work(house.cast.lena) as work, pytest.raises(NotFound):
        running.come_to_watch(work, visit.id)


def test_media_stop_until_the_other_one_is_there_and_lets_it_go_on(house: House) -> None:
    sami = another(house)
    visit = house.live()
    assert len(flowing(house)) == 3
    handed(house, visit, sami)
    assert (house.state(visit), flowing(house)) == (VisitState.SUPERVISOR_LOST, [])
    now = house.visit(visit.id)
    house.joins(now, now.watcher, "bb" * 8)
    assert (house.state(visit), flowing(house)) == (VisitState.HELD, [])
    with house.work(sami) as work:
        assert not isinstance(running.resume(work, visit.id), Refused)
    assert house.state(visit) is VisitState.LIVE
    assert now.watcher.id in flowing(house)


def test_a_device_of_the_former_supervisor_that_comes_on_an_old_ticket_is_let_in_nowhere(
    house: House,
) -> None:
    visit = house.live()
    handed(house, visit, another(house))
    house.relay(visit, EventKind.JOINED, 900, participant=visit.watcher.id, leg="cc" * 8)
    assert house.state(visit) is VisitState.SUPERVISOR_LOST
    assert "cc" * 8 not in {one.leg for one in house.rooms().rooms[0].people}


def test_a_stop_of_the_relay_that_arrives_late_is_lifted_by_the_other_one(house: House) -> None:
    """The ill supervisor's connection broke first, and the relay said so after the visit was handed over."""
    sami = another(house)
    visit = house.live()
    handed(house, visit, sami)
    house.relay(visit, EventKind.SUPERVISOR_LOST, 901, generation=7)
    now = house.visit(visit.id)
    house.joins(now, now.watcher, "bb" * 8)
    with house.work(sami) as work:
        running.resume(work, visit.id)
    cleared = house.rooms().rooms[0].cleared_hold
    assert cleared is not None
    assert cleared.generation == 7


def test_it_ends_when_the_other_one_does_not_come_within_the_grace_counted_from_then(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.SUPERVISOR_LOST, 901, generation=7)
    house.clock.forward(timedelta(minutes=4))
    handed(house, visit, another(house))
    house.clock.forward(timedelta(minutes=4))
    end_unwatched(house.installation)
    assert house.state(visit) is VisitState.SUPERVISOR_LOST
    house.clock.forward(timedelta(minutes=2))
    end_unwatched(house.installation)
    assert house.visit(visit.id).outcome is Outcome.ENDED_SUPERVISOR_LOST


def test_whoever_was_looked_at_alone_waits_again(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    mother = house.device_in(visit, house.cast.dana)
    house.joins(visit, mother, "bb" * 8)
    with house.work(house.cast.lena) as work:
        running.look(work, visit.id, mother.id)
    handed(house, visit, another(house))
    assert house.device_in(visit, house.cast.dana).stage is Stage.WAITING


@pytest.mark.rule("R70")
@pytest.mark.parametrize("level", [SupervisionLevel.SUPERVISED, SupervisionLevel.MONITORED])
def test_a_talk_alone_ends_with_a_handing_over_and_nobody_hears_anybody_before_the_other_one_says_so(
    house: House, level: SupervisionLevel
) -> None:
    sami = another(house)
    visit = monitored(house) if level is SupervisionLevel.MONITORED else house.live()
    mother = house.device_in(visit, house.cast.dana)
    with house.work(house.cast.lena) as work:
        assert isinstance(aside.talk_alone(work, visit.id, mother.id), Visit)
    house.clock.forward(timedelta(minutes=1))
    handed(house, visit, sami)
    assert house.device_in(visit, house.cast.dana).stage is Stage.WAITING
    with house.reading(sami) as work:
        [talk] = talks_alone_in(work, house.visit(visit.id))
    assert talk.ended_at == house.clock.at
    assert (flowing(house), alone_in(house)) == ([], [])
    now = house.visit(visit.id)
    house.joins(now, now.watcher, "bb" * 8)
    assert (house.state(visit), flowing(house), alone_in(house)) == (VisitState.HELD, [], [])
    with house.work(sami) as work:
        assert isinstance(running.resume(work, visit.id), Visit)
    assert set(flowing(house)) == {now.watcher.id, house.child_in(visit).id}  # and the mother waits


def alone_in(house: House) -> list[str]:
    """Who is heard by the visit supervisor alone."""
    [room] = house.rooms().rooms
    return [one.participant for one in room.people if one.stage is RoomStage.PRIVATE]


def test_the_evidence_says_who_had_it_who_has_it_and_by_whom(house: House) -> None:
    sami = another(house)
    visit = house.live()
    handed(house, visit, sami, by=house.cast.priya, duty=house.cast.karim)
    said = house.last_entry()
    assert said["type"] == "supervision.handed_over"
    assert {"supervisor_before", "supervisor_after", "duty_before", "duty_after"} <= {
        *dict(said["facts"])  # type: ignore[call-overload]
    }
    assert "visit.left" in house.history()[-3:]


def test_time_is_given_back_to_the_one_and_taken_of_the_other_from_now_on(house: House) -> None:
    sami = another(house)
    visit = house.live()
    house.clock.at = visit.starts_at + timedelta(minutes=10)
    handed(house, visit, sami)
    claimed = house.claimed(visit)
    assert house.cast.lena not in claimed
    assert claimed[sami] == (house.clock.at, visit.ends_at + timedelta(minutes=15))
    assert house.overlaps() == 0


def test_nobody_takes_over_who_is_away_or_in_another_visit_and_a_refusal_changes_nothing(
    house: House,
) -> None:
    sami, noa = another(house), another(house, "Noa Berg")
    away(house, sami)
    visit = house.live()
    with house.work(house.cast.karim) as work:
        assert [one.id for one in could_take_over(work, visit).supervisors] == [noa]
    refused = tried(house, visit, sami)
    assert isinstance(refused, Refused)
    assert codes(refused) == [("R56", "away")]
    assert house.visit(visit.id) == visit


@pytest.mark.parametrize("who", ["lena", "noor"])
def test_neither_the_supervisor_nor_an_auditor_hands_it_over(house: House, who: str) -> None:
    visit, sami = house.live(), another(house)
    with pytest.raises(NotAllowed):
        tried(house, visit, sami, by=getattr(house.cast, who))
    assert house.visit(visit.id) == visit


def test_before_people_and_time_stand_fast_it_is_changed_and_decided_again(house: House) -> None:
    visit, sami = house.approved(), another(house)
    refused = tried(house, visit, sami)
    assert isinstance(refused, Refused)
    assert codes(refused) == [("R63", "not_yet")]
    house.clock.at = visit.starts_at - timedelta(minutes=20)
    assert handed(house, visit, sami).state is VisitState.APPROVED


def test_another_duty_person_answers_and_nobody_in_the_room_notices(house: House) -> None:
    visit = house.live()
    handed(house, visit, visit.supervisor, duty=house.cast.karim)
    found = house.visit(visit.id)
    assert (found.state, found.duty, found.watcher) == (VisitState.LIVE, house.cast.karim, visit.watcher)
    assert len(flowing(house)) == 3


def test_an_unknown_account_and_one_who_does_not_watch_are_refused(house: House) -> None:
    visit = house.live()
    for stranger in (AccountId("f" * 32), house.cast.karim):
        refused = tried(house, visit, stranger)
        assert isinstance(refused, Refused)
        assert ("R8", "no_supervisor") in codes(refused)
    assert house.visit(visit.id) == visit


def test_of_two_who_hand_it_over_at_once_one_is_told_that_the_other_was_faster(house: House) -> None:
    sami, noa = another(house), another(house, "Noa Berg")
    visit = house.live()
    handed(house, visit, sami)
    with pytest.raises(Conflict):
        tried(house, visit, noa)
    handed(house, house.visit(visit.id), noa)
    assert [one.account for one in house.visit(visit.id).participants if one.account] == [noa]
    assert sami not in house.claimed(visit)


def monitored(house: House) -> Visit:
    Serial(house=house).terms(level=SupervisionLevel.MONITORED, risk=Risk.LOW)
    return house.live(level=SupervisionLevel.MONITORED)


def test_below_supervised_those_who_are_together_stay_together(house: House) -> None:
    sami = another(house)
    visit = monitored(house)
    before = flowing(house)
    handed(house, visit, sami)
    assert house.state(visit) is VisitState.LIVE
    assert set(flowing(house)) == set(before) - {visit.watcher.id}
    house.clock.forward(timedelta(minutes=10))
    end_unwatched(house.installation)
    assert house.state(visit) is VisitState.LIVE
    now = house.visit(visit.id)
    house.joins(now, now.watcher, "bb" * 8)
    assert now.watcher.id in flowing(house)


def test_below_supervised_what_was_held_stays_held_until_the_other_one_lets_it_go_on(house: House) -> None:
    sami = another(house)
    visit = monitored(house)
    house.relay(visit, EventKind.HELD, 901, participant=visit.watcher.id, generation=7)
    handed(house, visit, sami)
    now = house.visit(visit.id)
    house.joins(now, now.watcher, "bb" * 8)
    assert (house.state(visit), flowing(house)) == (VisitState.HELD, [])
    with house.work(sami) as work:
        assert not isinstance(running.resume(work, visit.id), Refused)
    assert house.state(visit) is VisitState.LIVE
