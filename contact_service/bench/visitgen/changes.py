"""What happens to an invented week: a bad Monday morning, and the week after.  Documents in, documents out."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from contact_service.bench.visitgen import rates
from contact_service.bench.visitgen.stream import Stream
from contact_service.bench.visitgen.wall import Document, rule

Plan = Mapping[str, Document]
_SICK, _MORNING, _LOCKED_DAYS = 2, 8 * 60 + 30, 3


@dataclass(frozen=True, kw_only=True)
class Morning:
    """The week as it must be planned again, and the instant at which that is known."""

    document: Document
    at: datetime


def bad_morning(document: Mapping[str, Any], plan: Plan) -> Morning:
    """Monday 08:30: two workers are ill all week, a prison is locked down until Wednesday, one home moved."""
    changed: Document = copy.deepcopy(dict(document))
    changed["mode"] = "repair"
    draw = Stream(document["seed"], "morning")
    monday = date.fromisoformat(document["monday"])
    for wanted in changed["plans"]:
        for visit in wanted["visits"]:
            visit["booked"] = plan.get(visit["id"])
    for worker in draw.sample(changed["workers"], _SICK):
        worker["hours"] += [
            rule("blocked", _MORNING if day == 0 else 0, 1440, "ill", date=_day(monday, day))
            for day in range(7)
        ]
    draw.pick(changed["pools"])["hours"] += [
        rule("blocked", 0, 1440, "lockdown", date=_day(monday, day)) for day in range(_LOCKED_DAYS)
    ]
    _move_home(changed, draw, monday)
    at = datetime.combine(monday, time.min, tzinfo=ZoneInfo(document["zone"])) + timedelta(minutes=_MORNING)
    return Morning(document=changed, at=at.astimezone(UTC))


def _move_home(changed: Document, draw: Stream, monday: date) -> None:
    """One family's children live in another home from now on, and nobody is in on the day of the move."""
    family = draw.pick(changed["plans"])["id"].partition("p")[0] + "p"
    homes = {one["id"]: one for one in changed["parties"] if one["kind"] == "home"}
    plans = [plan for plan in changed["plans"] if plan["id"].startswith(family)]
    old = next(name for name in plans[0]["people"] if name in homes)
    new = {
        "id": f"h{len(homes)}",
        "kind": "home",
        "zone": homes[old]["zone"],
        "hours": [
            rule("open", 0, 1440, "home", days=list(range(7))),
            rule("blocked", 0, 1440, "the move", date=_day(monday, draw.below(5))),
        ],
    }
    changed["parties"].append(new)
    for plan in plans:
        plan["people"] = [new["id"] if name == old else name for name in plan["people"]]


def _day(monday: date, weekday: int) -> str:
    return (monday + timedelta(days=weekday)).isoformat()


def next_week(document: Mapping[str, Any], plan: Plan, number: int) -> Document:
    """The week after, ``number`` from 1: what was held is the usual time, what was lost and is owed is made up."""
    follows: Document = copy.deepcopy(dict(document))
    follows["mode"] = "rolling"
    follows["monday"] = _later(document["monday"])
    for kind in ("workers", "parties", "interpreters", "pools"):
        for one in follows[kind]:
            one["hours"] = [
                {**hours, **({"date": _later(hours["date"])} if "date" in hours else {})}
                for hours in one["hours"]
            ]
    zone = ZoneInfo(document["zone"])
    for wanted in follows["plans"]:
        lost = 0
        regular = [visit for visit in wanted["visits"] if not visit.get("make_up")]
        for visit in wanted["visits"]:
            held = plan.get(visit["id"])
            draw = Stream(document["seed"], "cancelled", number, visit["id"])
            if held is not None and not visit.get("make_up"):
                visit["usual"] = _usual(held, zone)
            cause = draw.weighted(((None, 100 - sum(share for _, share in rates.CAUSES)), *rates.CAUSES))
            lost += held is None or cause not in {None, "family"}
        made_up = {"id": f"{wanted['id']}m{number}", "usual": None, "make_up": True}
        wanted["visits"] = [*regular, *[made_up] * bool(lost)]
        wanted["gap_days"] = 2 if len(regular) > 1 else 1
    return follows


def _later(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=7)).isoformat()


def _usual(held: Document, zone: ZoneInfo) -> Document:
    shown = datetime.fromisoformat(held["start"]).astimezone(zone)
    return {"day": shown.weekday(), "from": shown.hour * 60 + shown.minute}
