"""An agency is added, and closed.  Each runs in a Work of that agency, and stands in its own log."""

from contact_service.agencies.agency import Agency, VisitsAhead, demand_free, demand_sound
from contact_service.agencies.queries import agencies, number_of_visits_ahead
from contact_service.agencies.tables import AgencyRow
from contact_service.audit.events import AuditEvent, EventType
from contact_service.identity.actions import end_all_sessions
from contact_service.identity.queries import everybody
from contact_service.operations.actions import mark
from contact_service.work import Work


def add_agency(work: Work, new: Agency, *, of_settings: Agency) -> None:
    """Add ``new``, whose Work this is, with a root key of its own; real people from the first day on.

    Raises ``BadInput`` or ``AgencyTaken``.
    """
    assert work.agency == new.name
    demand_sound(new)
    demand_free(new, [*agencies(work), of_settings])
    work.session.add(_row(work, new))
    mark(work, demo=False)
    work.record(AuditEvent(type=EventType.AGENCY_ADDED))


def close_agency(work: Work, closing: Agency) -> None:
    """From now on nobody signs in, no link opens and no letter leaves; everything is kept.  Doing it twice is no error.

    Raises ``VisitsAhead`` while a visit is not over.
    """
    assert work.agency == closing.name
    if number_of_visits_ahead(work):
        raise VisitsAhead
    row = work.session.get(AgencyRow, closing.name, with_for_update=True) or _row(work, closing)
    if row.closed_at is not None:
        return
    row.closed_at = work.now
    work.session.add(row)
    for account in everybody(work):
        end_all_sessions(work, account.id)
    work.record(AuditEvent(type=EventType.AGENCY_CLOSED))


def record_export(work: Work) -> None:
    """It stands in the log that everything is copied out, before anything is."""
    work.record(AuditEvent(type=EventType.AGENCY_EXPORTED))


def _row(work: Work, agency: Agency) -> AgencyRow:
    return AgencyRow(
        name=agency.name,
        title=agency.title,
        public_url=agency.public_url,
        host=agency.host,
        zone=agency.zone,
        help_name=agency.help_name,
        help_phone=agency.help_phone,
        relay=agency.relay,
        relay_key=agency.relay_key,
        created_at=work.now,
    )
