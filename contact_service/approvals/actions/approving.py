"""Approve somebody to meet a child, end that, and change what visits rest on: what is booked is looked at again."""

from contact_service.actor import Role
from contact_service.agency_policy import actions as agency_policy
from contact_service.errors import NotAllowed
from contact_service.ids import PersonId
from contact_service.people.actions import approved
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import approved_for, unapproved_at
from contact_service.plans.plan import ContactPlan
from contact_service.visits.actions.doubting import doubt_all_visits, doubt_visits_of
from contact_service.work import Work


def approve_person(work: Work, child: PersonId, person: PersonId) -> bool:
    """Approve somebody to meet a child; False when they were.  Only an approver does this."""
    people.case_for(work, people.case_of(work, child))
    if not work.actor.has(Role.APPROVER):
        raise NotAllowed("Only an approver says who may meet a child.")
    return approved.approve_for(work, child, person, reason="by_name")


def unapprove_person(work: Work, child: PersonId, person: PersonId) -> bool:
    """End an approval: nobody books the person any more, and what is booked is in doubt; False when there was none.

    It is easier than approving, as every stop is: the child's workers may do it too.
    """
    people.case_for(work, people.case_of(work, child))
    if not (work.actor.has(Role.WORKER) or work.actor.has(Role.APPROVER)):
        raise NotAllowed("Only a worker or an approver says who may meet a child.")
    ended = approved.end_approval(work, child, person)
    doubt_visits_of(work, child)
    return ended


def approve_people_of(work: Work, plan: ContactPlan) -> None:
    """Approve whom a plan names, in the transaction in which it comes into force.

    Somebody whose approval was ended stays so: that is undone by name, not with a plan.
    """
    known = approved_for(work, plan.child)
    for person in dict.fromkeys(terms.person for terms in plan.people):
        if person not in known and unapproved_at(work, plan.child, person) is None:
            approved.approve_for(work, plan.child, person, reason="with_the_plan")


def publish_policy(work: Work, version: int) -> int:
    """Put a proposed policy in force; returns how many booked visits it puts in doubt.  Raises as publishing does."""
    agency_policy.publish_policy(work, version)
    return doubt_all_visits(work)
