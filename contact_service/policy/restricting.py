"""May a restriction be lifted, may an urgent stop begin or go on?  Source: RULES.md R44 to R46."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.policy.decision import Decision, Problem, Rule, decide, problem
from contact_service.texts import N_

Found = list[Problem]


@dataclass(frozen=True, kw_only=True)
class LiftFacts:
    """Who would lift a restriction.  ``is_asker``: the same person asked for it."""

    is_asked: bool
    is_asker: bool
    may_decide: bool


@dataclass(frozen=True, kw_only=True)
class ContinueFacts:
    """An urgent stop that somebody wants to go on.

    ``order_allows``: an order that stands today forbids contact or lets the agency refuse it; None without an order.
    """

    is_urgent_stop: bool
    order_allows: bool | None


@dataclass(frozen=True, kw_only=True)
class UrgentStopFacts:
    """An urgent stop that somebody wants to make; ``last_ended_at`` is the end of the last one for the same people."""

    last_ended_at: datetime | None
    lasts: timedelta
    at: datetime


def may_lift(facts: LiftFacts) -> Decision:
    """Decide whether this person may lift a restriction.  Source: R44."""
    return decide(_LIFTING, facts)


def may_go_on(facts: ContinueFacts) -> Decision:
    """Decide whether an urgent stop may go on.  Source: R45."""
    return decide(_GOING_ON, facts)


def may_stop_urgently(facts: UrgentStopFacts) -> Decision:
    """Decide whether an urgent stop may be made now.  Source: R46."""
    return decide(_STOPPING, facts)


def _two_people(facts: LiftFacts) -> Found:
    found = []
    if not facts.is_asked:
        found.append(
            problem("not_asked", N_("Nobody has asked to lift this. Ask first; somebody else decides."))
        )
    if facts.is_asker:
        found.append(problem("same_person", N_("You asked for this yourself. Somebody else must decide.")))
    if not facts.may_decide:
        found.append(problem("not_an_approver", N_("Your role does not lift restrictions. Ask an approver.")))
    return found


def _order_attached(facts: ContinueFacts) -> Found:
    if not facts.is_urgent_stop:
        return [problem("not_an_urgent_stop", N_("Only an urgent stop needs an order to go on."))]
    if facts.order_allows is None:
        return [
            problem("no_order", N_("An urgent stop goes on only by a court order. Record the order first."))
        ]
    if not facts.order_allows:
        sentence = N_("This order does not stand today, or does not allow it. Choose another.")
        return [problem("order_does_not_allow", sentence)]
    return []


def _not_again(facts: UrgentStopFacts) -> Found:
    if facts.last_ended_at is None or facts.at >= facts.last_ended_at + facts.lasts:
        return []
    sentence = N_(
        "An urgent stop is not made again after its {days} days. Go to court, or let the visits be decided."
    )
    return [problem("stopped_before", sentence, days=facts.lasts.days)]


_LIFTING = (Rule[LiftFacts]("R44", _two_people),)
_GOING_ON = (Rule[ContinueFacts]("R45", _order_attached),)
_STOPPING = (Rule[UrgentStopFacts]("R46", _not_again),)
