"""Which agencies there are, and whether one may be served.  What is read here belongs to the installation."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import RowMapping, text
from sqlmodel import select

from contact_service.agencies.agency import Agency, AnotherAgencysDatabase
from contact_service.agencies.export import SEALED_AS, line_of
from contact_service.agencies.tables import AgencyRow
from contact_service.audit.queries import history_of
from contact_service.database import metadata
from contact_service.ids import AgencyId
from contact_service.keys.errors import KeyMissing
from contact_service.keys.queries import open_for_person
from contact_service.keys.tables import AgencyRoot, CaseKeyRow, PersonKeyRow
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import NOT_OVER
from contact_service.work import Work


def agencies(work: Work) -> list[Agency]:
    """Every agency that was ever added, and that of the settings once it is closed; by name."""
    return [_agency(row) for row in work.session.exec(select(AgencyRow).order_by(AgencyRow.name))]


def is_closed(work: Work) -> bool:
    """Whether the agency of this Work is closed."""
    row = work.session.get(AgencyRow, work.agency, populate_existing=True)
    return row is not None and row.closed_at is not None


def demand_own_database(work: Work) -> None:
    """Raise ``AnotherAgencysDatabase`` when others have begun here and this agency was not added.

    A name that is misspelt must not begin an agency.  Behind the wall the keys of others are not seen, and those that
    were added still are.
    """
    known = names_known(work)
    if known and work.agency not in known:
        raise AnotherAgencysDatabase


def names_known(work: Work) -> set[str]:
    """Every agency that was added, or whose keys are seen: behind the wall, those of this one alone."""
    begun = work.session.exec(select(AgencyRoot.agency).distinct())
    return {agency.name for agency in agencies(work)} | set(begun)


def number_of_visits_ahead(work: Work) -> int:
    """How many visits of the agency are asked for, agreed or running."""
    return len(visits_in(work, NOT_OVER))


def rows_of(work: Work, name: str) -> Iterator[RowMapping]:
    """The agency's own rows of a table, in the order of their key.

    Said once more here, although the wall says it: whoever exports may be the owner of the database.
    """
    table = metadata.tables[name]
    query = table.select().order_by(*table.primary_key.columns)
    if work.session.get_bind().dialect.name == "postgresql":
        query = query.where(text(f'"{name}".agency = :agency').bindparams(agency=work.agency))
    stream = work.session.connection().execute(query, execution_options={"yield_per": 1024})
    yield from stream.mappings()


def lines_of(work: Work, name: str) -> Iterator[str]:
    """The same rows as lines of JSON, with their words opened."""
    people = {row.key_id: row.person for row in work.session.exec(select(PersonKeyRow))}
    for row in rows_of(work, name):
        sealed = {column: row[column] for table, column in SEALED_AS if table == name}
        fields = {column: SEALED_AS[name, column] for column in sealed}
        yield line_of(dict(row), {c: _opened(work, value, fields[c], people) for c, value in sealed.items()})


def _opened(work: Work, sealed: bytes | None, field: str, people: Mapping[bytes, str]) -> bytes | None:
    if sealed is None:
        return None
    person = people.get(sealed[1:17], "")
    try:
        return open_for_person(
            work.session, work.keys, agency=work.agency, person=person, sealed=sealed, field=field
        )
    except KeyMissing:  # forgotten
        return None


def entries_of(work: Work, log: str) -> Iterator[str]:
    """Every entry of one of the agency's logs, opened, as lines of JSON, case by case and in each the oldest first."""
    here = work.installation
    origin = {"contact": here.contact_log, "access": here.access_log}[log]
    of_log = select(CaseKeyRow.case_ref).where(CaseKeyRow.agency == work.agency, CaseKeyRow.log == origin)
    for case in work.session.exec(of_log.distinct().order_by(CaseKeyRow.case_ref)).all():
        for entry in history_of(work.session, keys=work.keys, agency=work.agency, origin=origin, case=case):
            said: dict[str, Any] = {
                "index": entry.index,
                "leaf_hash": entry.leaf_hash.hex(),
                "entry": entry.fields,
            }
            yield json.dumps(said, ensure_ascii=False, sort_keys=True) + "\n"


def _agency(row: AgencyRow) -> Agency:
    return Agency(
        name=AgencyId(row.name),
        title=row.title,
        public_url=row.public_url,
        zone=row.zone,
        help_name=row.help_name,
        help_phone=row.help_phone,
        relay=row.relay,
        relay_key=row.relay_key,
        closed_at=row.closed_at,
    )
