"""Every order in which three stories can be told at once, each on a real database, with nobody let in wrongly.

The first story is a visit, from the booking to the admission and a talk alone, and once more should it have been
stopped; the second an order that is made and lifted; the third a mother who takes her consent back and gives it again.
The steps of each keep their order among themselves, so there are 14! / (10! 2! 2!) = 6,006 interleavings for each of
the four ways in which the order binds: 24,024.

Interleavings that begin alike share their beginning: the database file is copied before each step and put back to go
on in another way.  ``INTERLEAVINGS=all`` tells all of them; otherwise so many, chosen anew each time.
"""

import copy
import os
import random
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contact_service.consent.consent import ConsentState, Purpose
from contact_service.ids import PersonId, VisitId
from contact_service.restrictions.restriction import RestrictionKind
from tests.cast import NOON, House
from tests.histories.acts import Town
from tests.histories.conftest import Houses

ASKED_FOR = os.environ.get("INTERLEAVINGS", "30")
DAY = (NOON + timedelta(days=2)).replace(hour=14, minute=55)  # five minutes before the start, in London 15:55
VISIT = (
    "book",
    "approve",
    "day",
    "open",
    "join",
    "admit",
    "aside",
    "approve again",
    "join again",
    "admit again",
)
ORDER = ("order", "lift")
CONSENT = ("no", "yes")
KEPT = ("book", "visits", "restrictions", "tickets", "askers", "versions", "knocked")


