"""What could be done about one booked visit that is in doubt: somebody else to watch it, or another time near it.

Nothing is changed or held here; whoever takes one of these asks for it by the ordinary door, where every rule counts.
"""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from zoneinfo import ZoneInfo

from contact_service.claims.queries import claims_between
from contact_service.ids import AccountId
from contact_service.policy.booking import may_book, may_change
from contact_service.policy.decision import Permitted, Reason, Refused, all_of
from contact_service.visits.queries.asking import change_facts, facts_of_children, wish_of
from contact_service.visits.queries.finding import visits_lately
from contact_service.visits.queries.handing import on_duty_throughout
from contact_service.visits.queries.interpreted import without_interpreters
from contact_service.visits.queries.offered import OfferedTime
from contact_service.visits.queries.offering import times_for
from contact_service.visits.queries.supervising import watchers_for
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import time_of

MOST_SUPERVISORS = 5
MOST_TIMES = 5


@dataclass(frozen=True, kw_only=True)
class Repairs:
    """``supervisors`` could watch it as it is, who knows the child best first; ``times`` are the nearest, in order.

    ``duty``: who could be its duty person instead, by name.

    The first supervisor of a time is one with whom every rule says yes.  ``fixed``: why nothing may change any more.
    """

    supervisors: tuple[AccountId, ...] = ()
    times: tuple[OfferedTime, ...] = ()
    fixed: tuple[Reason, ...] = ()
    duty: tuple[AccountId, ...] = ()


def repairs_for(work: Work, visit: Visit) -> Repairs:
    """What every rule would allow now instead of the visit as it is booked."""
    changing = may_change(change_facts(work, visit))
    if isinstance(changing, Refused):
        return Repairs(fixed=changing.reasons)
    return Repairs(supervisors=_others(work, visit), times=_times(work, visit), duty=_duty(work, visit))


def _others(work: Work, visit: Visit) -> tuple[AccountId, ...]:
    known = Counter(one.supervisor for one in visits_lately(work, visit.child))
    found: list[AccountId] = []
    for account in sorted(_free_others(work, visit), key=lambda one: -known[one]):
        if len(found) < MOST_SUPERVISORS and _could_watch(work, visit, account):
            found.append(account)
    return tuple(found)


def _free_others(work: Work, visit: Visit) -> list[AccountId]:
    """Those who suit it and have nothing else then, so that the rules need not be asked of a whole agency one by one.

    The time that they need around a visit is left to the rules.
    """
    first, after = visit.starts_at, visit.ends_at
    suiting = watchers_for(work, wish_of(visit), first.astimezone(ZoneInfo(visit.zone)).date()).suiting
    able = [one.id for one in suiting if one.id != visit.supervisor]
    times = time_of(work, able, between=(first, after))
    taken = {
        one.span.who
        for one in claims_between(work, first, after, who=able)
        if one.visit != visit.id and one.span.starts_at < after and one.span.ends_at > first
    }
    return [
        one
        for one in able
        if one not in taken
        and times[one].is_at_work(first, after)
        and not times[one].is_away(first, after)
        and not times[one].is_busy(first, after)
    ]


def _duty(work: Work, visit: Visit) -> tuple[AccountId, ...]:
    wish = wish_of(visit).moved(visit.starts_at, visit.zone, visit.supervisor)
    able = on_duty_throughout(work, wish, visit.starts_at, visit.ends_at)
    others = (replace(wish, duty=one.id) for one in able if one.id != visit.duty)
    allowed = (one.duty for one in others if one.duty and _may_be(work, visit, one))
    return tuple(islice(allowed, MOST_SUPERVISORS))


def _could_watch(work: Work, visit: Visit, account: AccountId) -> bool:
    return _may_be(work, visit, wish_of(visit).moved(visit.starts_at, visit.zone, account))


def _may_be(work: Work, visit: Visit, wish: Wish) -> bool:
    facts = facts_of_children(work, wish, besides=visit.id)
    # Whether whoever reads this has accepted the policy is asked where they take it.
    return isinstance(all_of(may_book(replace(one, policy_accepted=True)) for one in facts), Permitted)


def _times(work: Work, visit: Visit) -> tuple[OfferedTime, ...]:
    """With the supervisor whom the visit has where that is possible: the fewer things change, the better."""
    wish, _ = without_interpreters(work, wish_of(visit))
    found = {
        one.starts_at: one
        for with_whom in (None, visit.supervisor)
        for one in times_for(
            work,
            replace(wish, supervisor=with_whom),
            besides=visit.id,
            near=visit.starts_at,
            with_interpreter=True,
        ).offers
        if one.starts_at != visit.starts_at
    }
    nearest = sorted(found.values(), key=lambda one: (abs(one.starts_at - visit.starts_at), one.starts_at))
    return tuple(sorted(nearest[:MOST_TIMES], key=lambda one: one.starts_at))
