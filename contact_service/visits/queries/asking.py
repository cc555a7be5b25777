"""Gather what the rules about asking for a visit look at.  Nothing here says yes or no."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import ApprovedAct
from contact_service.agency_policy.version import PolicyAct
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.people.language import at_home_in
from contact_service.people.person import Member
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.many import approved_for_each
from contact_service.plans import queries as plans
from contact_service.plans.plan import ContactPlan, PlanBasis
from contact_service.plans.terms import NO_DEMANDS, Frequency, Risk, period_around
from contact_service.policy.facts import (
    ApprovalFacts,
    AutomaticFacts,
    BookingFacts,
    ChangeFacts,
    KnownFacts,
    PersonFacts,
)
from contact_service.restrictions import queries as restrictions
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.queries.clearing import uncleared_facts
from contact_service.visits.queries.closing import closed_around, no_school_around
from contact_service.visits.queries.deciding import child_consent, know_consents_for
from contact_service.visits.queries.finding import visits_of_child
from contact_service.visits.queries.near import meetings_around
from contact_service.visits.queries.needing import claimed_facts, family_facts, pool_facts, staff_facts
from contact_service.visits.queries.suiting import (
    duty_in_conflict,
    is_in_conflict,
    opener_named,
    watcher_facts,
)
from contact_service.visits.queries.understanding import languages_heard
from contact_service.visits.short import Meeting
from contact_service.visits.visit import (
    BOOKED,
    COUNTED,
    OVER,
    Outcome,
    ParticipantRole,
    Visit,
    VisitState,
)
from contact_service.visits.wish import ChildWished, Wish
from contact_service.work import Work, asked_once

# One visit, or several, that a change would leave where they are no longer.
Besides = VisitId | frozenset[VisitId] | None


def booking_facts(work: Work, wish: Wish, *, besides: Besides = None) -> BookingFacts:
    """What the booking rules look at for the child of a wish; ``besides``: as for all children."""
    return facts_of_children(work, wish, besides=besides)[0]


def facts_of_children(work: Work, wish: Wish, *, besides: Besides = None) -> tuple[BookingFacts, ...]:
    """What the booking rules look at, once for each child who would share the visit, the first one first.

    ``besides``: the visit that it would change, or several that change at once; they do not count.
    """
    start = start_of(work, wish)
    starts_at = None if isinstance(start, NoSuchTime) else start
    words = start.words if isinstance(start, NoSuchTime) else ""
    until = work.now + agency_policy.policy_in_force(work).limits.override_lasts if wish.emergency else None
    know_everybody(work, wish)
    named = opener_named(work, wish)
    return tuple(
        replace(
            _booking_facts(work, seen, starts_at, words, besides=_these(besides)),
            emergency_until=until,
            opener_named=named,
        )
        for seen in wish.by_child()
    )


def know_everybody(work: Work, wish: Wish) -> None:
    """Read at once what the rules ask of everybody, instead of one after the other as they come to them."""
    _know(work, wish.everybody, frozenset(wish.people), tuple(one.child for one in wish.children))


@asked_once
def _know(
    work: Work, everybody: frozenset[PersonId], guests: frozenset[PersonId], children: tuple[PersonId, ...]
) -> None:
    people.own_cases(work, children)
    people.know_details_of(work, everybody)
    people.know_members(work, {*guests, *children}, children)
    plans.know_plans(work, children)
    approved_for_each(work, children)
    know_consents_for(work, children)


def start_of(work: Work, wish: Wish) -> datetime | NoSuchTime:
    """The instant at which a wished visit would start, or why the clock where the child lives has none."""
    zone = people.zone_of(work, people.case_of(work, wish.child))
    return instant(wish.wall_start, zone, first_of_two=wish.first_of_two)


def booked_facts(work: Work, visit: Visit) -> BookingFacts:
    """What the booking rules look at for the child it is seen from, of a visit that is asked for or booked already."""
    facts = _booking_facts(work, wish_of(visit), visit.starts_at, "", besides=_these(visit.id))
    until = visit.emergency.until if visit.emergency else None
    return replace(facts, families=family_facts(work, visit), emergency_until=until)


def _booking_facts(
    work: Work,
    wish: Wish,
    starts_at: datetime | None,
    time_problem: str,
    *,
    besides: frozenset[VisitId],
) -> BookingFacts:
    account = work.actor.account
    zone = people.zone_of(work, people.case_of(work, wish.child))
    child = people.details_of(work, wish.child)
    policy = agency_policy.policy_in_force(work).document
    qualified = _has_role(work, wish.supervisor, Role.VISIT_SUPERVISOR)
    return BookingFacts(
        child_name=child.known_as,
        child_languages=at_home_in(child.languages),
        people=_people_facts(work, wish, _Day(zone=zone, at=starts_at or work.now, besides=besides)),
        has_caregiver=wish.caregiver is not None,
        child_consent=child_consent(work, wish.child),
        child_consent_needed=_rests_on(work, wish, starts_at or work.now) is PlanBasis.AGREEMENT,
        starts_at=starts_at,
        ends_at=starts_at + wish.length if starts_at else None,
        local_time_problem=time_problem,
        level=wish.level,
        supervisor_qualified=qualified,
        supervisor_languages=languages_heard(work, wish.supervisor if qualified else None),
        watcher=watcher_facts(work, wish, starts_at or work.now, zone) if qualified else None,
        duty_person_named=wish.duty is not None and any(a.id == wish.duty for a in identity.everybody(work)),
        duty_in_conflict=duty_in_conflict(work, wish),
        claimed=claimed_facts(work, wish, starts_at or work.now, besides=besides),
        staff=staff_facts(work, wish, starts_at or work.now),
        pools=pool_facts(work, wish, starts_at or work.now, besides=besides),
        uncleared=uncleared_facts(work, wish, starts_at or work.now),
        zone=zone,
        quiet=tuple(quiet for _, quiet in plans.quiet_hours_of(work, wish.child)),
        closed=closed_around(work, wish, starts_at or work.now),
        no_school=no_school_around(work, wish.child, starts_at or work.now),
        policy=policy,
        policy_accepted=account is not None and agency_policy.has_accepted(work, account, PolicyAct.BOOK),
        emergency_until=None,
        at=work.now,
    )


def _these(besides: Besides) -> frozenset[VisitId]:
    if besides is None:
        return frozenset()
    return besides if isinstance(besides, frozenset) else frozenset({besides})


def _rests_on(work: Work, wish: Wish, at: datetime) -> PlanBasis:
    plan = plans.plan_for(work, wish.child)
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))
    if plan is None:
        return PlanBasis.AGREEMENT
    return plans.basis_of(work, plan, wish.meeting, at.astimezone(zone).date())


@dataclass(frozen=True, kw_only=True)
class _Day:
    """The instant a visit would start, and the visits that are booked already and must not count."""

    zone: str
    at: datetime
    besides: frozenset[VisitId]


def _people_facts(work: Work, wish: Wish, day: _Day) -> tuple[PersonFacts, ...]:
    plan = plans.plan_for(work, wish.child)
    restricted = _with_carers(wish, _restricted(work, wish.everybody, (day.at, day.at + wish.length)))
    children = [one.child for one in wish.children]
    near = meetings_around(work, children, COUNTED, _days_that_count(plan, wish, day))[wish.child]
    booked = _Booked([v for v in near if v.id not in day.besides], day)
    members = (people.member(work, person, child=wish.child) for person in wish.meeting)
    approved = approved_for(work, wish.child)
    return tuple(
        replace(_person_facts(plan, member, restricted, booked), approved=member.person in approved)
        for member in members
    )


def _with_carers(
    wish: Wish, restricted: tuple[frozenset[PersonId], frozenset[PersonId]]
) -> tuple[frozenset[PersonId], frozenset[PersonId]]:
    """Another child comes with a carer: what stands in the carer's way stands in the child's."""
    barred, apart = restricted
    with_barred = {one.child for one in wish.sharing if one.caregiver in barred}
    with_apart = {one.child for one in wish.sharing if one.caregiver in apart}
    return barred | with_barred, apart | with_apart


def _days_that_count(plan: ContactPlan | None, wish: Wish, day: _Day) -> tuple[date, date]:
    """From the first to the last day on which another visit may stand in the way of one on ``day``."""
    on = day.at.astimezone(ZoneInfo(day.zone)).date()
    terms = [plan.terms_for(person) for person in wish.meeting] if plan else []
    often = [one.frequency for one in terms if one and one.frequency]
    gap = timedelta(days=max((one.gap_days or 0 for one in often), default=0))
    periods = [period_around(on, one.per) for one in often]
    firsts, afters = zip(*periods, strict=True) if periods else ((on,), (on,))
    return min(*firsts, on - gap), max(*afters, on + gap)


class _Booked:
    """The other visits of a child, counted for each person around one day."""

    def __init__(self, visits: list[Meeting], day: _Day) -> None:
        zone = ZoneInfo(day.zone)
        self.on = day.at.astimezone(zone).date()
        self._visits = [(visit.starts_at.astimezone(zone).date(), visit.people) for visit in visits]

    def _days(self, person: PersonId) -> list[date]:
        return [on for on, people in self._visits if person in people]

    def in_period(self, person: PersonId, often: Frequency | None) -> int:
        """How many lie in the period of ``often`` around the day."""
        if often is None:
            return 0
        first, after = period_around(self.on, often.per)
        return sum(first <= day < after for day in self._days(person))

    def nearest(self, person: PersonId) -> int | None:
        """How many days away the nearest one is; None where none is near enough to count."""
        return min((abs((day - self.on).days) for day in self._days(person)), default=None)


def _person_facts(
    plan: ContactPlan | None,
    member: Member,
    restricted: tuple[frozenset[PersonId], frozenset[PersonId]],
    booked: _Booked,
) -> PersonFacts:
    person = member.person
    terms = plan.terms_for(person) if plan else None
    often = terms.frequency if terms else None
    return PersonFacts(
        name=member.known_as,
        relation=member.relation,
        risk=terms.risk if terms else Risk.HIGH,
        in_plan=terms is not None,
        approved=False,
        minor=member.is_minor_on(booked.on),
        languages=at_home_in(member.details.languages),
        plan_level=terms.level_on(booked.on) if terms else None,
        plan_minutes=int(terms.length.total_seconds() // 60) if terms else None,
        often=often,
        booked_in_period=booked.in_period(person, often),
        nearest_days=booked.nearest(person),
        window=terms.window if terms else None,
        barred_from_child=person in restricted[0],
        apart_from_another=person in restricted[1],
        demands=terms.demands if terms else NO_DEMANDS,
    )


def _restricted(
    work: Work, everybody: frozenset[PersonId], instants: tuple[datetime, ...]
) -> tuple[frozenset[PersonId], frozenset[PersonId]]:
    """Who is barred from somebody, and who must be kept apart, now, or when the visit would begin or end."""
    now = restrictions.restrictions_between(work, everybody, at=work.now)
    # One that binds now and will have ended by then is no reason; every other that binds now is, whatever the time.
    found = [r for r in now if r.ends_at is None or r.ends_at > instants[0]]
    found += [r for at in instants for r in restrictions.restrictions_between(work, everybody, at=at)]
    barred = [r.people for r in found if r.kind.bars]
    apart = [r.people for r in found if r.kind is RestrictionKind.APART]
    return frozenset().union(*barred), frozenset().union(*apart)


def _has_role(work: Work, account: AccountId | None, role: Role) -> bool:
    return account is not None and any(a.id == account for a in identity.accounts_with(work, role))


def wish_of(visit: Visit) -> Wish:
    """A booked visit as a wish, to be decided again, from the same child's side."""
    first, *sharing = visit.children
    return Wish(
        child=first.child,
        people=tuple(
            p.person for p in visit.families() if p.person and p.role is ParticipantRole.FAMILY_MEMBER
        ),
        caregiver=first.caregiver,
        wall_start=visit.starts_at,
        length=visit.ends_at - visit.starts_at,
        level=visit.level,
        supervisor=visit.supervisor,
        duty=visit.duty,
        emergency=visit.emergency.reason if visit.emergency else None,
        sharing=tuple(ChildWished(child=one.child, caregiver=one.caregiver) for one in sharing),
    )


