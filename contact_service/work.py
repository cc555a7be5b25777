"""Work: one transaction, one actor, one instant, and the audit events it must leave.

Return commits, raise rolls back.  A refusal is therefore a value that is recorded and committed; an exception leaves no
trace.  Nothing else in the product commits.
"""

import secrets
import weakref
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.orm import ORMExecuteState, UOWTransaction
from sqlmodel import Session

from contact_service import clock
from contact_service.actor import Actor
from contact_service.audit import actions as audit
from contact_service.audit.events import AuditEvent
from contact_service.database import of_agency, turn_to_write
from contact_service.errors import UnrecordedChange
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")
One = TypeVar("One", bound=Hashable)
Args = TypeVar("Args", bound=tuple[Hashable, ...])

# Tables that may change without an audit event, each with its reason.
HOUSEKEEPING = {
    "process_heartbeat": "says that a process lives, every second or two",
    "job_heartbeat": "says when each job last ran, every two seconds",
    "job_turn": "says which process does a job for a period; what the job does is recorded by itself",
    "throttle": "counts attempts; the refusals themselves are recorded",
    "staff_session": "last-seen marks; sign-in and sign-out themselves are recorded",
    "half_sign_in": "a right password waits for a code for five minutes; sign-ins and refusals are recorded",
    "agency_question": "random numbers for one answer of the agency's single sign-on; what it opens is recorded",
    "logout_token": "which were taken, so that none is twice; the sessions that one ends are recorded",
    "passkey_challenge": "a random number to be signed once within five minutes; what it opens is recorded",
    "relay_seen": "how far a relay's numbered events were taken in",
    "room_version": "counts room lists; what changed in a room is recorded with its visit",
    "outbox": "attempts and sent marks; what was accepted for delivery is recorded as invitation.sent",
    "idempotency_key": "keeps an answer for a day; what was done is recorded with the act itself",
    "busy_time": "forgotten a month after they are over; what was read is recorded as busy_times.imported",
    "busy_calendar": "when an address was last asked; what was read from it is recorded as busy_times.imported",
    "resource": "a number for whoever is locked for the first time; what is claimed is recorded with its visit",
    "plan_run": "how far a search for a plan of the week is; what somebody accepts is recorded with each visit",
    "plan_run_visit": "a draft that nobody was told of; what somebody accepts is recorded with each visit",
    "waiting_look": "what was free at the last look for the waiting list; what is offered is recorded",
    "case_reading": "which readings stand in the access log already; they are forgotten a month later",
    "link_nonce": "one-time numbers of ticket requests, good for seconds",
}


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What every transaction needs: the database, the keys, whose data it is, and what the time is.

    ``engine`` becomes one whose every transaction is this agency's.  ``zone`` is the agency's own.
    ``demand_passkeys``: roles of ``identity.account.PASSKEY_ROLES`` reach nothing before
    they sign in with one.
    """

    engine: Engine
    keys: KeyProvider
    agency: AgencyId
    log_origin: str
    demand_passkeys: bool = False
    zone: str = "Europe/London"
    clock: Callable[[], datetime] = clock.utc_now

    def __post_init__(self) -> None:
        object.__setattr__(self, "engine", of_agency(self.engine, self.agency))

    @property
    def contact_log(self) -> str:
        """The origin of the agency's contact log: ``<log origin>/<agency>/contact``."""
        return f"{self.log_origin}/{self.agency}/contact"

    @property
    def access_log(self) -> str:
        """The origin of the agency's log of who read what: ``<log origin>/<agency>/access``."""
        return f"{self.log_origin}/{self.agency}/access"


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
    readings: list[AuditEvent] = field(default_factory=list)
    opened: dict[str, None] = field(default_factory=dict)
    shown: dict[str, None] = field(default_factory=dict)
    answers: dict[tuple[Callable[..., object], object, object], Any] = field(default_factory=dict)

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

    def record_reading(self, audit_event: AuditEvent) -> None:
        """Add one line to the log of who read what."""
        assert not self.reading, "a reading Work records nothing"
        self.readings.append(audit_event)

    def opens(self, case: str) -> None:
        """Remember that the record of ``case`` was opened: whoever opened this Work for a person writes it down."""
        self.opened[case] = None

    def shows(self, part: str) -> None:
        """Remember that this part of the opened records was shown besides what the page or operation is for."""
        self.shown[part] = None

    def new_id(self) -> str:
        """32 random hexadecimal digits."""
        return secrets.token_hex(16)


# The queries that say which tables they read, by themselves and through others, and which these are.
READS: dict[Callable[..., object], frozenset[str]] = {}


