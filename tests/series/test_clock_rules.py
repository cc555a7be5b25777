"""When the rules of a zone change, visits stand where they are, and every one that would move is told of once."""

import importlib
import subprocess
import sys
import zoneinfo
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.series.actions.changing import move_instance
from contact_service.visits.queries.clock_changes import ClockChange, visits_out_of_step
from contact_service.zone_rules import _edition, zone_rules
from tests.cast import House
from tests.series.asked import Serial, nth

HOUR = timedelta(hours=1)


def reckoned_otherwise(house: House, visit: str, wall: str) -> None:
    """As if the instant of the visit had been reckoned with rules by which the clock showed ``wall`` then."""
    with house.installation.engine.begin() as connection:
        query = text("UPDATE visit SET wall_start = :wall, tzdata = '2025a' WHERE id = :id")
        connection.execute(query, {"wall": wall, "id": visit})


def out_of_step(house: House) -> list[ClockChange]:
    with house.reading(house.cast.karim) as work:
        return visits_out_of_step(work)


def test_a_visit_that_new_rules_would_move_is_told_of_once_and_not_moved(serial: Serial) -> None:
    series = serial.asked()
    assert out_of_step(serial.house) == []
    second = nth(series, 2).visit
    assert second is not None
    reckoned_otherwise(serial.house, second.id, "2030-05-22T17:00")
    [change] = out_of_step(serial.house)
    assert change.visit == second.id
    assert (change.would_be, change.reckoned_with) == (second.starts_at + HOUR, "2025a")
    for _ in range(2):
        serial.night()
        serial.house.clock.forward(timedelta(days=1))
    with serial.house.reading(serial.house.cast.karim) as work:
        asked = [one for one in open_follow_ups(work) if one.kind is FollowUpKind.CLOCKS_CHANGED]
    assert [(one.visit, one.person) for one in asked] == [(second.id, serial.house.cast.mia)]
    assert serial.house.visit(second.id).starts_at == second.starts_at


def test_a_wall_time_that_new_rules_skip_is_told_of_too(serial: Serial) -> None:
    visit = serial.house.requested()
    reckoned_otherwise(serial.house, visit.id, "2031-03-30T01:30")
    [change] = out_of_step(serial.house)
    assert change.would_be is None
    serial.night()
    with serial.house.reading(serial.house.cast.karim) as work:
        assert FollowUpKind.CLOCKS_CHANGED in [one.kind for one in open_follow_ups(work)]


def test_what_is_over_and_what_was_called_off_is_left_alone(serial: Serial) -> None:
    visit = serial.house.requested()
    reckoned_otherwise(serial.house, visit.id, "2030-05-15T17:00")
    assert len(out_of_step(serial.house)) == 1
    serial.house.clock.at = datetime.fromisoformat("2030-05-15T16:00+00:00")
    assert out_of_step(serial.house) == []


def test_the_edition_is_that_of_the_rules_in_use(tmp_path: Path) -> None:
    rules = next((Path(folder) for folder in zoneinfo.TZPATH if (Path(folder) / "UTC").is_file()), None)
    assert zone_rules()
    if rules is not None and (rules / "tzdata.zi").is_file():
        assert zone_rules() in (rules / "tzdata.zi").read_text(encoding="utf-8").partition("\n")[0]
    (tmp_path / "tzdata.zi").write_text("# version 2031b\n", encoding="utf-8")
    assert _edition(tmp_path / "tzdata.zi") == "2031b"
    (tmp_path / "tzdata.zi").write_text("something else\n", encoding="utf-8")
    assert _edition(tmp_path / "tzdata.zi") == "unknown"
    assert _edition(tmp_path / "absent") == "unknown"


def test_without_rules_of_the_machine_the_edition_is_that_of_the_package() -> None:
    script = "from contact_service.zone_rules import zone_rules; print(zone_rules())"
    environment = {"PYTHONTZPATH": "", "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )
    assert done.stdout.strip() == importlib.import_module("tzdata").IANA_VERSION


def test_a_visit_that_somebody_moves_has_its_new_wall_time(serial: Serial) -> None:
    series = serial.asked()
    with serial.karim() as work:
        move_instance(work, series.id, nth(series, 3).id, datetime.fromisoformat("2030-05-30T10:15"))
    assert out_of_step(serial.house) == []
    with serial.house.installation.engine.connect() as connection:
        walls = connection.execute(text("SELECT wall_start FROM visit")).scalars().all()
    assert "2030-05-30T10:15" in walls
    assert "2030-05-29T16:00" not in walls
