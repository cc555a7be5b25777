"""Work: one transaction, one actor, one instant, and the audit events it must leave.

Return commits, raise rolls back.  A refusal is therefore a value that is recorded and committed; an exception leaves no
trace.  Nothing else in the product commits.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from contact_service import clock
from contact_service.actor import Actor
from contact_service.audit import actions as audit
from contact_service.audit.events import AuditEvent
from contact_service.errors import UnrecordedChange
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider

# Tables that may change without an audit event, each with its reason.
HOUSEKEEPING = {
    "process_heartbeat": "says that a process lives, every second or two",
    "throttle": "counts attempts; the refusals themselves are recorded",
    "staff_session": "last-seen marks; sign-in and sign-out themselves are recorded",
    "relay_seen": "how far a relay's numbered events were taken in",
    "room_version": "counts room lists; what changed in a room is recorded with its visit",
    "outbox": "attempts and sent marks; what was accepted for delivery is recorded as invitation.sent",
    "idempotency_key": "keeps an answer for a day; what was done is recorded with the act itself",
    "link_nonce": "one-time numbers of ticket requests, good for seconds",
}


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What every transaction needs: the database, the keys, whose data it is, and what the time is."""

    engine: Engine
    keys: KeyProvider
    agency: AgencyId
    log_origin: str
    clock: Callable[[], datetime] = clock.utc_now

    @property
    def contact_log(self) -> str:
        """The origin of the agency's contact log: ``<log origin>/<agency>/contact``."""
        return f"{self.log_origin}/{self.agency}/contact"


@dataclass(kw_only=True)
class Work:
    """One open transaction."""

    session: Session
    actor: Actor
    now: datetime
    installation: Installation
    reading: bool = False
    changed: set[str] = field(default_factory=set)
    events: list[AuditEvent] = field(default_factory=list)

    @property
    def keys(self) -> KeyProvider:
        """The provider of the key-encryption key."""
        return self.installation.keys

    @property
    def agency(self) -> AgencyId:
        """Whose data this is."""
        return self.installation.agency

    def record(self, audit_event: AuditEvent) -> None:
        """Add one line of evidence; it is written when, and only when, the change is."""
        assert not self.reading, "a reading Work records nothing"
        self.events.append(audit_event)

    def new_id(self) -> str:
        """32 random hexadecimal digits."""
        return secrets.token_hex(16)


@contextmanager
def begin(installation: Installation, actor: Actor) -> Iterator[Work]:
    """Open a Work that may change things; it commits when the block ends.

    Raises ``UnrecordedChange``, and changes nothing, when rows changed and nothing was recorded.
    """
    with _Watched(installation.engine) as session:
        # The instant is read once the transaction holds its lock, so that on SQLite log order is time order.
        session.connection()
        work = Work(session=session, actor=actor, now=installation.clock(), installation=installation)
        session.info["work"] = work
        yield work
        session.flush()
        unrecorded = work.changed - HOUSEKEEPING.keys()
        if unrecorded and not work.events:
            raise UnrecordedChange(f"{', '.join(sorted(unrecorded))} changed and nothing was recorded.")
        if work.events:
            audit.append(
                session,
                work.events,
                keys=installation.keys,
                agency=installation.agency,
                origin=installation.contact_log,
                actor=actor,
                recorded_at=work.now,
            )
        session.commit()


@contextmanager
def read(installation: Installation, actor: Actor) -> Iterator[Work]:
    """Open a Work that takes no write lock and can neither record nor change anything."""
    with (
        installation.engine.connect().execution_options(reading=True) as connection,
        _Watched(connection) as session,
    ):
        work = Work(
            session=session, actor=actor, now=installation.clock(), installation=installation, reading=True
        )
        session.info["work"] = work
        yield work


class _Watched(Session):
    """Tells the Work in its ``info`` of every table that changes, by unit of work and by bulk statement alike."""


# On the class: listening anew for each transaction would cost more than a statement does.
@event.listens_for(_Watched, "before_flush")
def _before_flush(session: _Watched, _context: UOWTransaction, _instances: object) -> None:
    touched = [
        *session.new,
        *(row for row in session.dirty if session.is_modified(row)),
        *session.deleted,
    ]
    _note(session.info["work"], {row.__table__.name for row in touched})


@event.listens_for(_Watched, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        _note(state.session.info["work"], {getattr(table, "name", "an unknown table")})


def _note(work: Work, tables: set[str]) -> None:
    if tables and work.reading:
        raise UnrecordedChange("A reading Work was about to change data. Nothing was saved.")
    work.changed |= tables
