"""Ask for a visit at one of several times: an approver decides on all of them, then the family chooses.

The times are kept for the visit from the request on, and from the approval until the choice ends.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import Document
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions import inviting
from contact_service.invitations.token import hash_of
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.people.queries import members as people
from contact_service.policy.automatic import RULE as AUTOMATIC_RULE, approved_automatically
from contact_service.policy.booking import may_approve
from contact_service.policy.decision import Refused, all_of
from contact_service.policy.understanding import lacks_interpreter
from contact_service.proposals.proposal import (
    FEWEST_TIMES,
    MOST_OPEN,
    MOST_TIMES,
    Proposal,
    answer_by,
)
from contact_service.proposals.queries import open_choices_of, proposal_of, secret_made_for
from contact_service.proposals.tables import LeftOutThenRow, ProposalLinkRow, ProposalRow, ProposedTimeRow
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.actions import booking
from contact_service.visits.actions.claiming import claim_everybody, demand_apart, lock_everybody
from contact_service.visits.actions.moving import Why, lock, record, record_refusal
from contact_service.visits.actions.narrowing import refuse_too_few
from contact_service.visits.actions.refusing import refuse
from contact_service.visits.optional import EVERYBODY_MUST, IfTheyCan, settled, without
from contact_service.visits.queries.asking import approval_facts, automatic_facts, wish_of
from contact_service.visits.queries.clearing import reasons_within_reach
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.interpreted import (
    Decide,
    Interpreted,
    by_the_rules,
    interpreted,
)
from contact_service.visits.queries.judging import demand_optional
from contact_service.visits.queries.narrowing import as_many_as_may, whoever_could
from contact_service.visits.tables import VisitRow
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work


def propose(
    work: Work,
    wish: Wish,
    times: Sequence[datetime],
    asked: Sequence[PersonId],
    *,
    visit_id: str,
    optional: IfTheyCan = EVERYBODY_MUST,
) -> Visit | Refused:
    """Ask for a visit at one of two or three ``times``, by the clock of the child's case; ``asked`` are to choose.

    Of ``optional`` each time holds those who can come then, as many as the rules allow; too few at any of them are a
    refusal.  Where the policy needs nobody's yes the choice opens in the same transaction.  The same ``visit_id`` twice
    is one visit.  Raises ``BadInput``, and asks for nothing, for times that overlap or come too soon to be chosen.
    """
    if not re.fullmatch("[0-9a-f]{32}", visit_id):
        raise BadInput("Load the page again, then send the form once more.")
    walls = sorted(dict.fromkeys(times))
    _demand_choice(wish, walls, asked, optional)
    starts = _instants(work, wish, walls)
    demand_apart(work, wish, starts)
    _demand_time_to_choose(work, starts, visit_id)
    booking.demand_known(work, wish)
    demand_optional(work, wish, optional)
    lock_everybody(work, *whoever_could(work, wish, optional))
    if work.session.get(VisitRow, visit_id) is None:
        _demand_few(work, wish)
    elif proposal_of(work, VisitId(visit_id)) is not None:
        return visit_for(work, VisitId(visit_id))
    found = _each_time(work, wish, walls, optional)
    if isinstance(found, Refused):
        return found
    first, *others = (one.wish for one in found)
    said = all_of(one.decision for one in found)
    if lacks_interpreter(said) and work.session.get(VisitRow, visit_id) is None:
        return refuse(work, first, said)
    visit = booking.request_visit(
        work,
        first,
        visit_id=visit_id,
        or_at=tuple(others),
        settled=settled(wish, optional, first),
    )
    if isinstance(visit, Refused):
        return visit
    if not visit.time_open:
        raise Conflict("This visit was asked for at one time already. Look at it, or begin a new one.")
    _keep(work, visit, list(zip(starts, found, strict=True)), asked, optional)
    return _put_forward(work, visit, len(starts))


def _put_forward(work: Work, visit: Visit, times: int) -> Visit:
    """Tell the approvers, or open the choice where the policy needs nobody's yes."""
    record(work, visit.room, EventType.TIMES_PROPOSED, Why(reason="proposed", facts=(("times", times),)))
    case = approved_automatically(automatic_facts(work, visit))
    if case is None:
        inviting.tell_approvers(work, visit)
        return visit
    return _open(work, visit, Why(reason="automatic", rules=(AUTOMATIC_RULE,), facts=(("case", case),)), case)


def approve(work: Work, visit_id: VisitId) -> Visit | Refused:
    """Approve a request.  One with several times is approved for all of them, and opens the choice."""
    _, visit = lock(work, visit_id)
    proposal = proposal_of(work, visit_id)
    if not visit.time_open or proposal is None:
        return inviting.approve(work, visit_id)
    if proposal.opened_at is not None:
        raise Conflict("These times are approved already. The family has still to choose.")
    decision = all_of(
        may_approve(replace(facts, time_open=False))
        for one in proposal.times
        for facts in approval_facts(work, proposal.seen_at(visit, one))
    )
    if isinstance(decision, Refused):
        record_refusal(work, visit.room, EventType.APPROVAL_REFUSED, decision)
        return replace(decision, reasons=reasons_within_reach(work, decision.reasons))
    opened = _open(work, visit, Why(reason="approved", rules=decision.passed), "")
    inviting.tell_staff(work, opened, opened.requested_by, MessageKind.REQUEST_DECIDED)
    return opened


