"""From a document to what the planner plans, through the same hours, zones and clock changes as real weeks."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from contact_service.bench.visitgen.wall import Document
from contact_service.plans.hours import Weekday, Window
from contact_service.scheduling.availability import (
    Availability,
    DayHours,
    Kind,
    WeeklyHours,
    free_slots,
    local_days,
)
from contact_service.scheduling.grid import STEP, Grid
from contact_service.scheduling.local_time import Side, edge, start_of_day
from contact_service.week.instance import Instance, Interpreter, Party, Placement, Pool, Wanted, Worker
from contact_service.week.weights import Known, Priority, Weights

_WEEKDAYS = list(Weekday)


def instance_of(document: Mapping[str, Any], weights: Weights | None = None) -> Instance:
    """The week of ``document`` as an instance; visits in the order in which plans name them."""
    monday = date.fromisoformat(document["monday"])
    begins, ends = (start_of_day(monday + timedelta(days=days), document["zone"]) for days in (0, 7))
    grid = Grid(begins=begins.astimezone(UTC), slots=(ends - begins) // STEP)
    places = {
        kind: {one["id"]: number for number, one in enumerate(document[kind])}
        for kind in ("workers", "parties", "interpreters", "pools")
    }
    return Instance(
        grid=grid,
        days=tuple(mask for _, mask in local_days(grid, document["zone"])),
        visits=tuple(
            _wanted(document, grid, places, number, visit)
            for number, plan in enumerate(document["plans"])
            for visit in plan["visits"]
        ),
        workers=tuple(_worker(grid, one) for one in document["workers"]),
        parties=tuple(Party(name=one["id"], free=_free(grid, one)) for one in document["parties"]),
        interpreters=tuple(
            Interpreter(name=one["id"], free=_free(grid, one), language=one["language"])
            for one in document["interpreters"]
        ),
        pools=tuple(
            Pool(name=one["id"], free=_free(grid, one), units=one["units"]) for one in document["pools"]
        ),
        write_up=document["write_up_minutes"] // 15,
        weights=weights or Weights(),
    )


def _free(grid: Grid, one: Document) -> int:
    weekly = tuple(
        WeeklyHours(
            kind=Kind(hours["kind"]),
            window=Window(
                days=tuple(_WEEKDAYS[day] for day in hours["days"]),
                earliest=hours["from"],
                latest=hours["to"],
            ),
            source=hours["why"],
        )
        for hours in one["hours"]
        if hours.get("days")
    )
    days = tuple(
        DayHours(
            kind=Kind(hours["kind"]),
            day=date.fromisoformat(hours["date"]),
            source=hours["why"],
            earliest=hours["from"],
            latest=hours["to"],
        )
        for hours in one["hours"]
        if "date" in hours
    )
    return free_slots(grid, Availability(zone=one["zone"], weekly=weekly, days=days))


def _worker(grid: Grid, one: Document) -> Worker:
    return Worker(
        name=one["id"],
        free=_free(grid, one),
        languages=tuple(one["languages"]),
        most_slots=one["most_minutes"] // 15,
        fair_slots=one["fair_minutes"] // 15,
        most_a_day=one["most_a_day"],
        team=one["team"],
    )


def _wanted(
    document: Mapping[str, Any], grid: Grid, places: dict[str, dict[str, int]], number: int, visit: Document
) -> Wanted:
    plan = document["plans"][number]
    staff = {one["id"]: one for one in document["workers"]}
    able = tuple(
        (places["workers"][name], Known(known))
        for name, known in sorted(plan["knows"].items(), key=lambda one: places["workers"][one[0]])
        if name not in plan["conflicts"] and (staff[name]["female"] or not plan["female_only"])
    )
    booked = visit.get("booked")
    return Wanted(
        name=visit["id"],
        plan=number,
        gap=plan["gap_days"],
        length=plan["minutes"] // 15,
        priority=Priority(plan["priority"]),
        allowed=grid.everything,
        parties=tuple(places["parties"][name] for name in plan["people"]),
        children=tuple(places["parties"][name] for name in plan["children"]),
        able=able,
        apart=tuple(int(key.removeprefix("apart")) for key in plan["apart"]),
        workers_needed=plan["workers_needed"],
        language=plan["language"],
        pool=None if plan["pool"] is None else places["pools"][plan["pool"]],
        usual=_slot(document, grid, visit["usual"]),
        booked=_placement(grid, places, booked) if booked else None,
        pinned=visit.get("pinned", False),
    )


def _slot(document: Mapping[str, Any], grid: Grid, usual: Document | None) -> int | None:
    """The slot of a usual time, by the agency's clock."""
    if usual is None:
        return None

    day = date.fromisoformat(document["monday"]) + timedelta(days=usual["day"])
    wall = datetime.combine(day, time.min) + timedelta(minutes=usual["from"])
    return (edge(wall, document["zone"], Side.OPENS) - grid.begins) // STEP


def _placement(grid: Grid, places: dict[str, dict[str, int]], booked: Document) -> Placement:

    start = (datetime.fromisoformat(booked["start"]) - grid.begins) // STEP
    interpreter = booked["interpreter"]
    return Placement(
        start,
        tuple(sorted(places["workers"][name] for name in booked["workers"])),
        None if interpreter is None else places["interpreters"][interpreter],
    )


def plan_of(instance: Instance, placed: tuple[Placement | None, ...]) -> dict[str, Document]:
    """A plan in names and instants, as a document has it: what the validator reads."""
    return {
        instance.visits[number].name: {
            "start": instance.starts_at(place).isoformat(),
            "workers": [instance.workers[worker].name for worker in place.workers],
            "interpreter": None
            if place.interpreter is None
            else instance.interpreters[place.interpreter].name,
        }
        for number, place in enumerate(placed)
        if place is not None
    }