def reads(*tables: str) -> Callable[[Callable[Asked, Answer]], Callable[Asked, Answer]]:
    """Say, below ``asked_once``, all the tables that a query reads: a change of others makes no answer of it stale.

    Left out, any change does: right for what others change while visits run, for a change may have waited for theirs.
    """

    def note(query: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
        READS[query] = frozenset(tables)
        return query

    return note


def asked_once(
    query: Callable[Concatenate[Work, Asked], Answer],
) -> Callable[Concatenate[Work, Asked], Answer]:
    """A query that is asked once in a Work, and again after what it reads was changed or a row was locked.

    For what many rules want to know of the same people.  Whoever waits for a lock reads anew what stands after it.
    """

    @wraps(query)
    def ask(work: Work, /, *args: Asked.args, **options: Asked.kwargs) -> Answer:
        if _is_unsaved(work, query):
            return query(work, *args, **options)
        key = (query, args, tuple(options.items()))
        if key not in work.answers:
            work.answers[key] = query(work, *args, **options)
        answer: Answer = work.answers[key]
        return answer

    return ask


def asked_once_of_each(
    query: Callable[Concatenate[Work, Collection[One], Asked], Mapping[One, Answer]],
) -> Callable[Concatenate[Work, Collection[One], Asked], dict[One, Answer]]:
    """As ``asked_once``, for a query about several: it is asked of those alone of whom it was not asked before.

    The query answers for everybody it is asked of.
    """

    @wraps(query)
    def ask(
        work: Work, those: Collection[One], /, *args: Asked.args, **options: Asked.kwargs
    ) -> dict[One, Answer]:
        if _is_unsaved(work, query):
            return dict(query(work, those, *args, **options))
        rest = tuple(options.items())
        known = {one: (query, (one, *args), rest) for one in those}
        if missing := [one for one, key in known.items() if key not in work.answers]:
            found = query(work, missing, *args, **options)
            work.answers |= {known[one]: found[one] for one in missing}
        return {one: work.answers[key] for one, key in known.items()}

    return ask


def _is_unsaved(work: Work, query: Callable[..., object]) -> bool:
    """Whether something that ``query`` reads was changed, and the database has not been told of it yet."""
    session = work.session
    if work.reading or not (session.identity_map.check_modified() or session.new or session.deleted):
        return False
    return query not in READS or not READS[query].isdisjoint(_touched(session))


def _touched(session: Session) -> set[str]:
    """The tables of rows that changed, and of which the database has not been told yet."""
    touched = [
        *session.new,
        *(row for row in session.dirty if session.is_modified(row)),
        *session.deleted,
    ]
    return {row.__table__.name for row in touched}


def not_yet_asked(
    work: Work, query: Callable[..., object], those: Iterable[One], **options: Hashable
) -> list[One]:
    """Those of whom ``query``, an ``asked_once`` about one, has not been asked with ``options``, each once."""
    wrapped = getattr(query, "__wrapped__")  # noqa: B009  set by functools.wraps
    rest = tuple(options.items())
    return [one for one in dict.fromkeys(those) if (wrapped, (one,), rest) not in work.answers]


def answered_before(
    work: Work,
    query: Callable[..., object],
    answers: Mapping[Args, object],
    **options: Hashable,
) -> None:
    """Keep what was read of many at once as the answers to ``query``: of each its arguments, with ``options``.

    ``query`` is an ``asked_once``, or an ``asked_once_of_each`` of which the one is the first argument.
    """
    wrapped = getattr(query, "__wrapped__")  # noqa: B009  set by functools.wraps
    if not _is_unsaved(work, wrapped):
        rest = tuple(options.items())
        work.answers |= {(wrapped, args, rest): answer for args, answer in answers.items()}


@contextmanager
def begin(installation: Installation, actor: Actor) -> Iterator[Work]:
    """Open a Work that may change things; it commits when the block ends.

    Raises ``UnrecordedChange``, and changes nothing, when rows changed and nothing was recorded.
    """
    with turn_to_write(installation.engine), _Watched(installation.engine) as session:
        # The instant is read once the transaction holds its lock, so that on SQLite log order is time order.
        session.connection()
        work = Work(session=session, actor=actor, now=installation.clock(), installation=installation)
        _belongs_to(session, work)
        yield work
        session.flush()
        unrecorded = work.changed - HOUSEKEEPING.keys()
        if unrecorded and not work.events:
            raise UnrecordedChange(f"{', '.join(sorted(unrecorded))} changed and nothing was recorded.")
        # In this order, always: both heads are locked until the commit.
        _append(work, work.events, installation.contact_log)
        _append(work, work.readings, installation.access_log)
        session.commit()


def _append(work: Work, events: list[AuditEvent], origin: str) -> None:
    if events:
        audit.append(
            work.session,
            events,
            keys=work.keys,
            agency=work.agency,
            origin=origin,
            actor=work.actor,
            recorded_at=work.now,
        )


@contextmanager
def read(installation: Installation, actor: Actor) -> Iterator[Work]:
    """Open a Work that takes no write lock and can neither record nor change anything.

    Raises ``UnrecordedChange`` at its end when a row was changed all the same; nothing is saved.
    """
    with (
        installation.engine.connect().execution_options(reading=True) as connection,
        _Watched(connection, expire_on_commit=False) as session,  # who reads rows after it still has them
    ):
        work = Work(
            session=session, actor=actor, now=installation.clock(), installation=installation, reading=True
        )
        _belongs_to(session, work)
        yield work
        # Nothing is written, and a rollback would make the connection forget every statement that is prepared on it.
        session.commit()


class _Watched(Session):
    """Tells the Work it belongs to of every table that changes, by unit of work and by bulk statement alike."""


def _belongs_to(session: _Watched, work: Work) -> None:
    # Weakly: each holding the other, all that a request read would stay until the collector of garbage comes to it.
    session.info["work"] = weakref.proxy(work)


# On the class: listening anew for each transaction would cost more than a statement does.
@event.listens_for(_Watched, "before_flush")
def _before_flush(session: _Watched, _context: UOWTransaction, _instances: object) -> None:
    _note(session.info["work"], _touched(session))


@event.listens_for(_Watched, "do_orm_execute")
def _on_execute(state: ORMExecuteState) -> None:
    if state.is_select and getattr(state.statement, "_for_update_arg", None) is not None:
        state.session.info["work"].answers.clear()
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        _note(state.session.info["work"], {getattr(table, "name", "an unknown table")})


def _note(work: Work, tables: set[str]) -> None:
    if tables and work.reading:
        raise UnrecordedChange("A reading Work was about to change data. Nothing was saved.")
    if tables:
        stale = [key for key in work.answers if not READS.get(key[0], tables).isdisjoint(tables)]
        for key in stale:
            del work.answers[key]
    work.changed |= tables
