"""Weeks that are known to have a plan for every visit: the plan first, then hours that grow around it."""

from dataclasses import dataclass, field
from typing import Any

from contact_service.bench.visitgen.people import WEEKEND, Frame
from contact_service.bench.visitgen.stream import Stream
from contact_service.bench.visitgen.wall import Document, clock, free_quarters, rule, week

_NOBODY = ""
_TRIES, _GROWTH, _DECOY = 40, 7, 50  # growth: up to six quarter hours to each side; decoys: in a hundred days


@dataclass(kw_only=True)
class _Taken:
    """What is taken of somebody: quarter hours, and how often each day."""

    slots: set[int] = field(default_factory=set)
    days: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Where a visit was planted: a quarter hour of the agency's week, and who watches over it."""

    start: int
    workers: list[str]
    interpreter: str | None


class Garden:
    """A full legal plan while it grows.  ``document`` has its workers, interpreters and pools already."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.planted: list[tuple[Document, str, Planted]] = []
        self._clock = clock(document["monday"], document["zone"], document["zone"])
        self._day = [weekday for _, weekday, _ in self._clock]
        self._free = {
            one["id"]: free_quarters(document, one["hours"], one["zone"])
            for kind in ("workers", "interpreters", "pools")
            for one in document[kind]
        }
        self._workers = {one["id"]: one for one in document["workers"]}
        self._taken: dict[str, _Taken] = {}
        self._inside: dict[tuple[str, int], int] = {}

    def plant(self, draw: Stream, plans: list[Document]) -> list[Document]:
        """The plans with only those visits that found a place, without plans that have none."""
        ages = {one["id"]: one["age"] for one in self.document["parties"] if one["kind"] == "child"}
        for plan in plans:
            youngest, oldest = (pick(ages[child] for child in plan["children"]) for pick in (min, max))
            days: list[int] = []
            for visit in list(plan["visits"]):
                place = self._place(draw, plan, days, (youngest, oldest))
                if place is None:
                    plan["visits"].remove(visit)
                else:
                    days.append(self._day[place.start])
                    self.planted.append((plan, visit["id"], place))
        return [plan for plan in plans if plan["visits"]]

    def _place(self, draw: Stream, plan: Document, days: list[int], ages: tuple[int, int]) -> Planted | None:
        length = plan["minutes"] // 15
        able = [one for one in plan["knows"] if one not in plan["conflicts"]]
        able = [one for one in able if self._workers[one]["female"] or not plan["female_only"]]
        for _ in range(_TRIES):
            team = draw.sample(able, plan["workers_needed"])
            if len(team) < plan["workers_needed"]:
                return None
            begins = [
                slot for slot in sorted(self._free[team[0]]) if self._minute_is_right(slot, length, ages)
            ]
            if not begins:
                continue
            start = draw.pick(begins)
            day = self._day[start]
            if any(abs(day - other) < plan["gap_days"] for other in days):
                continue
            if place := self._try(plan, start, team):
                return place
        return None

    def _minute_is_right(self, slot: int, length: int, ages: tuple[int, int]) -> bool:
        """Within school, naps and bedtime as a child of that age has them."""
        _, weekday, minute = self._clock[slot]
        ends = minute + 15 * length
        earliest = 540 if ages[1] < 5 or weekday in WEEKEND else 960  # noqa: PLR2004
        latest = 1110 if ages[0] < 5 else 1155 if ages[0] < 12 else 1260  # noqa: PLR2004
        return earliest <= minute and ends <= latest

    def _try(self, plan: Document, start: int, team: list[str]) -> Planted | None:
        length = plan["minutes"] // 15
        visit, busy = range(start, start + length), range(start, start + length + 1)
        day = self._day[start]
        if not all(self._is_free(one, busy, day) for one in team):
            return None
        if any(not self._taken.get(one, _Taken()).slots.isdisjoint(visit) for one in plan["people"]):
            return None
        if any(day in self._taken.get(one, _Taken()).days for one in plan["children"]):
            return None
        if day in self._days_apart(plan):
            return None
        pool = self._pool(plan, visit)
        interpreter = self._interpreter(plan, team, visit)
        if not pool or interpreter == _NOBODY:
            return None
        takes: list[Any] = [*((one, busy) for one in team), *((one, visit) for one in plan["people"])]
        takes += [(interpreter, visit)] if interpreter else []
        for one, slots in takes:
            taken = self._taken.setdefault(one, _Taken())
            taken.slots |= set(slots)
            taken.days[day] = taken.days.get(day, 0) + 1
        for slot in visit if plan["pool"] else ():
            self._inside[plan["pool"], slot] = self._inside.get((plan["pool"], slot), 0) + 1
        return Planted(start=start, workers=team, interpreter=interpreter)

    def _days_apart(self, plan: Document) -> set[int]:
        """The days of visits that share no day with this plan's; the key may have come after they were planted."""
        return {
            self._day[place.start]
            for other, _, place in self.planted
            if other is not plan and not set(other["apart"]).isdisjoint(plan["apart"])
        }

    def _is_free(self, worker: str, busy: range, day: int) -> bool:
        taken, facts = self._taken.get(worker, _Taken()), self._workers[worker]
        return (
            self._free[worker].issuperset(busy)
            and taken.slots.isdisjoint(busy)
            and taken.days.get(day, 0) < facts["most_a_day"]
            and len(taken.slots) + len(busy) <= facts["most_minutes"] // 15
        )

    def _pool(self, plan: Document, visit: range) -> bool:
        if plan["pool"] is None:
            return True
        units = next(one["units"] for one in self.document["pools"] if one["id"] == plan["pool"])
        return self._free[plan["pool"]].issuperset(visit) and all(
            self._inside.get((plan["pool"], slot), 0) < units for slot in visit
        )

    def _interpreter(self, plan: Document, team: list[str], visit: range) -> str | None:
        """Who comes; None when nobody is needed, ``_NOBODY`` when nobody can."""
        language = plan["language"]
        if language is None or any(language in self._workers[one]["languages"] for one in team):
            return None
        for one in self.document["interpreters"]:
            taken = self._taken.get(one["id"], _Taken()).slots
            if (
                one["language"] == language
                and self._free[one["id"]].issuperset(visit)
                and taken.isdisjoint(visit)
            ):
                return str(one["id"])
        return _NOBODY

    def grow(self, frame: Frame) -> None:
        """Give everybody in the plan hours that hold what was planted, a little more, and some that hold nothing."""
        parties = {one["id"]: one for one in self.document["parties"]}
        for one in parties.values():
            if one.get("life") != "prison":
                one["hours"] = []
        for number, (plan, _, place) in enumerate(self.planted):
            draw = frame.stream("grow", number)
            for name in plan["people"]:
                if (party := parties[name]).get("life") != "prison":
                    self._around(draw, party, place.start, plan["minutes"])

    def plan(self) -> dict[str, Document]:
        """What was planted, as a plan of the document: legal, and with every visit in it."""
        instants = week(self.document["monday"], self.document["zone"])
        return {
            visit: {
                "start": instants[place.start].isoformat(),
                "workers": sorted(place.workers),
                "interpreter": place.interpreter,
            }
            for _, visit, place in self.planted
        }

    def _around(self, draw: Stream, party: Document, start: int, minutes: int) -> None:
        day, weekday, minute = clock(self.document["monday"], self.document["zone"], party["zone"])[start]
        earliest = max(0, minute - 15 * draw.below(_GROWTH))
        latest = min(1440, minute + minutes + 15 * draw.below(_GROWTH))
        party["hours"].append(rule("open", earliest, latest, "planted", date=day))
        other = draw.below(7)
        if draw.percent(_DECOY) and other != weekday:
            party["hours"].append(rule("open", earliest, latest, "decoy", days=[other]))