def approval_facts(work: Work, visit: Visit) -> tuple[ApprovalFacts, ...]:
    """What the approval rules look at, once for each child."""
    account = work.actor.account
    act = ApprovedAct.OVERRIDE if visit.emergency else ApprovedAct.VISIT
    deciding = agency_policy.policy_in_force(work).document.approvals.who(act)
    return tuple(
        ApprovalFacts(
            is_approver=any(work.actor.has(role) for role in deciding),
            is_requester=work.actor.is_behind(visit.requested_by),
            in_conflict=account is not None and is_in_conflict(work, account, wish_of(visit)),
            reaches_child=bool(people.within_reach(work, [seen.case])),
            still_requested=visit.state is VisitState.REQUESTED,
            policy_accepted=account is not None
            and agency_policy.has_accepted(work, account, PolicyAct.APPROVE),
            time_open=visit.time_open,
            booking=booked_facts(work, seen),
        )
        for seen in visit.by_child()
    )


def automatic_facts(work: Work, visit: Visit) -> AutomaticFacts:
    """What the rule looks at by which nobody's yes is needed."""
    booking = booked_facts(work, visit)
    given = [v for v in visits_of_child(work, visit.child, OVER) if v.outcome is Outcome.COMPLETED]
    wished = wish_of(visit).meeting
    return AutomaticFacts(
        policy=booking.policy,
        people=tuple(
            KnownFacts(
                relation=facts.relation,
                risk=facts.risk,
                completed_before=sum(person in v.people for v in given),
            )
            for person, facts in zip(wished, booking.people, strict=True)
        ),
        level=visit.level,
        minutes=int((visit.ends_at - visit.starts_at).total_seconds() // 60),
        emergency=visit.emergency is not None,
        shared=len(visit.children) > 1,
    )


def change_facts(work: Work, visit: Visit) -> ChangeFacts:
    """What the rule of changes looks at."""
    return ChangeFacts(
        may_change=visit.state in BOOKED | {VisitState.REQUESTED},
        starts_at=visit.starts_at,
        limits=agency_policy.policy_in_force(work).limits,
        at=work.now,
    )
