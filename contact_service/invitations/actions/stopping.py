"""What a restriction does from the instant it binds, how it is lifted, and how an urgent stop ends or goes on."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import ApprovedAct
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, NotAllowed
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.identity import queries as identity
from contact_service.ids import CaseId, OrderId, PersonId, RestrictionId
from contact_service.invitations.actions.inviting import ask_to_see_to, revoke_all, tell_staff
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.order import OrderSubject
from contact_service.policy.decision import Refused
from contact_service.policy.restricting import (
    ContinueFacts,
    LiftFacts,
    UrgentStopFacts,
    may_go_on,
    may_lift,
    may_stop_urgently,
)
from contact_service.restrictions import actions as restricting, queries
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import Restriction, RestrictionKind, RestrictionState
from contact_service.scheduling.local_time import start_of_day
from contact_service.visits.actions import ending
from contact_service.visits.visit import Visit
from contact_service.work import Work

_NOTICE_GOOD_FOR = timedelta(days=14)


def restrict(work: Work, case: CaseId, new: NewRestriction) -> Restriction | Refused:
    """Put a restriction in force, and stop every visit it forbids in the same transaction.

    One that starts later binds from then; an urgent stop ends by itself after the policy's days.
    """
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver can record a restriction.")
    _demand_order(work, case, new.order)
    if new.kind is RestrictionKind.SUSPENDED:
        refused = _refuses_urgent_stop(work, case, new)
        if refused is not None:
            return refused
        new = _ending_by_itself(work, new)
    kept = restricting.restrict(work, case, new)
    if new.kind is RestrictionKind.SUSPENDED:
        _give_notice(work, kept)
    if kept.starts_at <= work.now:
        apply_restriction(work, kept)
    return kept


def _demand_order(work: Work, case: CaseId, order: OrderId | None) -> None:
    children = _children(work, case)
    if order is not None and order not in {o.id for child in children for o in plans.orders_of(work, child)}:
        raise BadInput("Choose a court order about a child of this case.", "order")


def apply_restriction(work: Work, restriction: Restriction) -> None:
    """Stop what it forbids, once: links die, worker and approvers are asked to act, families are told neutrally.

    One that has ended before its turn came, as one that was lifted before it began, has nothing to stop.
    """
    if restricting.mark_applied(work, restriction.id):
        # Read anew under its lock: it may have been lifted a moment ago.
        now = queries.restriction_for(work, restriction.id)
        if now.in_force(work.now):
            _stop_what_it_forbids(work, now)


def stop_what_forbids(work: Work, person: PersonId) -> None:
    """Stop whatever the restrictions in force about ``person`` forbid, however they came to be about them."""
    for restriction in queries.restrictions_about(work, person, at=work.now):
        _stop_what_it_forbids(work, restriction)


def _stop_what_it_forbids(work: Work, restriction: Restriction) -> None:
    for visit in ending.stop_visits(work, restriction):
        revoke_all(work, visit, reason="restriction", tell=True)
        _tell_and_ask(work, visit)


def _tell_and_ask(work: Work, visit: Visit) -> None:
    tell_staff(work, visit, visit.requested_by, MessageKind.VISIT_STOPPED)
    for approver in identity.accounts_with(work, Role.APPROVER):
        tell_staff(work, visit, approver.id, MessageKind.VISIT_STOPPED)
    for seen in visit.by_case():
        for role in ForRole:
            ask_to_see_to(work, seen, role)


def _refuses_urgent_stop(work: Work, case: CaseId, new: NewRestriction) -> Refused | None:
    same = frozenset({new.person, *([new.other] if new.other else [])})
    earlier = [r.ends_at for r in queries.urgent_stops(work) if r.people == same and r.ends_at is not None]
    lasts = agency_policy.policy_in_force(work).limits.urgent_stop
    facts = UrgentStopFacts(last_ended_at=max(earlier, default=None), lasts=lasts, at=work.now)
    decision = may_stop_urgently(facts)
    if isinstance(decision, Refused):
        _record_refusal(work, case, same, decision)
        return decision
    return None


def _ending_by_itself(work: Work, new: NewRestriction) -> NewRestriction:
    lasts = agency_policy.policy_in_force(work).limits.urgent_stop
    return NewRestriction(
        kind=new.kind,
        person=new.person,
        other=new.other,
        source=new.source,
        reason=new.reason,
        order=None,
        starts_at=None,
        ends_at=work.now + lasts,
    )


def _give_notice(work: Work, stop: Restriction) -> None:
    """A written notice to every adult whom the stop is about: decision, date, reason, length, remedies."""
    for person in sorted(stop.people):
        if people.member(work, person).role is not MemberRole.CHILD:
            message = NewMessage(
                kind=MessageKind.STOP_NOTICE,
                person=person,
                restriction=stop.id,
                useless_after=work.now + _NOTICE_GOOD_FOR,
            )
            notifications.queue(work, message)


def ask_to_lift(work: Work, restriction: RestrictionId) -> None:
    """The first of two people asks to lift a restriction."""
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver can ask for this.")
    restricting.ask_to_lift(work, restriction)


def lift(work: Work, restriction: RestrictionId) -> Restriction | Refused:
    """The second of two people agrees; what an urgent stop has suspended is put before an approver again."""
    found = queries.restriction_for(work, restriction)
    deciding = agency_policy.policy_in_force(work).document.approvals.who(ApprovedAct.LIFT_RESTRICTION)
    facts = LiftFacts(
        is_asked=found.lift_asked_by is not None,
        is_asker=work.actor.is_behind(found.lift_asked_by),
        may_decide=any(work.actor.has(role) for role in deciding),
    )
    decision = may_lift(facts)
    if isinstance(decision, Refused):
        _record_refusal(work, found.case, found.people, decision)
        return decision
    lifted = restricting.lift(work, restriction, rules=decision.passed)
    ending.put_back(work, restriction)
    return lifted


def go_on_by_order(work: Work, restriction: RestrictionId, order: OrderId | None) -> Restriction | Refused:
    """Let an urgent stop go on, by a court order that stands."""
    if not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver lets an urgent stop go on.")
    found = queries.restriction_for(work, restriction)
    allows, until = _order(work, found, order)
    facts = ContinueFacts(is_urgent_stop=found.kind is RestrictionKind.SUSPENDED, order_allows=allows)
    decision = may_go_on(facts)
    if isinstance(decision, Refused):
        _record_refusal(work, found.case, found.people, decision)
        return decision
    assert order is not None  # R45
    restricting.go_on_by_order(work, restriction, order=order, until=until, rules=decision.passed)
    going_on = queries.restriction_for(work, restriction)
    _stop_what_it_forbids(work, going_on)  # what was booked for after its days
    return going_on


_ALLOWS = (OrderSubject.NO_CONTACT, OrderSubject.REFUSAL_ALLOWED)


def _order(work: Work, found: Restriction, order: OrderId | None) -> tuple[bool | None, datetime | None]:
    """Whether the named order allows it, and until when it does."""
    if order is None:
        return None, None
    zone = people.zone_of(work, found.case)
    today = work.now.astimezone(ZoneInfo(zone)).date()
    children = [p for p in _children(work, found.case) if p in found.people or len(found.people) == 1]
    orders = [o for child in children for o in plans.orders_of(work, child) if o.id == order]
    standing = [o for o in orders if o.about in _ALLOWS and o.stands_on(today)]
    if not standing:
        return False, None
    last = standing[0].ends_on
    return True, start_of_day(last + timedelta(days=1), zone) if last else None


def _children(work: Work, case: CaseId) -> list[PersonId]:
    return [m.person for m in people.members_of(work, case) if m.role is MemberRole.CHILD]


def watch_urgent_stops(work: Work) -> None:
    """Raise the alarms of urgent stops; put back what a stop that is over has suspended.  Twice does no harm."""
    watched = [s for s in queries.urgent_stops(work) if s.order is None and s.lifted_by is None]
    over = [stop for stop in watched if stop.state(work.now) is RestrictionState.ENDED]
    # Of all stops at once: whatever they suspended is locked before the first visit moves.
    ending.put_back(work, *(stop.id for stop in over))
    for stop in watched:
        if stop in over:
            _alarm(work, stop, FollowUpKind.URGENT_STOP_OVER, f"urgent/{stop.id}/over")
            continue
        for day in agency_policy.policy_in_force(work).limits.urgent_stop_alarm_days:
            if work.now >= stop.starts_at + timedelta(days=day):
                _alarm(work, stop, FollowUpKind.URGENT_STOP_ALARM, f"urgent/{stop.id}/day-{day}")


def _alarm(work: Work, stop: Restriction, kind: FollowUpKind, about: str) -> None:
    adults = [p for p in sorted(stop.people) if people.member(work, p).role is not MemberRole.CHILD]
    for role in ForRole:
        ask_for(
            work,
            NewFollowUp(
                case=stop.case,
                kind=kind,
                for_role=role,
                about=f"{about}/{role.value}",
                due_at=stop.ends_at or work.now,
                person=adults[0] if adults else None,
            ),
        )


def _record_refusal(work: Work, case: CaseId, about: frozenset[PersonId], refused: Refused) -> None:
    refs = people.refs_of(work, about, case=case)
    work.record(
        AuditEvent(
            type=EventType.RESTRICTION_REFUSED,
            case=case,
            subjects=tuple(Subject(ref=ref, role="restricted") for ref in sorted(refs.values())),
            reason="refused",
            rules=tuple(dict.fromkeys(refused.rules)),
            facts=tuple((f"refused_{n}", code) for n, code in enumerate(refused.codes, 1)),
        )
    )
