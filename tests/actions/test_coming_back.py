"""Whoever comes back on a fresh device waits again, whatever the earlier one was allowed."""

from contact_service import actor
from contact_service.protocol.rooms import Stage as RoomStage
from contact_service.rooms.queries import room_list
from contact_service.visits.actions import attending
from contact_service.visits.visit import Stage
from contact_service.work import read
from tests.cast import House


def _listed(house: House, participant: str) -> tuple[RoomStage, str | None]:
    with read(house.installation, actor.relay("relay-1")) as work:
        [room] = room_list(work, relay="relay-1", boot="b0" * 16).rooms
    [person] = [p for p in room.people if p.participant == participant]
    return person.stage, person.leg


def test_a_fresh_leg_after_a_silent_one_waits(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    assert mother.leg is not None
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.disconnected(work, visit.id, mother, mother.leg)
    assert _listed(house, mother.id) == (RoomStage.ADMITTED, mother.leg)
    house.joins(visit, mother, "ff" * 8)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.WAITING
    assert _listed(house, mother.id) == (RoomStage.WAITING, "ff" * 8)


def test_the_same_leg_comes_back_as_it_was(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    assert mother.leg is not None
    for report in (attending.disconnected, attending.connected):
        with house.as_actor(actor.relay("relay-1")) as work:
            report(work, visit.id, mother, mother.leg)
    assert house.mother_in(house.visit(visit.id)).stage is Stage.ADMITTED


def test_who_left_waits_again(house: House) -> None:
    visit = house.live()
    mother = house.mother_in(visit)
    assert mother.leg is not None
    with house.as_actor(actor.relay("relay-1")) as work:
        attending.left(work, visit.id, mother, mother.leg)
    assert _listed(house, mother.id) == (RoomStage.WAITING, None)
