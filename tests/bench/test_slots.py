"""The bench of slots asks a real question, and its peer finds the same starts."""

import json

import pytest

from contact_service.bench import slots


def test_both_ways_find_the_same_and_every_figure_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert slots.run(parties=4, workers=5, days=20, rounds=5, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["parties"], figures["workers"], figures["days"]) == (4, 5, 20)
    assert figures["starts"] > 20
    assert set(figures["warm_ms"]) == set(figures["cold_ms"]) == {"p50", "p95"}
    assert figures["peer"]["warm_ms"]["p50"] > figures["warm_ms"]["p50"]


def test_the_table_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    slots.run(parties=1, workers=1, days=2, rounds=1, json_output=False)
    assert "cold ms" in capsys.readouterr().out
