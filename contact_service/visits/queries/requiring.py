"""Who must be there for a wished visit, as needs on a grid: hours, what is taken, rooms, who watches and interprets.

Who comes if they can is one group of them, each with all that must be met for them and for their carer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import and_, or_

from contact_service.actor import Role
from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_policy.document import Buffer
from contact_service.calendars.queries import know_marked
from contact_service.claims.claim import Who
from contact_service.claims.queries import claims_of_each, know_claims
from contact_service.identity import queries as identity
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.people.queries import members as people
from contact_service.plans import queries as plans
from contact_service.plans.hours import AT_ANY_HOUR, Window
from contact_service.pools.queries import links_of, pool_times
from contact_service.scheduling.availability import Availability, free_slots, open_hours
from contact_service.scheduling.grid import STEP, Grid
from contact_service.scheduling.shared_rooms import slots_open, slots_with_room, users_of_links
from contact_service.scheduling.slots import Group, Need
from contact_service.scheduling.written_hours import days_around, usual_slots
from contact_service.visits.needed import needed
from contact_service.visits.optional import IfTheyCan, without
from contact_service.visits.queries.closing import not_quiet, open_slots
from contact_service.visits.queries.interpreting import Interpreters, interpreters_for
from contact_service.visits.queries.judging import never_welcome, pairs_at_odds
from contact_service.visits.queries.suiting import barred_from
from contact_service.visits.queries.supervising import asked_of_supervisors, suiting_slots
from contact_service.visits.weeks import days_of, week_around_each, weeks_around_each
from contact_service.visits.wish import Wish
from contact_service.work import Work
from contact_service.working_hours.queries import family_time_of, know_busy, time_of

AGENCY = "agency_hours/"
SUPERVISOR, INTERPRETER, QUORUM, BESIDES = "supervisor", "interpreter", "quorum", "interpreters_besides"


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is asked for: a wish at no particular time, and who of it comes if they can.

    ``besides``: the booked visit that would move.  ``with_interpreter``: somebody may interpret besides.
    """

    wish: Wish
    optional: IfTheyCan
    besides: VisitId | None = None
    with_interpreter: bool = False

    @property
    def must_come(self) -> Wish:
        """The wish with those alone who must be there."""
        return without(self.wish, self.optional.people)

    def must_come_and(self, person: PersonId) -> Wish:
        """The same with one of those who come if they can."""
        return without(self.wish, {*self.optional.people} - {person})


