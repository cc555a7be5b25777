"""What plans ask of whoever watches, and on which days somebody is as they ask.  Pure.

The rules decide (R59, R60); this keeps those of whom they say no out of a search.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from contact_service.plans.terms import Demands
from contact_service.scheduling.availability import local_days
from contact_service.scheduling.grid import Grid
from contact_service.suitability.fit import StaffFit


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What the plan of one child asks of whoever watches, by the calendar of ``zone``."""

    zone: str
    demands: Demands


def in_words(asked: Iterable[Asked]) -> tuple[tuple[str, str], ...]:
    """What is asked for as codes, each once: ``woman``, ``man``, and ``training`` with its name."""
    found = []
    for one in asked:
        if one.demands.gender is not None:
            found.append((one.demands.gender.value, ""))
        found += [("training", training) for training in one.demands.trainings]
    return tuple(dict.fromkeys(found))


def suits_on(fit: StaffFit, asked: Iterable[Asked], day: date) -> bool:
    """Whether somebody is all that is asked for on ``day``."""
    return all(
        one.demands.gender in (None, fit.gender) and set(one.demands.trainings) <= fit.trained_on(day)
        for one in asked
    )


def suits(fit: StaffFit, asked: Iterable[Asked], grid: Grid) -> int:
    """The slots of the days on which somebody is all that is asked for: the first so many, as trainings end."""
    found = grid.everything
    for one in asked:
        gender = one.demands.gender
        if gender is not None and fit.gender is not gender:
            return 0
        for training in one.demands.trainings:
            last = fit.trainings.get(training)
            days = local_days(grid, one.zone) if last is not None else ()
            found &= sum(mask for day, mask in days if last is not None and day <= last)
    return found
