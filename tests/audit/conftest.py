"""An installation whose clock the test moves, with a log and a sealer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from contact_service import work
from contact_service.actor import COMMAND_LINE
from contact_service.audit import queries
from contact_service.audit.events import AuditEvent, EventType
from contact_service.audit.note import create_signer
from contact_service.audit.sealer import SealResult, seal_once
from contact_service.audit.verifier import VerifyReport, verify
from contact_service.ids import AgencyId
from contact_service.keys.key_file import OpenedKey
from contact_service.keys.provider import KeyProvider

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def some_provider() -> KeyProvider:
    return KeyProvider(OpenedKey(key=bytes(range(32)), key_id=b"sixteen bytes id"))


@dataclass(kw_only=True)
class Log:
    """One agency's contact log on a fresh database, and what its sealer remembers."""

    installation: work.Installation
    database_url: str
    folder: Path
    signer_key: str
    verifier_key: str
    reports: list[VerifyReport] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.installation.contact_log

    @property
    def memory_path(self) -> Path:
        return self.folder / "seal-memory"

    def append(self, *events: AuditEvent) -> None:
        with work.begin(self.installation, COMMAND_LINE) as opened:
            for event in events:
                opened.record(event)

    def fill(self, count: int, *, case: str = "case-1") -> None:
        """Make ``count`` entries in one transaction, counting the one that says a key was made."""
        with Session(self.installation.engine) as session:
            known = session.connection().execute(text("SELECT count(*) FROM case_key")).scalar_one()
        events = [AuditEvent(type=EventType.VISIT_REQUESTED, case=case) for _ in range(count - (not known))]
        self.append(*events)

    def seal(self) -> SealResult:
        return seal_once(self.installation.engine, self.origin, self.signer_key, self.memory_path)

    def history(self, case: str = "case-1") -> list[queries.OpenedEntry]:
        with Session(self.installation.engine) as session:
            return queries.history_of(
                session,
                keys=self.installation.keys,
                agency=self.installation.agency,
                origin=self.origin,
                case=case,
            )

    def verify(self) -> VerifyReport:
        return verify(self.database_url, [self.verifier_key])

    def verdict(self) -> str:
        """The last line of a verification: OK or ``ERROR_NAME log index``."""
        fault = self.verify().fault
        return fault.line().replace(f" {self.origin} ", " ") if fault else "OK"

    def tamper(self, *statements: str, **values: object) -> None:
        """Do what somebody with every right on the database could do."""
        with self.installation.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET session_replication_role = replica"))
            else:
                names = connection.execute(
                    text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                ).scalars()
                for name in names.all():
                    connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements:
                connection.execute(text(statement), values)
            if connection.dialect.name == "postgresql":
                connection.execute(text("SET session_replication_role = origin"))


@pytest.fixture
def make_log(tmp_path: Path) -> Callable[[Engine, str], Log]:
    def make(engine: Engine, database_url: str) -> Log:
        installation = work.Installation(
            engine=engine,
            keys=some_provider(),
            agency=AgencyId("kent"),
            log_origin="log.example",
            clock=lambda: NOON + timedelta(milliseconds=5),
        )
        signer_key, verifier_key = create_signer(installation.contact_log)
        return Log(
            installation=installation,
            database_url=database_url,
            folder=tmp_path,
            signer_key=signer_key,
            verifier_key=verifier_key,
        )

    return make


@pytest.fixture
def log(engine: Engine, database_url: str, make_log: Callable[[Engine, str], Log]) -> Log:
    return make_log(engine, database_url)
