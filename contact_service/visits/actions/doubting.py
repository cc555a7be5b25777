"""Put booked visits in doubt that a later fact would now refuse; clear the doubt with a reason (feature K5).

A doubt stops nothing: what must stop at once (a restriction, a consent taken back) stops by itself.
"""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups import actions as follow_ups, queries as asked
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.plans import queries as plans
from contact_service.policy.booking import may_stay
from contact_service.policy.decision import Refused
from contact_service.policy.facts import BookingFacts
from contact_service.policy.suiting import may_decide
from contact_service.visits.actions.moving import lock, record_refusal
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.asking import booked_facts
from contact_service.visits.queries.doubting import reasons_against
from contact_service.visits.queries.finding import (
    visits_in,
    visits_of_child,
    visits_out_of_reach,
    visits_staffed_by,
    visits_with_person,
)
from contact_service.visits.queries.suiting import deciding_facts
from contact_service.visits.record import Remark
from contact_service.visits.visit import BOOKED, Visit
from contact_service.work import Work

_LOOKED_AT_WITHIN, _AROUND = timedelta(days=1), timedelta(hours=12)


def doubt_visits_of(work: Work, child: PersonId) -> int:
    """Put in doubt what a change about this child would now refuse; returns how many visits."""
    return doubt_visits(work, visits_of_child(work, child, BOOKED))


def doubt_all_visits(work: Work) -> int:
    """Put in doubt what a change for the whole agency would now refuse, within reach or not; returns how many."""
    found = (*visits_in(work, BOOKED), *visits_out_of_reach(work, BOOKED))
    return doubt_visits(work, found)


def doubt_visits_staffed_by(work: Work, account: AccountId) -> int:
    """Put in doubt what a change about a member of staff would now refuse, whose children they may not know yet."""
    work.session.flush()
    return doubt_visits(work, visits_staffed_by(work, account, BOOKED))


def doubt_visits_with(work: Work, person: PersonId) -> int:
    """Put in doubt what a change about somebody who takes part would now speak against."""
    work.session.flush()
    return doubt_visits(work, visits_with_person(work, person, BOOKED))


def doubt_visits(work: Work, visits: Iterable[Visit]) -> int:
    """Ask an approver to look at each of these booked visits that would be refused now; returns how many those are.

    The same reasons under the same plan and policy are asked about once, also after they were cleared; another busy
    time of the same person, other days on which they are away or a place is closed, are another reason.
    """
    ahead = (visit for visit in visits if visit.starts_at > work.now)
    return sum(_doubt_for_any(work, visit) for visit in ahead)


def _doubt_for_any(work: Work, visit: Visit) -> bool:
    """Ask for each child who is concerned, and not for the first alone."""
    asked = [_doubt(work, seen) for seen in visit.by_child()]
    return any(asked)


def _doubt(work: Work, visit: Visit) -> bool:
    """For the child it is seen from, in whose case the approver is asked."""
    facts = booked_facts(work, visit)
    decision = may_stay(facts)
    if not isinstance(decision, Refused):
        return False
    against = sorted(f"{reason.code} {reason.problem.values}" for reason in decision.reasons)
    # Of names too, which are not kept here.
    what = hashlib.sha256("\n".join([*against, *_entries_against(facts)]).encode()).hexdigest()[:16]
    plan = plans.plan_for(work, visit.child)
    rests_on = f"{plan.version if plan else 0}/{agency_policy.policy_in_force(work).version}"
    follow_ups.ask_for(
        work,
        NewFollowUp(
            case=visit.case,
            kind=FollowUpKind.IN_DOUBT,
            for_role=ForRole.APPROVER,
            about=f"doubt/{visit.room}/{visit.child}/{rests_on}/{what}",
            due_at=min(work.now + _LOOKED_AT_WITHIN, visit.starts_at),
            visit=visit.id,
            person=visit.child,
            rules=tuple(dict.fromkeys(decision.rules)),
        ),
    )
    return True


def _entries_against(facts: BookingFacts) -> Iterator[str]:
    """Which entries stand against a time, where a reason names only whose they are.

    Who said that a visit stands although somebody is busy has not said so of what makes them busy a week later.
    """
    if facts.starts_at is None or facts.ends_at is None:
        return
    for one in facts.staff:
        first, after = facts.starts_at - one.buffer.before, facts.ends_at + one.buffer.after
        yield from sorted(f"away {away.id}" for away in one.time.away if away.meets(first, after))
        # Of a busy time what lies around the visit, since its far end may move from day to day.
        yield from _busy(one.name, one.time.busy, first, after)
    for family in facts.families:
        yield from _busy(family.name, family.busy, facts.starts_at, facts.ends_at)
    for pool in facts.pools:
        span = pool.hull(facts.starts_at, facts.ends_at)
        yield from sorted(f"closed {closure.id}" for closure in pool.time.away if closure.meets(*span))


def _busy(
    name: str, times: Iterable[tuple[datetime, datetime]], first: datetime, after: datetime
) -> list[str]:
    return sorted(
        f"busy {name} {max(since, first - _AROUND)} {min(until, after + _AROUND)}"
        for since, until in times
        if since < after and first < until
    )


def clear_doubt(work: Work, visit: VisitId, reason: str, text: str = "") -> Refused | None:
    """Say that a booked visit stands all the same, or that what was wrong has been put right.

    ``text`` is kept, sealed, and is needed while rules still speak against the visit: raises ``BadInput`` without
    it, ``NotAllowed`` for whoever is no approver, and ``Conflict`` when nothing is in doubt.  A refusal is recorded:
    with somebody who has a conflict of interest it does not stand (R59), whatever is written.
    """
    row, found = lock(work, visit)
    if not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver decides whether a visit in doubt stands.")
    doubts = asked.open_about(work, visit, FollowUpKind.IN_DOUBT)
    if not doubts:
        raise Conflict("Somebody has decided this already. Load the page again.")
    decision = may_decide(deciding_facts(work, found, stands=True))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.APPROVAL_REFUSED, decision)
        return decision
    if not text.strip() and reasons_against(work, found):
        raise BadInput("Rules still say no. Write why the visit stands all the same.", "text")
    keep_remark(work, found, Remark.DOUBT, text)
    for doubt in doubts:
        follow_ups.decide(work, doubt, reason)
    return None
