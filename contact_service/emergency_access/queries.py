"""Which emergency accesses somebody may know of, and which wait for whoever looks at them."""

from contact_service.actor import Role
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import EmergencyAccessId
from contact_service.people.emergency_access import EmergencyAccess
from contact_service.people.queries import emergency_access as people
from contact_service.people.queries.members import is_on_caseload
from contact_service.work import Work

_READERS = (Role.WORKER, Role.APPROVER, Role.AUDITOR)
_READ_ALL = (Role.APPROVER, Role.AUDITOR)


def emergency_accesses_for(work: Work) -> list[EmergencyAccess]:
    """Newest first: all for approvers and auditors, else the actor's own and those of the cases on their caseload.

    Raises ``NotAllowed`` for every other role, and for machines.
    """
    work.actor.demand_person()
    if not any(work.actor.has(role) for role in _READERS):
        raise NotAllowed("Workers, approvers and auditors see who opened a case in an emergency.")
    if any(work.actor.has(role) for role in _READ_ALL):
        return people.emergency_accesses(work)
    own = people.own_emergency_accesses(work)
    others = people.emergency_accesses_of(work, people.caseload_of(work))
    found = {one.id: one for one in (*own, *others)}
    return sorted(found.values(), key=lambda one: (one.opened_at, one.id), reverse=True)


def emergency_access_for(work: Work, access: EmergencyAccessId) -> EmergencyAccess:
    """One that the actor may know of; raises ``NotFound``."""
    found = next((one for one in emergency_accesses_for(work) if one.id == access), None)
    if found is None:
        raise NotFound
    return found


def may_end(work: Work, access: EmergencyAccess) -> bool:
    """Whether the actor is one of those who may end it before its time."""
    own = work.actor.account == access.account
    return own or work.actor.has(Role.APPROVER) or is_on_caseload(work, access.case)


def open_now(work: Work) -> list[EmergencyAccess]:
    """Those of the actor that are open at this moment."""
    return [one for one in people.own_emergency_accesses(work) if one.is_open(work.now)]


def to_review(work: Work) -> list[EmergencyAccess]:
    """Those that are over and that nobody has looked at, and that the actor did not open; the longest due first."""
    found = (
        one for one in people.emergency_accesses(work) if one.review is None and not one.is_open(work.now)
    )
    waiting = [one for one in found if not work.actor.is_behind(one.account)]
    return sorted(waiting, key=lambda one: one.review_due_at)
