"""Every move of a visit, and every refusal of one, against one literal table drawn from the rules of practice."""

import pytest
from hypothesis import given, strategies as st

from contact_service.errors import IllegalMove
from contact_service.visits.visit import MOVES, TERMINAL, VisitState, check_move

# Rows: the state before.  Columns, in the same order: the state after.  x is a move, . is a refusal.
TABLE = """
                 dra req app dec wit lap rea wai liv hel sup end mis fai rec sig can sus
draft             .   x   .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   x
requested         .   .   x   x   x   x   .   .   .   .   .   .   .   .   .   .   x   x
approved          .   x   .   .   .   .   x   .   .   .   .   .   .   .   .   .   x   x
declined          .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
withdrawn         .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
lapsed            .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
ready             .   x   .   .   .   .   .   x   .   .   .   .   .   .   .   .   x   x
waiting           .   .   .   .   .   .   .   .   x   .   .   x   x   x   .   .   x   x
live              .   .   .   .   .   .   .   .   .   x   x   x   .   x   .   .   .   .
held              .   .   .   .   .   .   .   .   x   .   x   x   .   x   .   .   .   .
supervisor_lost   .   .   .   .   .   .   .   .   .   x   .   x   .   x   .   .   .   .
ended             .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   .   .   .
missed            .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   .   .   .
failed            .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   .   .   .
recorded          .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   .   .
signed_off        .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
cancelled         .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
suspended         .   x   .   .   .   .   .   .   .   .   .   .   .   .   .   .   x   .
"""
_LINES = [line.split() for line in TABLE.strip().splitlines()]
_STATES = [VisitState(line[0]) for line in _LINES[1:]]
PAIRS = [
    (before, after, mark == "x")
    for before, line in zip(_STATES, _LINES[1:], strict=True)
    for after, mark in zip(_STATES, line[1:], strict=True)
]


def test_the_table_names_every_state_in_both_directions() -> None:
    assert set(_STATES) == set(VisitState)
    assert [state.value[:3] for state in _STATES] == _LINES[0]
    assert len(PAIRS) == 18 * 18


@pytest.mark.parametrize(("before", "after", "allowed"), PAIRS, ids=str)
def test_a_visit_moves_as_the_table_says(before: VisitState, after: VisitState, allowed: bool) -> None:  # noqa: FBT001  from the table
    if allowed:
        check_move(before, after)
        return
    with pytest.raises(IllegalMove, match="cannot become"):
        check_move(before, after)


def test_no_move_leaves_an_end() -> None:
    assert {state.value for state in TERMINAL} == {
        "declined",
        "withdrawn",
        "lapsed",
        "cancelled",
        "signed_off",
    }


def test_every_state_is_reached_and_can_reach_an_end() -> None:
    reached = {VisitState.DRAFT}
    while more := {after for state in reached for after in MOVES[state]} - reached:
        reached |= more
    assert reached == set(VisitState)
    ending = set(TERMINAL)
    while more := {state for state in VisitState if MOVES[state] & ending} - ending:
        ending |= more
    assert ending == set(VisitState)


@given(st.lists(st.sampled_from(VisitState), max_size=60))
def test_a_walk_never_leaves_the_table_and_stops_at_an_end(wishes: list[VisitState]) -> None:
    here, ended = VisitState.DRAFT, False
    for wish in wishes:
        try:
            check_move(here, wish)
        except IllegalMove:
            continue
        assert not ended
        assert (here, wish, True) in PAIRS
        here, ended = wish, wish in TERMINAL


def test_a_refused_move_says_both_states_in_words() -> None:
    with pytest.raises(IllegalMove) as refused:
        check_move(VisitState.SUPERVISOR_LOST, VisitState.SIGNED_OFF)
    assert str(refused.value) == "A visit that is supervisor lost cannot become signed off."
