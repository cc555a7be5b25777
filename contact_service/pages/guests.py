"""What every page behind a link knows of its guest: their place in the visit, and the names that may be said."""

from collections.abc import Iterable
from dataclasses import replace

from starlette.responses import HTMLResponse

from contact_service.consent.consent import Reader, band_of
from contact_service.errors import NotFound
from contact_service.identity import queries as identity
from contact_service.ids import PersonId
from contact_service.pages.access import Guest
from contact_service.pages.family_language import keep_language
from contact_service.pages.rendering import render
from contact_service.pages.together import listed
from contact_service.pages.words import age
from contact_service.people.queries import members as people
from contact_service.texts import ENGLISH
from contact_service.visits.actions import attending
from contact_service.visits.visit import IN_THE_ROOM, Participant, ParticipantRole

_GROWN_UP = 18


def page(guest: Guest, name: str, context: dict[str, object]) -> HTMLResponse:
    """A family page, in its reader's own hours and language."""
    zone = people.zone_of_person(guest.work, guest.invitation.person)
    answer = HTMLResponse(render(f"family/{name}.html", context, locale=guest.locale, zone=zone))
    keep_language(guest.request, answer, guest.offered)
    return answer


def speaking(guest: Guest, language: str) -> Guest:
    """The same guest where a page's words are there in one language alone: no page is in two."""
    return replace(guest, locale=language if language in guest.offered else ENGLISH)


def me(guest: Guest) -> Participant:
    """The holder's place in the visit; a changed visit has none for an old link."""
    if guest.participant is None:
        raise NotFound
    return guest.participant


def is_caregiver(guest: Guest) -> bool:
    """Whether this is the device that is shown to the family as the child."""
    return guest.participant is not None and guest.participant.role is ParticipantRole.CAREGIVER


def own_name(guest: Guest) -> str:
    """The name of whoever holds the link, as staff set it."""
    return people.details_of(guest.work, guest.invitation.person).known_as


def shown_name(guest: Guest, participant: Participant) -> str:
    """The name others may read: the agency's, first name only.  A caregiver's device is the children they bring."""
    return names(guest, guest.visit.shown_as(participant))


def names(guest: Guest, persons: Iterable[PersonId]) -> str:
    """The names that others may read, as one says them; empty for nobody."""
    found = [people.details_of(guest.work, person).known_as for person in persons]
    return listed(found, locale=guest.locale) if found else ""


def others(guest: Guest) -> list[str]:
    """Whom the child at this device meets: the family, and the other children; else the family alone."""
    mine = guest.visit.brought_by(guest.invitation.person)
    family = [shown_name(guest, p) for p in guest.visit.families() if p.role is ParticipantRole.FAMILY_MEMBER]
    if not mine:
        return family
    children = (one.child for one in guest.visit.children if one.child not in mine)
    return family + [names(guest, [child]) for child in children]


def supervisor(guest: Guest) -> str:
    """The visit supervisor's first name."""
    return identity.account_for(guest.work, guest.visit.supervisor).name.split(" ", maxsplit=1)[0]


def reader_of(guest: Guest, person: PersonId) -> Reader:
    """For whom words are chosen, in the language of the page.  An unknown date of birth is a grown-up's."""
    born_on = people.details_of(guest.work, person).born_on
    years = age(born_on, guest.work.now.date()) if born_on else _GROWN_UP
    return Reader(language=guest.locale, band=band_of(int(years)))


def step_out(guest: Guest) -> bool:
    """Take somebody who no longer agrees out of the room they are in; False when they are in none."""
    if guest.participant is None or guest.participant.leg is None or guest.visit.state not in IN_THE_ROOM:
        return False
    attending.withdrew(guest.work, guest.visit.id, guest.participant)
    return True
