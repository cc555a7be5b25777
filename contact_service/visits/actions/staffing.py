"""Write down hours, absences and busy times, and put in doubt what is booked and can no longer be as it is."""

from datetime import date

from contact_service.ids import AccountId, PersonId
from contact_service.plans.hours import Window
from contact_service.visits.actions.doubting import doubt_visits_staffed_by, doubt_visits_with
from contact_service.work import Work
from contact_service.working_hours import actions
from contact_service.working_hours.busy import Span
from contact_service.working_hours.hours import AbsenceKind, DueCalendar


def add_hours(work: Work, account: AccountId, window: Window, *, zone: str) -> str:
    """As ``working_hours.actions.add_hours``: from now they work in what is written down alone."""
    hours = actions.add_hours(work, account, window, zone=zone)
    doubt_visits_staffed_by(work, account)
    return hours


def add_absence(
    work: Work, account: AccountId, days: tuple[date, date], kind: AbsenceKind, *, zone: str
) -> str:
    """As ``working_hours.actions.add_absence``: somebody else must be found for what is booked on these days."""
    absence = actions.add_absence(work, account, days, kind, zone=zone)
    doubt_visits_staffed_by(work, account)
    return absence


def read_file(work: Work, account: AccountId, raw: bytes, *, zone: str) -> str:
    """As ``working_hours.actions.read_file``: what is booked when they are busy is put in doubt."""
    calendar = actions.read_file(work, account, raw, zone=zone)
    doubt_visits_staffed_by(work, account)
    return calendar


def take_in(work: Work, due: DueCalendar, found: tuple[Span, ...]) -> None:
    """As ``working_hours.actions.take_in``: what is booked when they are busy now is put in doubt."""
    if not actions.take_in(work, due, found):
        return
    if due.owner.account is not None:
        doubt_visits_staffed_by(work, due.owner.account)
    if due.owner.person is not None:
        doubt_visits_with(work, due.owner.person)


def read_family_file(work: Work, person: PersonId, raw: bytes, *, zone: str) -> str:
    """As ``working_hours.actions.read_family_file``: what is booked when they are busy is put in doubt."""
    calendar = actions.read_family_file(work, person, raw, zone=zone)
    doubt_visits_with(work, person)
    return calendar
