"""Ask for a visit, change it, take the request back; say yes or no to it.  Doors follow in ``invitations``."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError
from sqlmodel import delete

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.policy import emergency
from contact_service.policy.automatic import RULE as AUTOMATIC_RULE, approved_automatically
from contact_service.policy.booking import may_approve, may_book, may_change
from contact_service.policy.decision import Refused, all_of
from contact_service.policy.facts import BookingFacts
from contact_service.policy.suiting import may_decide
from contact_service.visits.actions.claiming import claim_everybody, lock_everybody
from contact_service.visits.actions.moving import (
    Why,
    demand_every_child,
    lock,
    move,
    record,
    record_refusal,
)
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.actions.refusing import refuse, refused_as_overtaken
from contact_service.visits.actions.settling import keep_changed, keep_settled
from contact_service.visits.actions.taking_part import add_children, add_participants
from contact_service.visits.optional import EVERYBODY_COMES, Settled
from contact_service.visits.queries.asking import (
    approval_facts,
    automatic_facts,
    change_facts,
    facts_of_children,
    wish_of,
)
from contact_service.visits.queries.clearing import reasons_within_reach
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.suiting import deciding_facts
from contact_service.visits.reasons import DeclineReason
from contact_service.visits.record import Remark
from contact_service.visits.tables import SharingChildRow, VisitParticipantRow, VisitRow
from contact_service.visits.visit import BOOKED, Visit, VisitState
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.zone_rules import zone_rules

_REVIEWED_WITHIN = timedelta(days=5)


def request_visit(
    work: Work, wish: Wish, *, visit_id: str, or_at: tuple[Wish, ...] = (), settled: Settled = EVERYBODY_COMES
) -> Visit | Refused:
    """Ask for a visit: it stands ``requested`` and waits for an approver.  A refusal is recorded and books nothing.

    ``visit_id`` makes a repeated request (a double click, a lost answer) the same visit and not a second one.
    ``or_at``: the same at further starts, for the family to choose; all of them are judged and claimed.
    ``settled``: who of it comes if they can, and who could not; the evidence keeps how many.
    """
    _demand_worker(work)
    _demand_people(work, wish)
    demand_known(work, wish)
    if (late := refused_as_overtaken(work, wish, visit_id)) is not None:
        return late
    lock_everybody(work, wish)
    if work.session.get(VisitRow, visit_id) is not None:
        return visit_for(work, VisitId(visit_id))
    # Once more: of those who waited for the lock, all but one come too late.
    if (late := refused_as_overtaken(work, wish, visit_id)) is not None:
        return late
    facts = facts_of_children(work, wish)
    others = [(facts_of_children(work, other), other) for other in or_at]
    decision = all_of(may_book(one) for each in (facts, *(found for found, _ in others)) for one in each)
    if isinstance(decision, Refused):
        return refuse(work, wish, decision)
    settled.demand_of(wish)
    row = _new_row(work, wish, facts[0], visit_id)
    row.time_open = bool(others)
    _set_emergency(row, wish, facts[0], decision.passed)
    _insert(work, row)
    add_children(work, row, wish)
    add_participants(work, row, wish)
    or_then = [(found[0].starts_at, other) for found, other in others if found[0].starts_at]
    claim_everybody(work, row, wish, or_at=or_then)
    more = keep_settled(work, row, settled) if settled != EVERYBODY_COMES else ()
    why = Why(reason="requested", rules=decision.passed, facts=(*_emergency_facts(row, facts), *more))
    move(work, row, VisitState.REQUESTED, EventType.VISIT_REQUESTED, why)
    return visit_for(work, VisitId(row.id))


def _set_emergency(row: VisitRow, wish: Wish, facts: BookingFacts, passed: tuple[str, ...]) -> None:
    """Keep an emergency where one was needed: an ordinary visit needs no exception, whatever was ticked."""
    needed = emergency.RULE in passed and wish.emergency is not None
    row.emergency_reason = wish.emergency if needed and wish.emergency else ""
    row.emergency_until = facts.emergency_until if needed else None


def _emergency_facts(row: VisitRow, facts: tuple[BookingFacts, ...]) -> tuple[tuple[str, str | int], ...]:
    if row.emergency_until is None:
        return ()
    aside = emergency.set_aside(all_of(may_book(replace(one, emergency_until=None)) for one in facts))
    codes = tuple((f"set_aside_{n}", reason.code) for n, reason in enumerate(aside, 1))
    return (("emergency", row.emergency_reason), *codes)


def _insert(work: Work, row: VisitRow) -> None:
    work.session.add(row)
    try:
        work.session.flush()
    except IntegrityError:
        raise Conflict("This visit was asked for a moment ago. Load the page again.") from None


def _demand_worker(work: Work) -> None:
    if not work.actor.has(Role.WORKER):
        raise NotAllowed("Only a worker can book a visit.")


def _demand_people(work: Work, wish: Wish) -> None:
    """An emergency is asked for by one person and agreed to by another: a machine is neither (R48)."""
    if wish.emergency:
        work.actor.demand_person()


def demand_known(work: Work, wish: Wish) -> None:
    """People come from a form: an id from another case is the same as none at all, for each child.

    Who is of the case of ``wish.child`` and not yet of that of a child who shares it is named: both are within reach.
    """
    children = {one.child for one in wish.children}
    if wish.child in wish.people:
        raise BadInput("Choose people of this case.", "people")
    if len(children) < len(wish.children):
        raise BadInput("Choose each child once.", "sharing")
    cases = [case for own in people.own_cases(work, children).values() for case in own]
    people.know_roles_in(work, people.within_reach(work, cases))
    for seen in wish.by_child():
        case = people.case_for(work, people.case_of(work, seen.child))
        members = people.roles_in(work, case)
        named = {seen.child, *seen.meeting} | ({seen.caregiver} if seen.caregiver else set())
        if missing := named - members.keys():
            raise _not_of_the_case(work, wish, seen.child, missing)
        if seen.child == wish.child:
            _demand_once(work, wish)
        if wish.sharing and members[seen.child] is not MemberRole.CHILD:
            raise BadInput("Choose a child who has a case.", "sharing")


def _demand_once(work: Work, wish: Wish) -> None:
    """Raise ``BadInput`` for a child who shares the visit and is to be met in it; all are of the first child's case."""
    if twice := {one.child for one in wish.children} & {*wish.people}:
        raise BadInput(
            "Chosen twice, to meet {child} and to share the visit: {names}. Who shares it meets everybody:"
            " untick them among those who meet {child}.",
            "sharing",
            names=_names(work, twice),
            child=_names(work, {wish.child}),
        )


