"""Two records of one person become one: one member of staff says so, another agrees (feature A5, alias and duplicate).

Whatever points at the merged record points at the kept one afterwards: restrictions, visits, answers, rights.  The
merged record stays as a pointer, with its name in the evidence, so that history reads as it was written.
"""

from collections.abc import Iterator

from sqlalchemy import Column, Table
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel, col, or_, select

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, Conflict, NotAllowed
from contact_service.ids import CaseId, MergeId, PersonId
from contact_service.people.actions.agreed_questions import join_question
from contact_service.people.actions.channels import adopt_old_channels, end_channel
from contact_service.people.actions.photos import join_photo
from contact_service.people.actions.recording import demand_person, lock_person, record_about
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.channel import to_bytes
from contact_service.people.person import MemberRole
from contact_service.people.queries.approved import approved_for
from contact_service.people.queries.channels import channels_of, digests_of
from contact_service.people.queries.members import case_of, cases_with, member
from contact_service.people.queries.merges import Merge, MergeState, merge_for
from contact_service.people.tables import (
    ApprovedPersonRow,
    CaseMemberRow,
    ChannelRow,
    PersonMergeRow,
    PersonRow,
    RelationshipRow,
)
from contact_service.work import Work

# Moved by hand, because a record of each stands in the way or belongs to the record itself.
_BY_HAND = frozenset(
    {
        "person",
        "person_merge",
        "case_member",
        "relationship",
        "channel",
        "approved_person",
        "agreed_question",
        "person_photo",
    }
)
_TWO_PEOPLE = (
    "Both records stand in one plan, visit or restriction. These are two people, or one entry is wrong."
    " Decline it, or put that entry right first."
)


def propose_merge(work: Work, kept: PersonId, merged: PersonId) -> MergeId:
    """Say that two records are one person; raises ``BadInput`` for those that cannot be."""
    case = demand_person(work, kept)
    demand_person(work, merged)
    _demand_alike(work, kept, merged)
    row = PersonMergeRow(
        id=work.new_id(),
        kept_id=kept,
        merged_id=merged,
        state=MergeState.PROPOSED,
        proposed_by=work.actor.ref,
        proposed_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.MERGE_PROPOSED, case, merge_for(work, MergeId(row.id)))
    return MergeId(row.id)


def _demand_alike(work: Work, kept: PersonId, merged: PersonId) -> None:
    if kept == merged:
        raise BadInput("Choose two different records.", "merged")
    roles = {member(work, person).role for person in (kept, merged)}
    if MemberRole.CHILD in roles:
        raise BadInput(
            "A child’s records are not merged: each child has a case and a history of its own.", "merged"
        )
    waiting = select(PersonMergeRow).where(
        PersonMergeRow.state == MergeState.PROPOSED,
        or_(
            col(PersonMergeRow.kept_id).in_((kept, merged)), col(PersonMergeRow.merged_id).in_((kept, merged))
        ),
    )
    if work.session.exec(waiting).first() is not None:
        raise BadInput("One of them waits for a decision already. Decide that first.", "merged")


def decline_merge(work: Work, merge: MergeId) -> None:
    """They are two people; raises ``NotAllowed`` for whoever said that they are one."""
    found = _decide(work, merge, MergeState.DECLINED)
    _record(work, EventType.MERGE_DECLINED, case_of(work, found.kept), found)


def record_refused(work: Work, merge: Merge) -> None:
    """Write down that the records could not be made one; the proposal still waits."""
    _record(work, EventType.MERGE_REFUSED, case_of(work, merge.kept), merge)


def merge_people(work: Work, merge: MergeId) -> Merge:
    """Make the two records one.  Answers must have been put in order before (``consent.actions.join_answers``).

    Raises ``NotAllowed`` for whoever proposed it, ``BadInput`` when both stand where one person can stand only once.
    """
    found = _decide(work, merge, MergeState.DONE)
    _move_relationships(work, found)
    _move_approvals(work, found)
    _move_channels(work, found)
    join_question(work, found.kept, found.merged)
    join_photo(work, found.kept, found.merged)
    _join_cases(work, found)
    _move_all_else(work, found)
    row = work.session.get_one(PersonRow, found.merged)
    row.merged_into = found.kept
    work.session.add(row)
    work.session.flush()
    _record(work, EventType.MERGE_DONE, case_of(work, found.kept), found)
    return found