class Booked:
    """The free slots of whoever may be needed, by what other visits have claimed.

    Of supervisors and interpreters those count who suit the people who must be there; ``suiting_with`` says which of
    these supervisors suit each of those who come if they can too, and ``interpreters_for_all`` who interprets for all.
    """

    def __init__(self, work: Work, asked: "Search", grid: Grid) -> None:
        self.grid, self.buffers = grid, agency_policy.policy_in_force(work).document.buffers
        wish, must = asked.wish, asked.must_come
        self.asked = asked_of_supervisors(work, must)
        able = [account.id for account in identity.accounts_with(work, Role.VISIT_SUPERVISOR)]
        chosen = [one for one in able if wish.supervisor in (None, one)]
        self.suiting = self._suiting(work, must, chosen)
        self.supervisors = list(self.suiting)
        self.suiting_with = {
            person: self._suiting(work, asked.must_come_and(person), self.supervisors)
            for person in asked.optional.people
        }
        self.kept_out = never_welcome(work, wish, asked.optional, grid.begins, grid.ends)
        barred = barred_from(work, must.everybody, (one.child for one in must.children))
        self.barred = [account for account in chosen if account in barred]
        # The rules will ask the same of the starts that are found.
        all_days, blocks = (grid.begins, grid.ends), weeks_around_each(grid.begins, grid.ends)
        know_busy(work, self.supervisors, [all_days, *blocks])
        know_marked(work, wish.everybody, [days_around(*all_days), *map(days_of, blocks)])
        self.times = time_of(work, self.supervisors, between=all_days)
        nobody = Interpreters(of={})
        self.interpreters = (
            interpreters_for(work, must, self.supervisors) if asked.with_interpreter else nobody
        )
        self.interpreters_for_all = (
            interpreters_for(work, wish, self.supervisors)
            if asked.with_interpreter and asked.optional.people
            else self.interpreters
        )
        self.links = links_of(work, wish.everybody)
        pools = {link.pool.id for link in self.links}
        whom: list[Who] = [
            *sorted(wish.everybody),
            *self.interpreters.everybody,
            *self.interpreters_for_all.everybody,
            *self.supervisors,
            *sorted(pools),
        ]
        know_claims(work, whom, [all_days, *week_around_each(*all_days)])
        self.taken: dict[str, list[tuple[datetime, datetime]]] = {}
        for who, claims in claims_of_each(work, whom, all_days).items():
            spans = [c.span for c in claims if asked.besides is None or c.visit != asked.besides]
            if spans:
                self.taken[who] = [(span.starts_at, span.ends_at) for span in spans]

    def _suiting(self, work: Work, wish: Wish, accounts: list[AccountId]) -> dict[AccountId, int]:
        # On the last day that suits, what follows the start may lie behind it.
        beyond = -(-(wish.length + self.buffers.visit_supervisor.after) // STEP)
        asked = asked_of_supervisors(work, wish)
        return suiting_slots(work, wish, self.grid, accounts, asked=asked, beyond=beyond)

    def free(self, who: str) -> int:
        """The slots in which nothing has claimed ``who``."""
        taken = tuple(self.taken.get(who, ()))
        return free_slots(self.grid, Availability(zone="UTC", weekly=(open_hours(AT_ANY_HOUR),), taken=taken))

    def at_work(self, account: AccountId) -> int:
        """The slots in which a member of staff works, by what is written down."""
        time = self.times[account]
        return usual_slots(self.grid, time.weekly, time.away, time.busy)


def needs(work: Work, asked: Search, booked: Booked) -> Iterator[Need | Group]:
    """Everything that must be met for a visit to start; of those who come if they can, enough must be able to."""
    yield from _people(work, asked.must_come, booked)
    if asked.optional.people:
        yield _if_they_can(work, asked, booked)
        yield _interpreters_besides(work, booked)
    yield from _interpreting(work, booked)
    # The one who was chosen, else any.
    watching = {
        str(account): booked.free(account) & booked.at_work(account) & suits
        for account, suits in booked.suiting.items()
    }
    yield _beside(Need(name=SUPERVISOR, members=watching), booked.buffers.visit_supervisor)


def _if_they_can(work: Work, asked: Search, booked: Booked) -> Group:
    """Those who come if they can; whom the rules keep out all the time is not counted."""
    grid, wish, optional = booked.grid, asked.wish, asked.optional
    at_odds = reduce(
        and_, (pairs_at_odds(work, wish, optional, at) for at in (grid.begins, grid.ends - wish.length))
    )
    return Group(
        name=QUORUM,
        members={
            str(person): tuple(_people(work, asked.must_come_and(person), booked))
            for person in optional.people
            if person not in booked.kept_out
        },
        count=optional.quorum,
        at_odds=frozenset(frozenset(map(str, pair)) for pair in at_odds),
    )


def _people(work: Work, wish: Wish, booked: Booked) -> Iterator[Need]:
    """What must be met for everybody of ``wish``, whoever watches."""
    grid = booked.grid
    hours = agency_policy.policy_in_force(work).document.hours
    window = Window(days=hours.days, earliest=hours.earliest, latest=hours.latest)
    for one in wish.by_child():
        zone = people.zone_of(work, people.case_of(work, one.child))
        yield _alone(grid, f"{AGENCY}{one.child}", Availability(zone=zone, weekly=(open_hours(window),)))
        outside = not_quiet(work, one.child, grid, zone)
        if outside != grid.everything:
            yield _need(f"quiet_hours/{one.child}", outside)
        yield from _plan_hours(work, one, grid, zone)
    yield from _calendars(work, wish, grid)
    between = (grid.begins, grid.ends)
    for time in family_time_of(work, sorted(wish.everybody), between=between).values():
        yield _need(f"family_hours/{time.person}", usual_slots(grid, time.weekly, time.away, time.busy))
    for person, buffer in needed(replace(wish, supervisor=None), booked.buffers):
        if person in booked.taken:
            name = f"busy/{person}"
            yield _beside(Need(name=name, members={name: booked.free(person)}), buffer)
    yield from _pools(work, wish, booked)


def _interpreting(work: Work, booked: Booked) -> Iterator[Need]:
    """Somebody who interprets, at hours that suit them, or a supervisor who understands without.

    Who of them goes with which supervisor is left to the rules.
    """
    able = booked.interpreters.everybody
    if not able:
        return
    members = {str(one): free for one, free in _free_at_their_hours(work, booked, able).items()}
    understanding = booked.interpreters.not_needed_with
    members |= {f"{INTERPRETER}/{one}": booked.free(one) & booked.at_work(one) for one in understanding}
    need = Need(name=INTERPRETER, members=members)
    # The time around a visit of whoever supervises is another's: with one of them among these, the rules look at it.
    yield need if understanding else _beside(need, booked.buffers.family_member)


def _interpreters_besides(work: Work, booked: Booked) -> Group:
    """Who could interpret for all who may come, where those who must need nobody or somebody else; nobody must."""
    free = _free_at_their_hours(work, booked, booked.interpreters_for_all.everybody)
    members = {
        f"{BESIDES}/{one}": (_beside(_need(one, slots), booked.buffers.family_member),)
        for one, slots in free.items()
    }
    return Group(name=BESIDES, members=members)


def _free_at_their_hours(work: Work, booked: Booked, persons: tuple[PersonId, ...]) -> dict[PersonId, int]:
    between = (booked.grid.begins, booked.grid.ends)
    times = family_time_of(work, list(persons), between=between) if persons else {}
    hours = {one.person: usual_slots(booked.grid, one.weekly, one.away, one.busy) for one in times.values()}
    return {one: booked.free(one) & hours.get(one, booked.grid.everything) for one in persons}


def _pools(work: Work, wish: Wish, booked: Booked) -> Iterator[Need]:
    """The rooms and links from which people of ``wish`` take part: when they are open, and when one is free."""
    grid, buffers = booked.grid, dict(needed(wish, booked.buffers))
    own = [link for link in booked.links if link.person in wish.everybody]
    pools = dict.fromkeys(link.pool for link in own)
    days = days_around(grid.begins, grid.ends)
    times = pool_times(work, frozenset(pool.id for pool in pools), *days) if pools else {}
    for pool in pools:
        links = [link for link in own if link.pool == pool]
        users = users_of_links(grid, links)
        around = Buffer(
            before=max(buffers[link.person].before for link in links),
            after=max(buffers[link.person].after for link in links),
        )
        if not any(users):
            continue
        elsewhere = grid.everything & ~reduce(or_, users)
        # Of a day on which the few open hours are taken, that is said first: more hours are harder to come by.
        room = slots_with_room(grid, pool.units, users, booked.taken.get(pool.id, ()))
        yield _beside(_need(f"pool_taken/{pool.id}", room), around)
        yield _beside(_need(f"pool_closed/{pool.id}", slots_open(grid, times[pool.id]) | elsewhere), around)


def _beside(need: Need, buffer: Buffer) -> Need:
    """The same need with the time around a visit, in whole slots."""
    return replace(need, before=-(-buffer.before // STEP), after=-(-buffer.after // STEP))


def _alone(grid: Grid, name: str, availability: Availability) -> Need:
    return _need(name, free_slots(grid, availability))


def _need(name: str, slots: int) -> Need:
    return Need(name=name, members={name: slots})


def _calendars(work: Work, wish: Wish, grid: Grid) -> Iterator[Need]:
    """What shared calendars leave open: each of them for all the children, by the clock where each of them lives."""
    left: dict[str, int] = {}
    for one in wish.by_child():
        zone = people.zone_of(work, people.case_of(work, one.child))
        for calendar, slots in open_slots(work, one, grid, zone):
            left[calendar.id] = left.get(calendar.id, grid.everything) & slots
    for calendar_id, slots in left.items():
        yield _need(f"closed/{calendar_id}", slots)


def _plan_hours(work: Work, wish: Wish, grid: Grid, zone: str) -> Iterator[Need]:
    """The days and hours that the child's plan has for each person; those that are never closed need no look."""
    plan = plans.plan_for(work, wish.child)
    for person in wish.meeting:
        terms = plan.terms_for(person) if plan else None
        if terms and terms.window != Window():
            rules = Availability(zone=zone, weekly=(open_hours(terms.window),))
            yield _alone(grid, f"plan_hours/{person}", rules)
