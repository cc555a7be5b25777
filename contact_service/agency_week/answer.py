"""What a search has found, in the words of the agency: who, when, watched by whom, and why; or why not.  Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contact_service.agency_week.building import Built, duty_for
from contact_service.agency_week.wanted import Want
from contact_service.ids import AccountId
from contact_service.visits.visit import Visit
from contact_service.week.instance import Placement
from contact_service.week.judge import usual_points
from contact_service.week.kept import placement_from
from contact_service.week.weights import Known


@dataclass(frozen=True, kw_only=True)
class SearchAnswer:
    """The answer of the search process."""

    placed: tuple[Placement | None, ...]
    steps: int
    score: Mapping[str, int]
    plan: str
    stopped: bool
    unplaced: Mapping[int, dict[str, Any]]
    bound: float | None

    @property
    def placed_count(self) -> int:
        """How many visits have a place."""
        return sum(place is not None for place in self.placed)


def answer_from(said: dict[str, Any]) -> SearchAnswer:
    """The answer as the process wrote it."""
    return SearchAnswer(
        placed=tuple(placement_from(one) for one in said["placed"]),
        steps=said["steps"],
        score=said["score"],
        plan=said["plan"],
        stopped=said["stopped"],
        unplaced={one["visit"]: one for one in said["unplaced"]},
        bound=said["bound"],
    )


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a visit of a draft is."""

    starts_at: datetime
    supervisor: AccountId
    duty: AccountId


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One visit of a draft.  ``opening`` as it is kept: ids and instants.  ``was``: the visit, where it is booked."""

    want: Want
    place: Place | None
    priority: str
    pinned: bool
    reasons: tuple[str, ...]
    opening: dict[str, str] | None = None
    was: Visit | None = None


def drafts_of(built: Built, answer: SearchAnswer) -> list[Draft]:
    """Every visit: placed ones in order of time, then those without a place, then those that cannot be."""
    taken: dict[AccountId, int] = {}
    placed: list[Draft] = []
    left: list[Draft] = []
    for number, place in sorted(enumerate(answer.placed), key=lambda one: one[1].start if one[1] else -1):
        draft = _draft(built, number, place, answer, taken)
        (placed if draft.place else left).append(draft)
        if draft.place:
            taken[draft.place.duty] = taken.get(draft.place.duty, 0) + 1
    return [*placed, *left, *_cannot(built)]


def _draft(
    built: Built,
    number: int,
    place: Placement | None,
    answer: SearchAnswer,
    taken: Mapping[AccountId, int],
) -> Draft:
    want, wanted = built.wants[number], built.instance.visits[number]
    duty = duty_for(built, number, place, taken) if place else None
    standing = built.standing.get(want.key)
    draft = Draft(
        want=want,
        place=None,
        priority=wanted.priority,
        pinned=wanted.pinned,
        reasons=(),
        was=standing.visit if standing else None,
    )
    if place is not None and duty is not None:
        stays = standing and standing.slot == place.start  # to the minute, also off the quarter hour
        found = Place(
            starts_at=standing.visit.starts_at if standing and stays else built.instance.starts_at(place),
            supervisor=built.workers[place.workers[0]],
            duty=duty,
        )
        return replace(draft, place=found, reasons=tuple(_reasons(built, number, place, duty)))
    why = answer.unplaced.get(number, {"why": "no_duty", "opening": None})
    return replace(draft, reasons=(why["why"],), opening=_opening(built, why["opening"]))


def _cannot(built: Built) -> Iterator[Draft]:
    for one in built.cannot:
        yield Draft(
            want=one.want,
            place=None,
            priority="",
            pinned=False,
            reasons=tuple(f"rule/{c}" for c in one.codes),
        )


def _reasons(built: Built, number: int, place: Placement, duty: AccountId) -> Iterator[str]:
    wanted, weights = built.instance.visits[number], built.instance.weights
    points = usual_points(built.instance, wanted, place.start)
    if wanted.pinned:
        yield "pinned"
    if wanted.usual is not None and points and points == weights.usual_time:
        yield "usual_time"
    elif wanted.usual is not None and points:
        yield "usual_day"
    elif points:
        yield "suits"
    known = wanted.known(place.workers[0])
    if known is Known.PRIMARY:
        yield "knows_best"
    elif known is Known.FAMILIAR:
        yield "knows"
    if wanted.booked is not None and not wanted.pinned:
        standing = built.standing.get(built.wants[number].key)
        answers = standing is None or standing.visit.duty == duty
        yield from _kept(wanted.booked, place, answers=answers)


def _kept(before: Placement, after: Placement, *, answers: bool) -> Iterator[str]:
    """``answers``: the duty person is whoever it was."""
    if before == after:
        yield "unchanged" if answers else "another_duty"
    elif before.start == after.start:
        yield "keeps_time"
    elif before.workers == after.workers:
        yield "keeps_supervisor"


def _opening(built: Built, said: dict[str, Any] | None) -> dict[str, str] | None:
    """Whose hours would have to be longer.  Slots of a supervisor begin before the visit by the time to prepare."""
    if said is None:
        return None
    grid = built.instance.grid
    before = built.gathered.policy.buffers.visit_supervisor.before
    return {
        "supervisor": built.workers[said["worker"]],
        "first": (grid.instant(said["first"]) - before).isoformat(),
        "after": (grid.instant(said["after"]) - before).isoformat(),
        "starts_at": grid.instant(said["start"]).isoformat(),
    }
