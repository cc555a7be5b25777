"""Days that are known from elsewhere: the public holidays of a country, and Ramadan.  Pure; no network.

They are proposals: they become entries of a calendar, and what counts is those entries.  Source: the library
``holidays`` (tables kept by many hands) and ``hijridate`` (the Umm al-Qura calendar; where people go by the sighting of
the moon, Ramadan begins a day earlier or later).
"""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import holidays
from hijridate import Gregorian, Hijri

from contact_service.calendars.calendar import Span
from contact_service.errors import BadInput
from contact_service.plans.hours import WHOLE_DAY

YEARS_AHEAD = 5
# The libraries are asked for years in which both know something.
_FIRST_YEAR, _LAST_YEAR = 2000, 2070
_RAMADAN, _DAY = 9, timedelta(days=1)
_LONGEST_NAME = 120


@lru_cache(maxsize=1)
def countries() -> dict[str, tuple[str, ...]]:
    """The countries by their ISO 3166 code, each with the parts that have holidays of their own."""
    two_letters = holidays.list_supported_countries(include_aliases=False)
    return {code: tuple(parts) for code, parts in sorted(two_letters.items())}


@lru_cache(maxsize=64)
def parts_of(country: str) -> dict[str, str]:
    """The parts of a country that have holidays of their own, each code with a name where one is known."""
    codes = countries().get(country, ())
    names = holidays.country_holidays(country).get_subdivision_aliases() if codes else {}
    return {code: next(iter(names.get(code, ())), code) for code in codes}


def public_holidays(country: str, part: str, years: Iterable[int]) -> list[Span]:
    """The public holidays of a country, or of a part of it, in these years, in order of time.

    Raises ``BadInput`` for a country or part that is not in ``countries``, and for years that are not near.
    """
    wanted = _years(years)
    if country not in countries():
        raise BadInput("We know no public holidays of this country. Choose one of the list.", "country")
    if part and part not in countries()[country]:
        raise BadInput("This country has no such part. Choose one of the list.", "part")
    found = holidays.country_holidays(
        country, subdiv=part or None, years=wanted, expand=False, language=_language(country)
    )
    return [
        Span(name=name[:_LONGEST_NAME], first=day, last=day, estimated="(estimated" in name)
        for day, name in sorted(found.items())
        if day.year in wanted
    ]


def ramadan(years: Iterable[int], *, earliest: int = 0, latest: int = WHOLE_DAY) -> list[Span]:
    """Every Ramadan that begins in one of these (Gregorian) years: its days, each from ``earliest`` to ``latest``."""
    found = []
    for year in _years(years):
        around = Gregorian(year, 1, 1).to_hijri().year
        for hijri in (around, around + 1):
            first = Hijri(hijri, _RAMADAN, 1).to_gregorian()
            if first.year == year:
                after = Hijri(hijri, _RAMADAN + 1, 1).to_gregorian()
                found.append(
                    Span(
                        name=f"Ramadan {hijri}",
                        first=date(first.year, first.month, first.day),
                        last=date(after.year, after.month, after.day) - _DAY,
                        earliest=earliest,
                        latest=latest,
                        estimated=True,
                    )
                )
    return sorted(found, key=lambda span: span.first)


def _years(years: Iterable[int]) -> list[int]:
    wanted = sorted(set(years))
    if not wanted or not wanted[0] >= _FIRST_YEAR or not wanted[-1] <= _LAST_YEAR:
        raise BadInput("Choose at least one year.", "years")
    return wanted


def _language(country: str) -> str | None:
    """English where the library has it: staff write and read the names in one language."""
    spoken = holidays.list_localized_countries(include_aliases=False).get(country, [])
    return next((one for one in ("en_GB", "en_US") if one in spoken), None)
