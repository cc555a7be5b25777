"""Whatever is sent to whichever door: a clear answer, never a fault of ours, and what is refused changes nothing."""

import json
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from tests.api.conftest import Machine, Person
from tests.api.test_every_door import TRACES, Walk, operations, story
from tests.cast import House

TRIES = int(os.environ.get("FUZZ", "400"))
# Rules that say no are an answer too, kept for whoever sends the same again with its key.
# A plan that one of the bodies started goes on being searched for while the next are sent.
KEPT = TRACES | {"idempotency_key", "plan_run", "plan_run_visit"}
STRANGE = (
    "", "\0", "\ud800", "a" * 9000, "0" * 32, "f" * 32, "2030-02-30", "9999-12-31", "0001-01-01", "=1+1",
    "9999-12-31T23:59:59Z", "2030-05-20T16:00", "'; DROP TABLE x", "en-US-x-" + "a" * 300, "1e400", "NaN",
)  # fmt: skip
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(STRANGE),
    st.lists(st.text(max_size=4), max_size=60),
    st.dictionaries(st.text(max_size=8), st.integers(), max_size=3),
)


def members_of(operation: str) -> set[str]:
    """Everything that the body of an operation may hold, also what the story left out."""
    field = operations()[operation].body_field
    kind = getattr(field, "field_info", None)
    return set(getattr(getattr(kind, "annotation", None), "model_fields", ()))


@st.composite
def spoiled(draw: st.DrawFn, body: dict[str, Any], members: set[str]) -> object:
    """A body that was right, with one or two of its members made odd, missing or more."""
    made: dict[str, Any] = dict(body)
    for _ in range(draw(st.integers(1, 2))):
        name = draw(st.sampled_from([*sorted(members | made.keys()), "more"]))
        if draw(st.booleans()) or name not in made:
            made[name] = draw(ODD)
        else:
            del made[name]
    return made if draw(st.integers(0, 9)) else draw(ODD)


def knocks(house: House, walk: Walk, number: list[int], data: st.DataObject) -> None:
    operation = data.draw(st.sampled_from(sorted(walk.passed)))
    door = walk.passed[operation]
    number[0] += 1
    before = house.snapshot(leaving_out=KEPT)
    if door.method == "GET":
        odd = {
            name: data.draw(ODD) for name in ("child", "first", "last", "starts", "minutes", "role", "system")
        }
        answer = door.one.ask(
            "GET", door.way, params={k: str(v).encode("utf-8", "replace").decode() for k, v in odd.items()}
        )
    else:
        body = data.draw(spoiled(door.body, members_of(operation)))
        # As text, so that what JSON does not know (Infinity, lone surrogates) is sent too.
        sent = json.dumps(body).encode()
        headers = {"Idempotency-Key": f"fuzz-{number[0]:06}", "Content-Type": "application/json"}
        answer = door.one.ask(door.method, door.way, content=sent, headers=headers)
    assert answer.status_code < 500, (operation, answer.text)
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert house.snapshot(leaving_out=KEPT) == before, (operation, answer.text)


@pytest.mark.slow
def test_no_body_breaks_a_door(house: House, machine: Machine, person: Person) -> None:
    walk, number = story(house, machine, person), [0]

    @settings(
        max_examples=TRIES,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def whatever_is_sent(data: st.DataObject) -> None:
        knocks(house, walk, number, data)

    assert {"order", "starts_at"} <= members_of("restrict")
    whatever_is_sent()
    assert number[0] >= TRIES
