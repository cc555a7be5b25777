"""Instants and days as messages say them in a language, whatever the machine is set to.  Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from types import MappingProxyType

from babel.dates import format_date, get_timezone_location

from contact_service.texts import ENGLISH

_WEEKDAY_AND_DAY: Mapping[str, str] = MappingProxyType({ENGLISH: "EEEE d MMMM", "es": "EEEE d 'de' MMMM"})
_DAY_AND_YEAR: Mapping[str, str] = MappingProxyType({ENGLISH: "d MMMM y", "es": "d 'de' MMMM 'de' y"})


def said_when(local: datetime, language: str) -> str:
    """An instant, by the clock that ``local`` is of, with that clock's name."""
    return f"{said_until(local, language)} ({clock_name(local, language)})"


def said_to_staff(local: datetime, language: str) -> str:
    """The same for staff, some of whom may not know where a child lives: no clock is told by a place."""
    return f"{said_until(local, language)} ({local.tzname()})"


def clock_name(local: datetime, language: str) -> str:
    """The short name that people know, like BST; many places have none but a number: there that of the place."""
    short = local.tzname() or ""
    if short.isalpha() or str(local.tzinfo).startswith("Etc/"):
        return short
    return get_timezone_location(local, locale=language if language in _WEEKDAY_AND_DAY else ENGLISH)


def said_until(local: datetime, language: str) -> str:
    """The same where nobody needs to be told which clock it is."""
    return f"{_said(local, _WEEKDAY_AND_DAY, language)}, {local:%H:%M}"


def said_day(day: date, language: str) -> str:
    """A day with its year."""
    return _said(day, _DAY_AND_YEAR, language)


def _said(day: date, patterns: Mapping[str, str], language: str) -> str:
    """In English where the language has no pattern: a file of its own is no reason to stop a message."""
    known = language if language in patterns else ENGLISH
    return format_date(day, patterns[known], locale=known)
