"""Who could take over a visit that nobody can change any more, and what the rules of that look at."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import STAFF_ROLES, Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import Buffer
from contact_service.claims.claim import Kind, Span
from contact_service.claims.queries import claims_between
from contact_service.identity import queries as identity
from contact_service.identity.account import Account
from contact_service.ids import AccountId
from contact_service.people.queries import members as people
from contact_service.policy.decision import Decision, Permitted, all_of
from contact_service.policy.facts import BookingFacts, ClaimedFacts, HandingFacts, StaffFacts
from contact_service.policy.handing import may_be_handed_over_now, may_hand_over
from contact_service.visits.queries.asking import facts_of_children, wish_of
from contact_service.visits.queries.suiting import barred_from, is_in_conflict, opener_named
from contact_service.visits.queries.supervising import watchers_for
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import time_of

_A_MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Whoever watches, and whoever answers throughout."""

    supervisor: AccountId
    duty: AccountId


@dataclass(frozen=True, kw_only=True)
class CouldTake:
    """Who could watch what is left of a visit, and who could answer; those who do now are not among them."""

    supervisors: tuple[Account, ...]
    duty: tuple[Account, ...]


def works_with_it(work: Work, visit: Visit) -> bool:
    """Whether the actor is one of those who may hand ``visit`` over: a worker or approver of every child (R54, R63)."""
    cases = [one.case for one in visit.children]
    hands = work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)
    return hands and people.within_reach(work, cases) == cases


def stands_fast(work: Work, visit: Visit) -> bool:
    """Whether people and time of ``visit`` can no longer be changed (R14), and it may be handed over (R63)."""
    freeze = agency_policy.policy_in_force(work).limits.freeze_before_start
    return visit.state in IN_THE_ROOM or work.now >= visit.starts_at - freeze


def can_be_handed_over(work: Work, visit: Visit) -> bool:
    """Whether the time to hand ``visit`` to somebody else is now."""
    return visit.state in BOOKED | IN_THE_ROOM and stands_fast(work, visit)


def is_it_time(work: Work, visit: Visit) -> Decision:
    """Whether ``visit`` may be handed to somebody else now, and why not (R63)."""
    as_it_is = Staff(supervisor=visit.supervisor, duty=visit.duty)
    return may_be_handed_over_now(handing_facts(work, visit, as_it_is)[0])


def what_is_left(work: Work, visit: Visit) -> tuple[datetime, datetime]:
    """From when to when whoever takes over is needed: from now, and to the end of the room where it is over time."""
    first = max(work.now, visit.starts_at)
    if first < visit.ends_at:
        return first, visit.ends_at
    late = agency_policy.policy_in_force(work).limits.late_exit
    return first, max(visit.ends_at + late, first + _A_MOMENT)


def span_of_watching(work: Work, visit: Visit, supervisor: AccountId) -> Span:
    """What taking over claims: nothing that has passed, and the time to write it up."""
    first, after = what_is_left(work, visit)
    writing = agency_policy.policy_in_force(work).document.buffers.visit_supervisor.after
    return Span(who=supervisor, kind=Kind.ACCOUNT, starts_at=first, ends_at=after + writing)


def handing_facts(work: Work, visit: Visit, staff: Staff) -> tuple[HandingFacts, ...]:
    """What the rules of handing a visit over look at, once for each child."""
    wish = _with_staff(visit, staff)
    account = work.actor.account
    first, after = what_is_left(work, visit)
    claimed, hours = _claimed(work, visit, staff), _hours(work, visit, staff)
    has_it = account in (visit.supervisor, visit.duty)  # they may keep it, and hand on the rest
    return tuple(
        HandingFacts(
            is_ahead=visit.state in BOOKED | IN_THE_ROOM,
            stands_fast=stands_fast(work, visit),
            anybody_new=staff != Staff(supervisor=visit.supervisor, duty=visit.duty),
            in_conflict=account is not None and is_in_conflict(work, account, wish),
            booking=replace(
                facts,
                starts_at=first,
                ends_at=after,
                claimed=claimed,
                staff=hours,
                opener_named="" if has_it else facts.opener_named,
            ),
        )
        for facts in _booking(work, visit, wish)
    )


