"""Whether a question was agreed with somebody, and, for whoever is to ask it, which."""

from dataclasses import dataclass
from datetime import datetime

from contact_service.ids import PersonId, Ref
from contact_service.keys import queries as keys
from contact_service.people.agreed_question import AgreedQuestion
from contact_service.people.tables import AgreedQuestionRow, PersonRow
from contact_service.work import Work

FIELD = "agreed-question"


@dataclass(frozen=True, kw_only=True)
class KeptQuestion:
    """That a question is kept, by whom and since when; its words stay sealed."""

    by: Ref
    at: datetime


def question_kept(work: Work, person: PersonId) -> KeptQuestion | None:
    """Whether one is kept for somebody; of whoever was forgotten none is."""
    row = _row(work, person)
    return KeptQuestion(by=Ref(row.kept_by), at=row.kept_at) if row else None


def opened_question(work: Work, person: PersonId) -> AgreedQuestion | None:
    """Question and answer.  For ``visits.queries.identifying`` alone, which decides who is shown them and when."""
    row = _row(work, person)
    if row is None:
        return None
    text = keys.open_for_person(
        work.session, work.keys, agency=work.agency, person=person, sealed=row.sealed, field=FIELD
    )
    return AgreedQuestion.from_bytes(text)


def _row(work: Work, person: PersonId) -> AgreedQuestionRow | None:
    kept = work.session.get(PersonRow, person)
    if kept is None or kept.forgotten_at is not None:
        return None
    return work.session.get(AgreedQuestionRow, person)
