"""Decide on visits together with their doors: approving makes links, everything that stops a visit kills them."""

import re
from datetime import timedelta

from sqlmodel import col, select

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.follow_ups.actions import ask_for
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.follow_ups.queries import was_spoken_to
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, InvitationId, PersonId, VisitId
from contact_service.invitations.actions.reminding import remind_all
from contact_service.invitations.invitation import LIVE, Invitation, InvitationState
from contact_service.invitations.queries import to_invitation
from contact_service.invitations.tables import InvitationRow
from contact_service.invitations.token import LINK_KEY_PURPOSE, hash_of, secret_of
from contact_service.notifications import actions as notifications
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.notifications.queries import may_have_left, messages_of as notifications_of
from contact_service.people.queries import members as people
from contact_service.policy.decision import Refused
from contact_service.visits.actions import booking, ending
from contact_service.visits.actions.moving import Why, lock, record
from contact_service.visits.actions.narrowing import with_those_who_can
from contact_service.visits.optional import EVERYBODY_COMES, IfTheyCan, Settled, settled as settled_with
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.reasons import CancelReason, DeclineReason
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work

_TODAY = timedelta(hours=8)


def request_visit(
    work: Work,
    wish: Wish,
    *,
    visit_id: str | None = None,
    tell: bool = True,
    settled: Settled = EVERYBODY_COMES,
) -> Visit | Refused:
    """Ask for a visit and tell the approvers that one waits.  No invitation leaves before the approval (feature D2).

    What the policy names as low risk is approved in the same transaction, and marked as automatic (R50).

    Without ``tell`` no approver is written to: it is one of many, and they hear of another.
    The same ``visit_id`` (32 hexadecimal digits) asked for twice is one visit, and is told once.
    ``settled``: who of it comes if they can, and who could not.
    """
    if visit_id is not None and not re.fullmatch("[0-9a-f]{32}", visit_id):
        raise BadInput("Load the page again, then send the form once more.")
    visit = booking.request_visit(work, wish, visit_id=visit_id or work.new_id(), settled=settled)
    if isinstance(visit, Refused) or notifications_of(work, visit.id):
        return visit
    if booking.approve_automatically(work, visit.id):
        visit = visit_for(work, visit.id)
        invite_all(work, visit)
    elif tell:
        tell_approvers(work, visit)
    return visit


def request_with_those_who_can(work: Work, wish: Wish, optional: IfTheyCan) -> Visit | Refused:
    """Ask for a visit with exactly as many of those who come if they can as may at its start; too few are a refusal.

    Who they are is decided in the transaction that books them.
    """
    found = with_those_who_can(work, wish, optional)
    if isinstance(found, Refused):
        return found
    return request_visit(work, found, settled=settled_with(wish, optional, found))


def approve(work: Work, visit_id: VisitId, *, tell: bool = True) -> Visit | Refused:
    """Approve a request and invite everybody: one link per person, queued in the same transaction.

    Without ``tell`` whoever asked is not written to: it is one of many, and they hear of another.
    """
    visit = booking.approve(work, visit_id)
    if isinstance(visit, Refused):
        return visit
    invite_all(work, visit)
    if tell:
        tell_staff(work, visit, visit.requested_by, MessageKind.REQUEST_DECIDED)
    return visit


def invite_all(work: Work, visit: Visit) -> None:
    """Make a link for everybody who joins by one, and queue their invitations and reminders."""
    for participant in visit.families():
        assert participant.person is not None
        _invite(work, visit, participant.id, participant.person)
    remind_all(work, visit)


def decline(work: Work, visit_id: VisitId, reason: DeclineReason, text: str = "") -> Visit | Refused:
    """Say no to a request and tell the worker.  The family was never told of it."""
    visit = booking.decline(work, visit_id, reason, text)
    if isinstance(visit, Refused):
        return visit
    tell_staff(work, visit, visit.requested_by, MessageKind.REQUEST_DECIDED)
    return visit


def change(
    work: Work,
    visit_id: VisitId,
    wish: Wish,
    *,
    besides: frozenset[VisitId] = frozenset(),
    settled: Settled | None = None,
    tell: bool = True,
) -> Visit | Refused:
    """Change a visit: its links die with its approval, and new ones leave only after the next.

    ``besides``: other visits that change with it.  ``settled``: who comes if they can; None: as it was.

    Without ``tell`` no approver is written to.
    """
    _, before = lock(work, visit_id)
    visit = booking.change(work, visit_id, wish, besides=besides, settled=settled)
    if not isinstance(visit, Refused):
        revoke_all(work, visit, reason="visit_changed", tell=True, told=before)
        if tell:
            tell_approvers(work, visit)
    return visit


def change_with_those_who_can(
    work: Work, visit_id: VisitId, wish: Wish, optional: IfTheyCan
) -> Visit | Refused:
    """Change a visit to have as many of those who come if they can as may at its start; too few are a refusal."""
    found = with_those_who_can(work, wish, optional, changing=visit_id)
    if isinstance(found, Refused):
        return found
    return change(work, visit_id, found, settled=settled_with(wish, optional, found))


