"""What two people may set aside for one visit in an emergency, and what never.  Source: RULES.md R48."""

from contact_service.policy.decision import Decision, Permitted, Reason, Refused, problem
from contact_service.policy.facts import BookingFacts
from contact_service.texts import N_

RULE = "R48"
# When, and how many.  Who, how closely watched, how long, by whose consent: never.
MAY_BE_SET_ASIDE = frozenset(
    {
        "too_soon",
        "weekday",
        "hours",
        "most_per_period",
        "gap",
        "plan_hours",
        "quiet_school",
        "quiet_bedtime",
        "quiet_therapy",
        "quiet_other",
        "closed",
    }
)


def in_emergency(decision: Decision, facts: BookingFacts) -> Decision:
    """``decision`` without what the emergency of ``facts`` sets aside; as it is where there is none or nothing to."""
    if facts.emergency_until is None or not isinstance(decision, Refused) or not set_aside(decision):
        return decision
    late = facts.starts_at is None or facts.starts_at >= facts.emergency_until
    if late or facts.at >= facts.emergency_until:
        sentence = N_(
            "An emergency is for a visit in the next hours, and this is too late. Book it as usual."
        )
        over = Reason(rule=RULE, problem=problem("emergency_over", sentence))
        return Refused(passed=decision.passed, reasons=(*decision.reasons, over))
    left = tuple(reason for reason in decision.reasons if reason.code not in MAY_BE_SET_ASIDE)
    if left:
        return Refused(passed=decision.passed, reasons=left)
    return Permitted(passed=(*decision.passed, RULE))


def set_aside(decision: Decision) -> tuple[Reason, ...]:
    """The reasons that an emergency would set aside."""
    if not isinstance(decision, Refused):
        return ()
    return tuple(reason for reason in decision.reasons if reason.code in MAY_BE_SET_ASIDE)


def may_be_an_emergency(decision: Decision) -> bool:
    """Whether an emergency is all that stands between this refusal and a yes."""
    return isinstance(decision, Refused) and len(set_aside(decision)) == len(decision.reasons)
