"""Who lets whom in, in which order, and what opens again after a stop."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from contact_service.errors import NotAllowed, NotFound
from contact_service.policy.decision import Refused
from contact_service.protocol.link import EventKind
from contact_service.protocol.rooms import ClearedLatch
from contact_service.visits.actions import ending, running
from contact_service.visits.visit import (
    Company,
    EndReason,
    IdentityMethod,
    Participant,
    Stage,
    Visit,
    VisitState,
)
from tests.cast import BOOT, SEEN, House

MOTHER, CHILD, WATCHER = "bb" * 16, "cc" * 16, "aa" * 16


@pytest.fixture
def waiting(house: House) -> Visit:
    """Everybody has agreed and waits with a device; Lena is there."""
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, WATCHER)
    house.joins(visit, house.mother_in(visit), MOTHER)
    house.joins(visit, house.child_in(visit), CHILD)
    return house.visit(visit.id)


def admit(
    house: House, visit: Visit, participant: Participant, method: IdentityMethod | None = IdentityMethod.PHOTO
) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return running.admit(work, visit.id, participant.id, replace(SEEN, method=method))


def codes(result: Visit | Refused) -> list[str]:
    assert isinstance(result, Refused)
    return [reason.code for reason in result.reasons]


def test_the_first_admission_makes_the_visit_live(house: House, waiting: Visit) -> None:
    result = admit(house, waiting, house.mother_in(waiting))
    assert isinstance(result, Visit)
    assert (result.state, result.live_at) == (VisitState.LIVE, house.clock.at)
    admitted = next(e for e in house.entries() if e.type == "admission.granted")
    assert admitted.fields["facts"]["identity_method"] == "photo"
    assert admitted.fields["decision"]["rules"] == [
        "R20",
        "R21",
        "R22",
        "R23",
        "R59",
        "R24",
        "R25",
        "R31",
        "R43",
        "R52",
        "R53",
        "R67",
        "R68",
    ]


@pytest.mark.rule("R25")
def test_the_child_comes_after_the_adult(house: House, waiting: Visit) -> None:
    entries = len(house.history())
    assert codes(admit(house, waiting, house.child_in(waiting))) == ["child_last"]
    assert house.since(entries) == ["admission.refused"]
    assert house.visit(waiting.id) == waiting
    admit(house, waiting, house.mother_in(waiting))
    assert isinstance(admit(house, waiting, house.child_in(waiting)), Visit)


@pytest.mark.rule("R24")
def test_nobody_is_let_in_whose_face_was_not_checked(house: House, waiting: Visit) -> None:
    assert codes(admit(house, waiting, house.mother_in(waiting), None)) == ["not_identified"]


@pytest.mark.rule("R21")
def test_nothing_starts_before_the_supervisor_is_there(house: House) -> None:
    visit = house.waiting()
    house.consents(house.cast.dana)
    house.joins(visit, house.mother_in(visit), MOTHER)
    assert codes(admit(house, visit, house.mother_in(visit))) == ["supervisor_away"]


@pytest.mark.rule("R21")
@pytest.mark.parametrize("who", ["karim", "priya"])
def test_nobody_else_lets_people_in(house: House, waiting: Visit, who: str) -> None:
    with house.work(getattr(house.cast, who)) as work:
        result = running.admit(work, waiting.id, house.mother_in(waiting).id, SEEN)
    assert codes(result) == ["not_supervisor"]
    assert house.visit(waiting.id) == waiting


@pytest.mark.rule("R22")
@pytest.mark.rule("R25")
def test_nobody_is_let_in_who_is_not_there_and_has_not_agreed(house: House) -> None:
    visit = house.waiting()
    house.joins(visit, visit.watcher, WATCHER)
    assert codes(admit(house, visit, house.mother_in(visit))) == [
        "not_waiting",
        "consent_missing",
        "company_not_told",
    ]


def test_the_supervisor_is_no_guest_and_a_stranger_is_nobody(house: House, waiting: Visit) -> None:
    for participant in (waiting.watcher.id, "f" * 32):
        with pytest.raises(NotFound), house.work(house.cast.lena) as work:
            running.admit(work, waiting.id, participant, SEEN)


def test_looking_shows_one_person_at_a_time(house: House, waiting: Visit) -> None:
    for seen in (house.mother_in, house.child_in):
        with house.work(house.cast.lena) as work:
            running.look(work, waiting.id, seen(waiting).id)
        private = [p for p in house.visit(waiting.id).families() if p.stage is Stage.PRIVATE]
        assert [p.id for p in private] == [seen(waiting).id]
    with house.work(house.cast.lena) as work:
        running.stop_looking(work, waiting.id, house.child_in(waiting).id)
    assert {p.stage for p in house.visit(waiting.id).families()} == {Stage.WAITING}


@pytest.mark.rule("R21")
def test_nobody_else_looks(house: House, waiting: Visit) -> None:
    with house.work(house.cast.karim) as work:
        assert codes(running.look(work, waiting.id, house.mother_in(waiting).id)) == ["not_supervisor"]
    assert house.visit(waiting.id) == waiting


@pytest.mark.rule("R26")
def test_resuming_clears_the_very_stop_that_stands(house: House) -> None:
    visit = house.live()
    house.relay(visit, EventKind.HELD, 1, reason="check", generation=7)
    assert house.state(visit) is VisitState.HELD
    with house.work(house.cast.lena) as work:
        running.resume(work, visit.id)
    [room] = house.rooms().rooms
    assert room.cleared_hold == ClearedLatch(boot=BOOT, generation=7)
    house.relay(visit, EventKind.HELD, 2, reason="check", generation=8)
    [room] = house.rooms().rooms
    assert (house.state(visit), room.cleared_hold) == (
        VisitState.HELD,
        ClearedLatch(boot=BOOT, generation=7),
    )


@pytest.mark.rule("R26")
def test_only_a_held_visit_is_resumed_and_only_by_its_supervisor(house: House) -> None:
    visit = house.live()
    with house.work(house.cast.lena) as work:
        assert codes(running.resume(work, visit.id)) == ["not_held"]
    house.relay(visit, EventKind.HELD, 1, reason="check", generation=1)
    with house.work(house.cast.karim) as work:
        assert codes(running.resume(work, visit.id)) == ["not_supervisor"]
    assert house.state(visit) is VisitState.HELD
    assert house.last_entry()["type"] == "visit.refused"


def test_unmuting_clears_the_very_mute_that_stands(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    house.relay(visit, EventKind.MUTED, 1, participant=mother.id, generation=3)
    assert house.mother_in(house.visit(visit.id)).muted
    with house.work(house.cast.lena) as work:
        running.unmute(work, visit.id, mother.id)
    person = next(p for p in house.rooms().rooms[0].people if p.participant == mother.id)
    assert (person.muted, person.cleared_mute) == (False, ClearedLatch(boot=BOOT, generation=3))


def test_nobody_else_unmutes_or_ends(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    house.relay(visit, EventKind.MUTED, 1, participant=mother.id, generation=3)
    with house.work(house.cast.karim) as work:
        running.unmute(work, visit.id, mother.id)
    assert house.mother_in(house.visit(visit.id)).muted
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    assert house.state(visit) is VisitState.LIVE


@pytest.mark.rule("R52")
def test_nobody_is_let_in_before_their_room_is_known(house: House, waiting: Visit) -> None:
    dana = house.mother_in(waiting)
    with house.installation.engine.begin() as connection:
        connection.execute(text("UPDATE visit_participant SET company = ''"))
    with house.work(house.cast.lena) as work:
        result = running.admit(work, waiting.id, dana.id, replace(SEEN, company=False))
    assert codes(result) == ["company_not_told", "company_not_seen"]
    assert house.last_entry()["decision"]["rules"] == ["R52"]  # type: ignore[index]
    with house.as_family(house.cast.dana) as work:
        running.tell_company(work, waiting, dana, Company.ADULT)
    assert house.last_entry()["reason"] == "adult"
    with house.work(house.cast.lena) as work:
        result = running.admit(work, waiting.id, dana.id, replace(SEEN, company=False))
    assert codes(result) == ["company_not_seen"]
    assert isinstance(admit(house, waiting, dana), Visit)
    granted = next(e for e in house.entries() if e.type == "admission.granted")
    assert granted.fields["facts"]["company"] == "adult"
