"""Which child and which person a page is about; absent and not-yours are alike."""

from contact_service.actor import Role
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.pages.access import Desk
from contact_service.people.person import Member, MemberRole
from contact_service.people.queries import members as people


def child_of(desk: Desk, child: str) -> Member:
    """The child of an address; raises ``NotFound``."""
    member = people.member(desk.work, PersonId(child))
    people.case_for(desk.work, member.case)
    if member.role is not MemberRole.CHILD:
        raise NotFound
    return member


def person_of(desk: Desk, child: Member, person: str) -> Member:
    """Somebody of the child's case, with what they are to the child; raises ``NotFound``."""
    everybody = people.members_of(desk.work, child.case, child=child.person)
    found = next((member for member in everybody if member.person == person), None)
    if found is None:
        raise NotFound
    return found


def may_know_people(desk: Desk) -> bool:
    """Whether this reader's role reads and changes what is known of people: their numbers, their needs, their home."""
    return desk.work.actor.has(Role.WORKER) or desk.work.actor.has(Role.APPROVER)


def demand_people(desk: Desk) -> None:
    """Raise ``NotAllowed`` unless the reader's role works with what is known of people."""
    if not may_know_people(desk):
        raise NotAllowed("Only workers and approvers see this. Ask the child’s worker.")
