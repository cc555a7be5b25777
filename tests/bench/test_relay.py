"""The relay bench measures real traffic and prints what it promises."""

import json

import pytest

from contact_service.bench.relay import run

KEYS = {
    "visits",
    "people",
    "packets_in",
    "packets_forwarded",
    "packets_lost",
    "cpu_us_per_forwarded_packet",
    "added_latency_ms",
    "rss_mb",
}


@pytest.mark.slow
def test_one_visit_is_forwarded_to_everybody_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(visits=1, people=3, seconds=2, peer=None, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures) == KEYS
    assert (figures["visits"], figures["people"]) == (1, 3)
    assert 600 < figures["packets_in"] < 800
    assert figures["packets_forwarded"] + figures["packets_lost"] == 2 * figures["packets_in"]
    assert figures["packets_lost"] < figures["packets_in"] / 20
    assert figures["cpu_us_per_forwarded_packet"] > 0
    assert 0 < figures["added_latency_ms"]["p50"] <= figures["added_latency_ms"]["p99"]


@pytest.mark.slow
def test_a_mediarelay_server_costs_ten_times_as_much(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(visits=2, people=3, seconds=3, peer="mediarelay", json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures["peer"]) == KEYS
    assert figures["peer"]["visits"] == 1
    assert figures["cpu_us_per_forwarded_packet"] * 10 < figures["peer"]["cpu_us_per_forwarded_packet"]


@pytest.mark.slow
def test_a_table_is_printed_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(visits=1, people=2, seconds=1, peer=None, json_output=False) == 0
    assert "cpu us per forwarded packet" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [{"visits": 0}, {"people": 1}, {"people": 7}, {"seconds": 0}, {"peer": "janus"}]
)
def test_figures_out_of_range_are_refused(
    wrong: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments: dict[str, object] = {"visits": 1, "people": 2, "seconds": 1, "peer": None, "json_output": True}
    assert run(**(arguments | wrong)) == 2  # type: ignore[arg-type]
    assert capsys.readouterr().out.startswith("--")
