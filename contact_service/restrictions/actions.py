"""Keep a restriction, ask to lift it, lift it, let an urgent stop go on.  What it does to visits stands above."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.actor import Role
from contact_service.audit.events import AuditEvent, EventType, Subject
from contact_service.errors import BadInput, Conflict
from contact_service.ids import CaseId, OrderId, PersonId, RestrictionId
from contact_service.people.queries import members as people
from contact_service.restrictions import queries
from contact_service.restrictions.restriction import (
    Restriction,
    RestrictionKind,
    RestrictionSource,
    RestrictionState,
    StopReason,
)
from contact_service.restrictions.tables import RestrictionRow
from contact_service.work import Work

_FURTHEST = timedelta(days=3660)


@dataclass(frozen=True, kw_only=True)
class NewRestriction:
    """A restriction as it is entered.  ``other`` None: barred from everybody in the case.  ``starts_at`` None: now."""

    kind: RestrictionKind
    person: PersonId
    other: PersonId | None
    source: RestrictionSource
    reason: StopReason | None = None
    order: OrderId | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None


def restrict(work: Work, case: CaseId, new: NewRestriction) -> Restriction:
    """Keep a restriction; it binds from its start, at once when none is given.  Raises ``BadInput``."""
    _demand_people(work, case, new)
    starts_at = new.starts_at or work.now
    if new.ends_at is not None and new.ends_at <= max(starts_at, work.now):
        raise BadInput("The end has passed, or is not after the start.", "ends_on")
    if starts_at > work.now + _FURTHEST:
        raise BadInput("The start is too far away.", "starts_on")
    if new.kind is RestrictionKind.SUSPENDED and new.reason is None:
        raise BadInput("Choose the reason: the notice says it.", "reason")
    row = RestrictionRow(
        id=work.new_id(),
        case_id=case,
        kind=new.kind,
        person_id=new.person,
        other_id=new.other,
        source=new.source,
        reason=new.reason or "",
        order_id=new.order,
        starts_at=starts_at,
        ends_at=new.ends_at,
        recorded_by=work.actor.ref,
    )
    work.session.add(row)
    work.session.flush()
    kept = queries.restriction_for(work, RestrictionId(row.id))
    _record(work, kept, EventType.RESTRICTION_STARTED)
    return kept


def _demand_people(work: Work, case: CaseId, new: NewRestriction) -> None:
    if new.person == new.other:
        raise BadInput("Choose two different people.", "other")
    if new.kind is RestrictionKind.APART and new.other is None:
        raise BadInput("Choose from whom they are kept apart.", "other")
    members = {member.person for member in people.members_of(work, case)}
    if not {new.person, *([new.other] if new.other else [])} <= members:
        raise BadInput("Choose people of this case.", "person")


def mark_applied(work: Work, restriction: RestrictionId) -> bool:
    """Note that it has stopped what it forbids; False when another process was faster.

    One that was recorded before it began leaves a line of its own, for the instant from which it binds.
    """
    row = work.session.get(RestrictionRow, restriction, with_for_update=True, populate_existing=True)
    if row is None or row.applied_at is not None:
        return False
    row.applied_at = work.now
    work.session.add(row)
    if work.actor.has(Role.SCHEDULE):
        _record(work, queries.restriction_for(work, restriction), EventType.RESTRICTION_BEGAN)
    return True


def ask_to_lift(work: Work, restriction: RestrictionId) -> None:
    """The first of two people asks; nothing changes until the second agrees."""
    row, found = _open(work, restriction)
    row.lift_asked_by, row.lift_asked_at = work.actor.ref, work.now
    work.session.add(row)
    _record(work, found, EventType.RESTRICTION_LIFT_ASKED)


def lift(work: Work, restriction: RestrictionId, *, rules: tuple[str, ...]) -> Restriction:
    """The second of two people agrees: it binds no more from now."""
    row, found = _open(work, restriction)
    # One that has not begun never binds.
    row.ends_at = max(work.now, found.starts_at + timedelta(microseconds=1))
    row.lifted_by = work.actor.ref
    work.session.add(row)
    _record(work, found, EventType.RESTRICTION_ENDED, rules)
    return queries.restriction_for(work, restriction)


def go_on_by_order(
    work: Work, restriction: RestrictionId, *, order: OrderId, until: datetime | None, rules: tuple[str, ...]
) -> None:
    """Let an urgent stop go on under a court order that stands."""
    row, found = _open(work, restriction)
    row.order_id, row.ends_at, row.source = order, until, RestrictionSource.COURT_ORDER
    work.session.add(row)
    _record(work, found, EventType.RESTRICTION_CONTINUED, rules)


def _open(work: Work, restriction: RestrictionId) -> tuple[RestrictionRow, Restriction]:
    found = queries.restriction_for(work, restriction)
    row = work.session.get(RestrictionRow, restriction, with_for_update=True, populate_existing=True)
    assert row is not None
    if found.state(work.now) is RestrictionState.ENDED or found.lifted_by is not None:
        raise Conflict("This restriction has ended already. Load the page again.")
    return row, found


def _record(work: Work, found: Restriction, event: EventType, rules: tuple[str, ...] = ()) -> None:
    work.session.flush()
    refs = people.refs_of(work, found.people, case=found.case)
    work.record(
        AuditEvent(
            type=event,
            case=found.case,
            subjects=tuple(Subject(ref=ref, role="restricted") for ref in sorted(refs.values())),
            decision_code=found.kind.value,
            reason=found.source.value,
            rules=rules,
            facts=(("restriction", found.id), *((("why", found.reason.value),) if found.reason else ())),
        )
    )
