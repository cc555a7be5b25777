"""A whole week: the document, its hash, and the modes ``stress``, ``planted`` and ``dst``."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from contact_service.bench.visitgen import rates
from contact_service.bench.visitgen.families import Agency
from contact_service.bench.visitgen.people import Frame, interpreters, prisons, worker
from contact_service.bench.visitgen.planting import Garden
from contact_service.bench.visitgen.wall import Document, clock, free_quarters
from contact_service.week.instance import canonical

_FAMILIES_TRIED = (
    40  # for each visit: a planted week that has no room left ends with an error instead of never
)


@dataclass(frozen=True, kw_only=True)
class Order:
    """What week to invent: ``per_worker`` visits for each worker (14 tight, 12 normal, 10 easy)."""

    visits: int
    seed: int
    mode: str = "stress"
    region: str = "US"
    per_worker: int = 14


def invent(order: Order) -> Document:
    """The week of ``order``: rules in wall time and zones, the same bytes on every machine."""
    return _invented(order)[0]


def planted(order: Order) -> dict[str, Document]:
    """The plan around which a planted week was invented."""
    garden = _invented(order)[1]
    return {} if garden is None else garden.plan()


def _invented(order: Order) -> tuple[Document, Garden | None]:
    frame = _frame(order)
    count = max(3, round(order.visits / order.per_worker))
    staff = [worker(frame, number, count > rates.TEAM) for number in range(count)]
    prison = prisons(frame, order.visits)
    agency = Agency(frame, staff, prison)
    document: Document = {
        "format": "visitgen/1", "seed": order.seed, "mode": order.mode, "zone": frame.region.zone,
        "monday": frame.monday, "write_up_minutes": 15, "workers": staff, "pools": prison,
        "interpreters": interpreters(frame, count), "parties": agency.parties, "plans": agency.plans,
    }  # fmt: skip
    garden = Garden(document) if order.mode == "planted" else None
    for family in range(order.visits * _FAMILIES_TRIED):
        if agency.visits >= order.visits:
            break
        plans = agency.add_family(family, order.visits - agency.visits)
        if garden is not None:
            agency.plans[:] = [
                *agency.plans[: -len(plans)],
                *garden.plant(frame.stream("plant", family), plans),
            ]
    if garden is not None:
        garden.grow(frame)
    _usual_times(frame, document)
    return document, garden


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a document as canonical JSON."""
    return hashlib.sha256(canonical(dict(document))).hexdigest()


def _frame(order: Order) -> Frame:
    region = rates.REGIONS[order.region]
    if order.mode != "dst":
        return Frame(
            seed=order.seed, region=region, monday=region.monday,
            home_away=rates.HOME_OTHER_ZONE, adult_away=rates.ADULT_OTHER_ZONE,
        )  # fmt: skip
    mondays = region.clock_change_mondays
    return Frame(
        seed=order.seed, region=region, monday=mondays[order.seed % len(mondays)], home_away=50, adult_away=50
    )


def _usual_times(frame: Frame, document: Document) -> None:
    """Give most plans usual times at which the family could meet, with the plan's gap between them."""
    hours = {one["id"]: one for one in document["parties"]}
    free = {name: free_quarters(document, one["hours"], one["zone"]) for name, one in hours.items()}
    shown = clock(document["monday"], document["zone"], document["zone"])
    for plan in document["plans"]:
        draw = frame.stream("usual", plan["id"])
        together = set.intersection(*(free[name] for name in plan["people"]))
        length = plan["minutes"] // 15
        able = [slot for slot in sorted(together) if all(slot + n in together for n in range(length))]
        if not able or not draw.percent(rates.USUAL_KNOWN):
            continue
        chosen: list[int] = []
        for _ in range(20):
            chosen = sorted(draw.sample(able, len(plan["visits"])))
            days = [shown[slot][1] for slot in chosen]
            if all(b - a >= plan["gap_days"] for a, b in pairwise(days)):
                break
        for visit, slot in zip(plan["visits"], chosen, strict=False):
            visit["usual"] = {"day": shown[slot][1], "from": shown[slot][2]}
