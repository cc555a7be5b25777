"""Where a person's consent stands, and in which words it is asked."""

from collections.abc import Collection, Iterable

from sqlalchemy import bindparam
from sqlmodel import col, func, select

from contact_service.consent.consent import (
    ENGLISH_ADULT,
    AgeBand,
    Answer,
    ConsentKind,
    ConsentState,
    Method,
    Purpose,
    Reader,
    Text,
    older,
    standing,
)
from contact_service.consent.tables import ConsentConfirmationRow, ConsentRow, ConsentTextRow
from contact_service.database import some
from contact_service.errors import NotFound
from contact_service.ids import ConsentId, InvitationId, PersonId, VisitId
from contact_service.work import Work, asked_once, asked_once_of_each

_NEWEST_VERSION = select(func.max(ConsentTextRow.version)).where(
    ConsentTextRow.agency == bindparam("of_agency"),
    ConsentTextRow.purpose == bindparam("of_purpose"),
    ConsentTextRow.language == bindparam("in_language"),
    ConsentTextRow.band == bindparam("for_band"),
)
_ANSWERS = (
    select(ConsentRow)
    .where(
        col(ConsentRow.person_id).in_(some("people")),
        ConsentRow.purpose == bindparam("of_purpose"),
        ConsentRow.kind == bindparam("of_kind"),
    )
    .order_by(col(ConsentRow.number))
)


def text_for(work: Work, purpose: Purpose, reader: Reader = ENGLISH_ADULT) -> Text:
    """The newest wording for ``reader``: in their language for their age or older, else in English.

    Raises ``NotFound`` when there is none at all.
    """
    for language in dict.fromkeys((reader.language, "en")):
        for band in older(reader.band):
            version = newest_version(work, purpose, Reader(language=language, band=band))
            if version:
                return text_version(work, purpose, version, Reader(language=language, band=band))
    raise NotFound


def text_version(work: Work, purpose: Purpose, version: int, reader: Reader) -> Text:
    """One published wording; raises ``NotFound`` for a version that does not exist."""
    key = (work.agency, purpose.value, version, reader.language, reader.band.value)
    row = work.session.get(ConsentTextRow, key)
    if row is None:
        raise NotFound
    return Text(
        purpose=purpose, version=version, language=row.language, words=row.words, band=AgeBand(row.band)
    )


@asked_once
def newest_version(work: Work, purpose: Purpose, reader: Reader = ENGLISH_ADULT) -> int:
    """The number of the newest wording in exactly this language and band, 0 when there is none."""
    given = {
        "of_agency": work.agency,
        "of_purpose": purpose,
        "in_language": reader.language,
        "for_band": reader.band,
    }
    return work.session.exec(_NEWEST_VERSION, params=given).one() or 0


def newest_answer(
    work: Work, person: PersonId, purpose: Purpose, kind: ConsentKind = ConsentKind.CONSENT
) -> Answer | None:
    """The answer that counts, or None when the person was never asked."""
    return newest_answers(work, (person,), purpose, kind)[person]


@asked_once_of_each
def newest_answers(
    work: Work, people: Collection[PersonId], purpose: Purpose, kind: ConsentKind
) -> dict[PersonId, Answer | None]:
    """The answer of each that counts, or None of whoever was never asked."""
    given = {"people": list(people), "of_purpose": purpose, "of_kind": kind}
    newest = {row.person_id: row for row in work.session.exec(_ANSWERS, params=given)}
    return {person: _answer(work, newest[person]) if person in newest else None for person in people}


def answers_of(work: Work, person: PersonId) -> list[Answer]:
    """Every answer a person ever gave, newest first."""
    query = select(ConsentRow).where(ConsentRow.person_id == person).order_by(col(ConsentRow.number).desc())
    return [_answer(work, row) for row in work.session.exec(query)]


def provisional_on(work: Work, person: PersonId, link: InvitationId | None) -> list[Answer]:
    """What a person has agreed to last on the device of ``link``, as long as nobody has told who holds it."""
    if link is None:
        return []
    newest: dict[tuple[str, str], ConsentRow] = {}
    query = select(ConsentRow).where(ConsentRow.person_id == person).order_by(col(ConsentRow.number).desc())
    for row in work.session.exec(query):
        newest.setdefault((row.purpose, row.kind), row)
    found = [_answer(work, row) for row in newest.values() if row.provisional and row.invitation_id == link]
    return [answer for answer in found if answer.provisional]


def _answer(work: Work, row: ConsentRow) -> Answer:
    purpose = Purpose(row.purpose)
    reader = Reader(language=row.language, band=AgeBand(row.band))
    confirmed = row.provisional and work.session.get(ConsentConfirmationRow, row.id) is not None
    return Answer(
        id=ConsentId(row.id),
        person=PersonId(row.person_id),
        purpose=purpose,
        kind=ConsentKind(row.kind),
        state=ConsentState(row.state),
        version=row.text_version,
        newest_version=newest_version(work, purpose, reader),
        language=row.language,
        method=Method(row.method),
        visit=VisitId(row.visit_id) if row.visit_id else None,
        link=InvitationId(row.invitation_id) if row.invitation_id else None,
        unseen=row.unseen,
        provisional=row.provisional and not confirmed,
        given_by=row.given_by,
        at=row.at,
    )


def standing_of(
    work: Work,
    person: PersonId,
    purposes: Iterable[Purpose],
    *,
    on: InvitationId | None = None,
    notices: frozenset[Purpose] = frozenset(),
) -> dict[Purpose, ConsentState]:
    """Where each purpose stands for a person, in the order given; ``notices`` are read and not agreed to.

    ``on`` is the link whose device they are at; without one, what stands for everything else.
    """
    found = {}
    for purpose in purposes:
        kind = ConsentKind.NOTICE if purpose in notices else ConsentKind.CONSENT
        found[purpose] = standing(newest_answer(work, person, purpose, kind), on=on)
    return found


def standing_of_each(
    work: Work, people: Collection[PersonId], purpose: Purpose
) -> dict[PersonId, ConsentState]:
    """Where one purpose stands for each of these people."""
    found = newest_answers(work, people, purpose, ConsentKind.CONSENT)
    return {person: standing(answer) for person, answer in found.items()}


def assent_of(
    work: Work, child: PersonId, visit: VisitId, *, on: Collection[InvitationId] = ()
) -> ConsentState:
    """What the child has said about this visit, apart from anybody's consent for the child; asked anew each time.

    ``on`` are the links whose devices are with the child.  A yes on another device, of which nobody has told who held
    it, was not said: what was said before it stands.  A no always counts.  Source: RULES.md R31.
    """
    newest = newest_answer(work, child, Purpose.TAKE_PART, ConsentKind.ASSENT)
    if newest is None or newest.visit != visit:
        return ConsentState.NEEDED
    if _counts(newest, on):
        return newest.state
    said = (one for one in answers_of(work, child) if one.kind is ConsentKind.ASSENT and one.visit == visit)
    return next((one.state for one in said if _counts(one, on)), ConsentState.NEEDED)


def _counts(answer: Answer, on: Collection[InvitationId]) -> bool:
    return answer.state is not ConsentState.GIVEN or not answer.provisional or answer.link in on


def stays_unseen(work: Work, person: PersonId) -> bool:
    """Whether somebody takes part with the camera off, because that is what they agreed to."""
    kinds = (ConsentKind.CONSENT, ConsentKind.ASSENT)
    found = (newest_answer(work, person, Purpose.TAKE_PART, kind) for kind in kinds)
    return any(answer is not None and answer.unseen for answer in found)
