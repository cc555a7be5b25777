"""A letter on paper: what stands in it, whom it is for, and until when posting it makes sense.  Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contact_service.ids import InvitationId, PersonId
from contact_service.notifications.message import MessageKind
from contact_service.visits.visit import Visit

WORKING_DAYS_BY_POST = 3
"""A letter that is posted with fewer working days than this before the visit may come too late."""
_SATURDAY = 5


class Paper(StrEnum):
    """The size of the sheet, as the library that draws it calls it."""

    A4 = "A4"
    LETTER = "Letter"


# Where paper is cut to 8.5 by 11 inches (ISO 3166-1), and not to ISO 216.
_LETTER_COUNTRIES = frozenset(("US", "CA", "MX", "PR", "PH", "CL", "CO", "CR", "DO", "GT", "PA", "SV", "VE"))


def paper_in(country: str) -> Paper:
    """What printers hold in this country; ``country`` is empty where it is not known."""
    return Paper.LETTER if country in _LETTER_COUNTRIES else Paper.A4


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be printed.  ``before`` is the generation of the link as the page showed it."""

    kind: MessageKind
    before: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """What stands on one sheet.  The paragraph that is ``link``, where there is one, is drawn as a picture too.

    Lines within a paragraph are kept.  The sheet tells no more than the day it was ``written_on``, as ``day`` says it.
    """

    title: str
    paragraphs: tuple[str, ...]
    link: str | None
    language: str
    written_on: date
    day: str
    paper: Paper


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A letter that was printed.  ``starts_at`` is what it says; ``invitation`` the link that it tells of."""

    person: PersonId
    kind: MessageKind
    invitation: InvitationId
    starts_at: datetime
    printed_at: datetime


@dataclass(frozen=True, kw_only=True)
class DueLetter:
    """A letter that is still to be printed.  ``starts_at`` is the start of which it is to tell.

    ``post_by`` is the last day on which posting it makes sense; where it is not ``in_time`` any more, somebody phones.
    """

    visit: Visit
    participant: str
    person: PersonId
    kind: MessageKind
    starts_at: datetime
    post_by: date
    in_time: bool


def working_days_before(visit_on: date, *, today: date) -> int:
    """How many days from Monday to Friday lie after ``today`` and before ``visit_on``; holidays are not known here."""
    days = (today + timedelta(days=n) for n in range(1, (visit_on - today).days))
    return sum(day.weekday() < _SATURDAY for day in days)


def last_day_to_post(visit_on: date) -> date:
    """The last working day from which ``WORKING_DAYS_BY_POST`` others lie before the visit."""
    day = visit_on
    for _ in range(WORKING_DAYS_BY_POST + 1):
        day -= timedelta(days=1)
        while day.weekday() >= _SATURDAY:
            day -= timedelta(days=1)
    return day
