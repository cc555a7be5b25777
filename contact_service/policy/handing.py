"""May what is left of a visit be handed to another visit supervisor or duty person?  Source: RULES.md R63."""

from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.booking import ABOUT_STAFF
from contact_service.policy.decision import Decision, Problem, Rule, all_of, decide, problem
from contact_service.policy.facts import BookingFacts, HandingFacts
from contact_service.policy.taking_part import UNDERSTOOD
from contact_service.texts import N_

Found = list[Problem]


def may_hand_over(facts: HandingFacts) -> Decision:
    """Decide whether others may watch and answer from now on, for one child.

    Source: R63, and of the rules of booking those about staff: R8, R51, R55, R56, R59, R60, R65.
    """
    return all_of((decide(_HANDING, facts), decide(_STAFF, facts.booking)))


def may_be_handed_over_now(facts: HandingFacts) -> Decision:
    """Decide whether the time to hand the visit over is now, whoever shall have it.  Source: R63."""
    return decide(_NOW, facts)


def is_seen_throughout(level: SupervisionLevel) -> bool:
    """Whether nobody may hear or see anybody while nobody watches; below that media go on while it changes hands.

    Source: R63.  ``supervised`` is within sight and sound throughout; ``monitored`` is watched part of the time, and
    the others have staff on call.  What was held stays held at any level until whoever watches lets it go on.
    """
    return level is SupervisionLevel.SUPERVISED


def _not_now(facts: HandingFacts) -> Found:
    if not facts.is_ahead:
        return [problem("not_ahead", N_("This visit is neither booked nor in its room. Look at it again."))]
    if not facts.stands_fast:
        sentence = N_("This visit can still be changed. Change it, and an approver decides on it.")
        return [problem("not_yet", sentence)]
    return []


def _now_or_never(facts: HandingFacts) -> Found:
    too_early_or_late = _not_now(facts)
    if too_early_or_late or facts.anybody_new:
        return too_early_or_late
    return [problem("nobody_new", N_("These two have it already. Choose somebody else."))]


def _no_conflict_of_own(facts: HandingFacts) -> Found:
    if not facts.in_conflict:
        return []
    return [problem("conflict_of_interest", N_("You cannot decide on this visit. Ask another approver."))]


_NOW: tuple[Rule[HandingFacts], ...] = (Rule("R63", _not_now),)
_HANDING: tuple[Rule[HandingFacts], ...] = (
    Rule("R63", _now_or_never),
    Rule("R59", _no_conflict_of_own),
)
_STAFF: tuple[Rule[BookingFacts], ...] = (UNDERSTOOD, *ABOUT_STAFF)
