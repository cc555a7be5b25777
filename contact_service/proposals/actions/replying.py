"""Somebody says by their link that they come, or that they cannot; whoever cannot may ask for another time.

Nothing of it moves or ends a visit: a worker does that.  The other time is kept for them until they have.
"""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import col, func, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.claims.actions import add_time, release_held
from contact_service.errors import Conflict
from contact_service.follow_ups import actions as follow_ups, queries
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.ids import PersonId, VisitId
from contact_service.policy.booking import may_move
from contact_service.policy.decision import Decision, Refused, all_of
from contact_service.proposals.proposal import OTHER_TIME_KEPT, Answer, ChoiceOver, WhyNot
from contact_service.proposals.queries import other_times_asked, replies_to
from contact_service.proposals.tables import ReplyRow
from contact_service.visits.actions.claiming import lock_everybody, spans_of
from contact_service.visits.actions.moving import Why, lock, record, record_refusal
from contact_service.visits.queries.asking import facts_of_children, wish_of
from contact_service.visits.queries.interpreted import (
    Interpreted,
    interpreted,
    with_whoever_could,
    without_interpreters,
)
from contact_service.visits.visit import BOOKED, Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work

_LOOKED_AT_WITHIN = timedelta(days=1)


def answer(work: Work, visit_id: VisitId, said: Answer, why: WhyNot | None = None) -> None:
    """Keep what the actor says to their invitation; whoever cannot come is a task for the worker, at once.

    Raises ``ChoiceOver`` when the visit is not booked any more or has begun.
    """
    visit, person = _demand_booked(work, visit_id)
    cannot = said is Answer.CANNOT
    before = replies_to(work, visit).get(person)
    row = _keep(work, visit, person, said, (why or WhyNot.NOT_SAID) if cannot else None)
    if cannot and before is not None and before.wants:  # said once more: what they asked for stands
        (row.wants_from, row.wants_until), row.kept_until = before.wants, before.kept_until
        work.session.add(row)
    facts = (("why", (why or WhyNot.NOT_SAID).value),) if cannot else ()
    record(
        work, visit.room, EventType.INVITATION_ANSWERED, Why(reason=said.value, people=(person,), facts=facts)
    )
    follow_ups.close_all(work, visit.id, FollowUpKind.NOT_CONFIRMED, person=person)
    if cannot:
        _ask_worker(work, visit, person)
    else:
        follow_ups.close_all(work, visit.id, FollowUpKind.CANNOT_COME, person=person)
        if before is not None and before.wants:
            _hold_what_is_wanted(work, visit)


def may_ask_other_time(work: Work, visit: Visit) -> bool:
    """Whether the policy lets a family member ask for another time for this visit now."""
    family = agency_policy.policy_in_force(work).document.family
    return (
        visit.state in BOOKED
        and work.now < visit.starts_at - family.other_time_until
        and other_times_asked(work, visit.id) < family.other_times_most
    )


def ask_other_time(work: Work, visit_id: VisitId, starts_at: datetime) -> Refused | None:
    """Keep another time for the actor, who cannot come, until the worker has decided; None when it is kept.

    Raises ``ChoiceOver`` when the visit is not booked any more, or they may not ask for another time.
    """
    visit, person = _demand_booked(work, visit_id)
    said = replies_to(work, visit).get(person)
    if said is None or said.answer is not Answer.CANNOT or not may_ask_other_time(work, visit):
        raise ChoiceOver
    lock_everybody(work, wish_of(visit), with_whoever_could(work, _open_wish(work, visit)))
    ends_at = starts_at + (visit.ends_at - visit.starts_at)
    decision = _at_another_time(work, visit, starts_at).decision
    if isinstance(decision, Refused):
        record_refusal(work, visit.room, EventType.CHOICE_REFUSED, decision, person)
        return decision
    kept_until = min(work.now + OTHER_TIME_KEPT, visit.starts_at)
    row = _keep(work, visit, person, Answer.CANNOT, said.why)
    row.wants_from, row.wants_until, row.kept_until = starts_at, ends_at, kept_until
    work.session.add(row)
    _hold_what_is_wanted(work, visit)
    record(work, visit.room, EventType.OTHER_TIME_ASKED, Why(reason="other_time", people=(person,)))
    return None