def _demand_choice(
    wish: Wish, walls: Sequence[datetime], asked: Sequence[PersonId], optional: IfTheyCan
) -> None:
    if not FEWEST_TIMES <= len(walls) <= MOST_TIMES:
        raise BadInput("Choose two or three times.", "times")
    if wish.emergency:
        raise BadInput("In an emergency choose one time yourself.", "times")
    carers = {one.caregiver for one in wish.children}
    if not asked or not set(asked) <= {*wish.people, *carers}:
        raise BadInput("Choose who of the visit is asked to choose a time.", "asked")
    surely = without(wish, optional.people)
    if not set(asked) <= surely.everybody:
        raise BadInput(
            "Ask somebody who is there at each of the times: not who comes only if they can.", "asked"
        )


def _demand_few(work: Work, wish: Wish) -> None:
    """To be asked when everybody is locked: two workers at once cannot both open the last one."""
    for one in wish.children:
        if open_choices_of(work, one.child) >= MOST_OPEN:
            raise Conflict("Two choices are open for this child already. Wait for them, or take one back.")


def _demand_time_to_choose(work: Work, starts: Sequence[datetime], visit_id: str) -> None:
    """To be asked before anything is written, locks too, and before an approver spends a thought on it.

    What was asked for already is answered again, however soon its times are by now.
    """
    if starts and work.session.get(VisitRow, visit_id) is None:
        _until(agency_policy.policy_in_force(work).document, starts[0], work.now)


def _instants(work: Work, wish: Wish, walls: Sequence[datetime]) -> list[datetime]:
    """``walls`` as instants; the rules say no to one that does not exist (R9)."""
    zone = people.zone_of(work, people.case_of(work, wish.child))
    found = [instant(wall, zone) for wall in walls]
    return [one for one in found if not isinstance(one, NoSuchTime)]


def _each_time(
    work: Work, wish: Wish, walls: Sequence[datetime], optional: IfTheyCan
) -> list[Interpreted] | Refused:
    """The wish at each of the times, with those who can come then; refused where they are too few.

    Where somebody has to interpret it is the same person as far as they are free.
    """
    zone = people.zone_of(work, people.case_of(work, wish.child))
    found: list[Interpreted] = []
    for wall in walls:
        at, wished = instant(wall, zone), replace(wish, wall_start=wall)
        if isinstance(at, NoSuchTime):
            wished = without(wished, optional.people)
            found.append(Interpreted(wish=wished, decision=by_the_rules(work)(wished)))
            continue
        decide = _with_interpreter(work, at, [one.interpreter for one in found if one.interpreter])
        if optional.people:
            narrowed = as_many_as_may(work, wished, optional, at, _only_said(decide))
            if narrowed.too_few:
                return refuse_too_few(work, wished, optional, narrowed)
            wished = narrowed.wish
        found.append(decide(wished))
    return found


def _only_said(decide: Callable[[Wish], Interpreted]) -> Decide:
    return lambda wish: decide(wish).decision


def _with_interpreter(work: Work, at: datetime, before: Sequence[PersonId]) -> Callable[[Wish], Interpreted]:
    return lambda wish: interpreted(work, wish, at, by_the_rules(work), first=before)


def _keep(
    work: Work,
    visit: Visit,
    times: Sequence[tuple[datetime, Interpreted]],
    asked: Sequence[PersonId],
    optional: IfTheyCan,
) -> None:
    length = visit.ends_at - visit.starts_at
    work.session.add(ProposalRow(visit_id=visit.id))
    work.session.flush()
    for place, (start, found) in enumerate(times, 1):
        work.session.add(
            ProposedTimeRow(
                visit_id=visit.id,
                place=place,
                starts_at=start,
                ends_at=start + length,
                interpreter_id=found.interpreter,
            )
        )
        work.session.flush()
        for person in optional.people:
            if person not in found.wish.meeting:
                work.session.add(LeftOutThenRow(visit_id=visit.id, place=place, person_id=person))
    for person in dict.fromkeys(asked):
        secret = secret_made_for(work, visit.id, person)
        work.session.add(ProposalLinkRow(visit_id=visit.id, person_id=person, secret_hash=hash_of(secret)))
    work.session.flush()


def _until(policy: Document, first: datetime, now: datetime) -> datetime:
    found = answer_by(policy.family, policy.limits, first, now)
    if found is None:
        raise BadInput("The first time comes too soon for the family to choose. Choose later times.", "times")
    return found


def _open(work: Work, visit: Visit, why: Why, automatic: str) -> Visit:
    """Open the choice: the times are kept until it ends, and everybody who is asked gets a link."""
    proposal = proposal_of(work, visit.id)
    assert proposal is not None
    until = _until(agency_policy.policy_in_force(work).document, proposal.times[0].starts_at, work.now)
    row = work.session.get_one(ProposalRow, visit.id)
    row.opened_at, row.answer_by, row.automatic = work.now, until, automatic
    row.approved_by = None if automatic else work.actor.account
    work.session.add(row)
    _keep_until(work, visit, proposal, until)
    record(work, visit.room, EventType.VISIT_APPROVED, why)
    for person in proposal.asked:
        message = NewMessage(
            kind=MessageKind.CHOOSE_A_TIME,
            visit=visit.id,
            revision=visit.revision,
            person=person,
            useless_after=until,
        )
        notifications.queue(work, message)
    return visit_for(work, visit.id)


def _keep_until(work: Work, visit: Visit, proposal: Proposal, until: datetime) -> None:
    row = work.session.get_one(VisitRow, visit.id)
    wishes = [(one.starts_at, wish_of(proposal.seen_at(visit, one))) for one in proposal.times]
    lock_everybody(work, *(wish for _, wish in wishes))
    row.revision += 1
    work.session.add(row)
    others = [(at, wish) for at, wish in wishes if at != row.starts_at]
    claim_everybody(work, row, wish_of(visit), or_at=others, held_until=until)
