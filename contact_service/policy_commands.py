"""What the rules say, for whoever asks at the command line: a policy checked and rehearsed, a no explained."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_policy.queries import policy_in_force
from contact_service.agency_policy.reading import PolicyNotValid, entries, read_policy
from contact_service.consent.actions import publish_text
from contact_service.consent.consent import Reader
from contact_service.consent.queries import newest_version, text_version
from contact_service.consent.texts import FIRST_TEXTS
from contact_service.errors import BadInput, NotFound
from contact_service.ids import PersonId
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Permitted, Reason
from contact_service.policy.explaining import Change
from contact_service.texts import ENGLISH
from contact_service.visits.queries.explaining import why_not
from contact_service.visits.queries.rehearsing import Affected, rehearse
from contact_service.visits.wish import Wish
from contact_service.work import Work


def check(text: str) -> tuple[int, list[str]]:
    """An exit code and what to print about a policy text: 0, or 1 with every fault and its line."""
    try:
        document = read_policy(text)
    except PolicyNotValid as refused:
        return 1, [f"line {line}: {fault}" for line, fault in refused.faults]
    return 0, [f"{document.title}: a policy with {len(entries(document))} entries."]


def published_texts(work: Work) -> list[str]:
    """Publish the first wordings that an agency has not in some language, a line each about what was done.

    Where it asks in English words of its own, ours would ask something else in another language: those are named.
    """
    own, lines = set(), []
    for text in FIRST_TEXTS:
        reader = Reader(language=text.language, band=text.band)
        about = f"{text.purpose}, {text.band}, {text.language}"
        version = newest_version(work, text.purpose, reader)
        if text.language == ENGLISH:
            if version and text_version(work, text.purpose, version, reader).words != text.words:
                own.add((text.purpose, text.band))
        elif not version and (text.purpose, text.band) in own:
            lines.append(f"left: {about} (you ask this in words of your own; have them translated)")
        elif not version:
            publish_text(work, text)
            lines.append(f"published: {about}")
    return lines or ["Every question has its words in every language."]


def rehearsed(work: Work, text: str) -> list[str]:
    """What a draft would have said about past bookings, a line each; raises ``PolicyNotValid``."""
    found = rehearse(work, read_policy(text), policy_in_force(work).document)
    return [
        f"{found.looked_at} bookings were decided again.",
        f"{len(found.newly_refused)} would have been refused that the policy in force allows:",
        *_affected(found.newly_refused),
        f"{len(found.no_longer_refused)} would have been allowed that the policy in force refuses:",
        *_affected(found.no_longer_refused),
    ]


def _affected(affected: Sequence[Affected]) -> list[str]:
    return [
        f"  {one.visit.id} {one.visit.starts_at:%Y-%m-%d %H:%M} UTC: {_reasons(one.reasons)}"
        for one in affected
    ]


def _reasons(reasons: Sequence[Reason]) -> str:
    return " ".join(f"{reason.rule}: {reason.words}" for reason in reasons)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A visit that somebody asks about.  ``at`` is the clock on the wall in the case's zone."""

    child: str
    people: tuple[str, ...]
    at: str
    minutes: int
    level: str


def explained(work: Work, question: Question) -> tuple[int, list[str]]:
    """An exit code and what to print: 0 when it may be booked, else 1 with every reason and the smallest change.

    Whoever asks here books nothing, so who supervises and who has read the policy is taken as given.
    """
    wish = _wish(work, question)
    explanation = why_not(work, wish)
    if isinstance(explanation.decision, Permitted):
        return 0, [f"This may be booked. Rules: {', '.join(explanation.decision.passed)}."]
    lines = [f"{reason.rule}: {reason.words}" for reason in explanation.decision.reasons]
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))
    return 1, [*lines, f"Smallest change: {_change(explanation.change, zone)}"]


def _change(change: Change | None, zone: ZoneInfo) -> str:
    if change is None:
        return "none within a fortnight. People, plans and restrictions are for those who decide on them."
    parts = [
        *([f"the level {change.level}"] if change.level else []),
        *([f"{int(change.length.total_seconds() // 60)} minutes"] if change.length else []),
        *([f"{change.starts_at.astimezone(zone):%A %d %B %Y, %H:%M}"] if change.starts_at else []),
    ]
    return f"{', '.join(parts)}."


def _wish(work: Work, question: Question) -> Wish:
    child = PersonId(question.child)
    members = people.members_of(work, people.case_of(work, child))
    known = {member.person for member in members}
    if not {child, *map(PersonId, question.people)} <= known:
        raise NotFound
    if question.level not in set(SupervisionLevel):
        raise BadInput(f"--level is one of {', '.join(SupervisionLevel)}.")
    try:
        wall = datetime.fromisoformat(question.at).replace(tzinfo=None)
    except ValueError:
        raise BadInput("--at is a date and a time, like 2030-05-15T16:00.") from None
    carers = [member.person for member in members if member.role is MemberRole.CAREGIVER]
    return Wish(
        child=child,
        people=tuple(map(PersonId, question.people)),
        caregiver=carers[0] if carers else None,
        wall_start=wall,
        length=timedelta(minutes=question.minutes),
        level=SupervisionLevel(question.level),
        supervisor=None,
        duty=None,
    )
