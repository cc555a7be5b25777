"""Whom a form offers as visit supervisors and duty people, and in words why others are left out."""

from dataclasses import dataclass
from datetime import date, datetime

from contact_service.actor import STAFF_ROLES
from contact_service.identity import queries as identity
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.texts import N_
from contact_service.visits.queries.handing import on_duty_throughout
from contact_service.visits.queries.supervising import Watchers, watchers_for
from contact_service.visits.wish import Wish

ASKED = {
    "woman": N_("The plan asks for a woman."),
    "man": N_("The plan asks for a man."),
    "training": N_("The plan asks for somebody trained in “{name}”."),
}
CANNOT_WATCH = N_("{name} cannot watch this visit.")


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The supervisors to choose from; ``left_out`` says why others are not among them, empty where nobody is."""

    choices: list[dict[str, str]]
    left_out: str


def watchers_offered(desk: Desk, wish: Wish, on: date) -> Offered:
    """Those who suit the people of ``wish`` on a day, by name; whether they are free is asked elsewhere."""
    found = watchers_for(desk.work, wish, on)
    return Offered(
        choices=[{"value": a.id, "text": a.name} for a in sorted(found.suiting, key=lambda a: a.name)],
        left_out=_left_out(found),
    )


def duty_offered(desk: Desk, wish: Wish, starts_at: datetime | None, chosen: str) -> list[dict[str, str]]:
    """Who could be the duty person of ``wish``: whoever is on duty from its start to its end, or anybody without one.

    Whoever is chosen stays among them, and it is said of them that they are not.
    """
    everybody = [a for a in identity.everybody(desk.work) if {*STAFF_ROLES} & {*a.roles}]
    able = everybody
    if starts_at is not None:
        able = list(on_duty_throughout(desk.work, wish, starts_at, starts_at + wish.length))
    found = [{"value": one.id, "text": one.name} for one in able]
    off = [one for one in everybody if one.id == chosen and one not in able]
    return [
        *found,
        *({"value": one.id, "text": say("{name}, not on duty then", name=one.name)} for one in off),
    ]


def _left_out(found: Watchers) -> str:
    words = [say(CANNOT_WATCH, name=account.name) for account in found.cannot]
    words += [say(ASKED[code], name=name) for code, name in found.asked]
    if not found.suiting and words:
        words.append(say("Nobody on the staff suits this visit. Ask those who manage staff."))
    return " ".join(words)
