"""How strict a level is, where a consent stands, how long a message waits."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given, strategies as st

from contact_service.consent.consent import FIRST_TEXTS, Answer, ConsentState, Purpose, standing
from contact_service.ids import PersonId
from contact_service.notifications.message import MOST_ATTEMPTS, wait_before_attempt
from contact_service.plans.terms import SupervisionLevel

STRICTEST_FIRST = ("supervised", "monitored", "supported", "unsupervised")


@pytest.mark.parametrize(("one", "other"), list(product(range(4), repeat=2)))
def test_a_level_is_at_least_every_level_below_it(one: int, other: int) -> None:
    mine, asked = SupervisionLevel(STRICTEST_FIRST[one]), SupervisionLevel(STRICTEST_FIRST[other])
    assert mine.at_least(asked) is (one <= other)


def answer(state: ConsentState, version: int) -> Answer:
    return Answer(
        person=PersonId("p"),
        purpose=Purpose.TAKE_PART,
        state=state,
        version=version,
        at=datetime(2030, 5, 14, tzinfo=UTC),
    )


def test_what_was_never_asked_is_needed() -> None:
    assert standing(None, newest_version=1) is ConsentState.NEEDED


@pytest.mark.parametrize(
    ("said", "version", "newest", "stands"),
    [
        ("given", 1, 1, "given"),
        ("given", 1, 2, "stale"),
        ("given", 2, 2, "given"),
        ("declined", 1, 2, "declined"),
        ("withdrawn", 1, 1, "withdrawn"),
        ("withdrawn", 1, 2, "withdrawn"),
    ],
)
def test_only_a_yes_grows_old(said: str, version: int, newest: int, stands: str) -> None:
    assert standing(answer(ConsentState(said), version), newest_version=newest) == stands


def test_every_purpose_has_a_first_wording_of_its_own() -> None:
    assert [text.purpose for text in FIRST_TEXTS] == list(Purpose)
    assert len({text.hash for text in FIRST_TEXTS}) == len(Purpose)


def test_a_message_waits_five_seconds_then_twice_as_long_and_never_over_ten_minutes() -> None:
    waits = [wait_before_attempt(n).total_seconds() for n in range(1, MOST_ATTEMPTS + 1)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600]


@given(st.integers(min_value=-5, max_value=10_000))
def test_no_number_of_attempts_breaks_the_wait(attempts: int) -> None:
    assert timedelta(seconds=5) <= wait_before_attempt(attempts) <= timedelta(minutes=10)
