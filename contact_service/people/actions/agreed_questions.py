"""Keep the question that was agreed with somebody, or destroy it.  Evidence holds no word of it."""

from contact_service.audit.events import EventType
from contact_service.errors import BadInput, NotFound
from contact_service.ids import PersonId
from contact_service.people.actions.recording import demand_person, lock_person, record_about
from contact_service.people.actions.sealing import sealed_for
from contact_service.people.agreed_question import clean_question
from contact_service.people.person import MemberRole
from contact_service.people.queries.agreed_questions import FIELD, opened_question
from contact_service.people.queries.members import member
from contact_service.people.tables import AgreedQuestionRow
from contact_service.work import Work


def keep_question(work: Work, person: PersonId, question: str, answer: str) -> None:
    """From now on this question is asked of them, and what was kept before is gone.  Raises ``BadInput``."""
    case = demand_person(work, person)
    if member(work, person).role is MemberRole.CHILD:
        raise BadInput(
            "A child comes with its carer and is asked nothing. Agree a question with an adult.", "question"
        )
    kept = clean_question(question, answer)
    lock_person(work, person)  # two who keep one at once follow each other
    row = work.session.get(AgreedQuestionRow, person) or AgreedQuestionRow(
        person_id=person, sealed=b"", kept_by="", kept_at=work.now
    )
    row.sealed = sealed_for(work, person, kept.to_bytes(), field=FIELD)
    row.kept_by, row.kept_at = work.actor.ref, work.now
    work.session.add(row)
    record_about(work, EventType.QUESTION_AGREED, case, [(person, "identified")])


def drop_question(work: Work, person: PersonId) -> None:
    """Nobody is known by it any more: question and answer are destroyed; raises ``NotFound`` where there is none."""
    case = demand_person(work, person)
    row = work.session.get(AgreedQuestionRow, person)
    if row is None:
        raise NotFound
    work.session.delete(row)
    record_about(work, EventType.QUESTION_DROPPED, case, [(person, "identified")])


def join_question(work: Work, kept: PersonId, merged: PersonId) -> None:
    """Of two records of one person, the kept one's question stands; where it has none, the merged one's is asked."""
    row = work.session.get(AgreedQuestionRow, merged)
    if row is None:
        return
    known = opened_question(work, merged)
    if known is None or work.session.get(AgreedQuestionRow, kept) is not None:
        drop_question(work, merged)
    else:
        row.sealed = sealed_for(work, kept, known.to_bytes(), field=FIELD)
        row.person_id = kept
        work.session.add(row)
    work.session.flush()