def _not_of_the_case(work: Work, wish: Wish, child: PersonId, missing: set[PersonId]) -> BadInput:
    """What to say of ``missing``; named are those alone who were found in the case of the first child."""
    if child == wish.child or not missing <= {wish.child, *wish.meeting}:
        return BadInput("Choose people of this case.", "people")
    return BadInput(
        "Not among the people of {child} yet, who shares the visit: {names}. Add them on {child}’s page “People”,"
        " or book without them or without {child}.",
        "people",
        names=_names(work, missing),
        child=_names(work, {child}),
    )


def _names(work: Work, those: Iterable[PersonId]) -> str:
    return ", ".join(sorted(people.details_of(work, one).known_as for one in those))


def _new_row(work: Work, wish: Wish, facts: BookingFacts, visit_id: str) -> VisitRow:
    case = people.case_of(work, wish.child)
    plan = plans.plan_for(work, wish.child)
    # R1, R8 and R9 hold, and only accounts act here, so none of these is missing.
    assert plan
    assert facts.starts_at
    assert facts.ends_at
    assert work.actor.account
    assert wish.supervisor
    assert wish.duty
    return VisitRow(
        id=visit_id,
        case_id=case,
        child_id=wish.child,
        caregiver_id=wish.caregiver,
        state=VisitState.DRAFT,
        starts_at=facts.starts_at,
        ends_at=facts.ends_at,
        zone=people.zone_of(work, case),
        level=wish.level,
        plan_id=plan.id,
        plan_version=plan.version,
        policy_version=agency_policy.policy_in_force(work).version,
        requested_by=work.actor.account,
        requested_at=work.now,
        supervisor_id=wish.supervisor,
        duty_id=wish.duty,
        room=work.new_id(),
        wall_start=_wall(facts.starts_at, people.zone_of(work, case)),
        tzdata=zone_rules(),
    )