def cancel(work: Work, visit_id: VisitId, reason: CancelReason, text: str = "") -> Visit:
    """Call a visit off; links die, and everybody who was invited is told that it does not take place."""
    visit = ending.cancel(work, visit_id, reason, text)
    revoke_all(work, visit, reason="visit_cancelled", tell=True)
    _tell_other_cases(work, visit)
    return visit


def suspend(work: Work, visit_id: VisitId) -> Visit:
    """The urgent stop of one visit: links die at once, and the invited are told neutrally."""
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver can stop a visit.")
    visit = ending.suspend(work, visit_id, reason="urgent_stop")
    revoke_all(work, visit, reason="visit_suspended", tell=True)
    _tell_other_cases(work, visit)
    return visit


def _tell_other_cases(work: Work, visit: Visit) -> None:
    """Where children share a visit, the workers of the others must know of its end: their child has lost a visit."""
    for seen in visit.by_case():
        if len(visit.by_case()) > 1 and not people.is_on_caseload(work, seen.case):
            ask_to_see_to(work, seen, ForRole.WORKER)


def ask_to_see_to(work: Work, seen: Visit, role: ForRole) -> None:
    """Ask somebody of one case to see to its child and family today: their visit was stopped."""
    ask_for(
        work,
        NewFollowUp(
            case=seen.case,
            kind=FollowUpKind.VISIT_STOPPED,
            for_role=role,
            about=f"stopped/{seen.room}/{seen.case}/{role.value}",
            due_at=work.now + _TODAY,
            visit=seen.id,
            person=seen.child,
        ),
    )


def _invite(work: Work, visit: Visit, participant: str, person: PersonId) -> None:
    send_link(work, visit, make_link(work, visit, participant, person, generation=1))


def make_link(work: Work, visit: Visit, participant: str, person: PersonId, *, generation: int) -> Invitation:
    """Make a link for somebody who joins by one; its secret is derived when it is needed."""
    invitation = InvitationId(work.new_id())
    secret = secret_of(work.keys.derive(LINK_KEY_PURPOSE), invitation, generation)
    row = InvitationRow(
        id=invitation,
        visit_id=visit.id,
        participant_id=participant,
        person_id=person,
        generation=generation,
        state=InvitationState.QUEUED,
        secret_hash=hash_of(secret),
    )
    work.session.add(row)
    work.session.flush()
    return to_invitation(row)


def send_link(work: Work, visit: Visit, invitation: Invitation) -> None:
    """Queue the message with the link; each generation of it is a message of its own."""
    message = NewMessage(
        kind=MessageKind.INVITATION,
        visit=visit.id,
        revision=visit.revision,
        person=invitation.person,
        invitation=invitation.id,
        generation=invitation.generation,
        once="" if invitation.generation == 1 else invitation.id,
        useless_after=visit.ends_at + agency_policy.policy_in_force(work).limits.late_exit,
    )
    notifications.queue(work, message)


def revoke_all(work: Work, visit: Visit, *, reason: str, tell: bool, told: Visit | None = None) -> None:
    """Kill every live link of a visit; with ``tell``, those who may have one hear that it does not take place.

    ``told``: the visit as they know of it, where it was moved: nobody is told of another time before it is approved.
    """
    known = told or visit
    rows = work.session.exec(
        select(InvitationRow).where(InvitationRow.visit_id == visit.id, col(InvitationRow.state).in_(LIVE))
    )
    notifications.drop_queued(work, visit.id, MessageKind.INVITATION)
    for row in list(rows):
        was_told = _may_know_of_it(work, row)
        row.state, row.revoked_at = InvitationState.REVOKED, work.now
        work.session.add(row)
        person = PersonId(row.person_id)
        facts = (("invitation", row.id),)
        record(
            work, visit.room, EventType.INVITATION_REVOKED, Why(reason=reason, people=(person,), facts=facts)
        )
        if tell and was_told:
            message = NewMessage(
                kind=MessageKind.NOT_TAKING_PLACE,
                visit=visit.id,
                revision=visit.revision,
                person=person,
                start_told=known.starts_at,
                useless_after=known.ends_at,
            )
            notifications.queue(work, message)


def _may_know_of_it(work: Work, row: InvitationRow) -> bool:
    """Whether somebody has a link, or may have: also one that is leaving at this moment is read.

    Whom no link reached may have been rung, and waits for the visit just so.
    """
    known = (InvitationState.SENT, InvitationState.GIVEN, InvitationState.OPENED)
    if row.state in known or may_have_left(work, InvitationId(row.id)):
        return True
    return was_spoken_to(work, VisitId(row.visit_id), PersonId(row.person_id))


def tell_approvers(work: Work, visit: Visit) -> None:
    """Queue a message to every approver: a request waits for one of them."""
    for approver in identity.accounts_with(work, Role.APPROVER):
        tell_staff(work, visit, approver.id, MessageKind.REQUEST_WAITING)


def tell_staff(work: Work, visit: Visit, account: AccountId, kind: MessageKind, *, once: str = "") -> None:
    """Queue a message about a visit to a member of staff; what is meant for a service account goes to its owner.

    ``once`` tells several of one kind apart.
    """
    hears = identity.who_hears(work, account)
    message = NewMessage(
        kind=kind,
        visit=visit.id,
        revision=visit.revision,
        account=hears,
        once=once,
        useless_after=visit.ends_at,
    )
    notifications.queue(work, message)
