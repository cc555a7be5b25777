"""What children are owed; what each side says of a lost visit; deciding whether it is owed is for people."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from contact_service.actor import Role
from contact_service.api.v1.access import Desk, deciding, reading, writing
from contact_service.api.v1.bodies import AnId, Answer, Body, Done, Id, Text
from contact_service.api.v1.once import OnceRoute
from contact_service.api.v1.people import child_within_reach
from contact_service.errors import NotAllowed
from contact_service.ids import PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans.terms import Medium, Period
from contact_service.service_accounts.scope import Scope
from contact_service.visits.actions.owing import Whose, decide_owed, keep_reason
from contact_service.visits.loss import Cause, DecidedBecause, MakeUpRule, SideReason, Standing
from contact_service.visits.owed import Account, Meeting, PeriodAccount
from contact_service.visits.queries.owing import Ledger, ledger_of, ledgers_of_cases
from contact_service.visits.queries.watching import short_of, siblings_apart

router = APIRouter(route_class=OnceRoute, tags=["owed contact"])
Reader = Annotated[Desk, reading(Scope.VISITS_READ)]
Writer = Annotated[Desk, writing(Scope.VISITS_REQUEST)]
Decider = Annotated[Desk, deciding()]


class OwedPeriod(Answer):
    """One period; ``last_on`` is its last day.  What is missing of a running one is not owed yet."""

    per: Period
    first_on: date
    last_on: date
    is_over: bool
    entitled: int
    offered: int
    ahead: int
    given: int
    minutes: int
    lost: dict[Cause, int]
    not_owed: int
    to_decide: int
    missing: int
    owed: int
    owed_by: dict[Cause, int]
    made_up: int
    still_owed: int


class CountedVisit(Answer):
    """A visit as it counts for the child and this person."""

    visit: str
    on: date
    standing: Standing
    cause: Cause | None
    rule: MakeUpRule | None
    still_owed: bool | None = Field(description="What a worker decided; null as long as nobody did.")
    minutes: int


class OwedAccount(Answer):
    """Everything between the child and one person by one medium.

    ``is_kept`` false: visits by this medium are not kept here, and nothing is reckoned.
    """

    person: str
    medium: Medium
    is_kept: bool
    in_plan: bool
    still_owed: int
    to_decide: int
    out_of_reach: int = Field(description="Visits of the running period that can no longer be given.")
    periods: list[OwedPeriod]
    visits: list[CountedVisit]


class NotMet(Answer):
    """A brother or sister whom the child has not met for 31 days or more; ``last_on`` null: never."""

    sibling: str
    days: int
    last_on: date | None
    next_on: date | None


class OwedLedger(Answer):
    """The ledger of one child."""

    child: str
    case: str
    today: date
    still_owed: int
    to_decide: int
    accounts: list[OwedAccount]
    not_met: list[NotMet]


class OwedChild(Answer):
    """One child of the overview."""

    child: str
    case: str
    still_owed: int
    to_decide: int
    out_of_reach: int
    not_met: int


class SideBody(Body):
    """What one side says; ``person`` is the child for the child's own side."""

    child: Id
    person: Id
    reason: SideReason
    text: Text = Field(default="", description="Sealed.")


class OwedBody(Body):
    """Whether a lost visit is still owed, and why."""

    child: Id
    person: Id
    owed: bool
    reason: DecidedBecause
    text: Text = Field(default="", description="Sealed; a text that makes it a punishment is refused.")


@router.get("/children/{child}/owed", operation_id="readOwed", summary="What a child is owed")
def ledger(desk: Reader, child: AnId) -> OwedLedger:
    """Person by person and period by period, reckoned now."""
    member = child_within_reach(desk.work, child)
    return _ledger(desk, ledger_of(desk.work, member.person))


