"""Who is in a visit, as staff read it: the children whose visit it is, and everybody else by what they are to them."""

from collections.abc import Iterable

from contact_service.ids import PersonId
from contact_service.pages.access import Desk
from contact_service.pages.rendering import say
from contact_service.pages.words import age
from contact_service.people.queries import members as people
from contact_service.visits.queries.finding import children_within
from contact_service.visits.queries.reaching import knows_place_of
from contact_service.visits.visit import Participant, Visit


def listed(names: Iterable[str], *, locale: str = "en") -> str:
    """Names as one says them: Mia, Finn and Jonas; empty for nobody."""
    *first, last = [*names] or [""]
    return say(" and ", locale=locale).join([", ".join(first), last]) if first else last


def children_of(visit: Visit) -> tuple[PersonId, ...]:
    """The children whose visit it is, the one it is seen from first."""
    return tuple(one.child for one in visit.children)


def names_of(desk: Desk, persons: Iterable[PersonId]) -> str:
    """The names that others may read of these people, as one says them."""
    return listed(people.details_of(desk.work, person).known_as for person in persons)


def child_shown(desk: Desk, visit: Visit) -> dict[str, object]:
    """The child of a visit with their age; of a shared one, all children and all ages."""
    children = [people.details_of(desk.work, child) for child in children_of(visit)]
    ages = [age(child.born_on, desk.work.now.date()) for child in children]
    return {
        "id": visit.child,
        "name": listed(child.known_as for child in children),
        "age": ages[0] if len(ages) == 1 else listed(str(one) for one in ages),
    }


def people_shown(desk: Desk, visit: Visit) -> list[dict[str, str]]:
    """Everybody who joins by link, by full name."""
    return [whom(desk, visit, participant) for participant in visit.families()]


def is_anothers_carer(desk: Desk, visit: Visit, participant: Participant) -> bool:
    """Whether this is the carer of a child whose case is none of the reader's: they are not named to them."""
    brought = visit.brought_by(participant.person)
    return bool(brought) and not set(brought) & set(children_within(desk.work, visit))


def is_place_hidden(desk: Desk, visit: Visit, participant: Participant) -> bool:
    """Whether this reader must not learn from where somebody takes part; how they are written to tells that, too."""
    assert participant.person is not None
    return is_anothers_carer(desk, visit, participant) or not knows_place_of(
        desk.work, visit, participant.person
    )


def whom(desk: Desk, visit: Visit, participant: Participant) -> dict[str, str]:
    """Full name and relation of somebody who joins by link, as this reader may know them.

    Where children share the visit, a carer's relation says with whom they come.
    """
    assert participant.person is not None
    if is_anothers_carer(desk, visit, participant):
        names = names_of(desk, visit.brought_by(participant.person))
        return {"name": say("{child}’s carer", child=names), "relation": "caregiver"}
    seen = visit.facing(participant.person)
    member = people.member(desk.work, participant.person, child=seen.child)
    brought = visit.brought_by(participant.person)
    relation = member.relation_word
    if brought and len(visit.children) > 1:
        relation = say("{relation}, with {child}", relation=relation, child=names_of(desk, brought))
    return {"name": member.details.name, "relation": relation}
