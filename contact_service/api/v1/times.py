"""Times at which a visit could be, and what stands in the way of others."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from contact_service.api.v1 import problems
from contact_service.api.v1.access import Desk, reading
from contact_service.api.v1.bodies import MOST_ENTRIES, Answer, Body, Id
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.requests import ChildWishedBody, Minutes, WishBody, wish_of
from contact_service.plans.terms import SupervisionLevel
from contact_service.service_accounts.scope import Scope
from contact_service.visits.queries.offering import times_for

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Sharing = Annotated[str, Field(pattern="^[0-9a-f]{32}:[0-9a-f]{32}$")]
_NOBODY = "0" * 32
_NO_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  wall time, and not looked at


class Wanted(Body):
    """A visit at no particular time; the carer is one of ``person``, and ``sharing`` is child:carer."""

    child: Id
    person: Annotated[list[Id], Field(max_length=MOST_ENTRIES)]
    minutes: Minutes = 30
    level: SupervisionLevel = SupervisionLevel.SUPERVISED
    visit_supervisor: Id | None = None
    sharing: Annotated[list[Sharing], Field(max_length=MOST_ENTRIES)] = Field(default_factory=list)


class OfferedStart(Answer):
    """A start at which everybody is free and no rule says no; those who know the child are named first."""

    starts_at: datetime
    reasons: list[str] = Field(examples=[["usual_day", "after_school"]])
    visit_supervisors: list[str]


class InTheWay(Answer):
    """What keeps a day from having a time, and whom it is about; empty where it is about nobody."""

    what: str = Field(examples=["busy"])
    whom: str


class DayWithoutTime(Answer):
    """A day, where the child lives, with no time for the visit: whose time is taken, or which rules say no."""

    day: date
    in_the_way: list[InTheWay]
    rules: list[RefusingRule]


class FoundTimes(Answer):
    """Offers in order of time, and the days that have none."""

    offers: list[OfferedStart]
    without: list[DayWithoutTime]


@router.get("/visits/times", operation_id="findTimes", summary="Times at which a visit could be")
def find(desk: Reader, wanted: Annotated[Wanted, Query()]) -> FoundTimes:
    """The best time of each of the best days of four weeks; what stands in the way on the others.  Holds nothing."""
    child = child_within_reach(desk.work, wanted.child).person
    wish = wish_of(desk, child, _body(wanted))
    times = times_for(desk.work, wish if wanted.visit_supervisor else replace(wish, supervisor=None))
    return FoundTimes(
        offers=[
            OfferedStart(
                starts_at=one.starts_at, reasons=list(one.reasons), visit_supervisors=list(one.supervisors)
            )
            for one in times.offers
        ],
        without=[
            DayWithoutTime(
                day=one.day,
                in_the_way=[InTheWay(what=what, whom=whom) for what, whom in one.why],
                rules=problems.rules_of(one.reasons),
            )
            for one in times.without
        ],
    )


def _body(wanted: Wanted) -> WishBody:
    sharing = (one.partition(":") for one in wanted.sharing)
    return WishBody(
        people=wanted.person,
        starts=_NO_TIME,
        minutes=wanted.minutes,
        level=wanted.level,
        visit_supervisor=wanted.visit_supervisor or _NOBODY,
        duty=_NOBODY,
        sharing=[ChildWishedBody(child=child, caregiver=carer) for child, _, carer in sharing],
    )
