"""The bench of booking books for real: one wins, and nobody is in two visits."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from contact_service.bench import booking


def test_one_of_all_who_ask_at_once_wins_and_nobody_is_booked_twice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert booking.run(clients=6, mixed=12, database_url=None, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["same"]["booked"], figures["same"]["taken"]) == (1, 5)
    assert figures["shifted"]["booked"] == 1
    assert figures["mixed"]["booked"] > 1
    assert (figures["overlaps"], figures["unclean"]) == (0, 0)
    assert figures["same"]["p95_ms"] >= figures["same"]["p50_ms"] > 0


def test_nothing_is_asked_for_besides_where_nothing_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert booking.run(clients=2, mixed=0, database_url=None, json_output=True) == 0
    assert "mixed" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("day", range(7))
def test_on_every_day_of_the_week_the_bench_asks_for_a_monday_that_may_still_be_booked(day: int) -> None:
    now = datetime(2026, 11, 23, 23, 59, tzinfo=UTC) + timedelta(days=day)
    monday = booking.next_monday(now)
    assert (monday.weekday(), monday.hour) == (0, 15)
    assert timedelta(days=7) < monday - now.replace(tzinfo=None) <= timedelta(days=14)
