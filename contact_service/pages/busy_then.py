"""Busy times of a family in words, wherever a worker decides about a visit at that time."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from contact_service.pages.access import Desk
from contact_service.pages.rendering import full_date, say
from contact_service.people.queries import members as people
from contact_service.visits.known_busy import BusyThen, mark_of


def busy_shown(desk: Desk, zone: str, busy: Iterable[BusyThen]) -> dict[str, object] | None:
    """Who is busy and until when, in words, with the mark that ticking it posts; None where nobody is.

    What makes them busy is not known here, and is nobody's business.
    """
    found = list(busy)
    return {"lines": busy_lines(desk, zone, found), "mark": mark_of(found)} if found else None


def busy_lines(desk: Desk, zone: str, busy: Iterable[BusyThen]) -> list[str]:
    """Who is busy and until when, one line each, by the clock of ``zone``: that of a child within the actor's reach."""
    return [_in_words(desk, one, ZoneInfo(zone)) for one in busy]


def _in_words(desk: Desk, one: BusyThen, zone: ZoneInfo) -> str:
    """From when until when, with the days where it is more than one."""
    since, until = (at.astimezone(zone) for at in one.whole or (one.since, one.until))
    one_day = since.date() == until.date()
    return say(
        "{name} is busy from {since} to {until}, by their own calendar.",
        name=people.details_of(desk.work, one.person).known_as,
        since=_at(since, one_day=one_day),
        until=_at(until, one_day=one_day),
    )


def _at(local: datetime, *, one_day: bool) -> str:
    return f"{local:%H:%M}" if one_day else f"{full_date(local)}, {local:%H:%M}"
