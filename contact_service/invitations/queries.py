"""Which invitation a secret or a cookie belongs to, and where a visit's links stand."""

import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from contact_service.actor import Actor
from contact_service.agency_policy.queries import policy_in_force
from contact_service.clearances.queries import establishment_of
from contact_service.errors import NotFound
from contact_service.ids import CaseId, InvitationId, PersonId, VisitId
from contact_service.invitations.invitation import LIVE, Invitation, InvitationState, holder
from contact_service.invitations.letter import (
    WORKING_DAYS_BY_POST,
    DueLetter,
    Printed,
    last_day_to_post,
    working_days_before,
)
from contact_service.invitations.tables import InvitationRow, LetterRow
from contact_service.invitations.token import LINK_KEY_PURPOSE, hash_of, secret_of
from contact_service.notifications.message import MessageKind
from contact_service.people.channel import HELD_FOR, Channel
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.channels import channels_of, who_can_be_written_to
from contact_service.people.queries.members import is_on_caseload
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.deciding import is_barred
from contact_service.visits.queries.finding import visits_between
from contact_service.visits.queries.reaching import knows_place_of
from contact_service.visits.queries.suiting import is_in_conflict
from contact_service.visits.tables import SharingChildRow, VisitRow
from contact_service.visits.visit import BOOKED, Participant, Visit
from contact_service.work import Work, asked_once

_FAR = timedelta(days=366)
_ARRIVED = (InvitationState.SENT, InvitationState.GIVEN, InvitationState.OPENED)


def invitation_of_cookie(work: Work, invitation: InvitationId, cookie: str) -> Invitation:
    """The invitation bound to this device; raises ``NotFound`` for unknown, foreign and unbound ones alike."""
    row = work.session.get(InvitationRow, invitation)
    stored = (row.cookie_hash if row else None) or hash_of("")
    if not hmac.compare_digest(stored, hash_of(cookie)) or row is None or row.cookie_hash is None:
        raise NotFound
    return to_invitation(row)


def invitation_of_secret(work: Work, secret: str) -> Invitation | None:
    """The invitation of a link secret, live or not; None when unknown."""
    row = work.session.exec(select(InvitationRow).where(InvitationRow.secret_hash == hash_of(secret))).first()
    return to_invitation(row) if row else None


def invitations_of(work: Work, visit: VisitId) -> list[Invitation]:
    """Every link ever made for a visit, those that open nothing any more first, as they died."""
    rows = work.session.exec(select(InvitationRow).where(InvitationRow.visit_id == visit)).all()
    dead = sorted((r for r in rows if r.revoked_at), key=lambda r: (r.revoked_at or work.now, r.generation))
    return [to_invitation(r) for r in (*dead, *(r for r in rows if not r.revoked_at))]


