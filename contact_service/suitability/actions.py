"""Write down trainings, what somebody says of themselves, and conflicts of interest; take a conflict back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import col, delete

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, CaseId, PersonId
from contact_service.keys import actions as keys
from contact_service.people.queries import members as people
from contact_service.suitability.fit import LONGEST_REASON, Conflict, ConflictKind, Gender
from contact_service.suitability.queries import conflicts_in, may_manage
from contact_service.suitability.tables import StaffConflictRow, StaffGenderRow, StaffTrainingRow
from contact_service.work import Work

_MAY_DECLARE = (Role.WORKER, Role.APPROVER, Role.ADMINISTRATOR)


def state_gender(work: Work, account: AccountId, gender: Gender | None) -> None:
    """Keep whether somebody is a woman or a man, as they say; None takes it back.

    Raises ``NotAllowed`` for everybody but themselves: nobody says it of a colleague.
    """
    ref = identity.account_for(work, account).ref
    if work.actor.account != account and not work.actor.has(Role.COMMAND_LINE):
        raise NotAllowed("Whether somebody is a woman or a man, they say themselves, or leave unsaid.")
    work.session.exec(delete(StaffGenderRow).where(col(StaffGenderRow.account_id) == account))
    if gender is not None:
        work.session.add(StaffGenderRow(account_id=account, gender=gender))
    # The log says that it changed and not to what: nobody needs it there.
    work.record(AuditEvent(type=EventType.STAFF_GENDER_SET, facts=(("account", ref),)))


def set_trainings(work: Work, account: AccountId, trainings: Mapping[str, date]) -> None:
    """Keep somebody's trainings, each with its last day, in place of what stood there; only managers do.

    Whether the agency has a training of that name is for the caller to see to.
    """
    ref = identity.account_for(work, account).ref
    if not may_manage(work):
        raise NotAllowed("Trainings are written down by those who manage staff. Ask one of them.")
    work.session.exec(delete(StaffTrainingRow).where(col(StaffTrainingRow.account_id) == account))
    for name, last in trainings.items():
        work.session.add(StaffTrainingRow(account_id=account, name=name, ends_on=last))
    # The agency's own names are no codes and stay out of the log.
    ends = ((f"training_{n}_until", last.isoformat()) for n, last in enumerate(trainings.values(), 1))
    facts: tuple[tuple[str, str | int], ...] = (("account", ref), ("trainings", len(trainings)), *ends)
    work.record(AuditEvent(type=EventType.STAFF_TRAININGS_SET, facts=facts))


@dataclass(frozen=True, kw_only=True)
class NewConflict:
    """A conflict as it is declared: about one person of the case, or the whole of it where ``person`` is None.

    ``met``: whom the declarer knows from visits of their own, where they speak of themselves; a case with somebody of
    these need not be within their reach.
    """

    account: AccountId
    case: CaseId
    person: PersonId | None
    kind: ConflictKind
    words: str = ""
    met: frozenset[PersonId] = frozenset()


def declare_conflict(work: Work, new: NewConflict) -> str:
    """Keep that somebody must have no part in visits of a person or a case; returns its id.

    Staff declare it of themselves; workers and managers of everybody.  Raises ``NotFound`` for a case out of reach
    (of themselves they say it also where they have ``met`` somebody), ``BadInput`` for a person who is not in it, for
    what is declared already and for a text that is too long.
    """
    work.actor.demand_person()
    account = identity.account_for(work, new.account)
    if work.actor.account != account.id and not any(work.actor.has(role) for role in _MAY_DECLARE):
        raise NotAllowed("Say of yourself that you cannot watch. A worker can say it of others.")
    if account.owner is not None or account.disabled:
        raise BadInput("Choose somebody of the staff.", "account")
    _demand_known(work, new)
    row = StaffConflictRow(
        id=work.new_id(),
        account_id=account.id,
        case_id=new.case,
        person_id=new.person,
        kind=new.kind,
        sealed=_sealed(work, new),
        recorded_by=work.actor.ref,
        recorded_at=work.now,
    )
    work.session.add(row)
    _record(work, EventType.STAFF_CONFLICT_DECLARED, row)
    return row.id


def _demand_known(work: Work, new: NewConflict) -> None:
    known_there = set(people.roles_in(work, new.case))
    if not people.within_reach(work, [new.case]):
        known_there &= new.met
        if work.actor.account != new.account or not known_there:
            raise NotFound
    if new.person is not None and new.person not in known_there:
        raise BadInput("Choose somebody of this case, or the whole case.", "person")
    if len(new.words) > LONGEST_REASON:
        raise BadInput(f"Write at most {LONGEST_REASON} characters.", "words")
    if new.kind is ConflictKind.OTHER and not new.words.strip():
        raise BadInput("Write why, in a few words.", "words")
    known = {(one.account, one.person) for one in conflicts_in(work, new.case)}
    if (new.account, new.person) in known:
        raise BadInput("This is written down already.", "account")


def _sealed(work: Work, new: NewConflict) -> bytes | None:
    if not new.words.strip():
        return None
    return keys.seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=new.account,
        plaintext=new.words.strip().encode(),
        field="staff_conflict",
    )


def end_conflict(work: Work, case: CaseId, conflict: str) -> Conflict:
    """It counts no more from now.  Raises ``NotAllowed`` for whoever does not manage staff, or whose own it is.

    Who manages staff ends it also in a case out of their reach: it is about the member of staff.
    """
    work.actor.demand_person()
    if not may_manage(work) and not people.within_reach(work, [case]):
        raise NotFound
    found = next((one for one in conflicts_in(work, case) if one.id == conflict), None)
    if found is None:
        raise NotFound
    if not may_manage(work) or work.actor.account == found.account:
        raise NotAllowed("Somebody else who manages staff says that this counts no more.")
    row = work.session.get_one(StaffConflictRow, conflict)
    row.ended_at, row.ended_by = work.now, work.actor.ref
    work.session.add(row)
    _record(work, EventType.STAFF_CONFLICT_ENDED, row)
    return found


def _record(work: Work, event: EventType, row: StaffConflictRow) -> None:
    """In the case, without the reason: more people read the log than manage staff."""
    work.session.flush()
    ref = identity.account_for(work, AccountId(row.account_id)).ref
    facts = (("account", ref), ("conflict", row.id))
    work.record(AuditEvent(type=event, case=CaseId(row.case_id), facts=facts))
