"""Everything that may be done with series, at random, for many steps: what must hold holds after each.

- An instance is there once: in one series, under one original start that never changes, and at most one in a week.
- A visit belongs to one instance, and stays with it or with the one that a split made of it.
- Whoever is claimed is claimed by a visit that takes time, and no time is claimed twice.
- Nothing is planned in a series that has ended.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import Connection, text

from contact_service.errors import ContactServiceError
from contact_service.invitations.actions import inviting
from contact_service.plans.terms import Frequency, Period
from contact_service.series.actions.asking import NotAll, ask_for_series
from contact_service.series.actions.changing import call_off_instance, move_instance
from contact_service.series.actions.ending import end_series, extend_series
from contact_service.series.actions.splitting import Onward, split_series
from contact_service.series.pattern import monday_of
from contact_service.series.queries.finding import series_of_child
from contact_service.series.series import Instance, Series
from contact_service.visits.actions.doubting import doubt_visits_of
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import TAKING_TIME, VisitState
from tests.series.asked import Serial, nearer

REASONS = tuple(CancelReason)


@dataclass
class Walk:
    """One walk: the steps, and what was seen of each instance before."""

    serial: Serial
    chance: random.Random
    originals: dict[str, str] = field(default_factory=dict)
    visits: set[str] = field(default_factory=set)
    met: dict[str, int] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        """One act; that an act is not possible is an answer, and changes nothing."""
        acts: list[tuple[int, Callable[[], None]]] = [
            (3, self.ask),
            (6, self.move),
            (5, self.call_off),
            (4, self.split),
            (3, self.extend),
            (1, self.end),
            (1, self.replan),
            (3, self.approve),
            (4, self.days_pass),
        ]
        [act] = self.chance.choices([act for _, act in acts], [weight for weight, _ in acts])
        try:
            act()
            self.done[act.__name__] += 1
        except ContactServiceError as error:
            self.errors[f"{act.__name__}: {type(error).__name__}"] += 1

    def some_series(self) -> Series | None:
        with self.serial.house.reading(self.serial.house.cast.karim) as work:
            found = series_of_child(work, self.serial.house.cast.mia)
        # Several of one moment come in the order of their random ids: a walk takes them in the order it met them.
        found.sort(key=lambda one: self.met[one.id])
        going = [one for one in found if one.ended_at is None]
        return self.chance.choice(going or found) if found else None

    def some_instance(self) -> tuple[Series, Instance] | None:
        series = self.some_series()
        return (series, self.chance.choice(series.instances)) if series and series.instances else None

    def today(self) -> datetime:
        return self.serial.house.clock.at

    def hour(self) -> time:
        return time(self.chance.randint(8, 19), self.chance.choice((0, 15, 30)))

    def ask(self) -> None:
        first = self.today().date() + timedelta(days=self.chance.randint(1, 10))
        new = self.serial.new(
            first=first,
            last=first + timedelta(weeks=self.chance.randint(1, 6)),
            weekday=self.chance.randint(0, 6),
            clock=self.hour(),
            every=self.chance.choice((1, 1, 2)),
        )
        with self.serial.karim() as work:
            ask_for_series(work, new)

    def move(self) -> None:
        if (found := self.some_instance()) is None:
            return
        series, one = found
        day = one.wall.date() + timedelta(days=self.chance.randint(-3, 3))
        with self.serial.karim() as work:
            move_instance(work, series.id, one.id, datetime.combine(day, self.hour()))

    def call_off(self) -> None:
        if (found := self.some_instance()) is None:
            return
        with self.serial.karim() as work:
            call_off_instance(work, found[0].id, found[1].id, self.chance.choice(REASONS))

    def split(self) -> None:
        if (found := self.some_instance()) is None:
            return
        series, one = found
        onward = Onward(
            instance=one.id,
            wish=self.serial.house.wish(length=timedelta(minutes=self.chance.choice((15, 30)))),
            weekday=self.chance.randint(0, 6),
            clock=self.hour(),
            only_all=self.chance.random() < 0.2,
        )
        with self.serial.karim() as work:
            made = split_series(work, series.id, onward, series_id=work.new_id())
        if isinstance(made, NotAll):
            self.errors["split: NotAll"] += 1

    def extend(self) -> None:
        if (series := self.some_series()) is None:
            return
        last = series.pattern.last + timedelta(weeks=self.chance.randint(1, 4))
        with self.serial.karim() as work:
            extend_series(work, series.id, last)

    def end(self) -> None:
        if (series := self.some_series()) is None:
            return
        with self.serial.karim() as work:
            end_series(work, series.id, self.chance.choice(REASONS))

    def replan(self) -> None:
        most = self.chance.choice((None, 1, 2))
        self.serial.terms(
            length=timedelta(minutes=self.chance.choice((20, 45))),
            frequency=Frequency(per=Period.WEEK, most=most, gap_days=self.chance.choice((None, 2))),
        )
        with self.serial.house.work(self.serial.house.cast.priya) as work:
            doubt_visits_of(work, self.serial.house.cast.mia)

    def approve(self) -> None:
        if (found := self.some_instance()) is None or found[1].visit is None:
            return
        with self.serial.house.work(self.serial.house.cast.priya) as work:
            inviting.approve(work, found[1].visit.id)

    def days_pass(self) -> None:
        self.serial.house.clock.forward(timedelta(days=self.chance.randint(1, 6)))
        self.serial.night()

    def check(self) -> None:
        """Everything that must hold, from the tables alone."""
        with self.serial.house.installation.engine.connect() as connection:
            self._meet(connection)
            self._instances(connection)
            self._visits(connection)
            self._claims(connection)
        assert self.serial.house.overlaps() == 0

    def _meet(self, connection: Connection) -> None:
        """Number the series in the order they were made: no step makes more than one."""
        for row in connection.execute(text("SELECT id FROM series")):
            self.met.setdefault(row[0], len(self.met))

    def _instances(self, connection: Connection) -> None:
        joined = "series_instance i JOIN series s ON s.id = i.series_id"
        query = f"SELECT i.id, i.series_id, i.original, i.state, s.ended_at FROM {joined}"  # noqa: S608
        rows = connection.execute(text(query)).all()
        for one, _, original, _, _ in rows:
            assert self.originals.setdefault(one, original) == original
        weeks = Counter((series, monday_of(datetime.fromisoformat(o).date())) for _, series, o, _, _ in rows)
        assert set(weeks.values()) <= {1}
        assert not [state for *_, state, ended in rows if state == "planned" and ended is not None]

    def _visits(self, connection: Connection) -> None:
        rows = connection.execute(text("SELECT visit_id FROM series_instance WHERE visit_id IS NOT NULL"))
        found = [row[0] for row in rows]
        assert len(found) == len(set(found))
        assert self.visits <= set(found)
        self.visits = set(found)
        every = {row[0] for row in connection.execute(text("SELECT id FROM visit"))}
        assert every == self.visits

    def _claims(self, connection: Connection) -> None:
        query = "SELECT DISTINCT v.id, v.state FROM claim c LEFT JOIN visit v ON v.id = c.visit_id"
        claiming = {row[0]: row[1] for row in connection.execute(text(query))}
        assert None not in claiming
        assert {VisitState(state) for state in claiming.values()} <= TAKING_TIME
        rows = connection.execute(text("SELECT id, state FROM visit")).all()
        assert {one for one, state in rows if VisitState(state) in TAKING_TIME} == claiming.keys()


def walk(serial: Serial, *, steps: int, seed: int) -> Walk:
    nearer(serial.house, days=40)
    walking = Walk(serial=serial, chance=random.Random(seed))  # noqa: S311  a walk, not a secret
    for _ in range(steps):
        walking.step()
        walking.check()
    return walking


def test_a_short_walk_keeps_everything_that_must_hold(serial: Serial) -> None:
    assert len(walk(serial, steps=60, seed=4).visits) > 4


# So many in every run; ``SERIES_STEPS=1000`` for a long one, which takes ten minutes on PostgreSQL.
LONG = int(os.environ.get("SERIES_STEPS", "180"))


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_a_long_walk_keeps_everything_that_must_hold(serial: Serial) -> None:
    walked = walk(serial, steps=LONG, seed=2030)
    assert len(walked.visits) > LONG // 20  # 28 of 400
    assert {
        "ask",
        "move",
        "call_off",
        "split",
        "extend",
        "end",
        "replan",
        "approve",
        "days_pass",
    } <= walked.done.keys()
