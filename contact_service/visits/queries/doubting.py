"""Booked visits that a later fact has put in doubt, with what speaks against them now."""

from dataclasses import dataclass, replace
from datetime import datetime

from contact_service.follow_ups import queries as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.policy.booking import may_book, may_stay
from contact_service.policy.decision import Reason, Refused, all_of
from contact_service.policy.emergency import set_aside
from contact_service.visits.queries.asking import booked_facts
from contact_service.visits.queries.clearing import reasons_within_reach
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Visit
from contact_service.work import Work


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A visit in doubt.  ``reasons`` are those of this moment: empty when what was wrong has been put right."""

    visit: Visit
    reasons: tuple[Reason, ...]
    due_at: datetime


def doubts(work: Work) -> list[Doubt]:
    """Every visit in doubt that the actor is asked to look at, the most urgent first, each once."""
    open_now = [one for one in follow_ups.open_follow_ups(work) if one.kind is FollowUpKind.IN_DOUBT]
    due = {one.visit: one.due_at for one in reversed(open_now) if one.visit is not None}
    found = [(visit_for(work, visit), due_at) for visit, due_at in due.items()]
    shown = [Doubt(visit=visit, reasons=reasons_told(work, visit), due_at=due_at) for visit, due_at in found]
    return sorted(shown, key=lambda doubt: (doubt.due_at, doubt.visit.id))


def is_in_doubt(work: Work, visit: Visit) -> bool:
    """Whether an approver has still to look at the visit."""
    return bool(follow_ups.open_about(work, visit.id, FollowUpKind.IN_DOUBT))


def reasons_against(work: Work, visit: Visit) -> tuple[Reason, ...]:
    """Why the visit would not be booked as it is, for any of its children, by what is known now."""
    decision = all_of(may_stay(booked_facts(work, seen)) for seen in visit.by_child())
    return decision.reasons if isinstance(decision, Refused) else ()


def reasons_told(work: Work, visit: Visit) -> tuple[Reason, ...]:
    """The same, as the actor may read it.

    From where a child and whoever brings them take part is told to those alone who work with that child.
    """
    return reasons_within_reach(work, reasons_against(work, visit))


def reasons_set_aside(work: Work, visit: Visit) -> tuple[Reason, ...]:
    """What two people set aside, or are about to, for a visit that is an emergency (R48); else nothing."""
    if visit.emergency is None:
        return ()
    asked = (
        replace(booked_facts(work, seen), emergency_until=None, at=visit.requested_at)
        for seen in visit.by_child()
    )
    return set_aside(all_of(may_book(facts) for facts in asked))
