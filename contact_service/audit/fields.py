"""From an event to the fields that are sealed: the JSON object of FORMAT.md, section 1.  Pure.

What an event does not say is left out, so a short event is a short entry.  Instants are UTC milliseconds.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contact_service.actor import Actor
from contact_service.audit.events import AGENCY_CASE, AuditEvent, ConsentFact

EVENT_VERSION = 1
CLOCK_SOURCE = "system"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """What the log adds to an event.  ``prev_case`` is the leaf hash of the case's previous entry."""

    entry_id: bytes
    actor: Actor
    recorded_at: datetime
    case_seq: int
    prev_case: bytes | None
    software: str


def milliseconds(instant: datetime) -> int:
    """Whole milliseconds since 1970 in UTC, rounded down."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def from_milliseconds(count: int) -> datetime:
    """The inverse of ``milliseconds``."""
    return _EPOCH + timedelta(milliseconds=count)


def entry_fields(event: AuditEvent, stamp: Stamp) -> dict[str, Any]:
    """The JSON object of one entry."""
    fields = {
        "v": EVENT_VERSION,
        "id": stamp.entry_id.hex(),
        "type": event.type.value,
        "occurred_at": milliseconds(event.occurred_at or stamp.recorded_at),
        "recorded_at": milliseconds(stamp.recorded_at),
        "clock": {"source": CLOCK_SOURCE},
        "actor": _actor(stamp.actor),
        "case": event.case or AGENCY_CASE,
        "case_seq": stamp.case_seq,
        "prev_case": stamp.prev_case.hex() if stamp.prev_case else None,
        "software_version": stamp.software,
    }
    return _said(fields | _what(event) | _why(event))


def _actor(actor: Actor) -> dict[str, str]:
    role = "+".join(role.value for role in actor.roles)
    return {"ref": actor.ref, "role": role, "authentication": actor.authentication.value}


def _what(event: AuditEvent) -> dict[str, Any]:
    return {
        "visit": event.visit,
        "subjects": [{"ref": subject.ref, "role": subject.role} for subject in event.subjects],
        "modality": event.modality,
        "planned": _span(event.planned),
        "actual": _span(event.actual, with_seconds=True),
        "level": event.level,
        "supervisor": event.supervisor,
        "consent": [_consent(consent) for consent in event.consent],
        "facts": dict(event.facts),
    }


def _why(event: AuditEvent) -> dict[str, Any]:
    return {
        "decision": _said({"code": event.decision_code, "rules": list(event.rules)}),
        "incident": _said({"code": event.incident_code, "severity": event.incident_severity}),
        "corrects": event.corrects,
        "reason": event.reason,
        "policy_version": event.policy_version,
        "plan_version": event.plan_version,
    }


def _span(span: tuple[datetime, datetime] | None, *, with_seconds: bool = False) -> dict[str, int] | None:
    if span is None:
        return None
    start, end = span
    seconds = {"seconds": (end - start) // timedelta(seconds=1)} if with_seconds else {}
    return {"start": milliseconds(start), "end": milliseconds(end)} | seconds


def _consent(consent: ConsentFact) -> dict[str, Any]:
    until = milliseconds(consent.until) if consent.until else None
    return _said({"ref": consent.ref, "basis": consent.basis, "scope": consent.scope, "until": until})


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    """Only what was said: no nulls, no empty lists or objects.  Nought is said."""
    return {name: value for name, value in fields.items() if value or value == 0}
