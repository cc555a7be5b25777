"""A busy time of a family is shown on the booking form before anybody books at it."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.people.queries import members as people
from contact_service.visits.known_busy import BusyThen, mark_of
from contact_service.visits.queries.busy import busy_at
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish


def not_known_yet(desk: Desk, wish: Wish, changing: Visit | None) -> list[BusyThen]:
    """Who of ``wish`` is busy then, without what was known when the visit that it would change was booked."""
    found = busy_at(desk.work, wish)
    known = known_busy_of(desk.work, changing.id) if found and changing else set()
    return [one for one in found if one not in known]


def demand_known(desk: Desk, wish: Wish, changing: Visit | None, ticked: str) -> list[BusyThen]:
    """Who is busy then, all of it known; raises ``BadInput`` where it was not shown and ticked, or is another now."""
    new = not_known_yet(desk, wish, changing)
    if new and ticked != mark_of(new):
        raise BadInput(
            "Somebody is busy then. Read who it is, and tick that you know it. Or choose another time.",
            "known",
        )
    return busy_at(desk.work, wish)


def busy_shown(desk: Desk, child: PersonId, busy: Iterable[BusyThen]) -> dict[str, object] | None:
    """Who is busy and until when, in words, with the mark that ticking it posts; None where nobody is.

    What makes them busy is not known here, and is nobody's business.
    """
    found = list(busy)
    if not found:
        return None
    zone = ZoneInfo(people.zone_of(desk.work, people.case_of(desk.work, child)))
    return {"lines": [_in_words(desk, one, zone) for one in found], "mark": mark_of(found)}


def _in_words(desk: Desk, one: BusyThen, zone: ZoneInfo) -> str:
    """From when until when, with the days where it is more than one."""
    since, until = (at.astimezone(zone) for at in one.whole or (one.since, one.until))
    written = "%H:%M" if since.date() == until.date() else "%d.%m.%Y %H:%M"
    return say(
        "{name} is busy from {since} to {until}, by their own calendar.",
        name=people.details_of(desk.work, one.person).known_as,
        since=f"{since:{written}}",
        until=f"{until:{written}}",
    )
