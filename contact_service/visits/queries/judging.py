"""What the rules say to a wished visit and to those who come if they can, before a time is chosen."""

from dataclasses import replace
from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from contact_service.errors import BadInput
from contact_service.ids import PersonId, VisitId
from contact_service.people.person import Relation
from contact_service.people.queries import members as people
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Reason, Refused, all_of
from contact_service.restrictions.queries import restrictions_between
from contact_service.visits.optional import IfTheyCan, comes_with, without
from contact_service.visits.queries.asking import facts_of_children
from contact_service.visits.wish import Wish
from contact_service.work import Work

# What keeps somebody out whatever the hour, as long as it stands.
_AT_ANY_HOUR = {
    "apart",
    "child_consent_missing",
    "level",
    "no_caregiver",
    "no_contact",
    "not_approved",
    "not_in_plan",
}


def demand_optional(work: Work, wish: Wish, optional: IfTheyCan) -> None:
    """Raise ``BadInput`` where those who come if they can do not go with ``wish``.

    An interpreter is needed or is not, whoever of the others comes: somebody who is free is looked for besides.
    """
    optional.demand_of(wish)
    relations = (people.member(work, one, child=wish.child).relation for one in optional.people)
    if Relation.INTERPRETER in relations:
        raise BadInput(
            "Do not tick whoever interprets: where somebody is needed, one who is free is found.", "optional"
        )


def decision_on(work: Work, wish: Wish, *, besides: VisitId | None) -> Decision:
    """What the rules say to ``wish`` for every child of it, as far as it is about the people and the time."""
    facts = facts_of_children(work, wish, besides=besides)
    # Whoever books names a duty person and has read the policy.
    return all_of(may_book(replace(one, duty_person_named=True, policy_accepted=True)) for one in facts)


def never_welcome(
    work: Work, wish: Wish, optional: IfTheyCan, first: datetime, last: datetime
) -> dict[PersonId, tuple[Reason, ...]]:
    """Those who come if they can whom rules keep out whatever the hour, both at ``first`` and at ``last``; and why."""
    if not optional.people:
        return {}
    zone = ZoneInfo(people.zone_of(work, people.case_of(work, wish.child)))
    walls = [at.astimezone(zone).replace(tzinfo=None) for at in (first, last)]
    there = {wall: _against(work, replace(without(wish, optional.people), wall_start=wall)) for wall in walls}

    found: dict[PersonId, tuple[Reason, ...]] = {}
    for person in optional.people:
        one = without(wish, {*optional.people} - {person})
        kept_out = [
            [r for r in _against(work, replace(one, wall_start=wall)) if r not in there[wall]]
            for wall in walls
        ]
        if all(kept_out):
            found[person] = tuple(kept_out[0])
    return found


def _against(work: Work, wish: Wish) -> list[Reason]:
    decision = decision_on(work, wish, besides=None)
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    return [reason for reason in reasons if reason.code in _AT_ANY_HOUR]


def pairs_at_odds(
    work: Work, wish: Wish, optional: IfTheyCan, starts_at: datetime
) -> frozenset[frozenset[PersonId]]:
    """Pairs of those who come if they can of whom a restriction will not have both, by themselves or their carers.

    The rules decide; this keeps two apart of whom one alone would do, so that the other of them may come.
    """
    if len(optional.people) <= 1:
        return frozenset()
    found = {
        one
        for at in (work.now, starts_at, starts_at + wish.length)
        for one in restrictions_between(work, wish.everybody, at=at)
        if one.ends_at is None or one.ends_at > starts_at
    }
    company = {person: comes_with(wish, person) for person in optional.people}
    return frozenset(
        frozenset({one, other})
        for one, other in combinations(optional.people, 2)
        if any(
            r.people <= company[one] | company[other]
            and not r.people <= company[one]
            and not r.people <= company[other]
            for r in found
        )
    )
