"""Which emergency accesses somebody may know of, and which wait for whoever looks at them."""

from datetime import timedelta

from contact_service.actor import Role
from contact_service.errors import NotAllowed, NotFound
from contact_service.ids import EmergencyAccessId
from contact_service.people.emergency_access import EmergencyAccess
from contact_service.people.queries import emergency_access as people
from contact_service.people.queries.members import is_on_caseload, know_roles_in, roles_in, within_reach
from contact_service.suitability.queries import barred_in
from contact_service.work import Work

TOLD_FOR = timedelta(days=30)
"""After somebody looked at it: what is done with is not read again each time the list is."""
_READERS = (Role.WORKER, Role.APPROVER, Role.AUDITOR)
_READ_ALL = (Role.APPROVER, Role.AUDITOR)


def emergency_accesses_for(work: Work) -> list[EmergencyAccess]:
    """Newest first: all for approvers and auditors, else the actor's own and those of the cases on their caseload.

    What is about a case in which a conflict of interest of the actor's counts is left out (R59).  Words are opened
    where the case is within the actor's reach, and the case with them; ``TOLD_FOR`` after it was looked at no more.
    Raises ``NotAllowed`` for every other role, and for machines.
    """
    _demand_reader(work)
    if any(work.actor.has(role) for role in _READ_ALL):
        return _told(work, people.emergency_accesses(work))
    own = people.own_emergency_accesses(work)
    others = people.emergency_accesses_of(work, people.caseload_of(work))
    found = {one.id: one for one in (*own, *others)}
    return _told(work, sorted(found.values(), key=lambda one: (one.opened_at, one.id), reverse=True))


def _demand_reader(work: Work) -> None:
    work.actor.demand_person()
    if not any(work.actor.has(role) for role in _READERS):
        raise NotAllowed("Workers, approvers and auditors see who opened a case in an emergency.")


def _told(work: Work, found: list[EmergencyAccess]) -> list[EmergencyAccess]:
    """Those that the actor may know of, with the words of those whose case opens to them."""
    known = _without_barred(work, found)
    fresh = [one for one in known if one.review is None or work.now - one.review.at < TOLD_FOR]
    reached = set(within_reach(work, dict.fromkeys(one.case for one in fresh)))
    for case in sorted(reached):
        work.opens(case)
    told = people.with_words(work, [one for one in fresh if one.case in reached])
    return [told.get(one.id, one) for one in known]


def _without_barred(work: Work, found: list[EmergencyAccess]) -> list[EmergencyAccess]:
    cases = list(dict.fromkeys(one.case for one in found))
    know_roles_in(work, cases)
    barred = barred_in(work, work.actor.account, {case: roles_in(work, case) for case in cases})
    return [one for one in found if one.case not in barred]


def emergency_access_for(work: Work, access: EmergencyAccessId) -> EmergencyAccess:
    """One that the actor may know of, with its words as in the list; raises ``NotFound``, ``NotAllowed``."""
    _demand_reader(work)
    one = people.emergency_access_by_id(work, access)
    reads_all = any(work.actor.has(role) for role in _READ_ALL)
    own = work.actor.account == one.account
    if not (reads_all or own or is_on_caseload(work, one.case)):
        raise NotFound
    told = _told(work, [one])
    if not told:
        raise NotFound
    return told[0]


def may_end(work: Work, access: EmergencyAccess) -> bool:
    """Whether the actor is one of those who may end it before its time."""
    own = work.actor.account == access.account
    return own or work.actor.has(Role.APPROVER) or is_on_caseload(work, access.case)


def open_now(work: Work) -> list[EmergencyAccess]:
    """Those of the actor that are open at this moment, without words."""
    return people.open_of_actor(work)


def to_review(work: Work) -> list[EmergencyAccess]:
    """Those that are over, and that an approver who did not open them may look at; the longest due first.

    Without words: nothing is opened to say how many there are.
    """
    return _without_barred(work, people.not_looked_at(work))
