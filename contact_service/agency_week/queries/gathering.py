"""Everything a week is planned from, read for all children at once: as many questions for a hundred as for one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from contact_service.agency_policy import queries as agency_policy
from contact_service.agency_week.known import ChildKnown, Gathered, StaffKnown, Week
from contact_service.calendars.calendar import Effect
from contact_service.calendars.queries import marked_for_each
from contact_service.claims.queries import claims_between
from contact_service.clearances.queries import clearances_of_each
from contact_service.consent.consent import Purpose
from contact_service.consent.queries import standing_of_each
from contact_service.identity import queries as identity
from contact_service.ids import CaseId, PersonId
from contact_service.people.language import at_home_in
from contact_service.people.person import MemberRole
from contact_service.people.queries import members as people
from contact_service.people.queries.many import (
    approved_for_each,
    details_of_each,
    relations_to,
    roles_of_cases,
    workers_of_each,
)
from contact_service.people.queries.placements import carers_on
from contact_service.people.queries.siblings import children_of, who_are_children
from contact_service.plans.queries import orders_standing, quiet_hours_of_each
from contact_service.pools.pool import PoolLink
from contact_service.pools.queries import links_of, pool_times
from contact_service.restrictions.queries import restrictions_during
from contact_service.scheduling.written_hours import days_around
from contact_service.suitability.queries import conflicts_about, fit_of
from contact_service.visits.queries.of_many import visits_of_each
from contact_service.visits.queries.owing import Ledger, ledgers_of
from contact_service.visits.short import ShortVisit
from contact_service.work import Work
from contact_service.working_hours.queries import family_time_of, time_of

_AROUND = timedelta(days=2)


def gather(work: Work, week: Week) -> Gathered:
    """What is known of every child within the actor's reach, of whom they meet, and of the staff, for one week."""
    children = children_of(work, people.cases_of(work))
    ledgers = ledgers_of(work, children)
    cases = sorted(set(children.values()))
    roles = roles_of_cases(work, cases)
    visits = _by_child(visits_of_each(work, list(children)))
    named = {t.person for ledger in ledgers.values() if ledger.plan for t in ledger.plan.people}
    everybody = {*children, *named, *(person for members in roles.values() for person in members)}
    grid, policy = week.grid, agency_policy.policy_in_force(work)
    known = _children(work, week, ledgers, roles, visits)
    links = links_of(work, frozenset(everybody))
    around = days_around(grid.begins, grid.ends)
    return Gathered(
        week=week,
        now=work.now,
        policy=policy.document,
        policy_version=policy.version,
        children=known,
        details=details_of_each(work, everybody),
        every_child=who_are_children(work, everybody),
        relations=relations_to(work, list(children)),
        restrictions=tuple(restrictions_during(work, everybody, first=grid.begins, after=grid.ends)),
        orders=orders_standing(work, children, week.dates),
        workers=workers_of_each(work, cases),
        staff=_staff(work, (grid.begins - _AROUND, grid.ends + _AROUND)),
        conflicts=conflicts_about(work, frozenset(everybody), frozenset(cases)),
        claims=tuple(claims_between(work, grid.begins - _AROUND, grid.ends + _AROUND)),
        closed=marked_for_each(work, everybody, Effect.NO_VISITS, *around),
        family=family_time_of(work, everybody, between=(grid.begins, grid.ends)),
        pool_links=links,
        pool_times=pool_times(work, frozenset(link.pool.id for link in links), *around),
        clearances=clearances_of_each(work, _who_needs_clearance(links, children)),
    )


def _who_needs_clearance(links: Iterable[PoolLink], children: Iterable[PersonId]) -> frozenset[PersonId]:
    """Whoever may take part from an establishment: a child does with whoever brings them."""
    there = frozenset(link.person for link in links if link.pool.desk)
    return there.union(children) if there else there


def _by_child(visits: Iterable[ShortVisit]) -> Mapping[PersonId, list[ShortVisit]]:
    found: dict[PersonId, list[ShortVisit]] = defaultdict(list)
    for visit in visits:
        for child in visit.children:
            found[child].append(visit)
    return found


def _children(
    work: Work,
    week: Week,
    ledgers: Mapping[PersonId, Ledger],
    roles: Mapping[CaseId, Mapping[PersonId, MemberRole]],
    visits: Mapping[PersonId, list[ShortVisit]],
) -> dict[PersonId, ChildKnown]:
    ids = list(ledgers)
    days = days_around(week.grid.begins, week.grid.ends)
    no_school = marked_for_each(work, ids, Effect.NO_SCHOOL, *days)
    homes, quiet = carers_on(work, ids, week.monday), quiet_hours_of_each(work, ids)
    approved = approved_for_each(work, ids)
    consents = standing_of_each(work, ids, Purpose.TAKE_PART)
    return {
        child: ChildKnown(
            child=child,
            case=ledger.case,
            zone=ledger.zone,
            plan=ledger.plan,
            owed={one.person: one.still_owed for one in ledger.kept},
            carer=_carer(homes.get(child), roles[ledger.case]),
            approved=approved[child],
            consent=consents[child],
            quiet=quiet[child],
            no_school=no_school[child],
            members=roles[ledger.case],
            visits=tuple(visits.get(child, ())),
        )
        for child, ledger in ledgers.items()
    }


def _carer(home: PersonId | None, members: Mapping[PersonId, MemberRole]) -> PersonId | None:
    """With whom the child lives; where that is not known, a carer of the case."""
    carers = [person for person, role in members.items() if role is MemberRole.CAREGIVER]
    return home if home in carers else next(iter(carers), None)


def _staff(work: Work, between: tuple[datetime, datetime]) -> tuple[StaffKnown, ...]:
    accounts = sorted(identity.everybody(work), key=lambda one: one.id)
    ids = [one.id for one in accounts]
    times, languages = time_of(work, ids, between=between), identity.languages_of_each(work, ids)
    working = frozenset(agency_policy.policy_in_force(work).document.working_languages)
    return tuple(
        StaffKnown(
            account=one,
            languages=working | at_home_in(languages[one.id]),
            time=times[one.id],
            fit=fit_of(work, one.id),
        )
        for one in accounts
    )