@router.get("/owed", operation_id="listOwed", summary="Every child, whoever is furthest behind first")
def overview(desk: Reader) -> list[OwedChild]:
    """The children of the cases within reach."""
    roles = (Role.WORKER, Role.APPROVER, Role.AUDITOR)
    if desk.machine is None and not any(desk.work.actor.has(role) for role in roles):
        raise NotAllowed("Only workers, approvers and auditors see what children are owed.")
    ledgers = ledgers_of_cases(desk.work, people.cases_of(desk.work))
    apart = siblings_apart(desk.work, ledgers)
    rows = [
        OwedChild(
            child=one.child,
            case=one.case,
            still_owed=one.still_owed,
            to_decide=len(one.to_decide),
            out_of_reach=sum(short for _, short in short_of(desk.work, one).values()),
            not_met=len(apart[one.child]),
        )
        for one in ledgers.values()
    ]
    return sorted(rows, key=lambda r: (-r.still_owed, -r.out_of_reach, -r.to_decide, -r.not_met, r.child))


@router.post("/visits/{visit}/side-reasons", operation_id="keepSideReason", summary="Keep what one side says")
def said(desk: Writer, visit: AnId, body: SideBody) -> Done:
    """Of a visit that was lost."""
    keep_reason(desk.work, _whose(desk, visit, body), body.reason, body.text)
    return Done(id=visit, at=desk.work.now)


@router.post(
    "/visits/{visit}/owed", operation_id="decideOwed", summary="Still owed, or not (a person decides)"
)
def decide(desk: Decider, visit: AnId, body: OwedBody) -> Done:
    """Only where the rule leaves it to the child's worker."""
    whose = _whose(desk, visit, body)
    decide_owed(desk.work, whose, owed=body.owed, reason=body.reason, text=body.text)
    return Done(id=visit, at=desk.work.now)


def _whose(desk: Desk, visit: str, body: SideBody | OwedBody) -> Whose:
    child = child_within_reach(desk.work, body.child)
    return Whose(visit=VisitId(visit), child=child.person, person=PersonId(body.person))


def _ledger(desk: Desk, found: Ledger) -> OwedLedger:
    short = short_of(desk.work, found)
    return OwedLedger(
        child=found.child,
        case=found.case,
        today=found.today,
        still_owed=found.still_owed,
        to_decide=len(found.to_decide),
        accounts=[
            _account(one, short[one.person][1] if one.is_kept and one.person in short else 0)
            for one in found.accounts
        ],
        not_met=[
            NotMet(sibling=one.sibling, days=one.days, last_on=one.last, next_on=one.next)
            for one in siblings_apart(desk.work, {found.child: found})[found.child]
        ],
    )


def _account(one: Account, short: int) -> OwedAccount:
    return OwedAccount(
        person=one.person,
        medium=one.medium,
        is_kept=one.is_kept,
        in_plan=one.terms is not None,
        still_owed=one.still_owed,
        to_decide=len(one.to_decide()),
        out_of_reach=short,
        periods=[_period(period) for period in one.periods],
        visits=[_visit(meeting) for meeting in one.meetings],
    )


def _period(one: PeriodAccount) -> OwedPeriod:
    return OwedPeriod(
        per=one.per,
        first_on=one.first_day,
        last_on=one.last_day,
        is_over=one.is_over,
        entitled=one.entitled,
        offered=one.offered,
        ahead=one.ahead,
        given=one.given,
        minutes=one.minutes,
        lost=dict(one.lost),
        not_owed=one.not_owed,
        to_decide=one.to_decide,
        missing=one.missing,
        owed=one.owed,
        owed_by=dict(one.owed_by),
        made_up=one.made_up,
        still_owed=one.still_owed,
    )


def _visit(meeting: Meeting) -> CountedVisit:
    return CountedVisit(
        visit=meeting.visit,
        on=meeting.on,
        standing=meeting.standing,
        cause=meeting.cause,
        rule=meeting.rule,
        still_owed=meeting.still_owed,
        minutes=meeting.minutes,
    )
