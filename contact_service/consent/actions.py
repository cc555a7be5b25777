"""Publish wordings; take answers in, also by the holder of the right to decide for a child; take them back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import func, or_, select

from contact_service.audit.events import AuditEvent, ConsentFact, EventType, Subject
from contact_service.consent import queries
from contact_service.consent.consent import (
    ENGLISH_ADULT,
    Answer,
    ConsentKind,
    ConsentState,
    Method,
    Purpose,
    Reader,
    Text,
)
from contact_service.consent.tables import ConsentConfirmationRow, ConsentRow, ConsentTextRow
from contact_service.errors import BadInput, Conflict, NotFound
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, InvitationId, PersonId, VisitId
from contact_service.people.actions import recording as people_actions
from contact_service.people.queries import members as people
from contact_service.work import Work

_EVENT = {
    ConsentState.GIVEN: EventType.CONSENT_GIVEN,
    ConsentState.DECLINED: EventType.CONSENT_DECLINED,
    ConsentState.WITHDRAWN: EventType.CONSENT_WITHDRAWN,
}
_ASSENT_EVENT = {
    ConsentState.GIVEN: EventType.ASSENT_GIVEN,
    ConsentState.DECLINED: EventType.ASSENT_DECLINED,
    ConsentState.WITHDRAWN: EventType.ASSENT_WITHDRAWN,
}
LONGEST_LANGUAGE = 35  # BCP 47, RFC 5646 section 4.4.1


def publish_text(work: Work, text: Text) -> None:
    """Publish a wording; earlier answers in its language and band become stale when its version is newer.

    Raises ``BadInput`` for words that are empty or a version that does not follow the last.
    """
    reader = Reader(language=text.language, band=text.band)
    if not text.words.strip() or not 1 < len(text.language) <= LONGEST_LANGUAGE:
        raise BadInput("Write the words, and the language they are in.", "words")
    if text.version != queries.newest_version(work, text.purpose, reader) + 1:
        raise BadInput("This is not the next version of these words. Load the page again.", "version")
    work.session.add(
        ConsentTextRow(
            agency=work.agency,
            purpose=text.purpose,
            version=text.version,
            language=text.language,
            band=text.band,
            words=text.words,
            published_at=work.now,
        )
    )
    work.session.flush()
    facts = (
        ("purpose", text.purpose.value),
        ("version", text.version),
        ("hash", text.hash),
        ("language", text.language),
        ("band", text.band.value),
    )
    work.record(AuditEvent(type=EventType.CONSENT_TEXT_PUBLISHED, facts=facts))


@dataclass(frozen=True, kw_only=True)
class NewAnswer:
    """An answer as it comes in.  ``version`` is that of the words the person saw, for ``reader``.

    ``unseen``: yes, with the camera off.  ``link``: the link behind which it is said; a yes is then provisional until
    the holder of the device that is bound to it is identified.
    ``holder``: who decided for a child.  ``witness``: the second member of staff who heard a spoken answer.
    ``reason``: a code for a no.
    """

    person: PersonId
    purpose: Purpose
    state: ConsentState
    version: int
    method: Method
    kind: ConsentKind = ConsentKind.CONSENT
    reader: Reader = ENGLISH_ADULT
    visit: VisitId | None = None
    unseen: bool = False
    link: InvitationId | None = None
    holder: str | None = None
    witness: AccountId | None = None
    reason: str = ""


def answer(work: Work, new: NewAnswer) -> None:
    """Keep an answer; raises ``Conflict`` when the words have changed since the person saw them.

    A withdrawal always counts, whatever words were shown.  Answers of one person follow each other: a second one waits.
    """
    _demand_witness(work, new)
    people_actions.lock_person(work, new.person)
    text = queries.text_for(work, new.purpose, new.reader)
    if new.state is ConsentState.GIVEN and not _were_read(new, text):
        raise Conflict("These words have changed. Please read them again.")
    row = _row(work, new, text)
    work.session.add(row)
    work.session.flush()
    events = _ASSENT_EVENT if new.kind is ConsentKind.ASSENT else _EVENT
    member = people.member(work, new.person)
    work.record(
        AuditEvent(
            type=EventType.NOTICE_READ if new.kind is ConsentKind.NOTICE else events[new.state],
            case=member.case,
            visit=new.visit,
            subjects=(Subject(ref=member.ref, role="consenting"),),
            consent=(ConsentFact(ref=row.id, basis=new.method.value, scope=new.purpose.value),),
            reason=new.reason or None,
            facts=_facts(work, new, text),
        )
    )


def _were_read(new: NewAnswer, text: Text) -> bool:
    """Whether these words are those that the person saw; a page shows them in a language in which they are there."""
    in_language = new.method is not Method.ON_THE_PAGE or new.reader.language == text.language
    return in_language and new.version == text.version


def _row(work: Work, new: NewAnswer, text: Text) -> ConsentRow:
    newest = select(func.max(ConsentRow.number)).where(ConsentRow.person_id == new.person)
    return ConsentRow(
        id=work.new_id(),
        number=(work.session.exec(newest).one() or 0) + 1,
        person_id=new.person,
        purpose=new.purpose,
        kind=new.kind,
        state=new.state,
        text_version=text.version,
        text_hash=text.hash,
        language=text.language,
        band=text.band,
        method=new.method,
        given_by=work.actor.ref,
        holder=new.holder,
        witness_id=new.witness,
        unseen=new.unseen and new.state is ConsentState.GIVEN,
        provisional=_is_provisional(new),
        reason=new.reason,
        visit_id=new.visit,
        invitation_id=new.link,
        at=work.now,
    )


def _is_provisional(new: NewAnswer) -> bool:
    return new.link is not None and new.state is ConsentState.GIVEN


def _facts(work: Work, new: NewAnswer, text: Text) -> tuple[tuple[str, str | int], ...]:
    witness = identity.account_for(work, new.witness).ref if new.witness else None
    return (
        ("text_version", text.version),
        ("text_hash", text.hash),
        ("language", text.language),
        ("band", text.band.value),
        *((("unseen", 1),) if new.unseen else ()),
        *((("invitation", new.link),) if new.link else ()),
        *((("provisional", 1),) if _is_provisional(new) else ()),
        *((("holder", new.holder.partition(":")[0]),) if new.holder else ()),
        *((("witness", witness),) if witness else ()),
    )


def _demand_witness(work: Work, new: NewAnswer) -> None:
    """A spoken answer is heard by two members of staff, and no other is; raises ``NotFound`` for anybody else.

    Whose account is closed hears nobody, and neither does a machine.
    """
    if new.method is not Method.SPOKEN:
        if new.witness is not None:
            raise BadInput("Name a colleague only for a spoken answer.", "witness")
        return
    work.actor.demand_person()  # a machine hears nobody
    if work.actor.account is None or new.witness is None:
        raise BadInput("Name the colleague who heard it with you.", "witness")
    if new.witness == work.actor.account:
        raise BadInput("Two people hear a spoken answer. Name somebody other than yourself.", "witness")
    if all(one.id != new.witness for one in identity.everybody(work)):
        raise NotFound


@dataclass(frozen=True, kw_only=True)
class Identified:
    """Whom the visit supervisor has identified as the holder of the device that is bound to ``link``, and how."""

    person: PersonId
    visit: VisitId
    link: InvitationId | None
    method: str


def confirm_answers(work: Work, holder: Identified) -> int:
    """Make firm what somebody has agreed to on this very device; returns how many answers that were.

    Called in the transaction in which the visit supervisor says how they know who holds the device (R31).
    """
    answers = queries.provisional_on(work, holder.person, holder.link)
    for answer in answers:
        work.session.add(
            ConsentConfirmationRow(
                consent_id=answer.id,
                visit_id=holder.visit,
                identity_method=holder.method,
                confirmed_by=work.actor.ref,
                at=work.now,
            )
        )
    if answers:
        _record_confirmed(work, holder, answers)
    return len(answers)


def _record_confirmed(work: Work, holder: Identified, answers: Sequence[Answer]) -> None:
    member = people.member(work, holder.person)
    work.record(
        AuditEvent(
            type=EventType.CONSENT_CONFIRMED,
            case=member.case,
            visit=holder.visit,
            subjects=(Subject(ref=member.ref, role="consenting"),),
            consent=tuple(
                ConsentFact(ref=a.id, basis=a.method.value, scope=a.purpose.value) for a in answers
            ),
            facts=(("identity_method", holder.method), ("invitation", holder.link or "")),
        )
    )


def withdraw_all(work: Work, person: PersonId, *, visit: VisitId | None) -> bool:
    """Take back everything a person has agreed to themselves; False when nothing stood."""
    found = [queries.newest_answer(work, person, purpose) for purpose in Purpose]
    given = [one for one in found if one is not None and one.state is ConsentState.GIVEN]
    for one in given:
        _withdraw(work, person, one.purpose, ConsentKind.CONSENT, visit, language=one.language)
    return bool(given)


def withdraw_assent(work: Work, child: PersonId, *, visit: VisitId | None) -> None:
    """The child stops.  What others have decided for the child stands apart and stays as it is (feature C3)."""
    said = queries.newest_answer(work, child, Purpose.TAKE_PART, ConsentKind.ASSENT)
    language = said.language if said else ENGLISH_ADULT.language
    _withdraw(work, child, Purpose.TAKE_PART, ConsentKind.ASSENT, visit, language=language)


def _withdraw(
    work: Work,
    person: PersonId,
    purpose: Purpose,
    kind: ConsentKind,
    visit: VisitId | None,
    *,
    language: str,
) -> None:
    answer(
        work,
        NewAnswer(
            person=person,
            purpose=purpose,
            kind=kind,
            state=ConsentState.WITHDRAWN,
            version=0,
            reader=Reader(language=language),
            method=Method.ON_THE_PAGE,
            visit=visit,
        ),
    )


def join_answers(work: Work, kept: PersonId, merged: PersonId) -> None:
    """Number the answers of two records of one person by when they were given, so that the newest counts for both."""
    both = or_(ConsentRow.person_id == kept, ConsentRow.person_id == merged)
    rows = work.session.exec(select(ConsentRow).where(both)).all()
    free = max((row.number for row in rows), default=0) + 1
    for number, row in enumerate(sorted(rows, key=lambda row: (row.at, row.number)), free):
        row.number = number
        work.session.add(row)
    work.session.flush()
