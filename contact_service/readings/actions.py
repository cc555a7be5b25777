"""Write readings down: in the access log, and which hour they are of."""

from collections.abc import Collection
from datetime import date, timedelta

from sqlmodel import col, delete

from contact_service.actor import Role, StatedPurpose
from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, NotAllowed
from contact_service.identity.account import Account
from contact_service.identity.actions import DAY, count_attempt, keep_purpose
from contact_service.identity.queries import accounts_with
from contact_service.ids import CaseId
from contact_service.keys.actions import insert_if_new, seal_for_person
from contact_service.notifications.actions import queue
from contact_service.notifications.message import MessageKind, NewMessage
from contact_service.readings.purpose import LONGEST_PURPOSE, SHORTEST_PURPOSE, ReadingPurpose
from contact_service.readings.queries import (
    ReadUnder,
    cases_read_since,
    many_cases,
    not_written_down,
    read_under,
)
from contact_service.readings.reading import day_of, hour_of
from contact_service.readings.tables import CaseReadingRow, ReadingPurposeRow
from contact_service.work import Work


def write_down_what_was_opened(work: Work, *, part: str) -> None:
    """In a Work that changes things: each case whose record it opened, but for those of which it records a change.

    What is changed by an emergency alone is written down as read, too: the mark stands there.
    """
    changed = {event.case for event in work.events}
    found = not_written_down(work, part)
    under = read_under(work, found) if changed else {}
    opened = [case for case in found if case not in changed or under[case].access]
    write_down(work, opened, part=part)


def write_down(work: Work, cases: Collection[CaseId], *, part: str) -> None:
    """It stands in the access log that the actor has read this part of each of ``cases``.

    A case that is open to the actor by an emergency alone is marked so; why they read stands beside it where they said.
    Whoever has opened the records of ``many_cases`` cases in a day is told of: once a day, to somebody else.
    """
    under = read_under(work, cases)
    now = {"reader": work.actor.ref, "part": part, "hour": hour_of(work.now)}
    for case in sorted(cases):  # two requests of one reader at once wait for each other in one order
        insert_if_new(work.session, CaseReadingRow, now | {"case_id": case, "under": under[case].key})
        facts = (("part", part), *_facts(under[case]))
        work.record_reading(AuditEvent(type=EventType.RECORD_READ, case=case, facts=facts))
    if cases and not work.actor.has(Role.SERVICE_ACCOUNT):
        since = day_of(work.now, work.installation.zone)
        if cases_read_since(work, work.actor.ref, since) >= many_cases(work):
            _tell_of_many(work, since.date())


def _facts(under: ReadUnder) -> tuple[tuple[str, str], ...]:
    by, said = under.access, under.purpose
    return (
        *((("emergency_access", by),) if by else ()),
        *((("purpose", said.code), ("purpose_ref", said.ref)) if said else ()),
    )


def state_purpose(work: Work, token: str, purpose: ReadingPurpose | None, words: str) -> StatedPurpose:
    """The actor reads for this from now on, in the sign-in of the cookie ``token``.

    Raises ``NotAllowed`` for whoever is no auditor, ``BadInput`` without a purpose or words.
    """
    work.actor.demand_person()
    if not work.actor.has(Role.AUDITOR):
        raise NotAllowed("Only an auditor says what they read for.")
    if purpose is None:
        raise BadInput("Choose what you read for.", "purpose")
    said = words.strip()
    if not SHORTEST_PURPOSE <= len(said) <= LONGEST_PURPOSE or not said.isprintable():
        raise BadInput("Write which inspection, complaint or request it is, in 5 to 200 letters.", "words")
    assert work.actor.account is not None
    sealed = seal_for_person(
        work.session,
        work.keys,
        agency=work.agency,
        person=work.actor.account,
        plaintext=said.encode(),
        field="reading_purpose",
    )
    row = ReadingPurposeRow(
        id=work.new_id(),
        agency=work.agency,
        account_id=work.actor.account,
        purpose=purpose,
        sealed=sealed,
        stated_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    stated = StatedPurpose(code=purpose, ref=row.id)
    keep_purpose(work, token, stated)
    facts = (("purpose_ref", row.id),)
    work.record(AuditEvent(type=EventType.PURPOSE_STATED, reason=purpose, facts=facts))
    return stated


def _tell_of_many(work: Work, day: date) -> None:
    """Say so to others, once of each reader and day: whoever reads on past the number is found by the next reading."""
    which = f"{work.actor.ref}|{day}"
    if count_attempt(work, f"many records read|{which}", per=DAY) > 1:
        return
    work.record(AuditEvent(type=EventType.RECORDS_MANY_READ, facts=(("cases", many_cases(work)),)))
    for account in _others_with(work, Role.APPROVER) or _others_with(work, Role.ADMINISTRATOR):
        message = NewMessage(
            kind=MessageKind.MANY_RECORDS_READ,
            account=account.id,
            once=which,
            useless_after=work.now + timedelta(days=1),
        )
        queue(work, message)


def _others_with(work: Work, role: Role) -> list[Account]:
    return [account for account in accounts_with(work, role) if account.id != work.actor.account]


def forget_readings(work: Work, *, kept: timedelta) -> None:
    """Take away which hours were written down long ago; the log itself keeps every entry."""
    work.session.exec(delete(CaseReadingRow).where(col(CaseReadingRow.hour) < work.now - kept))
