"""Which agencies there are, and whether one may be served.  What is read here belongs to the installation."""

from sqlmodel import col, select

from contact_service.agencies.agency import Agency, AnotherAgencysDatabase
from contact_service.agencies.tables import AgencyRow
from contact_service.ids import AgencyId
from contact_service.keys.tables import AgencyRoot
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


def closed_hosts(work: Work) -> frozenset[str]:
    """The hosts of closed agencies."""
    return frozenset(work.session.exec(select(AgencyRow.host).where(col(AgencyRow.closed_at).is_not(None))))


def demand_own_database(work: Work) -> None:
    """Raise ``AnotherAgencysDatabase`` when others have begun here and this agency was not added.

    A name that is misspelt must not begin an agency.  Behind the wall the keys of others are not seen, and those that
    were added still are.
    """
    added = {agency.name for agency in agencies(work)}
    begun = set(work.session.exec(select(AgencyRoot.agency).distinct()))
    if (added or begun) and work.agency not in added | begun:
        raise AnotherAgencysDatabase


def number_of_visits_ahead(work: Work) -> int:
    """How many visits of the agency are asked for, agreed or running."""
    return len(visits_in(work, NOT_OVER))


def _agency(row: AgencyRow) -> Agency:
    return Agency(
        name=AgencyId(row.name),
        title=row.title,
        public_url=row.public_url,
        zone=row.zone,
        help_name=row.help_name,
        help_phone=row.help_phone,
        relay=row.relay,
        closed_at=row.closed_at,
    )