def may_replace_link(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether the actor is a worker of this person's case, the visit supervisor, or the duty person of ``visit``.

    Where it goes tells from where they take part: a duty person who works with another child alone is not asked.
    """
    if work.actor.account is not None and work.actor.account in (visit.supervisor, visit.duty):
        return knows_place_of(work, visit, person)
    return any(person in seen.circle and is_on_caseload(work, seen.case) for seen in visit.by_case())


def needs_letter(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether no message brings ``person`` their link: nothing to write to, or it failed, or they have a letter.

    Whoever takes part from an establishment is written to there alone, and gets none.
    """
    if establishment_of(work, person, visit.starts_at) is not None:
        return False
    if not any(channel.can_be_written_to for channel in channels_of(work, person)):
        return True
    standing = {
        one.id: one.state for one in invitations_of(work, visit.id) if one.person == person and one.live
    }
    on_paper = {letter.invitation for letter in letters_of(work, visit.id)}
    return InvitationState.FAILED in standing.values() or not on_paper.isdisjoint(standing)


@asked_once
def letters_of(work: Work, visit: VisitId) -> tuple[Printed, ...]:
    """Every letter that was printed about a visit, the last one last."""
    query = select(LetterRow).where(LetterRow.visit_id == visit)
    rows = work.session.exec(query.order_by(col(LetterRow.printed_at), col(LetterRow.id)))
    return tuple(
        Printed(
            person=PersonId(row.person_id),
            kind=MessageKind(row.kind),
            invitation=InvitationId(row.invitation_id),
            starts_at=row.starts_at,
            printed_at=row.printed_at,
        )
        for row in rows
    )


def last_link_on_paper(work: Work, visit: VisitId, person: PersonId) -> Printed | None:
    """The last letter to ``person`` that brought a link, or None."""
    found = [
        one for one in letters_of(work, visit) if one.person == person and one.kind is MessageKind.INVITATION
    ]
    return found[-1] if found else None


def letters_possible(work: Work, visit: Visit, participant: Participant) -> list[MessageKind]:
    """What can be printed now for somebody who joins by link, whoever asks.

    A reminder is for whom a letter brought the link that stands, and who is not written to at an establishment by now.
    That a visit does not take place is told to whom a letter brought a link that was taken back, before the time that
    it named.
    """
    assert participant.person is not None
    standing = link_that_stands(work, visit.id, participant.id)
    paper = last_link_on_paper(work, visit.id, participant.person)
    kinds = []
    opens_at = visit.starts_at - policy_in_force(work).limits.early_entry
    is_ahead = visit.state in BOOKED and work.now < opens_at
    if standing is not None and is_ahead and needs_letter(work, visit, participant.person):
        kinds.append(MessageKind.INVITATION)
    elsewhere = establishment_of(work, participant.person, visit.starts_at) is not None
    on_paper = standing is not None and paper is not None and paper.invitation == standing.id
    if is_ahead and on_paper and not elsewhere:
        kinds.append(MessageKind.REMINDER)
    if paper is not None and standing is None and work.now < paper.starts_at:
        row = work.session.get_one(InvitationRow, paper.invitation)
        if row.state == InvitationState.REVOKED:
            kinds.append(MessageKind.NOT_TAKING_PLACE)
    return kinds


def letters_due(work: Work, zone: tzinfo) -> list[DueLetter]:
    """Letters that nobody has printed yet, to people within reach whom no message reaches, the first to post first.

    Each is there until it is printed, or tells nothing useful any more; days are those of ``zone``, the agency's.  A
    reminder is none of them: the letter before says the same.  Neither is a link for whoever has one that works, nor
    anything for whom the rules give none (R64).
    """
    hard = _hard_to_reach(work)
    found = [
        one
        for visit in visits_between(work, *_ahead(work), among={visit for visit, _ in hard})
        for participant in visit.families()
        if participant.person is not None
        and (visit.id, participant.person) in hard
        and _is_near(work, visit, participant.person)
        and not _is_forbidden(work, visit, participant.person)
        for one in _letters_due_to(work, visit, participant, zone)
    ]
    return sorted(found, key=lambda one: (one.post_by, one.starts_at, one.visit.id, one.participant))


def _ahead(work: Work) -> tuple[datetime, datetime]:
    return work.now, work.now + _FAR


def _hard_to_reach(work: Work) -> set[tuple[VisitId, PersonId]]:
    """Of those who join visits ahead by link, whoever has a letter, a message that failed, or nothing to write to."""
    first, last = _ahead(work)
    in_time = select(VisitRow.id).where(VisitRow.starts_at >= first, VisitRow.starts_at < last)
    near = _of_cases_within_reach(work, in_time)
    all_links = select(InvitationRow.visit_id, InvitationRow.person_id, InvitationRow.state).where(
        col(InvitationRow.visit_id).in_(in_time), col(InvitationRow.state).in_(LIVE)
    )
    links = [one for one in work.session.exec(all_links) if one[0] in near]
    letters = select(LetterRow.visit_id, LetterRow.person_id).where(col(LetterRow.visit_id).in_(in_time))
    hard = {
        (VisitId(visit), PersonId(person)) for visit, person in work.session.exec(letters) if visit in near
    }
    linked = {PersonId(person) for _, person, _ in links}
    silent = linked - who_can_be_written_to(work, linked)
    return hard | {
        (VisitId(visit), PersonId(person))
        for visit, person, state in links
        if state == InvitationState.FAILED or person in silent
    }


def _of_cases_within_reach(work: Work, visits: SelectOfScalar[str]) -> set[str]:
    """Those of ``visits`` with a child whose case is within reach: of nobody else's is anything opened."""
    own = select(VisitRow.id, VisitRow.case_id).where(col(VisitRow.id).in_(visits))
    shared = select(SharingChildRow.visit_id, SharingChildRow.case_id).where(
        col(SharingChildRow.visit_id).in_(visits)
    )
    found = [(visit, CaseId(case)) for query in (own, shared) for visit, case in work.session.exec(query)]
    reached = {*people.within_reach(work, dict.fromkeys(case for _, case in found))}
    return {visit for visit, case in found if case in reached}


def _is_near(work: Work, visit: Visit, person: PersonId) -> bool:
    """Whether somebody has to do with a child whose case is within reach: of another child's carer nothing is told."""
    around = {seen.case for seen in visit.by_case() if person in seen.circle}
    return bool(people.within_reach(work, around))


def _is_forbidden(work: Work, visit: Visit, person: PersonId) -> bool:
    """What R64 says no to in any case, so that nobody is asked for it."""
    account = work.actor.account
    in_conflict = account is not None and is_in_conflict(work, account, wish_of(visit))
    return in_conflict or is_barred(work, visit, person)


def _letters_due_to(work: Work, visit: Visit, participant: Participant, zone: tzinfo) -> Iterator[DueLetter]:
    assert participant.person is not None
    standing = link_that_stands(work, visit.id, participant.id)
    paper = last_link_on_paper(work, visit.id, participant.person)
    printed = {(one.kind, one.invitation) for one in letters_of(work, visit.id)}
    today = work.now.astimezone(zone).date()
    for kind in letters_possible(work, visit, participant):
        about = paper.invitation if kind is MessageKind.NOT_TAKING_PLACE and paper else None
        about = about or (standing.id if standing else None)
        if kind is MessageKind.REMINDER or (kind, about) in printed:
            continue
        if kind is MessageKind.INVITATION and standing is not None and standing.state in _ARRIVED:
            continue
        starts_at = paper.starts_at if kind is MessageKind.NOT_TAKING_PLACE and paper else visit.starts_at
        visit_on = starts_at.astimezone(zone).date()
        yield DueLetter(
            visit=visit,
            participant=participant.id,
            person=participant.person,
            kind=kind,
            starts_at=starts_at,
            post_by=last_day_to_post(visit_on),
            in_time=working_days_before(visit_on, today=today) >= WORKING_DAYS_BY_POST,
        )


def link_that_stands(work: Work, visit: VisitId, participant: str) -> Invitation | None:
    """The link of one participant that opens something, or None."""
    found = [i for i in invitations_of(work, visit) if i.participant == participant and i.live]
    return found[-1] if found else None


def channels_for_new_link(work: Work, person: PersonId, *, at: datetime) -> list[Channel]:
    """Where a link that is made at ``at`` may go: safe to write to, and held for a day before."""
    return [c for c in channels_of(work, person) if c.can_be_written_to and c.was_held(at)]


def desk_for_new_link(work: Work, visit: Visit, person: PersonId, *, at: datetime) -> str:
    """The booking desk to which a link goes that is made at ``at``, for whoever takes part from an establishment."""
    place = establishment_of(work, person, visit.starts_at)
    held = place is not None and place.desk_at is not None and place.desk_at <= at - HELD_FOR
    return place.desk if place is not None and held else ""


def addresses_for_new_link(work: Work, visit: Visit, person: PersonId, *, at: datetime) -> list[str]:
    """Where a link that is made at ``at`` may go: to the person, or to the establishment from which they take part."""
    if establishment_of(work, person, visit.starts_at) is not None:
        desk = desk_for_new_link(work, visit, person, at=at)
        return [desk] if desk else []
    return [channel.value for channel in channels_for_new_link(work, person, at=at)]


def secret_for(work: Work, invitation: Invitation) -> str:
    """The link secret, derived now; the caller puts it into one message and nowhere else."""
    return secret_of(work.keys.derive(LINK_KEY_PURPOSE), invitation.id, invitation.generation)


def invitation_by_id(work: Work, invitation: InvitationId) -> Invitation | None:
    """One invitation, or None; only for processes that act for nobody."""
    row = work.session.get(InvitationRow, invitation)
    return to_invitation(row) if row else None


def actor_of(work: Work, person: PersonId) -> Actor:
    """The holder of a link as an actor."""
    member = people.member(work, person)
    return holder(person, member.ref, caregiver=member.role is MemberRole.CAREGIVER)


def to_invitation(row: InvitationRow) -> Invitation:
    """The row as a value."""
    return Invitation(
        id=InvitationId(row.id),
        visit=VisitId(row.visit_id),
        participant=row.participant_id,
        person=PersonId(row.person_id),
        generation=row.generation,
        state=InvitationState(row.state),
        csrf=row.csrf,
        device_key=row.device_key or "",
    )
