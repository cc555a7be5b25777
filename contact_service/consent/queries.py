"""Where a person's consent stands, and in which words it is asked."""

from collections.abc import Sequence

from sqlmodel import col, func, select

from contact_service.consent.consent import Answer, ConsentState, Purpose, Text, standing
from contact_service.consent.tables import ConsentRow, ConsentTextRow
from contact_service.errors import NotFound
from contact_service.ids import PersonId
from contact_service.work import Work


def newest_version(work: Work, purpose: Purpose) -> int:
    """The number of the newest published wording, 0 when there is none."""
    query = select(func.max(ConsentTextRow.version)).where(
        ConsentTextRow.agency == work.agency, ConsentTextRow.purpose == purpose
    )
    return work.session.exec(query).one() or 0


def text_for(work: Work, purpose: Purpose, *, language: str = "en") -> Text:
    """The newest wording in ``language``, else in English; raises ``NotFound`` when none was published."""
    version = newest_version(work, purpose)
    for wanted in (language, "en"):
        row = work.session.get(ConsentTextRow, (work.agency, purpose.value, version, wanted))
        if row is not None:
            return Text(purpose=purpose, version=version, language=wanted, words=row.words)
    raise NotFound


def newest_answer(work: Work, person: PersonId, purpose: Purpose) -> Answer | None:
    """The answer that counts, or None when the person was never asked."""
    row = work.session.exec(
        select(ConsentRow)
        .where(ConsentRow.person_id == person, ConsentRow.purpose == purpose)
        .order_by(col(ConsentRow.number).desc())
    ).first()
    if row is None:
        return None
    return Answer(
        person=person, purpose=purpose, state=ConsentState(row.state), version=row.text_version, at=row.at
    )


def standing_of(work: Work, person: PersonId, purposes: Sequence[Purpose]) -> dict[Purpose, ConsentState]:
    """Where each purpose stands for a person, in the order given."""
    return {
        purpose: standing(newest_answer(work, person, purpose), newest_version=newest_version(work, purpose))
        for purpose in purposes
    }
