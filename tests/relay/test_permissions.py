"""Who may hear and see whom, as a table and as properties (I-2, I-4, I-5)."""

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from contact_service.protocol.rooms import ClearedLatch, Level, Role, Room, RoomState, Stage, TakenEvent
from contact_service.relay.core.latches import Latch, Latches
from contact_service.relay.core.permissions import Facts, Standing, permitted_pairs
from tests.relay.traces import BOOT

FACTS = Facts(
    state=RoomState.LIVE,
    level=Level.SUPERVISED,
    held=False,
    over=False,
    leased=True,
    private=False,
    supervisor_present=True,
)
LENA = Standing(leg="lena", role=Role.SUPERVISOR, stage=Stage.ADMITTED)
EMIL = Standing(leg="emil", role=Role.FAMILY, stage=Stage.ADMITTED)
MIA = Standing(leg="mia", role=Role.CHILD, stage=Stage.ADMITTED)
ALL = frozenset((a, b) for a in ("lena", "emil", "mia") for b in ("lena", "emil", "mia") if a != b)


def test_admitted_people_in_a_live_room_hear_each_other() -> None:
    assert permitted_pairs(FACTS, [LENA, EMIL, MIA]) == ALL


@pytest.mark.parametrize(
    "change",
    [
        {"state": RoomState.WAITING},
        {"state": RoomState.HELD},
        {"state": RoomState.ENDED},
        {"held": True},
        {"over": True},
        {"leased": False},
        {"supervisor_present": False},
        {"private": True},
    ],
)
def test_any_one_obstacle_closes_everything(change: dict[str, object]) -> None:
    assert not permitted_pairs(replace(FACTS, **change), [LENA, EMIL, MIA])  # type: ignore[arg-type]


def test_levels_below_supervised_do_not_need_the_supervisor() -> None:
    facts = replace(FACTS, level=Level.SUPPORTED, supervisor_present=False)
    assert permitted_pairs(facts, [EMIL, MIA]) == {("emil", "mia"), ("mia", "emil")}


@pytest.mark.parametrize("state", [RoomState.WAITING, RoomState.LIVE, RoomState.HELD])
def test_private_is_between_the_supervisor_and_one_person_whatever_else_holds(state: RoomState) -> None:
    facts = replace(FACTS, state=state, held=True, private=True)
    people = [LENA, EMIL, replace(MIA, stage=Stage.PRIVATE)]
    assert permitted_pairs(facts, people) == {("lena", "mia"), ("mia", "lena")}


def test_two_people_in_private_at_once_hear_nobody() -> None:
    people = [LENA, replace(EMIL, stage=Stage.PRIVATE), replace(MIA, stage=Stage.PRIVATE)]
    assert not permitted_pairs(replace(FACTS, private=True), people)


facts_strategy = st.builds(
    Facts,
    state=st.sampled_from(RoomState),
    level=st.sampled_from(Level),
    held=st.booleans(),
    over=st.booleans(),
    leased=st.booleans(),
    private=st.booleans(),
    supervisor_present=st.booleans(),
)
standings = st.lists(
    st.builds(
        Standing, leg=st.sampled_from("abcdef"), role=st.sampled_from(Role), stage=st.sampled_from(Stage)
    ),
    unique_by=lambda standing: standing.leg,
)


@given(facts_strategy, standings)
def test_only_people_let_in_have_edges_and_they_go_both_ways(facts: Facts, people: list[Standing]) -> None:
    pairs = permitted_pairs(facts, people)
    inside = {person.leg for person in people if person.stage in (Stage.ADMITTED, Stage.PRIVATE)}
    assert {leg for pair in pairs for leg in pair} <= inside
    assert all((b, a) in pairs and a != b for a, b in pairs)


@given(facts_strategy, standings)
def test_family_is_never_together_without_lease_or_supervisor(facts: Facts, people: list[Standing]) -> None:
    watchers = {person.leg for person in people if person.role is Role.SUPERVISOR}
    family = {pair for pair in permitted_pairs(facts, people) if not watchers & set(pair)}
    if facts.level is Level.SUPERVISED and not facts.supervisor_present:
        assert not family
    if facts.private or facts.held or not facts.leased or facts.over:
        assert not family


ROOM = Room(visit="ab" * 8, level=Level.SUPERVISED, state=RoomState.LIVE, people=())
CLEARED = ClearedLatch(boot=BOOT, generation=5)
TAKEN = TakenEvent(boot=BOOT, number=9)


@pytest.mark.parametrize(
    ("room", "taken", "lifted"),
    [
        (replace(ROOM, cleared_hold=CLEARED), TAKEN, True),
        (replace(ROOM, cleared_hold=CLEARED), replace(TAKEN, number=10), True),
        (ROOM, TAKEN, False),
        (replace(ROOM, cleared_hold=CLEARED, state=RoomState.HELD), TAKEN, False),
        (replace(ROOM, cleared_hold=replace(CLEARED, generation=4)), TAKEN, False),
        (replace(ROOM, cleared_hold=replace(CLEARED, generation=6)), TAKEN, False),
        (replace(ROOM, cleared_hold=replace(CLEARED, boot="ff" * 16)), TAKEN, False),
        (replace(ROOM, cleared_hold=CLEARED), replace(TAKEN, number=8), False),
        (replace(ROOM, cleared_hold=CLEARED), replace(TAKEN, boot="ff" * 16), False),
        (replace(ROOM, cleared_hold=CLEARED), None, False),
    ],
)
def test_a_hold_lifts_only_by_a_list_that_knows_it(
    room: Room, taken: TakenEvent | None, *, lifted: bool
) -> None:
    latches = Latches(hold=Latch(BOOT, 5, 9))
    latches.apply(room, taken)
    assert (latches.hold is None) is lifted
