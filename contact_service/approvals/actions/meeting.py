"""Who may be put on a visit with a child: approved by whoever decides on plans, ended by anybody who works the case."""

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import ApprovedAct
from contact_service.errors import BadInput, NotAllowed
from contact_service.ids import PersonId
from contact_service.people.actions import approved
from contact_service.people.actions.recording import demand_case
from contact_service.people.queries import members as people
from contact_service.people.queries.approved import unapproved_at
from contact_service.plans.plan import ContactPlan
from contact_service.restrictions import queries as restrictions
from contact_service.visits.actions.doubting import doubt_visits_of
from contact_service.work import Work


def may_approve_people(work: Work) -> bool:
    """Whether the actor's role decides on whom a child meets: the roles that the policy lets decide on plans."""
    deciding = agency_policy.policy_in_force(work).document.approvals.who(ApprovedAct.PLAN)
    return any(work.actor.has(role) for role in deciding)


def approve_to_meet(work: Work, child: PersonId, person: PersonId) -> bool:
    """From now the person may be put on a visit with the child; False when they might already.

    Raises ``NotAllowed``, or ``BadInput`` for somebody whom a restriction bars.
    """
    people.case_for(work, people.case_of(work, child))
    if not may_approve_people(work):
        raise NotAllowed("Only an approver decides whom a child may meet. Ask one.")
    if is_barred(work, child, person):
        raise BadInput(
            "They must have no contact. The restriction is lifted first, by two people.", "meeting"
        )
    return approved.approve_for(work, child, person, reason="approver")


def is_barred(work: Work, child: PersonId, person: PersonId) -> bool:
    """Whether a restriction in force keeps these two from meeting."""
    found = restrictions.restrictions_between(work, {child, person}, at=work.now)
    return any(restriction.kind.bars for restriction in found)


def approve_people_of(work: Work, plan: ContactPlan) -> None:
    """Whoever an approved plan names was put before a second person with it, and is approved from now.

    Somebody whose approval was ended stays so: that is undone by name, not with a plan.
    """
    for person in dict.fromkeys(terms.person for terms in plan.people):
        if unapproved_at(work, plan.child, person) is None:
            approved.approve_for(work, plan.child, person, reason="plan")


def end_approval_to_meet(work: Work, child: PersonId, person: PersonId) -> bool:
    """From now nobody books the person for the child, and what is booked is in doubt; False when nobody could anyway.

    Stopping needs one person.
    """
    demand_case(work, people.case_of(work, child))
    ended = approved.end_approval(work, child, person)
    doubt_visits_of(work, child)
    return ended
