"""Who of a visit comes only if they can, as it is asked for and as the pages say it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.pages.together import listed, names_of
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.visits.optional import IfTheyCan, LeftOut
from contact_service.visits.queries.optional import settled_in_sight
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish


def if_they_can(optional: Iterable[str], quorum: str) -> IfTheyCan:
    """What was ticked and typed; raises ``BadInput`` for what is no number."""
    try:
        number = int(quorum or "0")
    except ValueError:
        raise BadInput("Write how many must come as a number.", "quorum") from None
    return IfTheyCan(people=tuple(map(PersonId, optional)), quorum=number)


def demand_settled(optional: Sequence[str]) -> None:
    """Raise ``BadInput`` where it is still open who comes: what is booked has exactly its people."""
    if optional:
        raise BadInput(
            "Press “Find times that fit” first: each time says who can come. Or untick who comes only if they can.",
            "optional",
        )


def could_be_optional(
    shown: Iterable[dict[str, object]], sharing: Iterable[dict[str, object]], carers: Collection[object]
) -> list[dict[str, object]]:
    """Everybody who can be ticked to meet the child, once each, whatever list they are in.

    No carer, nobody barred, and nobody who interprets: of these somebody who is free is found.
    """
    out = {one["id"] for one in shown if one["barred"] or one["interprets"]}.union(carers)
    found = {one["id"]: one["name"] for one in shown if one["id"] not in out}
    for one in sharing:
        child = str(one["id"]).removeprefix("sharing-")
        if child not in out:
            found.setdefault(child, one["name"])
    return [{"value": who, "text": name} for who, name in found.items()]


def carers_of(desk: Desk, child: PersonId) -> list[PersonId]:
    """The carers in the child's case."""
    members = people.members_of(desk.work, people.case_of(desk.work, child))
    return [member.person for member in members if member.role is MemberRole.CAREGIVER]


def still_out(desk: Desk, child: PersonId, left_out: Iterable[str], chosen: Iterable[str]) -> list[LeftOut]:
    """Those of the case who were left out and have not been ticked again since.

    A child is brought by the carer who was named, or by another of theirs where that one is not their carer any more.
    """
    named: dict[PersonId, str] = {}
    for one in left_out:
        person, _, carer = one.partition(":")
        named.setdefault(PersonId(person), carer)
    there = {child, *(one.partition(":")[0] for one in chosen)}
    members = people.roles_in(desk.work, people.case_of(desk.work, child)) if named else {}
    found = []
    for person, carer in named.items():
        if person in there or person not in members:
            continue
        own = people.roles_in(desk.work, people.case_of(desk.work, person))
        carers = carers_of(desk, person) if own[person] is MemberRole.CHILD else []
        brings = PersonId(carer) if carer in carers else next(iter(carers), None)
        found.append(LeftOut(person=person, caregiver=brings))
    return found


def as_typed(out: LeftOut) -> str:
    """Somebody who was left out, as a form says it."""
    return f"{out.person}:{out.caregiver}" if out.caregiver else out.person


def asked_in_words(desk: Desk, wish: Wish, optional: IfTheyCan) -> str:
    """Who must be there, and who comes if they can."""
    must = listed(_names(desk, [one for one in wish.meeting if one not in optional.people]))
    can = listed(_names(desk, optional.people))
    if optional.quorum:
        words = "{must} must be there. At least {number} of these must come: {names}."
        return say(words, must=must, number=optional.quorum, names=can)
    return say("{must} must be there. These come if they can: {names}.", must=must, names=can)


def settled_shown(desk: Desk, visit: Visit) -> dict[str, object] | None:
    """Who of a visit comes if they can, how many of them must, and who will not be there; None: everybody must come."""
    found = settled_in_sight(desk.work, visit)
    if visit.time_open:  # each of its times says for itself who is left out
        found = replace(found, coming=(*found.coming, *(one.person for one in found.left_out)), left_out=())
    if not (found.coming or found.left_out):
        return None
    return {
        "coming": listed(_names(desk, found.coming)),
        "quorum": found.quorum,
        "left_out": listed(_names(desk, [one.person for one in found.left_out])),
    }


def too_few_in_words(desk: Desk, optional: IfTheyCan, can_come: int) -> str:
    """How many of those who come if they can could, where that is not enough."""
    names = names_of(desk, optional.people)
    if len(optional.people) == 1:
        return say("{name} cannot come.", name=names)
    if can_come == 0:
        return say("None of these can come: {names}.", names=names)
    if can_come == 1:
        return say("Only one of {names} can come.", names=names)
    return say("Only {number} of {names} can come at once.", number=can_come, names=names)


def _names(desk: Desk, persons: Iterable[PersonId]) -> list[str]:
    return [people.details_of(desk.work, person).known_as for person in persons]
