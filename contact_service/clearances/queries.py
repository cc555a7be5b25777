"""What establishments were asked and said, and who takes part without their yes."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from contact_service.clearances.clearance import Answer, Clearance, Standing, asked_there, standing
from contact_service.clearances.tables import ClearanceRow
from contact_service.database import some
from contact_service.ids import PersonId, PoolId, Ref
from contact_service.keys import queries as keys
from contact_service.keys.errors import KeyMissing
from contact_service.pools.pool import Pool, PoolLink
from contact_service.pools.queries import links_of
from contact_service.work import Work, asked_once_of_each, reads

_ASKED = (
    select(ClearanceRow)
    .where(col(ClearanceRow.person_id).in_(some("people")))
    .order_by(col(ClearanceRow.asked_at), col(ClearanceRow.id))
)


@asked_once_of_each
@reads("clearance")
def clearances_of_each(work: Work, people: Collection[PersonId]) -> Mapping[PersonId, tuple[Clearance, ...]]:
    """Everything that was asked about each of ``people``, as it was asked; to be shown only within reach."""
    found: dict[PersonId, list[Clearance]] = {person: [] for person in people}
    for row in work.session.exec(_ASKED, params={"people": sorted(found)}):
        found[PersonId(row.person_id)].append(_clearance(row))
    return {person: tuple(asked) for person, asked in found.items()}


def clearances_of(work: Work, person: PersonId) -> tuple[Clearance, ...]:
    """As ``clearances_of_each``, of one."""
    return clearances_of_each(work, (person,))[person]


def _clearance(row: ClearanceRow) -> Clearance:
    return Clearance(
        id=row.id,
        pool=PoolId(row.pool_id),
        person=PersonId(row.person_id),
        child=PersonId(row.child_id),
        asked_by=Ref(row.asked_by),
        asked_at=row.asked_at,
        answer=Answer(row.answer),
        answered_by=Ref(row.answered_by) if row.answered_by else None,
        answered_at=row.answered_at,
        last=row.last_on,
    )


def reference_of(work: Work, clearance: Clearance) -> str:
    """What the establishment calls it, as it was written down last; empty where the person was forgotten."""
    row = work.session.get_one(ClearanceRow, clearance.id)
    try:
        opened = keys.open_for_person(
            work.session,
            work.keys,
            agency=work.agency,
            person=row.person_id,
            sealed=row.sealed,
            field="clearance",
        )
    except KeyMissing:
        return ""
    return opened.decode()


def establishment_of(work: Work, person: PersonId, at: datetime) -> Pool | None:
    """The establishment from which somebody takes part on the day of ``at``, where it is one that clears contact."""
    return _establishment_among(links_of(work, frozenset({person})), person, at)


def _establishment_among(links: Iterable[PoolLink], person: PersonId, at: datetime) -> Pool | None:
    return next((o.pool for o in links if o.person == person and o.pool.desk and o.counts_at(at)), None)


def standing_for(work: Work, person: PersonId, child: PersonId, pool: Pool, at: datetime) -> Standing:
    """Where the clearance stands on the day of ``at``, by the clock of the establishment."""
    found = asked_there(clearances_of(work, person), child, pool.id)
    return standing(found, at.astimezone(ZoneInfo(pool.zone)).date())


def uncleared(
    work: Work,
    people: Collection[PersonId],
    child: PersonId,
    at: datetime,
    *,
    among: frozenset[PersonId] = frozenset(),
) -> list[tuple[PersonId, Pool, Standing]]:
    """Those of ``people`` who would meet ``child`` from an establishment on that day without its yes, and why.

    ``among``: everybody of the visit, from where they all take part having been asked already.
    """
    links = links_of(work, among | {*people})
    found: list[tuple[PersonId, Pool, Standing]] = []
    for person in sorted(people):
        pool = _establishment_among(links, person, at)
        stands = standing_for(work, person, child, pool, at) if pool else Standing.GRANTED
        if pool is not None and stands is not Standing.GRANTED:
            found.append((person, pool, stands))
    return found
