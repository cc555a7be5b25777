"""A series in words: when it comes again, what the rules say of each visit, what other clocks show."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from types import MappingProxyType

from contact_service.pages.access import Desk
from contact_service.pages.busy_then import busy_lines
from contact_service.pages.forms import spoken
from contact_service.pages.rendering import full_date, say
from contact_service.pages.together import names_of
from contact_service.pages.words import WEEKDAYS
from contact_service.plans.hours import Weekday
from contact_service.series.clocks import OtherClock, shown_elsewhere, usual_times
from contact_service.series.pattern import Pattern
from contact_service.series.queries.finding import as_may_be_seen, series_of_visit
from contact_service.series.queries.judging import busy_in, judged_in_sight, other_clocks
from contact_service.series.series import TOO_FEW, Fit, Judged
from contact_service.texts import N_
from contact_service.visits.queries.reaching import zone_in_sight
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish

# What stopped an instance when it was asked for; the sentence with names is asked for again, and not kept.
WHY = {
    "no_such_time": N_("The clocks go forward that night, and this time does not exist."),
    "no_interpreter": N_("Nobody who could interpret is free then. It is looked at again every night."),
    TOO_FEW: N_("Too few of those who come if they can are able to come then."),
    "nobody_asks": N_("Whoever asked for the series is no longer a worker here."),
}

_NONE_USUAL: Mapping[str, time] = MappingProxyType({})
OTHERS_FIT = N_("Other visits fit than when you looked. Look at the list, then book again.")


def every_words(pattern: Pattern) -> str:
    """Such as: every Wednesday at 16:00."""
    weekday, clock = say(WEEKDAYS[list(Weekday)[pattern.anchor.weekday()]]), f"{pattern.clock:%H:%M}"
    if pattern.every == 1:
        return say("every {weekday} at {clock}", weekday=weekday, clock=clock)
    weeks = pattern.every
    return say("every {weeks} weeks on {weekday} at {clock}", weeks=weeks, weekday=weekday, clock=clock)


def place_of(zone: str) -> str:
    """The place that a zone is named after."""
    return zone.rpartition("/")[2].replace("_", " ")


def clocks_shown(desk: Desk, wish: Wish) -> list[dict[str, str]]:
    """The other places, and who lives there."""
    return [
        {"place": place_of(one.zone), "names": names_of(desk, one.people)}
        for one in other_clocks(desk.work, wish)
    ]


def elsewhere(
    at: datetime | None, here: date, clocks: Sequence[OtherClock], usual: Mapping[str, time] = _NONE_USUAL
) -> list[dict[str, object]]:
    """What the clocks of the others show at ``at``, marked where it mostly is another time of day.

    With the day where it is not ``here``, the day of the visit where the child lives.
    """
    return [
        {
            "place": place_of(one.clock.zone),
            "clock": f"{one.local:%H:%M}",
            "day": one.local.date() if one.local.date() != here else None,
            "shifted": one.shifted,
        }
        for one in (shown_elsewhere(at, clocks, usual) if at else ())
    ]


def judged_shown(desk: Desk, wish: Wish, found: Sequence[Judged]) -> list[dict[str, object]]:
    """Every instance as a row: its day and time where the child lives, whether it fits, and why not."""
    clocks = other_clocks(desk.work, wish)
    usual = usual_times((one.occurrence.starts_at for one in found), clocks)
    zone = zone_in_sight(desk.work, wish.children)
    return [
        {
            "day": one.occurrence.wall.date(),
            "clock": f"{one.occurrence.wall:%H:%M}",
            "fit": one.fit.value,
            "lacks_interpreter": one.lacks_interpreter,
            "left_out": names_of(desk, one.left_out) if one.left_out else "",
            "why": _why(one),
            "busy": busy_lines(desk, zone, busy_in(desk.work, wish, one)),
            "elsewhere": elsewhere(one.occurrence.starts_at, one.occurrence.wall.date(), clocks, usual),
        }
        for one in judged_in_sight(desk.work, wish, found)
    ]


def _why(one: Judged) -> list[str]:
    if one.fit is Fit.LATER:
        return []
    few = [say(WHY[TOO_FEW])] if one.too_few else []
    return [*few, *(spoken(reason) for reason in one.reasons)]


def counted(found: Sequence[Judged]) -> dict[str, int]:
    """How many there are, how many can be booked now or later, and how many cannot."""
    later = sum(one.fit is Fit.LATER for one in found)
    fits = sum(one.fit is Fit.FITS for one in found)
    return {"all": len(found), "fits": fits, "later": later, "left_out": len(found) - fits - later}


def could_be_booked(found: Sequence[Judged]) -> int:
    """How many of them can be booked now or later: what somebody agrees to who presses the button below the list."""
    return sum(one.fit in (Fit.FITS, Fit.LATER) for one in found)


def series_shown(desk: Desk, visit: Visit) -> dict[str, object] | None:
    """The series that a visit is one of, and where in it the visit stands if it was moved by itself."""
    series = series_of_visit(desk.work, visit.id)
    if series is None:
        return None
    series = as_may_be_seen(desk.work, series)
    one = next(one for one in series.instances if one.visit is not None and one.visit.id == visit.id)
    return {
        "id": series.id,
        "visits": len([each for each in series.instances if not each.called_off]),
        "when": every_words(series.pattern),
        "moved": f"{full_date(one.original)}, {one.original:%H:%M}" if one.moved else None,
    }
