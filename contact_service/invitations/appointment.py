"""A visit as an entry of its reader's own calendar: when, and nothing else.  Pure.

Calendars are shared, synchronised and shown on locked phones: no place, no people, no words about what it is, no link,
and no zone, which would say where somebody lives.  Source: RFC 5545 (iCalendar), RFC 5546 (METHOD and SEQUENCE).
"""

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from icalendar import Calendar, Event

from contact_service.ids import PersonId, VisitId
from contact_service.texts import ENGLISH

PRODUCT = "-//visits//appointments//EN"
TITLES = {ENGLISH: "Appointment", "es": "Cita programada"}
PUBLISH, CANCEL = "PUBLISH", "CANCEL"


@dataclass(frozen=True, kw_only=True)
class Appointment:
    """One person's entry for one visit.  ``sequence`` rises with every change that is told.

    ``organizer`` is the address that messages come from: the method demands one, and it is on the message anyway.
    ``language`` is that of the message.
    """

    uid: str
    starts_at: datetime
    ends_at: datetime
    sequence: int
    written_at: datetime
    organizer: str
    called_off: bool = False
    language: str = ENGLISH

    @property
    def method(self) -> str:
        """What a calendar does with it: put it in, or change it; or take out this one."""
        return CANCEL if self.called_off else PUBLISH


def uid_for(key: bytes, visit: VisitId, person: PersonId, *, at: str) -> str:
    """The same for one person and visit for ever, and for nobody else: two who compare theirs see nothing in common."""
    return f"{hmac.digest(key, f'{visit}/{person}'.encode(), 'sha256').hex()[:32]}@{at}"


def calendar_file(appointment: Appointment) -> bytes:
    """The file: one VEVENT, in UTC to the second, which every calendar shows in its reader's own hours."""
    event = Event()
    event.add("uid", appointment.uid)
    event.add("dtstamp", _utc(appointment.written_at))
    event.add("dtstart", _utc(appointment.starts_at))
    event.add("dtend", _utc(appointment.ends_at))
    event.add("sequence", appointment.sequence)
    event.add("summary", TITLES.get(appointment.language, TITLES[ENGLISH]))
    event.add("status", "CANCELLED" if appointment.called_off else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("organizer", f"mailto:{appointment.organizer}")
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", appointment.method)
    calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