def _hold_what_is_wanted(work: Work, visit: Visit) -> None:
    """Hold besides the booked time just what people ask for in their newest answers."""
    lock_everybody(work, wish_of(visit), with_whoever_could(work, _open_wish(work, visit)))
    release_held(work, visit.id)
    wanted: dict[tuple[datetime, datetime], datetime] = {}
    for reply in replies_to(work, visit).values():
        if reply.wants and reply.kept_until and reply.kept_until > work.now:
            wanted[reply.wants] = max(reply.kept_until, wanted.get(reply.wants, reply.kept_until))
    for (starts_at, ends_at), until in wanted.items():
        wish = _at_another_time(work, visit, starts_at).wish
        add_time(work, visit.id, spans_of(work, wish, starts_at, ends_at), held_until=until)


def _open_wish(work: Work, visit: Visit) -> Wish:
    """The visit as a wish without whoever interprets: at another time it may be somebody else."""
    return without_interpreters(work, replace(wish_of(visit), emergency=None))[0]


def _at_another_time(work: Work, visit: Visit, starts_at: datetime) -> Interpreted:
    """The visit as it could be at another time, whoever asks, with somebody who interprets where that is needed."""
    wish, before = without_interpreters(work, wish_of(visit))
    aside = frozenset({visit.id})

    def decide(wished: Wish) -> Decision:
        facts = facts_of_children(work, wished, besides=aside)
        until = visit.emergency.until if visit.emergency else None
        return all_of(may_move(replace(one, emergency_until=until)) for one in facts)

    wish = wish.moved(starts_at, visit.zone, visit.supervisor)
    return interpreted(work, wish, starts_at, decide, besides=aside, first=before)


def _demand_booked(work: Work, visit_id: VisitId) -> tuple[Visit, PersonId]:
    _, visit = lock(work, visit_id)
    person = work.actor.person
    if visit.state not in BOOKED or work.now >= visit.starts_at or person is None:
        raise ChoiceOver
    return visit, person


def _keep(work: Work, visit: Visit, person: PersonId, said: Answer, why: WhyNot | None) -> ReplyRow:
    newest = select(func.max(col(ReplyRow.number))).where(
        ReplyRow.visit_id == visit.id, ReplyRow.person_id == person
    )
    row = ReplyRow(
        id=work.new_id(),
        visit_id=visit.id,
        person_id=person,
        number=(work.session.exec(newest).one() or 0) + 1,
        booked_revision=visit.booked_revision,
        answer=said,
        why=why or "",
        said_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def _ask_worker(work: Work, visit: Visit, person: PersonId) -> None:
    """In every case that has to do with them: each worker has a child who waits for it."""
    open_now = queries.open_about(work, visit.id, FollowUpKind.CANNOT_COME)
    asked = {one.case for one in open_now if one.person == person}
    for seen in visit.by_case():
        if person in seen.circle and seen.case not in asked:
            _ask(work, seen, person, FollowUpKind.CANNOT_COME, f"cannot/{work.new_id()}")


def is_somebody_silent(work: Work, visit: Visit) -> bool:
    """Whether somebody has not answered, and no worker was asked to ring them yet."""
    return bool(_silent(work, visit))


def ask_for_the_silent(work: Work, visit_id: VisitId) -> None:
    """Ask the worker to ring whoever has not said that they come by the time that the policy gives; never the child."""
    _, visit = lock(work, visit_id)
    before = agency_policy.policy_in_force(work).document.family.confirm_before
    if visit.state in BOOKED and before and visit.starts_at - before <= work.now < visit.starts_at:
        for person in _silent(work, visit):
            seen = visit.facing(person)
            _ask(work, seen, person, FollowUpKind.NOT_CONFIRMED, _about_silence(seen, person))


def _silent(work: Work, visit: Visit) -> list[PersonId]:
    said = replies_to(work, visit)
    people = [p.person for p in visit.families() if p.person is not None and p.person not in said]
    return [one for one in people if not queries.is_asked(work, _about_silence(visit, one))]


def _about_silence(visit: Visit, person: PersonId) -> str:
    return f"silent/{visit.id}/{visit.booked_revision}/{person}"


def _ask(work: Work, seen: Visit, person: PersonId, kind: FollowUpKind, about: str) -> None:
    with suppress(Conflict):  # another process asked a moment ago
        follow_ups.ask_for(
            work,
            NewFollowUp(
                case=seen.case,
                kind=kind,
                for_role=ForRole.WORKER,
                about=about,
                due_at=min(work.now + _LOOKED_AT_WITHIN, seen.starts_at),
                visit=seen.id,
                person=person,
            ),
        )