def set_time(work: Work, row: VisitRow, starts_at: datetime, ends_at: datetime) -> None:
    """When the visit is: as instants, and as the clock of its zone shows the start under the rules of today."""
    row.starts_at, row.ends_at = starts_at, ends_at
    row.wall_start, row.tzdata = _wall(starts_at, row.zone), zone_rules()
    work.session.add(row)


def _wall(starts_at: datetime, zone: str) -> str:
    return f"{starts_at.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def approve(work: Work, visit: VisitId) -> Visit | Refused:
    """Approve a request; a refusal (own request, not an approver, a rule that no longer holds) is recorded."""
    row, found = lock(work, visit)
    decision = all_of(map(may_approve, approval_facts(work, found)))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.APPROVAL_REFUSED, decision)
        return replace(decision, reasons=reasons_within_reach(work, decision.reasons))
    row.approved_by = work.actor.account
    facts = (("emergency", found.emergency.reason.value),) if found.emergency else ()
    why = Why(reason="approved", rules=decision.passed, facts=facts)
    move(work, row, VisitState.APPROVED, EventType.VISIT_APPROVED, why)
    if found.emergency:
        _ask_for_review(work, found)
    return visit_for(work, visit)


def _ask_for_review(work: Work, visit: Visit) -> None:
    """Somebody who neither asked for the emergency nor agreed to it looks at it afterwards (feature D7)."""
    asked_by = identity.account_for(work, visit.requested_by).ref
    for seen in visit.by_case():
        ask_for(
            work,
            NewFollowUp(
                case=seen.case,
                kind=FollowUpKind.OVERRIDE_REVIEW,
                for_role=ForRole.APPROVER,
                about=f"emergency/{visit.room}/{seen.case}",
                due_at=visit.ends_at + _REVIEWED_WITHIN,
                visit=visit.id,
                person=seen.child,
                rules=(emergency.RULE,),
                not_by=(asked_by, work.actor.ref),
            ),
        )


def approve_automatically(work: Work, visit: VisitId) -> bool:
    """Approve a request that the agency's policy names as low risk, marked as automatic; False when a person decides.

    To be called in the transaction in which the visit was asked for: its rules have just been passed.
    """
    if not agency_policy.policy_in_force(work).document.approvals.automatic:
        return False  # most agencies name none, and a series asks for many visits
    row, found = lock(work, visit)
    case = approved_automatically(automatic_facts(work, found))
    if case is None or found.state is not VisitState.REQUESTED:
        return False
    row.automatic = case
    why = Why(reason="automatic", rules=(AUTOMATIC_RULE,), facts=(("case", case),))
    move(work, row, VisitState.APPROVED, EventType.VISIT_APPROVED, why)
    return True


def decline(work: Work, visit: VisitId, reason: DeclineReason, text: str = "") -> Visit | Refused:
    """Say no to a request, with a coded reason.  The family was never told of it.  A refusal (R59) is recorded.

    Raises ``BadInput`` for a text that makes contact a punishment (R49).
    """
    row, found = lock(work, visit)
    if not work.actor.has(Role.APPROVER) or work.actor.is_behind(found.requested_by):
        raise NotAllowed("Only an approver who did not ask for the visit can decline it.")
    decision = may_decide(deciding_facts(work, found, stands=False))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.APPROVAL_REFUSED, decision)
        return decision
    keep_remark(work, found, Remark.DECISION, text)
    move(work, row, VisitState.DECLINED, EventType.VISIT_DECLINED, Why(reason=reason))
    return visit_for(work, visit)


