"""Change what shared calendars say, and put in doubt at once what is booked on the days that it hits."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from contact_service.calendars import actions, queries
from contact_service.calendars.calendar import Calendar, Effect, Source, Span
from contact_service.ids import PersonId
from contact_service.visits.actions.doubting import doubt_visits
from contact_service.visits.queries.finding import visits_in, visits_out_of_reach
from contact_service.visits.visit import BOOKED
from contact_service.work import Work

_DAY = timedelta(days=1)
# Further than any zone is from UTC.
_AROUND = 2 * _DAY


def add_entry(work: Work, calendar: str, span: Span) -> str:
    """As ``calendars.actions.add_entry``: what is booked on these days is put in doubt."""
    entry = actions.add_entry(work, calendar, span)
    _doubt_on(work, queries.calendar_for(work, calendar), [span], closes=True)
    return entry


def add_known_days(work: Work, calendar: str, spans: Sequence[Span], source: Source, place: str) -> list[str]:
    """As ``calendars.actions.add_known_days``: what is booked on these days is put in doubt."""
    entries = actions.add_known_days(work, calendar, spans, source, place)
    _doubt_on(work, queries.calendar_for(work, calendar), spans, closes=True)
    return entries


def strike_entry(work: Work, calendar: str, entry: str) -> None:
    """As ``calendars.actions.strike_entry``: where there is school again, what is booked is put in doubt."""
    span = actions.strike_entry(work, calendar, entry)
    _doubt_on(work, queries.calendar_for(work, calendar), [span], closes=False)


def link(work: Work, calendar: str, person: PersonId | None) -> str:
    """As ``calendars.actions.link``: what is booked on its days is put in doubt."""
    made = actions.link(work, calendar, person)
    found = queries.calendar_for(work, calendar)
    _doubt_on(work, found, _spans(work, found), closes=True)
    return made


def unlink(work: Work, link_id: str) -> None:
    """As ``calendars.actions.unlink``: where there is school again, what is booked is put in doubt."""
    ended = actions.unlink(work, link_id)
    _doubt_on(work, ended.calendar, _spans(work, ended.calendar), closes=False)


def end_calendar(work: Work, calendar: str) -> None:
    """As ``calendars.actions.end_calendar``: where there is school again, what is booked is put in doubt."""
    found = queries.calendar_for(work, calendar)
    spans = _spans(work, found)
    actions.end_calendar(work, calendar)
    _doubt_on(work, found, spans, closes=False)


def _spans(work: Work, calendar: Calendar) -> list[Span]:
    return [entry.span for entry in queries.entries_of(work, calendar, since=work.now.date() - _DAY)]


def _doubt_on(work: Work, calendar: Calendar, spans: Iterable[Span], *, closes: bool) -> None:
    """Days that close put visits in doubt when they come, days without school when they go; the rules say which.

    Of the whole agency: a calendar may count for children whom the actor does not know.
    """
    if closes is not (calendar.effect is Effect.NO_VISITS):
        return
    days = [(_begins(span.first) - _AROUND, _begins(span.last) + _AROUND) for span in spans]
    if not days:
        return
    work.session.flush()
    booked = (*visits_in(work, BOOKED), *visits_out_of_reach(work, BOOKED))
    hit = (visit for visit in booked if any(first < visit.starts_at < last for first, last in days))
    doubt_visits(work, hit)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