def interleavings(*stories: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every merging of the stories, in the order of a dictionary of places."""
    if not any(stories):
        yield ()
    for place, story in enumerate(stories):
        if story:
            rest = (*stories[:place], story[1:], *stories[place + 1 :])
            for tail in interleavings(*rest):
                yield (story[0], *tail)


@dataclass(kw_only=True)
class Telling:
    """One town that can be put back to where it was before a step."""

    town: Town
    kind: RestrictionKind
    begins: datetime | None
    file: Path
    shelf: list[tuple[Path, datetime, dict[str, Any]]] = field(default_factory=list)
    steps: int = 0

    @property
    def dana(self) -> PersonId:
        return self.town.house.cast.dana

    def remembers(self) -> None:
        """Put a copy of everything on the shelf."""
        town = self.town
        town.house.installation.engine.dispose()  # the last connection folds the log into the file
        copied = self.file.with_suffix(f".{len(self.shelf)}")
        shutil.copy(self.file, copied)
        mind = copy.deepcopy({name: getattr(town, name) for name in KEPT} | _of_judge(town))
        mind |= {"phones": dict(town.phones), "numbers": town.numbers}
        self.shelf.append((copied, town.now, mind))

    def goes_back(self, depth: int) -> None:
        """To before the step of this number."""
        del self.shelf[depth + 1 :]
        copied, at, mind = self.shelf.pop()
        town = self.town
        town.house.installation.engine.dispose()
        shutil.copy(copied, self.file)
        town.house.clock.at = at
        mind = copy.deepcopy({name: mind[name] for name in mind if name != "phones"}) | {
            "phones": dict(mind["phones"])
        }
        for name in (*KEPT, "phones", "numbers"):
            setattr(town, name, mind[name])
        judge = town.judge
        judge.book, judge.knocked = town.book, town.knocked
        judge.inside, judge.flowing = mind["inside"], mind["flowing"]

    def does(self, step: str) -> None:
        self.steps += 1
        acts: dict[str, Callable[[], None]] = {
            "book": self._books,
            "day": self._day_comes,
            "order": self._orders,
            "no": lambda: self._answers(ConsentState.WITHDRAWN),
            "yes": lambda: self._answers(ConsentState.GIVEN),
            "lift": self._lifts,
        }
        if step in acts:
            acts[step]()
        elif self.town.visits:
            self._in_visit(step, self.town.visits[0])
        self.town.judge.looks(self.town.visits)

    def stands(self) -> str:
        """Where the visit stands."""
        visits = self.town.visits
        return self.town.house.visit(visits[0]).state.value if visits else "not booked"

    def _books(self) -> None:
        self.town.asks(self.town.wish(self.town.house.cast.mia, (self.dana,), 2, 16))

    def _day_comes(self) -> None:
        """Messages were delivered and the door opens; what binds from this instant has not been acted on."""
        self.town.house.clock.at = DAY - timedelta(seconds=1)
        self._ticks()
        self.town.house.clock.at = DAY

    def _orders(self) -> None:
        begins = self.begins if self.begins is not None and self.begins > self.town.now else None
        mia = self.town.house.cast.mia
        self.town.restricts(self.kind, self.dana, mia, starts_at=begins, ends_at=None)

    def _lifts(self) -> None:
        if self.town.restrictions:
            self.town.asks_to_lift("karim", 0)
            self.town.lifts("priya", 0)

    def _answers(self, state: ConsentState) -> None:
        self.town.staff_records(self.dana, Purpose.NOTES_KEPT, state)

    def _in_visit(self, step: str, visit: VisitId) -> None:
        found = self.town.house.visit(visit)
        mother = self.town.house.mother_in(found)
        match step.removesuffix(" again"):
            case "approve":
                self.town.decides(visit, "approve")
                self.town.delivers(visit)
                self._ticks()
            case "open":
                self.town.agrees(visit, self.dana)
            case "join":
                self.town.joins(visit, found.watcher)
                if step == "join again":
                    self.town.agrees(visit, self.dana)
                self.town.knocks(visit, self.dana)
                self.town.joins(visit, mother)
            case "aside":
                self.town.takes_aside(visit, mother)
            case _:
                self.town.admits(visit, mother)

    def _ticks(self) -> None:
        """The clock's jobs run twice: what one makes ready the next opens."""
        self.town.tick()
        self.town.tick()


def _of_judge(town: Town) -> dict[str, Any]:
    return {"inside": town.judge.inside, "flowing": town.judge.flowing}


def tell(telling: Telling, stories: list[tuple[str, ...]]) -> Counter[str]:
    """Tell all of them, in an order in which those that begin alike stand together."""
    ends: Counter[str] = Counter()
    before: tuple[str, ...] = ()
    for story in sorted(stories):
        alike = next((n for n, (a, b) in enumerate(zip(before, story, strict=False)) if a != b), 0)
        if before:
            telling.goes_back(alike)
        for step in story[alike:]:
            telling.remembers()
            telling.does(step)
        before = story
        ends[telling.stands()] += 1
    return ends


def chosen() -> list[tuple[str, ...]]:
    every = list(interleavings(VISIT, ORDER, CONSENT))
    assert len(every) == len(set(every)) == 6_006
    if ASKED_FOR == "all":
        return every
    return random.sample(every, min(len(every), int(ASKED_FOR)))


def house_file(house: House) -> Path:
    found = house.installation.engine.url.database
    assert found is not None
    return Path(found).resolve()  # where the link leads


WAYS = {
    "no contact at once": (RestrictionKind.NO_CONTACT, None),
    "no contact from the day": (RestrictionKind.NO_CONTACT, DAY),
    "apart from the day": (RestrictionKind.APART, DAY),
    "an urgent stop": (RestrictionKind.SUSPENDED, None),
}


@pytest.mark.slow
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("way", WAYS)
def test_in_no_order_of_steps_is_anybody_let_in_wrongly(houses_on_sqlite: Houses, way: str) -> None:
    kind, begins = WAYS[way]
    with houses_on_sqlite() as house:
        telling = Telling(town=Town(house=house), kind=kind, begins=begins, file=house_file(house))
        stories = chosen()
        ends = tell(telling, stories)
        judge = telling.town.judge
        told = f"{len(stories)} interleavings, {telling.steps} steps, {judge.admissions} admissions, 0 wrong"
        print(f"{way}: {told}; visits stood {dict(ends)}")  # noqa: T201  the figures of a long run
    assert sum(ends.values()) == len(stories)
    assert judge.admissions > 0