def could_take_over(work: Work, visit: Visit) -> CouldTake:
    """Everybody of whom the rules say yes now, by name."""
    day = visit.starts_at.astimezone(ZoneInfo(visit.zone)).date()
    suiting = watchers_for(work, wish_of(visit), day).suiting
    answering = on_duty_throughout(work, wish_of(visit), *what_is_left(work, visit))
    not_for = {visit.duty, *_opener(work, visit)}
    others = [one for one in answering if one.id not in not_for]
    able = [
        one
        for one in suiting
        if one.id != visit.supervisor and _might(work, visit, one.id, [account.id for account in answering])
    ]
    return CouldTake(supervisors=tuple(able), duty=tuple(others))


def _opener(work: Work, visit: Visit) -> set[AccountId]:
    """The actor, where they reach a child of ``visit`` by an emergency alone and would answer by it (R65)."""
    account = work.actor.account
    if account is None or account in (visit.supervisor, visit.duty):
        return set()
    named = opener_named(work, replace(wish_of(visit), duty=account))
    return {account} if named else set()


def on_duty_throughout(work: Work, wish: Wish, first: datetime, after: datetime) -> tuple[Account, ...]:
    """Who of the staff could be the duty person of ``wish`` then (R56, R59): by name."""
    barred = barred_from(work, wish.everybody, (one.child for one in wish.children))
    everybody = [a for a in identity.everybody(work) if {*STAFF_ROLES} & {*a.roles} and a.id not in barred]
    times = time_of(work, [one.id for one in everybody], between=(first, after))
    return tuple(
        one
        for one in everybody
        if times[one.id].is_at_work(first, after)
        and not times[one.id].is_away(first, after)
        and not times[one.id].is_busy(first, after)
    )


def _might(work: Work, visit: Visit, supervisor: AccountId, answering: Iterable[AccountId]) -> bool:
    """Whether the rules say yes to one who would watch, whoever of those on duty answers."""
    duty = next((one for one in (visit.duty, *answering) if one in {*answering}), None)
    if duty is None:
        return False
    staff = Staff(supervisor=supervisor, duty=duty)
    return isinstance(all_of(map(may_hand_over, handing_facts(work, visit, staff))), Permitted)


def _with_staff(visit: Visit, staff: Staff) -> Wish:
    local = visit.starts_at.astimezone(ZoneInfo(visit.zone))
    return replace(
        wish_of(visit),
        wall_start=local.replace(tzinfo=None, fold=0),
        first_of_two=not local.fold,
        supervisor=staff.supervisor,
        duty=staff.duty,
    )


def _booking(work: Work, visit: Visit, wish: Wish) -> tuple[BookingFacts, ...]:
    return facts_of_children(work, wish, besides=visit.id)


def _claimed(work: Work, visit: Visit, staff: Staff) -> tuple[ClaimedFacts, ...]:
    """What others have claimed of whoever would come; who watches already goes on watching."""
    if staff.supervisor == visit.supervisor:
        return ()
    span = span_of_watching(work, visit, staff.supervisor)
    taken = [
        (one.span.starts_at, one.span.ends_at)
        for one in claims_between(work, span.starts_at, span.ends_at, who=[staff.supervisor])
        if one.visit != visit.id
    ]
    name = next((a.name for a in identity.everybody(work) if a.id == staff.supervisor), "?")
    return (ClaimedFacts(name=name, buffer=_writing(work), taken=tuple(taken)),)


def _hours(work: Work, visit: Visit, staff: Staff) -> tuple[StaffFacts, ...]:
    wanted = {staff.duty} if staff.supervisor == visit.supervisor else {staff.duty, staff.supervisor}
    known = [one for one in identity.everybody(work) if one.id in wanted]
    first, after = what_is_left(work, visit)
    times = time_of(work, [one.id for one in known], between=(first, after + _writing(work).after))
    return tuple(
        StaffFacts(
            name=one.name,
            time=times[one.id],
            buffer=_writing(work) if one.id == staff.supervisor else Buffer(),
        )
        for one in known
    )


def _writing(work: Work) -> Buffer:
    """The time that whoever takes over needs: there was none to prepare."""
    return Buffer(after=agency_policy.policy_in_force(work).document.buffers.visit_supervisor.after)
