"""Whether a plan of an invented week breaks a hard rule, minute by minute, from the rules in wall time alone.

Independent on purpose: it shares nothing with the solvers or with their judge, not even their sets of slots.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from contact_service.bench.visitgen.wall import Document, is_open

_MINUTE = timedelta(minutes=1)


def troubles(document: Mapping[str, Any], plan: Mapping[str, Document]) -> list[str]:
    """What is wrong with ``plan``, in one line each; nothing when it keeps every hard rule."""
    return sorted(set(_Checker(document, plan).all()))


class _Checker:
    def __init__(self, document: Mapping[str, Any], plan: Mapping[str, Document]) -> None:
        self.zone, self.write_up = ZoneInfo(document["zone"]), document["write_up_minutes"]
        self.people = {
            one["id"]: one
            for kind in ("workers", "parties", "interpreters", "pools")
            for one in document[kind]
        }
        self.wanted = {
            visit["id"]: (terms, visit) for terms in document["plans"] for visit in terms["visits"]
        }
        self.placed = {name: (datetime.fromisoformat(place["start"]), place) for name, place in plan.items()}

    def all(self) -> Iterator[str]:
        """Every trouble, some more than once."""
        unknown = self.placed.keys() - self.wanted.keys()
        if unknown:
            yield from (f"{name}: nobody wanted this visit" for name in unknown)
            return
        for name, (start, place) in self.placed.items():
            terms, visit = self.wanted[name]
            yield from (f"{name}: {trouble}" for trouble in self._one(terms, visit, start, place))
        yield from self._together()
        yield from self._days()
        yield from self._loads()

    def _minutes(self, name: str, *, write_up: bool = False) -> range:
        """Minutes since 1970 that a visit takes."""
        first = int(self.placed[name][0].timestamp()) // 60
        return range(first, first + self.wanted[name][0]["minutes"] + (self.write_up if write_up else 0))

    def _is_free(self, who: str, name: str, *, write_up: bool = False) -> bool:
        there = ZoneInfo(self.people[who]["zone"])
        start = self.placed[name][0]
        for minute in range(len(self._minutes(name, write_up=write_up))):
            shown = (start + minute * _MINUTE).astimezone(there)
            if not is_open(
                self.people[who]["hours"],
                shown.date().isoformat(),
                shown.weekday(),
                shown.hour * 60 + shown.minute,
            ):
                return False
        return True

    def _one(self, terms: Document, visit: Document, start: datetime, place: Document) -> Iterator[str]:
        team, name = place["workers"], visit["id"]
        if start.timestamp() % 900:
            yield "not on a quarter hour"
        yield from (f"{who} is away" for who in terms["people"] if not self._is_free(who, name))
        if terms["pool"] and not self._is_free(terms["pool"], name):
            yield "the pool is closed"
        yield from self._watched(terms, team, name)
        yield from self._spoken(terms, place, name)
        if visit.get("pinned") and datetime.fromisoformat(visit["booked"]["start"]) != start:
            yield "pinned elsewhere"

    def _watched(self, terms: Document, team: list[str], name: str) -> Iterator[str]:
        if len(set(team)) != terms["workers_needed"] or len(team) != terms["workers_needed"]:
            yield "not the number of workers"
        for who in team:
            if who not in terms["knows"] or who in terms["conflicts"]:
                yield f"{who} may not watch over it"
            if terms["female_only"] and not self.people[who]["female"]:
                yield f"{who} is no woman"
            if not self._is_free(who, name, write_up=True):
                yield f"{who} is away"

    def _spoken(self, terms: Document, place: Document, name: str) -> Iterator[str]:
        language, comes = terms["language"], place["interpreter"]
        needs = language is not None and all(
            language not in self.people[who]["languages"] for who in place["workers"]
        )
        if needs != (comes is not None):
            yield "an interpreter too few or too many"
        elif comes is not None and (
            self.people[comes]["language"] != language or not self._is_free(comes, name)
        ):
            yield "the interpreter cannot"

    def _together(self) -> Iterator[str]:
        """Nobody is in two visits in one minute, and no pool gives more than it has."""
        inside: Counter[tuple[str, int]] = Counter()
        for name, (_, place) in self.placed.items():
            terms = self.wanted[name][0]
            others = [place["interpreter"]] * bool(place["interpreter"]) + [terms["pool"]] * bool(
                terms["pool"]
            )
            inside.update(
                (who, minute) for who in (*terms["people"], *others) for minute in self._minutes(name)
            )
            inside.update(
                (who, minute) for who in place["workers"] for minute in self._minutes(name, write_up=True)
            )
        for (who, _), count in inside.items():
            if count > self.people[who].get("units", 1):
                yield f"{who} is in {count} visits at once"

    def _day(self, name: str) -> date:
        return self.placed[name][0].astimezone(self.zone).date()

    def _days(self) -> Iterator[str]:
        for one, other in combinations(self.placed, 2):
            first, second = self.wanted[one][0], self.wanted[other][0]
            between = abs((self._day(one) - self._day(other)).days)
            if first["id"] == second["id"] and between < first["gap_days"]:
                yield f"{one}, {other}: too close"
            if between == 0 and set(first["children"]) & set(second["children"]):
                yield f"{one}, {other}: a child twice a day"
            if between == 0 and set(first["apart"]) & set(second["apart"]):
                yield f"{one}, {other}: kept apart"

    def _loads(self) -> Iterator[str]:
        days: Counter[tuple[str, date]] = Counter()
        minutes: Counter[str] = Counter()
        for name, (_, place) in self.placed.items():
            for who in place["workers"]:
                days[who, self._day(name)] += 1
                minutes[who] += len(self._minutes(name, write_up=True))
        yield from (
            f"{who}: too many visits a day"
            for (who, _), n in days.items()
            if n > self.people[who]["most_a_day"]
        )
        yield from (
            f"{who}: too many hours" for who, n in minutes.items() if n > self.people[who]["most_minutes"]
        )
