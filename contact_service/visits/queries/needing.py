"""Who of those needed for a visit is claimed by other visits, when staff work, and which rooms and links are free."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import Buffer
from contact_service.claims.claim import Claim, Kind, Span, Who
from contact_service.claims.queries import claims_of_each, know_claims
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId, PoolId, VisitId
from contact_service.people.queries import members as people
from contact_service.policy.facts import ClaimedFacts, FamilyFacts, StaffFacts
from contact_service.pools import queries as pools
from contact_service.pools.pool import Pool, PoolFacts
from contact_service.visits.known_busy import busy_then
from contact_service.visits.needed import needed
from contact_service.visits.queries.knowing import known_busy_of
from contact_service.visits.visit import Visit
from contact_service.visits.weeks import week_around, week_around_each, weeks_around
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_busy_at, time_of


def with_known_staff(work: Work, wish: Wish) -> Wish:
    """``wish`` without a supervisor who is nobody here: an id comes from a form, and R8 asks for another."""
    known = any(account.id == wish.supervisor for account in identity.everybody(work))
    return wish if known else replace(wish, supervisor=None)


def claimed_facts(
    work: Work, wish: Wish, at: datetime, *, besides: frozenset[VisitId]
) -> tuple[ClaimedFacts, ...]:
    """Those whom ``wish`` needs and other visits have claimed in the week around ``at``."""
    buffers = agency_policy.policy_in_force(work).document.buffers
    wanted = list(needed(with_known_staff(work, wish), buffers))
    claims = claims_around(work, at, [who for who, _ in wanted])
    taken = {
        who: {(one.span.starts_at, one.span.ends_at) for one in claims[who] if one.visit not in besides}
        for who, _ in wanted
    }
    return tuple(
        ClaimedFacts(name=_name(work, wish, who), buffer=buffer, taken=tuple(sorted(taken[who])))
        for who, buffer in wanted
        if taken[who]
    )


def staff_facts(work: Work, wish: Wish, at: datetime) -> tuple[StaffFacts, ...]:
    """The hours, around ``at``, of whoever would watch or answer; who is no member of staff is left to R8."""
    buffers = agency_policy.policy_in_force(work).document.buffers
    wanted = {
        account: buffer
        for account, buffer in ((wish.duty, Buffer()), (wish.supervisor, buffers.visit_supervisor))
        if account is not None
    }
    names = {account.id: account.name for account in identity.everybody(work) if account.id in wanted}
    times = time_of(work, list(names), between=weeks_around(at))
    return tuple(
        StaffFacts(name=name, time=times[account], buffer=wanted[account]) for account, name in names.items()
    )


def family_facts(work: Work, visit: Visit) -> tuple[FamilyFacts, ...]:
    """Those of a visit of whom a calendar of their own says that they are busy around it, as far as nobody knew it."""
    children = {one.child for one in visit.children}
    persons = tuple(sorted(children.union(one.person for one in visit.families() if one.person is not None)))
    busy = family_busy_at(work, persons, weeks_around(visit.starts_at))
    return tuple(
        FamilyFacts(
            name=people.details_of(work, person).known_as, busy=_not_known(work, visit, person, times)
        )
        for person, times in sorted(busy.items())
    )


def _not_known(
    work: Work, visit: Visit, person: PersonId, times: tuple[tuple[datetime, datetime], ...]
) -> tuple[tuple[datetime, datetime], ...]:
    """Busy times without those at the visit that whoever booked it knew: these put it in doubt no more."""
    starts_at, ends_at = visit.starts_at, visit.ends_at
    if not busy_then(person, times, starts_at, ends_at):
        return times
    known = known_busy_of(work, visit.id)
    return tuple(one for one in times if not known.intersection(busy_then(person, [one], starts_at, ends_at)))


def users_of(work: Work, wish: Wish, at: datetime) -> dict[Pool, tuple[PersonId, ...]]:
    """The pools from which people of ``wish`` take part on the day of ``at``, with who does, each of them once.

    Somebody whose two records were merged may have two links to one pool, and needs one room.
    """
    found: dict[Pool, dict[PersonId, None]] = defaultdict(dict)
    for link in pools.links_of(work, wish.everybody):
        if link.counts_at(at):
            found[link.pool][link.person] = None
    return {pool: tuple(people) for pool, people in found.items()}


def pools_of(work: Work, wish: Wish) -> set[PoolId]:
    """The pools from which people of ``wish`` take part on any day."""
    return {link.pool.id for link in pools.links_of(work, wish.everybody)}


def pool_spans(work: Work, wish: Wish, starts_at: datetime, ends_at: datetime) -> list[Span]:
    """What ``wish`` claims of pools at that time: one room or link for each who takes part from there."""
    buffers = dict(needed(wish, agency_policy.policy_in_force(work).document.buffers))
    return [
        Span(
            who=pool.id,
            kind=Kind.POOL,
            starts_at=starts_at - buffers[person].before,
            ends_at=ends_at + buffers[person].after,
        )
        for pool, people in users_of(work, wish, starts_at).items()
        for person in people
    ]


def pool_facts(work: Work, wish: Wish, at: datetime, *, besides: frozenset[VisitId]) -> tuple[PoolFacts, ...]:
    """The pools from which somebody of ``wish`` takes part at ``at``, and what other visits have claimed of them.

    A visit that has its room already has it ahead of those for which there is none any more.
    """
    users = users_of(work, wish, at)
    if not users:
        return ()
    weeks, own = weeks_around(at), dict(needed(wish, agency_policy.policy_in_force(work).document.buffers))
    days = weeks[0].date(), weeks[1].date()
    times = pools.pool_times(work, frozenset(pool.id for pool in users), *days)
    claims = claims_around(work, at, [pool.id for pool in users])
    return tuple(
        PoolFacts(
            name=pool.name,
            units=pool.units,
            people=tuple(_name(work, wish, person) for person in who),
            sides=tuple(_side_of(work, wish, person) for person in who),
            buffers=tuple(own[person] for person in who),
            time=times[pool.id],
            taken=_taken(claims[pool.id], besides, (at, at + wish.length)),
        )
        for pool, who in users.items()
    )


def _side_of(work: Work, wish: Wish, person: PersonId) -> PersonId | None:
    """The child whose workers alone may read from where ``person`` takes part; None where all children have one case.

    Of a carer, and of the child with them, the child; of a guest the first child to whose case they belong.
    """
    case_of = {one.child: people.case_of(work, one.child) for one in wish.children}
    if len({*case_of.values()}) == 1:
        return None
    brought = [one.child for one in wish.children if person in (one.child, one.caregiver)]
    belongs = people.cases_answering_for(work, person)
    return next(iter(brought or [child for child, case in case_of.items() if case in belongs]), None)


def _taken(
    claims: Sequence[Claim], besides: frozenset[VisitId], when: tuple[datetime, datetime]
) -> tuple[tuple[datetime, datetime], ...]:
    stands = any(
        c.visit in besides and not c.beyond and c.span.starts_at <= when[0] and when[1] <= c.span.ends_at
        for c in claims
    )
    return tuple(
        (c.span.starts_at, c.span.ends_at)
        for c in claims
        if c.visit not in besides and not (stands and c.beyond)
    )


def know_who_is_taken(work: Work, wish: Wish, first: datetime, last: datetime) -> None:
    """Read at once what the rules ask of claims for any start from ``first`` to ``last``."""
    buffers = agency_policy.policy_in_force(work).document.buffers
    wanted = [who for who, _ in needed(with_known_staff(work, wish), buffers)]
    know_claims(work, [*wanted, *pools_of(work, wish)], week_around_each(first, last))


def claims_around(work: Work, at: datetime, who: Collection[Who]) -> dict[Who, tuple[Claim, ...]]:
    """What has claimed each of these in the week around ``at``; read once, whichever rule asks."""
    return claims_of_each(work, who, week_around(at))


def _name(work: Work, wish: Wish, who: PersonId | AccountId) -> str:
    if who == wish.supervisor:
        return identity.account_for(work, AccountId(who)).name
    return people.details_of(work, PersonId(who)).known_as