def withdraw_request(work: Work, visit: VisitId) -> Visit:
    """Take back a request that nobody has decided."""
    row, _ = lock(work, visit)
    _demand_worker(work)
    move(work, row, VisitState.WITHDRAWN, EventType.VISIT_WITHDRAWN, Why(reason="withdrawn"))
    return visit_for(work, visit)


def lapse(work: Work, visit: VisitId) -> None:
    """Let an unanswered request lapse at its cut-off; the family was never told."""
    row, _ = lock(work, visit)
    move(work, row, VisitState.LAPSED, EventType.VISIT_LAPSED, Why(reason="cut_off"))


def change(
    work: Work,
    visit: VisitId,
    wish: Wish,
    *,
    besides: frozenset[VisitId] = frozenset(),
    settled: Settled | None = None,
) -> Visit | Refused:
    """Change people, time, length or level; an approval is void and the visit stands ``requested`` again.

    ``besides``: other visits that change with it, and do not count where they are now.
    ``settled``: as for a new one; None: as it is, and whoever is not in the visit any more is left out.
    """
    row, found = lock(work, visit)
    _demand_worker(work)
    _demand_people(work, wish)
    demand_every_child(work, found)
    demand_known(work, wish)
    if wish.child != row.child_id:
        raise BadInput("A visit stays with its child. Book another visit.", "child")
    # Also those of the visit as it was: it gives their rooms back.
    lock_everybody(work, wish_of(found), wish)
    facts = facts_of_children(work, wish, besides=besides | {found.id})
    decision = all_of((may_change(change_facts(work, found)), *map(may_book, facts)))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.VISIT_REFUSED, decision)
        return decision
    aside = keep_changed(work, row, (wish_of(found), wish), settled)
    _rewrite(work, row, wish, facts[0])
    claim_everybody(work, row, wish)
    _set_emergency(row, wish, facts[0], decision.passed)
    aside = (*_emergency_facts(row, facts), *aside)
    if VisitState(row.state) in BOOKED:
        row.approved_by, row.automatic = None, ""
        row.was_ready = False
        why = Why(reason="material_change", rules=decision.passed, facts=aside)
        move(work, row, VisitState.REQUESTED, EventType.VISIT_CHANGED, why)
    else:
        row.revision += 1
        work.session.add(row)
        why = Why(reason="changed_before_decision", rules=decision.passed, facts=aside)
        record(work, row.room, EventType.VISIT_CHANGED, why)
    return visit_for(work, visit)


def _rewrite(work: Work, row: VisitRow, wish: Wish, facts: BookingFacts) -> None:
    plan = plans.plan_for(work, wish.child)
    # R1, R8 and R9 hold.
    assert plan
    assert facts.starts_at
    assert facts.ends_at
    assert wish.supervisor
    assert wish.duty
    set_time(work, row, facts.starts_at, facts.ends_at)
    row.level = wish.level
    row.time_open = False
    row.plan_id, row.plan_version = plan.id, plan.version
    row.policy_version = agency_policy.policy_in_force(work).version
    row.supervisor_id, row.duty_id = wish.supervisor, wish.duty
    row.requested_by, row.requested_at = AccountId(work.actor.account or ""), work.now
    row.room, row.caregiver_id = work.new_id(), wish.caregiver
    work.session.add(row)
    work.session.exec(delete(SharingChildRow).where(SharingChildRow.visit_id == row.id))  # type: ignore[arg-type]
    add_children(work, row, wish)
    work.session.exec(delete(VisitParticipantRow).where(VisitParticipantRow.visit_id == row.id))  # type: ignore[arg-type]
    work.session.flush()
    add_participants(work, row, wish)
