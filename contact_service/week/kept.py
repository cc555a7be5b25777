"""An instance that was kept as canonical JSON, read back: the same week, with the same digest."""

import json
from datetime import datetime
from typing import Any

from contact_service.scheduling.grid import Grid
from contact_service.week.errors import BadWeek
from contact_service.week.instance import Instance, Interpreter, Party, Placement, Pool, Wanted, Worker
from contact_service.week.weights import Known, Priority, Weights

Kept = dict[str, Any]


def instance_from(text: str) -> Instance:
    """The week that was kept as ``text`` (``Instance.text``); raises ``BadWeek`` for anything else."""
    try:
        kept = json.loads(text)
        return Instance(
            grid=Grid(begins=datetime.fromisoformat(kept["grid"]["begins"]), slots=kept["grid"]["slots"]),
            days=tuple(_slots(one) for one in kept["days"]),
            visits=tuple(_wanted(one) for one in kept["visits"]),
            workers=tuple(_worker(one) for one in kept["workers"]),
            parties=tuple(Party(**one | _free(one)) for one in kept["parties"]),
            interpreters=tuple(Interpreter(**one | _free(one)) for one in kept["interpreters"]),
            pools=tuple(_pool(one) for one in kept["pools"]),
            write_up=kept["write_up"],
            weights=Weights(**kept["weights"]),
        )
    except (ValueError, KeyError, TypeError):
        raise BadWeek("This is not a week that was kept.") from None


def placement_from(kept: list[Any] | None) -> Placement | None:
    """A placement as JSON has it: the start, the workers, an interpreter or none."""
    if kept is None:
        return None
    start, workers, interpreter = kept
    return Placement(start=start, workers=tuple(workers), interpreter=interpreter)


def _slots(kept: int | str) -> int:
    """A set of slots: what is too large for a number of JSON is hexadecimal."""
    return int(kept, 16) if isinstance(kept, str) else kept


def _free(kept: Kept) -> Kept:
    return {"free": _slots(kept["free"])}


def _worker(kept: Kept) -> Worker:
    lists = {"languages": tuple(kept["languages"]), "booked": tuple(kept["booked"])}
    return Worker(**kept | _free(kept) | lists)


def _pool(kept: Kept) -> Pool:
    return Pool(**kept | _free(kept) | {"taken": tuple(_slots(one) for one in kept.get("taken", ()))})


def _wanted(kept: Kept) -> Wanted:
    return Wanted(
        **kept
        | {
            "priority": Priority(kept["priority"]),
            "allowed": _slots(kept["allowed"]),
            "suits": _slots(kept["suits"]),
            "parties": tuple(kept["parties"]),
            "children": tuple(kept["children"]),
            "able": tuple((worker, Known(known)) for worker, known in kept["able"]),
            "apart": tuple(kept["apart"]),
            "booked": placement_from(kept["booked"]),
        }
    )
