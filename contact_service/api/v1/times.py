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
from contact_service.api.v1.people import children_within_reach
from contact_service.api.v1.problems import RefusingRule
from contact_service.api.v1.requests import (
    OPTIONAL,
    QUORUM,
    Minutes,
    Sharing,
    WishBody,
    sharing_of,
    wish_of,
)
from contact_service.ids import PersonId
from contact_service.plans.terms import SupervisionLevel
from contact_service.service_accounts.scope import Scope
from contact_service.visits.optional import MOST_OPTIONAL, IfTheyCan
from contact_service.visits.queries.offering import times_for

router = APIRouter(route_class=OnceRoute, tags=["visits"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
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
    optional: list[Id] = Field(default_factory=list, max_length=MOST_OPTIONAL, description=OPTIONAL)
    quorum: int = Field(default=0, ge=0, le=MOST_OPTIONAL, description=QUORUM)


class OfferedStart(Answer):
    """A start at which everybody who must be there is free and no rule says no; supervisors who know the child first.

    ``interpreter``: a person of the plan to add to the wish, for no supervisor who is free understands everybody.
    ``coming`` and ``left_out``: of ``optional``, who would be there then, and who could not; ``rules``: what the rules
    have against some of these.
    """

    starts_at: datetime
    reasons: list[str] = Field(examples=[["usual_day", "after_school"]])
    visit_supervisors: list[str]
    interpreter: str | None
    coming: list[str]
    left_out: list[str]
    rules: list[RefusingRule]


class InTheWay(Answer):
    """What keeps a day from having a time, and whom or what it is about (an id or a training); empty: nobody."""

    what: str = Field(examples=["busy"])
    whom: str


class Opening(Answer):
    """A visit supervisor who suits, and from when they would be free on that day."""

    visit_supervisor: str
    starts_at: datetime


class DayWithoutTime(Answer):
    """A day, where the child lives, with no time for the visit: whose time is taken, or which rules say no.

    ``can_come``: where fewer than ``quorum`` of ``optional`` are able to come, how many could at best.
    ``free_at``: the best hour of that day at which everybody is free but for ``in_the_way``; null where rules say
    no, or more than three things at once are in the way.
    """

    day: date
    in_the_way: list[InTheWay]
    would_open: list[Opening]
    rules: list[RefusingRule]
    can_come: int | None
    free_at: datetime | None


class KeptOut(Answer):
    """Somebody of ``optional`` whom rules keep out at any time."""

    person: str
    rules: list[RefusingRule]


class FoundTimes(Answer):
    """Offers in order of time, the days that have none, and who of ``optional`` can come at no time."""

    offers: list[OfferedStart]
    without: list[DayWithoutTime]
    kept_out: list[KeptOut]


@router.get("/visits/times", operation_id="findTimes", summary="Times at which a visit could be")
def find(desk: Reader, wanted: Annotated[Wanted, Query()]) -> FoundTimes:
    """The best time of each of the best days of four weeks; what stands in the way on the others.  Holds nothing."""
    body = _body(wanted)
    child, *_ = children_within_reach(desk.work, [wanted.child, *(one.child for one in body.sharing)])
    wish = wish_of(desk, child, body)
    wish = wish if wanted.visit_supervisor else replace(wish, supervisor=None)
    optional = IfTheyCan(people=tuple(map(PersonId, wanted.optional)), quorum=wanted.quorum)
    times = times_for(desk.work, wish, optional=optional, with_interpreter=True)
    return FoundTimes(
        offers=[
            OfferedStart(
                starts_at=one.starts_at,
                reasons=list(one.reasons),
                visit_supervisors=list(one.supervisors),
                interpreter=one.interpreter,
                coming=list(one.coming),
                left_out=list(one.left_out),
                rules=problems.rules_of(one.against),
            )
            for one in times.offers
        ],
        without=[
            DayWithoutTime(
                day=one.day,
                in_the_way=[InTheWay(what=what, whom=whom) for what, whom in one.why],
                would_open=[Opening(visit_supervisor=who, starts_at=at) for who, at in one.opens],
                rules=problems.rules_of(one.reasons),
                can_come=one.can_come,
                free_at=one.free_at,
            )
            for one in times.without
        ],
        kept_out=[KeptOut(person=who, rules=problems.rules_of(reasons)) for who, reasons in times.kept_out],
    )


def _body(wanted: Wanted) -> WishBody:
    return WishBody(
        people=wanted.person,
        starts=_NO_TIME,
        minutes=wanted.minutes,
        level=wanted.level,
        visit_supervisor=wanted.visit_supervisor or _NOBODY,
        duty=_NOBODY,
        sharing=sharing_of(wanted.sharing),
    )
