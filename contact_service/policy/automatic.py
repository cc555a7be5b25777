"""Which low-risk visits the agency's policy approves without a person's yes.  Source: RULES.md R50."""

from contact_service.agency_policy.document import Automatic
from contact_service.plans.terms import Risk
from contact_service.policy.facts import AutomaticFacts

RULE = "R50"


def approved_automatically(facts: AutomaticFacts) -> str | None:
    """The name of the policy's first case that covers the visit; None when a person decides.

    A person always decides on an emergency, and on a visit that several children share.
    """
    if facts.emergency or facts.shared or not facts.people:
        return None
    return next((case.name for case in facts.policy.approvals.automatic if _covers(case, facts)), None)


def _covers(case: Automatic, facts: AutomaticFacts) -> bool:
    return (
        facts.level in case.levels
        and facts.minutes <= case.most_minutes
        and all(
            person.relation in case.relations
            and person.risk is not Risk.HIGH
            and person.completed_before >= case.completed_before
            for person in facts.people
        )
    )
