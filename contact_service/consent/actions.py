"""Publish wordings; take answers in, also by the holder of the right to decide for a child; take them back."""

from dataclasses import dataclass

from sqlmodel import func, select

from contact_service.audit.events import AuditEvent, ConsentFact, EventType, Subject
from contact_service.consent import queries
from contact_service.consent.consent import ConsentState, Method, Purpose, Text
from contact_service.consent.tables import ConsentRow, ConsentTextRow
from contact_service.errors import Conflict
from contact_service.ids import PersonId, VisitId
from contact_service.people import queries as people
from contact_service.work import Work

_EVENT = {
    ConsentState.GIVEN: EventType.CONSENT_GIVEN,
    ConsentState.DECLINED: EventType.CONSENT_DECLINED,
    ConsentState.WITHDRAWN: EventType.CONSENT_WITHDRAWN,
}


def publish_text(work: Work, text: Text) -> None:
    """Publish a wording; earlier answers to the same purpose become stale when its version is newer."""
    work.session.add(
        ConsentTextRow(
            agency=work.agency,
            purpose=text.purpose,
            version=text.version,
            language=text.language,
            words=text.words,
            published_at=work.now,
        )
    )
    work.session.flush()
    facts = (("purpose", text.purpose.value), ("version", text.version), ("hash", text.hash))
    work.record(AuditEvent(type=EventType.CONSENT_TEXT_PUBLISHED, facts=facts))


@dataclass(frozen=True, kw_only=True)
class NewAnswer:
    """An answer as it comes in.  ``version`` is that of the words the person saw."""

    person: PersonId
    purpose: Purpose
    state: ConsentState
    version: int
    method: Method
    visit: VisitId | None = None


def answer(work: Work, new: NewAnswer) -> None:
    """Keep an answer; raises ``Conflict`` when the words have changed since the person saw them.

    A withdrawal always counts, whatever words were shown.
    """
    text = queries.text_for(work, new.purpose)
    if new.state is ConsentState.GIVEN and new.version != text.version:
        raise Conflict("These words have changed. Please read them again.")
    number = (work.session.exec(select(func.max(ConsentRow.number))).one() or 0) + 1
    consent = work.new_id()
    work.session.add(
        ConsentRow(
            id=consent,
            number=number,
            person_id=new.person,
            purpose=new.purpose,
            state=new.state,
            text_version=text.version,
            text_hash=text.hash,
            language=text.language,
            method=new.method,
            given_by=work.actor.ref,
            visit_id=new.visit,
            at=work.now,
        )
    )
    work.session.flush()
    work.record(
        AuditEvent(
            type=_EVENT[new.state],
            case=people.case_of(work, new.person),
            visit=new.visit,
            subjects=(Subject(ref=people.refs_of(work, [new.person])[new.person], role="consenting"),),
            consent=(ConsentFact(ref=consent, basis=new.method.value, scope=new.purpose.value),),
            facts=(("text_version", text.version), ("text_hash", text.hash)),
        )
    )


def withdraw_all(work: Work, person: PersonId, *, visit: VisitId | None) -> bool:
    """Take back everything a person has given; False when nothing stood."""
    given = [
        purpose
        for purpose, state in queries.standing_of(work, person, tuple(Purpose)).items()
        if state in (ConsentState.GIVEN, ConsentState.STALE)
    ]
    for purpose in given:
        answer(
            work,
            NewAnswer(
                person=person,
                purpose=purpose,
                state=ConsentState.WITHDRAWN,
                version=0,
                method=Method.ON_THE_PAGE,
                visit=visit,
            ),
        )
    return bool(given)
