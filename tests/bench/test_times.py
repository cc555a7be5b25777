"""The bench of times asks the API for real, and is answered."""

import json

import pytest

from contact_service.bench import times


def test_times_are_found_through_the_api(capsys: pytest.CaptureFixture[str]) -> None:
    assert times.run(workers=3, visits=4, rounds=2, database_url=None, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["workers"], figures["rounds"]) == (3, 2)
    assert figures["offers"] > 0
    assert figures["p95_ms"] >= figures["p50_ms"] > 0
