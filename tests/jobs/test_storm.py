"""Each reminder is sent once, or somebody is told; none of a visit that was called off; none at night.

``REMINDERS=10000`` runs so many, on PostgreSQL; the figures of a long run stand in ``tests/README.md``.
"""

import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contact_service.work import Installation
from tests.cast import NOON, House
from tests.jobs.storm import HOUR, MINUTE, Arrival, Storm
from tests.jobs.ticking import SharedHands

REMINDERS = int(os.environ.get("REMINDERS", "150"))
LONDON = ZoneInfo("Europe/London")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(max(300, REMINDERS // 2))]


@pytest.fixture
def storm(house: House, database_url: str, key_path: Path, memory_folder: Path) -> Iterator[Storm]:
    hands = memory_folder / "hands"
    hands.write_text("0.0", encoding="ascii")
    clock = SharedHands(hands)
    clock.at = NOON
    installation = Installation(
        engine=house.installation.engine,
        keys=house.installation.keys,
        agency=house.installation.agency,
        log_origin=house.installation.log_origin,
        clock=clock,
    )
    shared = House(installation=installation, cast=house.cast, clock=clock)  # type: ignore[arg-type]  # it is read and set alike
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    storm = Storm(shared, command=[database_url, str(key_path), str(port), str(hands)], port=port)
    yield storm
    storm.close()


STEP = 50 * MINUTE
WRONG = {
    3: Storm.some_are_called_off,
    8: Storm.no_mail_for_hours,
    14: Storm.clock_steps,
    26: Storm.one_is_stopped,
    34: Storm.a_day_of_downtime,
    40: Storm.some_are_called_off,
    46: Storm.one_is_stopped,
    50: Storm.clock_steps,
}


def test_whatever_happens_each_reminder_is_sent_once_or_somebody_is_told(storm: Storm) -> None:
    began = time.monotonic()
    on_sqlite = storm.house.installation.engine.name == "sqlite"
    storm.book(min(REMINDERS, 300) if on_sqlite else REMINDERS)
    booked = time.monotonic() - began
    storm.mail_comes()
    storm.boxes.kills_in_a_thousand = 40 if REMINDERS < 1000 else 4
    storm.start(2 if on_sqlite else 4)
    last, step = storm.last_start() + HOUR, 0
    while storm.house.clock() < last:
        step += 1
        WRONG.get(step, _nothing)(storm)
        storm.forward(STEP, seconds=0)
        storm.until_quiet()
        if REMINDERS > 1000:
            print(f"{step}: {len(storm.boxes.arrived)} at {storm.house.clock():%d %H:%M}", flush=True)  # noqa: T201
    storm.boxes.kills_in_a_thousand = 0
    for _ in range(
        3
    ):  # whoever was killed last left something in hand: it is decided on when its minute is over
        storm.forward(2 * MINUTE, seconds=7)
        storm.until_quiet()
    figures, wrong = judge(storm)
    figures |= {"seconds": round(time.monotonic() - began), "booked in": round(booked), "steps": step}
    print(dict(figures), dict(storm.done))  # noqa: T201  the figures are wanted
    assert wrong == []
    assert figures["distinct delivered"] > figures.total() / 10


def _nothing(_: Storm) -> None:
    pass


def judge(storm: Storm) -> tuple[Counter[str], list[object]]:
    """Every reminder, one after the other, against what the mailboxes got and what workers were told."""
    figures: Counter[str] = Counter()
    wrong: list[object] = []
    told, rows, now = storm.told(), storm.reminders(), storm.house.clock()
    ended = ("sent", "expired", "failed", "unknown")
    said = {(r["visit_id"], r["person_id"], r["visit_revision"]) for r in rows if r["state"] in ended}
    for row in rows:
        state, arrived = str(row["state"]), storm.boxes.arrived.get(str(row["id"]), [])
        figures[state] += 1
        figures["distinct delivered"] += bool(arrived)
        figures["repeats with the same Message-ID"] += max(0, len(arrived) - 1)
        figures["called off and not sent"] += str(row["id"]) in storm.called_off and not arrived
        match state:
            case "sent":
                good = bool(arrived)
            case "expired" | "failed" | "unknown":
                good = (row["visit_id"], row["person_id"]) in told
            case "superseded" if row["error"] == "said_again":
                good = (row["visit_id"], row["person_id"], row["visit_revision"]) in said
            case "superseded":
                good = str(row["id"]) in storm.called_off
            case _:
                good = state == "queued" and storm.visit_of(row).starts_at > now
        if not good or len(arrived) > 2 or not all(_in_time(storm, row, one) for one in arrived):
            wrong.append((row, arrived, storm.called_off.get(str(row["id"]))))
    return figures, wrong


def _in_time(storm: Storm, row: dict[str, object], arrival: Arrival) -> bool:
    """Not at night, not in the last minutes, not of a visit that was called off."""
    if (over := storm.called_off.get(str(row["id"]))) is not None:
        return arrival.moment <= over + 1.0
    starts_at = storm.visit_of(row).starts_at
    unsure = any(first <= arrival.moment <= last + 3.0 for first, last in storm.unsure)
    return any(
        _may_arrive(arrival.at + by, starts_at)
        for by in ((timedelta(0), HOUR) if unsure else (timedelta(0),))
    )


def _may_arrive(at: datetime, starts_at: datetime) -> bool:
    by_day, left = 8 <= at.astimezone(LONDON).hour < 21, starts_at - at
    return left > 14 * MINUTE and (by_day or left <= 2 * HOUR)
