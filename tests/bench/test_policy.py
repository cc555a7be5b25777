"""The bench of the rules decides what it says it decides."""

import json

import pytest

from contact_service.bench import policy


def test_the_figures_add_up_and_both_answers_occur(capsys: pytest.CaptureFixture[str]) -> None:
    assert policy.run(questions=448, json_output=True) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["permitted"] + figures["refused"] == figures["questions"] == 448
    assert figures["permitted"] > 50
    assert figures["refused"] > 50
    assert figures["questions_per_second"] > 0


def test_the_table_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    policy.run(questions=10, json_output=False)
    assert "questions per second" in capsys.readouterr().out
