"""What happened, as codes and opaque references; never free text, never a name.  Pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from contact_service.audit.display import DISPLAY
from contact_service.audit.errors import NotACode
from contact_service.audit.event_types import EventType

__all__ = ["AGENCY_CASE", "DISPLAY", "AuditEvent", "ConsentFact", "EventType", "Subject"]

# The case of events that belong to none.
AGENCY_CASE = "agency"

_CODE = re.compile(r"[A-Za-z0-9_.:/-]{1,80}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
# The greatest integer that every JSON reader keeps exactly (RFC 8785, section 3.2.2.3).
_GREATEST = 2**53 - 1


@dataclass(frozen=True, kw_only=True)
class Subject:
    """Somebody the event is about, by reference, and in which role."""

    ref: str
    role: str

    def __post_init__(self) -> None:
        _demand_codes(self.ref, self.role)


@dataclass(frozen=True, kw_only=True)
class ConsentFact:
    """A consent that the event rests on: its reference, legal basis, scope, and when it ends."""

    ref: str
    basis: str
    scope: str
    until: datetime | None = None

    def __post_init__(self) -> None:
        _demand_codes(self.ref, self.basis, self.scope)
        _demand_aware(self.until)


@dataclass(frozen=True, kw_only=True)
class AuditEvent:
    """One line of evidence.

    ``case`` None is the reserved case ``agency``; ``occurred_at`` None is the instant of recording.
    ``planned`` and ``actual`` are start and end.  ``decision_code`` and ``rules`` say what a rule decided,
    ``reason`` why a person did, ``corrects`` the id of the entry that this one puts right, ``facts`` further
    codes and counts.
    Raises ``NotACode`` for anything that reads like free text.
    """

    type: EventType
    case: str | None = None
    visit: str | None = None
    subjects: tuple[Subject, ...] = ()
    occurred_at: datetime | None = None
    planned: tuple[datetime, datetime] | None = None
    actual: tuple[datetime, datetime] | None = None
    modality: str | None = None
    level: str | None = None
    supervisor: str | None = None
    consent: tuple[ConsentFact, ...] = ()
    decision_code: str | None = None
    rules: tuple[str, ...] = ()
    incident_code: str | None = None
    incident_severity: str | None = None
    corrects: str | None = None
    reason: str | None = None
    policy_version: int | None = None
    plan_version: int | None = None
    facts: tuple[tuple[str, str | int], ...] = ()

    def __post_init__(self) -> None:
        _demand_codes(self.case, self.visit, self.modality, self.level, self.supervisor, self.decision_code)
        _demand_codes(self.incident_code, self.incident_severity, self.corrects, self.reason, *self.rules)
        _demand_aware(self.occurred_at, *(self.planned or ()), *(self.actual or ()))
        _demand_numbers(self.policy_version, self.plan_version)
        for name, value in self.facts:
            _demand_fact(name, value)


def is_code(text: str) -> bool:
    """Whether ``text`` may stand in the log: 1 to 80 of letters, digits and ``_.:/-``."""
    return _CODE.fullmatch(text) is not None


def _demand_codes(*values: str | None) -> None:
    if not all(value is None or is_code(value) for value in values):
        raise NotACode


def _demand_aware(*instants: datetime | None) -> None:
    if any(instant is not None and instant.tzinfo is None for instant in instants):
        raise NotACode("An instant in the evidence log has a time zone.")


def _demand_numbers(*values: int | None) -> None:
    if not all(value is None or (type(value) is int and abs(value) <= _GREATEST) for value in values):
        raise NotACode("A number in the evidence log is a whole number below 2 to the 53rd.")


def _demand_fact(name: str, value: str | int) -> None:
    if not _NAME.fullmatch(name):
        raise NotACode
    if isinstance(value, str):
        _demand_codes(value)
    else:
        _demand_numbers(value)
