"""The contact history: the evidence of one case, opened, with the names that only this agency can put to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contact_service.actor import Role
from contact_service.audit import queries as audit
from contact_service.audit.events import DISPLAY, EventType
from contact_service.errors import NotAllowed
from contact_service.identity import queries as identity
from contact_service.ids import CaseId
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.readings.purpose import KnownPurpose
from contact_service.readings.queries import many_cases, purposes_stated, readers_by_day, readings_of
from contact_service.texts import N_
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Visit
from contact_service.work import Work

AUTOMATIC = N_("A visit was approved by the policy, without a person")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of a case's history, readable."""

    number: int
    case_number: int
    at: datetime
    who: str
    what: str
    type: str
    kind: str
    details: tuple[tuple[str, str], ...]
    leaf_hash: str


@dataclass(frozen=True, kw_only=True)
class CaseSummary:
    """A case as the auditor's list shows it."""

    case: CaseId
    children: tuple[str, ...]
    entries: int
    last_at: datetime | None


def demand_auditor(work: Work) -> None:
    """Raise ``NotAllowed`` unless the actor may read whole histories."""
    if not (work.actor.has(Role.AUDITOR) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only an auditor or an approver reads contact histories.")


def case_summaries(work: Work) -> list[CaseSummary]:
    """Every case within reach, with how much evidence it has."""
    demand_auditor(work)
    return [_summary(work, case) for case in people.cases_of(work)]


def _summary(work: Work, case: CaseId) -> CaseSummary:
    lines = _history(work, case)  # how long it is and no more: nobody has opened it
    children = [m.details.name for m in people.members_of(work, case) if m.role is MemberRole.CHILD]
    return CaseSummary(
        case=case, children=tuple(children), entries=len(lines), last_at=lines[-1].at if lines else None
    )


def contact_history(work: Work, case: CaseId) -> list[Line]:
    """The evidence of a case, oldest first; raises ``NotAllowed``, ``NotFound`` or an audit error."""
    demand_auditor(work)
    people.case_for(work, case)
    return _history(work, case)


def _history(work: Work, case: CaseId) -> list[Line]:
    names = _names(work, case)
    return [
        _line(entry, names)
        for entry in audit.history_of(
            work.session, keys=work.keys, agency=work.agency, origin=work.installation.contact_log, case=case
        )
    ]


def _names(work: Work, case: CaseId) -> dict[str, str]:
    staff = identity.names_by_ref(work)
    return staff | {member.ref: member.details.name for member in people.members_of(work, case)}


def _line(entry: audit.OpenedEntry, names: dict[str, str]) -> Line:
    event = entry.fields
    known = {str(kind): text for kind, text in DISPLAY.items()}
    type_ = entry.type
    return Line(
        number=entry.index,
        case_number=int(event["case_seq"]),
        at=entry.recorded_at,
        who=_who(event["actor"], names),
        what=AUTOMATIC if _is_automatic(event) else known.get(type_, type_),
        type=type_,
        kind=_kind(type_),
        details=tuple(_details(event, names)),
        leaf_hash=entry.leaf_hash.hex(),
    )


def _is_automatic(event: Mapping[str, object]) -> bool:
    return (event["type"], event.get("reason")) == (str(EventType.VISIT_APPROVED), "automatic")


def _who(actor: dict[str, str], names: dict[str, str]) -> str:
    role = actor["role"].replace("_", " ").replace("+", ", ")
    name = names.get(actor["ref"])
    return f"{name} ({role})" if name else role.capitalize()


def _kind(type_: str) -> str:
    if type_.endswith(".refused"):
        return "refused"
    known = {EventType.VISIT_REQUESTED: "visit"}
    return known.get(EventType(type_), type_.partition(".")[0]) if type_ in set(EventType) else "other"


def _details(event: dict[str, object], names: dict[str, str]) -> list[tuple[str, str]]:
    """What an entry says, as label and words: people by name, codes as words."""
    found = []
    subjects = event.get("subjects")
    if isinstance(subjects, list) and subjects:
        people_named = [f"{names.get(s['ref'], 'unknown')} ({s['role'].replace('_', ' ')})" for s in subjects]
        found.append(("About", ", ".join(people_named)))
    for label, key in (("Reason", "reason"), ("Level", "level"), ("Visit", "visit")):
        if value := event.get(key):
            found.append((label, str(value).replace("_", " ")))
    decision = event.get("decision")
    if isinstance(decision, dict) and decision.get("rules"):
        found.append(("Rules", ", ".join(decision["rules"])))
    facts = event.get("facts")
    if isinstance(facts, dict):
        found += [(name.replace("_", " ").capitalize(), str(value)) for name, value in facts.items()]
    return found


@dataclass(frozen=True, kw_only=True)
class Read:
    """Somebody read a part of a case's record, within the hour that begins with ``at``'s.

    ``in_emergency``: the case was open to them by that alone.  ``purpose``: what they said that they read for.
    """

    at: datetime
    who: str
    part: str
    in_emergency: bool = False
    purpose: KnownPurpose | None = None


def case_readings(work: Work, case: CaseId) -> list[Read]:
    """Who read the record of a case, oldest first; raises ``NotAllowed``, ``NotFound`` or an audit error."""
    demand_auditor(work)
    people.case_for(work, case)
    names = identity.names_by_ref(work)
    found = [entry for entry in readings_of(work, case) if entry.type == EventType.RECORD_READ]
    facts = [entry.fields.get("facts", {}) for entry in found]
    said = purposes_stated(work, {str(one["purpose_ref"]) for one in facts if "purpose_ref" in one})
    return [
        Read(
            at=entry.recorded_at,
            who=_who(entry.fields["actor"], names),
            part=str(about.get("part", "")),
            in_emergency="emergency_access" in about,
            purpose=said.get(str(about.get("purpose_ref", ""))),
        )
        for entry, about in zip(found, facts, strict=True)
    ]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Somebody read the records of so many cases in a day; ``many``: more than nearly any work needs."""

    day: date
    who: str
    cases: int
    many: bool


def readers(work: Work) -> list[Reader]:
    """Who read how much in the last month, newest day first; raises ``NotAllowed``."""
    demand_auditor(work)
    names, many = identity.names_by_ref(work), many_cases(work)
    return [
        Reader(day=day, who=names.get(ref, ref), cases=cases, many=cases >= many)
        for day, ref, cases in readers_by_day(work)
    ]


def visit_history(work: Work, visit: Visit) -> list[Line]:
    """The evidence of one visit, oldest first, for whoever may see the visit."""
    visit_for(work, visit.id)
    names = _names(work, visit.case)
    entries = audit.history_of(
        work.session,
        keys=work.keys,
        agency=work.agency,
        origin=work.installation.contact_log,
        case=visit.case,
    )
    return [_line(entry, names) for entry in entries if entry.fields.get("visit") == visit.id]
