"""The bench of planning: every figure is there in every mode, and nothing breaks a rule."""

import json
from typing import Any

import pytest

from contact_service.bench import plan
from contact_service.bench.visitgen.week import Order
from contact_service.cli import main
from contact_service.week.outcome import Solver


def figures(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["bench", "plan", "--json", "--seed", "3", *words]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["violations"] == 0
    return found


def test_a_plan_is_measured_against_its_peer_and_the_bound(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "--visits", "40", "--solver", "recreate", "--steps", "400", "--bound", "20")
    shares = found["percent_of_bound"]
    assert shares["first_fit"] < shares["best_fit"] < shares["plan"] <= 100
    assert sum(found["parts"].values()) == found["points"]
    assert (found["visits"], found["steps"]) == (40, 400)
    assert json.loads(found["run"])["total"] == found["points"]
    again = figures(capsys, "--visits", "40", "--solver", "recreate", "--steps", "400", "--bound", "0")
    assert again["run"] == found["run"]
    assert "bound" not in again


def test_seconds_end_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "--visits", "40", "--seconds", "0.3", "--bound", "0")
    assert 0.2 < found["seconds"] < 1.5


def test_a_bad_morning_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "--visits", "60", "--mode", "repair", "--steps", "300", "--per-worker", "10")
    assert found["affected"] > 0
    assert found["moved_within_notice"] == 0
    assert sum(found["lost_because"].values()) == found["lost"]


@pytest.mark.slow
def test_eight_weeks_keep_their_usual_times(capsys: pytest.CaptureFixture[str]) -> None:
    found = figures(capsys, "--visits", "40", "--mode", "rolling", "--steps", "150")
    assert [name for name in found if name.startswith("week_")] == [f"week_{n}" for n in range(1, 9)]
    assert all(found[f"week_{n}"]["usual_percent"] >= 60 for n in range(3, 9))


def test_the_table_names_every_figure(capsys: pytest.CaptureFixture[str]) -> None:
    asked = plan.Asked(
        order=Order(visits=20, seed=1), solver=Solver.BEST_FIT, seconds=1, steps=0, bound_seconds=0
    )
    plan.run(asked, json_output=False)
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("first fit", "load spread", "least served percent", "violations"))
