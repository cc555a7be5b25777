"""What a written notice of an urgent stop says: decision, date, reason, length, remedies; never where a child is.

Source: Children Act 1989 s.34(6); SI 2010/959 reg. 8.
"""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from contact_service.ids import RestrictionId
from contact_service.notifications.dates import said_day, said_until
from contact_service.people.queries import members as people
from contact_service.restrictions import queries as restrictions
from contact_service.restrictions.restriction import StopReason
from contact_service.texts import ENGLISH
from contact_service.work import Work

_REASONS: Mapping[str, Mapping[StopReason, str]] = {
    ENGLISH: {
        StopReason.SAFETY: "We are worried that a visit now would not be safe.",
        StopReason.CHILD_WISHES: "The child has told us that they do not want visits now.",
        StopReason.INVESTIGATION: "Something is being looked into, and we wait for the answer.",
        StopReason.BREACH: "Something that was agreed was not kept.",
    },
    "es": {
        StopReason.SAFETY: "Nos preocupa que una visita ahora no sea segura.",
        StopReason.CHILD_WISHES: "El niño o la niña nos ha dicho que ahora no quiere visitas.",
        StopReason.INVESTIGATION: "Se está aclarando algo, y esperamos la respuesta.",
        StopReason.BREACH: "No se cumplió algo que estaba acordado.",
    },
}


def stop_words(work: Work, restriction: RestrictionId, language: str) -> dict[str, str]:
    """The places of a notice, filled in a language."""
    stop = restrictions.restriction_for(work, restriction)
    zone = ZoneInfo(people.zone_of(work, stop.case))
    # An urgent stop has a reason and, until an order is attached, an end; its notice is written with it.
    assert stop.reason is not None
    begins, ends = stop.starts_at.astimezone(zone), (stop.ends_at or stop.starts_at).astimezone(zone)
    return {
        "from_on": said_day(begins, language),
        "until": said_until(ends, language),
        "days": str((ends - begins).days),
        "reason": _REASONS.get(language, _REASONS[ENGLISH])[stop.reason],
    }
