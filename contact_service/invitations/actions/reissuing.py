"""Replace a link that was lost, was forwarded or sits on a broken phone (feature F3, rule R64)."""

from sqlmodel import col, select

from contact_service.agency_policy import queries as agency_policy
from contact_service.audit.events import EventType
from contact_service.clearances.queries import establishment_of
from contact_service.errors import Conflict, NotAllowed, NotFound
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.ids import PersonId, VisitId
from contact_service.invitations.actions.coding import codes_are_stopped, lock_codes, make_code, void_code
from contact_service.invitations.actions.inviting import make_link, send_link
from contact_service.invitations.invitation import LIVE, Invitation, InvitationState
from contact_service.invitations.queries import (
    addresses_for_new_link,
    may_replace_link,
    needs_letter,
    to_invitation,
)
from contact_service.invitations.reissue import Asked, KnownBy, Reissued, Way
from contact_service.invitations.tables import InvitationRow
from contact_service.notifications import actions as notifications
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.facts import ReissueFacts
from contact_service.policy.reissuing import may_reissue
from contact_service.visits.actions import attending
from contact_service.visits.actions.moving import Why, lock, record, record_refusal
from contact_service.visits.actions.recording import keep_remark
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.deciding import is_barred
from contact_service.visits.queries.suiting import is_in_conflict
from contact_service.visits.record import Remark
from contact_service.visits.visit import BOOKED, IN_THE_ROOM, NO_WAY_BACK, Participant, Visit
from contact_service.work import Work

# Why a link is made anew that goes by post: nobody asked for it.
NO_MESSAGE_REACHES = "no_message_reaches"


def reissue(work: Work, visit: VisitId, participant_id: str, asked: Asked) -> Reissued | Refused:
    """Give one person a new link; when this commits, the old one, its device and its tickets open nothing.

    A device that waits or is in the room with the old one is put out.  A refusal is recorded and changes nothing.
    What was agreed on the old device stays as it was: a yes that nobody has confirmed counts nowhere else.

    Raises ``Conflict`` when somebody else has replaced the link since the page was shown, ``BadInput`` for a note that
    is too long, ``NotAllowed`` for whoever is neither worker, visit supervisor nor duty person of it.
    """
    row, found = lock(work, visit)
    participant = found.participant(participant_id)
    if participant is None or participant.person is None:
        raise NotFound
    demand_own(work, found, participant.person)
    lock_codes(work, visit, participant.id)
    old = _link_of(work, found, participant)
    if (old.generation if old else 0) != asked.before:
        raise Conflict("Somebody else has made a new link already. Look at the visit again.")
    decision = may_reissue(_facts(work, found, participant, asked, linked=old is not None))
    if isinstance(decision, Refused):
        record_refusal(work, row.room, EventType.REPLACING_REFUSED, decision, participant.person)
        return decision
    assert old is not None  # R64
    keep_remark(
        work, found, Remark.NEW_LINK, asked.note
    )  # first: a note that is too long must change nothing
    _kill(work, old)
    attending.put_out_for_new_link(work, visit, participant)
    new = make_link(work, found, participant.id, participant.person, generation=old.generation + 1)
    notifications.replace_link(work, old.id, new.id, generation=new.generation)
    if asked.way is not Way.PRINTED:  # nobody knows whether a letter arrives: whoever was to ring still does
        follow_ups.close_all(work, visit, FollowUpKind.NOT_REACHED, person=participant.person)
    record(work, row.room, EventType.INVITATION_REPLACED, _why(decision, old, new, asked))
    return _hand_out(work, found, new, asked.way)


def _hand_out(work: Work, visit: Visit, new: Invitation, way: Way) -> Reissued:
    if way is Way.SENT:
        send_link(work, visit, new)
        return Reissued(invitation=new, code=None)
    work.session.get_one(InvitationRow, new.id).state = InvitationState.GIVEN
    return Reissued(invitation=new, code=make_code(work, new) if way is Way.READ_OUT else None)


def demand_own(work: Work, visit: Visit, person: PersonId) -> None:
    """Raise ``NotAllowed`` for whoever may not give ``person`` a link: for a program, and for all but three."""
    work.actor.demand_person()
    if not may_replace_link(work, visit, person):
        raise NotAllowed(
            "A new link is made by the worker, the visit supervisor or the duty person of the visit. Ask one of them."
        )


def _link_of(work: Work, visit: Visit, participant: Participant) -> Invitation | None:
    """The link that stands, locked: whoever opens it, or knocks with it, waits or was first."""
    query = (
        select(InvitationRow)
        .where(
            InvitationRow.visit_id == visit.id,
            InvitationRow.participant_id == participant.id,
            col(InvitationRow.state).in_(LIVE),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    row = work.session.exec(query).first()
    return to_invitation(row) if row is not None else None


def _facts(work: Work, visit: Visit, participant: Participant, asked: Asked, *, linked: bool) -> ReissueFacts:
    assert participant.person is not None
    account, limits = work.actor.account, agency_policy.policy_in_force(work).limits
    return ReissueFacts(
        is_ahead=visit.state in BOOKED | IN_THE_ROOM,
        at=work.now,
        opens_at=visit.starts_at - limits.early_entry,
        dies_at=visit.ends_at + limits.late_exit,
        linked=linked,
        removed=participant.stage in NO_WAY_BACK,
        barred=is_barred(work, visit, participant.person),
        in_conflict=account is not None and is_in_conflict(work, account, wish_of(visit)),
        known_by=asked.known_by or "",
        in_person=asked.known_by is KnownBy.IN_PERSON,
        shown=asked.way is Way.SHOWN,
        read_out=asked.way is Way.READ_OUT,
        reachable=bool(addresses_for_new_link(work, visit, participant.person, at=work.now)),
        printed=asked.way is Way.PRINTED,
        needs_letter=needs_letter(work, visit, participant.person),
        from_establishment=establishment_of(work, participant.person, visit.starts_at) is not None,
        guessed=codes_are_stopped(work),
    )


def _kill(work: Work, old: Invitation) -> None:
    """Its cookie still says whose it was, so that its pages can say that the link is dead."""
    row = work.session.get_one(InvitationRow, old.id)
    row.state, row.revoked_at = InvitationState.REPLACED, work.now
    work.session.add(row)
    void_code(work, old.id)


def _why(decision: Permitted, old: Invitation, new: Invitation, asked: Asked) -> Why:
    facts = (
        ("invitation", new.id),
        ("replaces", old.id),
        ("generation", new.generation),
        ("way", asked.way.value),
    )
    return Why(
        reason=asked.known_by or NO_MESSAGE_REACHES, rules=decision.passed, people=(new.person,), facts=facts
    )