def _decide(work: Work, merge: MergeId, state: MergeState) -> Merge:
    work.actor.demand_person()
    found = merge_for(work, merge)
    demand_person(work, found.kept)
    for person in sorted((found.kept, found.merged)):
        lock_person(work, person)
    row = work.session.get_one(PersonMergeRow, merge, populate_existing=True)
    if row.state != MergeState.PROPOSED:
        raise Conflict("Somebody has decided this already. Load the page again.")
    if work.actor.is_behind(row.proposed_by):
        raise NotAllowed("You said that they are one person. Somebody else must agree.")
    row.state, row.decided_by, row.decided_at = state, work.actor.ref, work.now
    work.session.add(row)
    work.session.flush()
    return found


def _move_relationships(work: Work, merge: Merge) -> None:
    """What the kept record is to a child stands; what only the merged one is to a child, the kept one is now."""
    rows = select(RelationshipRow).where(RelationshipRow.person_id == merge.merged)
    for row in work.session.exec(rows).all():
        if work.session.get(RelationshipRow, (row.child_id, merge.kept)) is None:
            work.session.add(
                RelationshipRow(
                    child_id=row.child_id, person_id=merge.kept, relation=row.relation, word=row.word
                )
            )
        work.session.delete(row)
    work.session.flush()


def _move_approvals(work: Work, merge: Merge) -> None:
    """One approval of each pair stands: the older record's ends where both have one."""
    rows = select(ApprovedPersonRow).where(ApprovedPersonRow.person_id == merge.merged)
    for row in work.session.exec(rows).all():
        if row.ended_at is None and merge.kept in approved_for(work, PersonId(row.child_id)):
            row.ended_at, row.ended_by = work.now, work.actor.ref
        row.person_id = merge.kept
        work.session.add(row)
        work.session.flush()


def _move_channels(work: Work, merge: Merge) -> None:
    """Each channel is sealed anew under the kept record's key; of two equal ones the rules of both hold."""
    adopt_old_channels(work, merge.merged)
    mine = {(c.kind, c.value.casefold()): c for c in channels_of(work, merge.kept)}
    for channel in channels_of(work, merge.merged):
        row = work.session.get_one(ChannelRow, channel.id)
        same = mine.get((channel.kind, channel.value.casefold()))
        if same is not None:
            kept = work.session.get_one(ChannelRow, same.id)
            rule = same.rule.and_also(channel.rule)
            kept.sealed = sealed_for(work, merge.kept, to_bytes(same.value, rule), field="channel")
            work.session.add(kept)
            end_channel(work, merge.merged, channel.id)
            continue
        row.person_id = merge.kept
        row.sealed = sealed_for(work, merge.kept, to_bytes(channel.value, channel.rule), field="channel")
        row.digest = digests_of(work, channel.kind, channel.value)[0]
        work.session.add(row)
    work.session.flush()


def _join_cases(work: Work, merge: Merge) -> None:
    """The kept record is in every case that the merged one is in, under a name of its own in the evidence."""
    mine = set(cases_with(work, merge.kept))
    rows = select(CaseMemberRow).where(CaseMemberRow.person_id == merge.merged)
    for row in work.session.exec(rows).all():
        if row.case_id not in mine:
            new = CaseMemberRow(case_id=row.case_id, person_id=merge.kept, ref=work.new_id(), role=row.role)
            work.session.add(new)
    work.session.flush()


def _move_all_else(work: Work, merge: Merge) -> None:
    """Every other row that points at the merged record, of whatever table, points at the kept one."""
    try:
        with work.session.begin_nested():
            for table, column in _pointing_at_people():
                work.session.exec(
                    table.update().where(column == merge.merged).values({column.name: merge.kept})
                )
    except IntegrityError as error:
        raise BadInput(_TWO_PEOPLE, "merged") from error
    work.session.expire_all()


def _pointing_at_people() -> Iterator[tuple[Table, Column[str]]]:
    """Every foreign key to a person, read from the tables themselves, so that a new table cannot be forgotten."""
    for table in SQLModel.metadata.sorted_tables:
        if table.name not in _BY_HAND:
            for column in table.columns:
                if any(key.column.table.name == "person" for key in column.foreign_keys):
                    yield table, column


def _record(work: Work, event: EventType, case: CaseId, merge: Merge) -> None:
    subjects = [(merge.kept, "kept"), (merge.merged, "merged")]
    record_about(work, event, case, subjects, facts=(("merge", merge.id),))
