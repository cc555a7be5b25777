"""The owed contact of children, reckoned from plan versions, visits, attendance, restrictions and decisions.

Everything is read for many children at once, in as many statements as for one.  Whose reach it is, the caller asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_policy import queries as agency_policy
from contact_service.ids import CaseId, PersonId, VisitId
from contact_service.people.queries.members import case_of
from contact_service.people.queries.siblings import children_of, merged_people, who_are_children, zones_of
from contact_service.plans.plan import ContactPlan
from contact_service.plans.queries import approved_plans
from contact_service.plans.terms import Medium, PlanPerson
from contact_service.restrictions.queries import barring
from contact_service.restrictions.restriction import Restriction, RestrictionSource
from contact_service.visits.loss import Standing, how_it_counts
from contact_service.visits.owed import Account, Meeting, Span, promises_of, reckon
from contact_service.visits.pair import Known, VisitSeen, pair_facts
from contact_service.visits.queries.meeting import visits_seen, what_was_said
from contact_service.work import Work

_AT_ONCE = 100
# What these decide is no promise of the agency's to keep; what the agency itself decides stays owed.
_NOT_OURS = (RestrictionSource.COURT_ORDER, RestrictionSource.POLICE)
_FOR_EVER = date.max


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """What one child is owed, with whom, and every visit that counts.

    ``today`` is the day where the child lives.  ``met``: every visit with each person, in the plan or not.  ``barred``:
    the days on which a restriction of any source forbids that the child meets them.
    """

    child: PersonId
    case: CaseId
    zone: str
    today: date
    plan: ContactPlan | None
    accounts: tuple[Account, ...]
    met: Mapping[PersonId, tuple[Meeting, ...]]
    starts: Mapping[VisitId, datetime]
    barred: Mapping[PersonId, tuple[Span, ...]]

    @property
    def kept(self) -> tuple[Account, ...]:
        """The accounts of people whom the plan in force names, by media of which visits are kept here."""
        return tuple(one for one in self.accounts if one.is_kept and one.terms is not None)

    @property
    def still_owed(self) -> int:
        """Visits owed by those accounts."""
        return sum(account.still_owed for account in self.kept)

    @property
    def to_decide(self) -> tuple[tuple[PersonId, Meeting], ...]:
        """Lost visits about which a worker must decide, oldest first, each with whom it would have been."""
        found = [(account.person, meeting) for account in self.accounts for meeting in account.to_decide()]
        return tuple(sorted(found, key=lambda one: (one[1].on, one[1].visit, one[0])))

    def last_met(self, person: PersonId) -> date | None:
        """The day on which the child last met somebody."""
        met = self.met.get(person, ())
        return max((m.on for m in met if m.standing is Standing.GIVEN), default=None)

    def next_with(self, person: PersonId) -> date | None:
        """The day of the next visit that is asked for or booked with them."""
        ahead = (m.on for m in self.met.get(person, ()) if m.standing is Standing.AHEAD)
        return min((day for day in ahead if day >= self.today), default=None)


def ledger_of(work: Work, child: PersonId) -> Ledger:
    """The ledger of one child of a case."""
    return ledgers_of(work, {child: case_of(work, child)})[child]


def ledgers_of_cases(work: Work, cases: Iterable[CaseId]) -> dict[PersonId, Ledger]:
    """The ledgers of every child of these cases."""
    return ledgers_of(work, children_of(work, cases))


def ledgers_of(work: Work, children: Mapping[PersonId, CaseId]) -> dict[PersonId, Ledger]:
    """The ledgers of these children, each with the case that is theirs."""
    found: dict[PersonId, Ledger] = {}
    wanted = list(children.items())
    for first in range(0, len(wanted), _AT_ONCE):
        found |= _ledgers(work, dict(wanted[first : first + _AT_ONCE]))
    return found


def _ledgers(work: Work, children: dict[PersonId, CaseId]) -> dict[PersonId, Ledger]:
    same, ids = merged_people(work), list(children)
    plans = approved_plans(work, ids)
    visits = visits_seen(work, ids, same=same)
    everybody = {person for visit in visits for person in visit.parties()}
    everybody |= {terms.person for versions in plans.values() for plan in versions for terms in plan.people}
    everybody |= set(ids)
    known = Known(
        now=work.now,
        late_exit=agency_policy.policy_in_force(work).limits.late_exit,
        are_children=who_are_children(work, everybody),
        said=what_was_said(work, ids, same=same),
    )
    restrictions, zones = barring(work, everybody), zones_of(work, children.values())
    by_child: dict[PersonId, list[VisitSeen]] = {child: [] for child in ids}
    for visit in visits:
        for child in visit.parties() & by_child.keys():
            by_child[child].append(visit)
    return {
        child: _ledger(
            _OneChild(
                child=child,
                case=case,
                zone=zones[case],
                plans=plans.get(child, []),
                visits=by_child[child],
                restrictions=[r for r in restrictions if child in r.people or len(r.people) == 1],
                same=same,
            ),
            known,
        )
        for child, case in children.items()
    }


@dataclass(frozen=True, kw_only=True)
class _OneChild:
    """What was read about one child."""

    child: PersonId
    case: CaseId
    zone: str
    plans: list[ContactPlan]
    visits: list[VisitSeen]
    restrictions: list[Restriction]
    same: Mapping[PersonId, PersonId]

    def day(self, at: datetime) -> date:
        """The day where the child lives."""
        return at.astimezone(ZoneInfo(self.zone)).date()

    def versions(self) -> list[tuple[date, list[PlanPerson]]]:
        """Each version with the day from which it stands, its people as they are known now."""
        return [
            (self.day(plan.decided_at), [self._as_now(terms) for terms in plan.people])
            for plan in self.plans
            if plan.decided_at
        ]

    def _as_now(self, terms: PlanPerson) -> PlanPerson:
        kept = self.same.get(terms.person)
        return replace(terms, person=kept) if kept else terms

    def barred(self, person: PersonId, sources: Sequence[RestrictionSource]) -> tuple[Span, ...]:
        """The days on which a restriction by one of ``sources`` forbids that they meet, for any part of the day."""
        return tuple(
            (self.day(r.starts_at), self._after(r.ends_at))
            for r in self.restrictions
            if r.people <= {self.child, person} and r.source in sources
        )

    def _after(self, ends_at: datetime | None) -> date:
        if ends_at is None or ends_at >= _ALMOST_FOR_EVER:
            return _FOR_EVER
        return self.day(ends_at - timedelta(microseconds=1)) + timedelta(days=1)


_ALMOST_FOR_EVER = datetime(9000, 1, 1, tzinfo=UTC)


def _ledger(one: _OneChild, known: Known) -> Ledger:
    met: dict[PersonId, list[Meeting]] = {}
    for visit in one.visits:
        for person in visit.met_by(one.child):
            met.setdefault(person, []).append(_meeting(visit, one, person, known))
    versions, today = one.versions(), one.day(known.now)
    named = dict.fromkeys((t.person, t.medium) for _, people in reversed(versions) for t in people)
    sources = tuple(RestrictionSource)
    return Ledger(
        child=one.child,
        case=one.case,
        zone=one.zone,
        today=today,
        plan=one.plans[-1] if one.plans else None,
        accounts=tuple(
            _account(one, (person, medium), met.get(person, []), today) for person, medium in named
        ),
        met={person: tuple(meetings) for person, meetings in met.items()},
        starts={visit.id: visit.starts_at for visit in one.visits},
        barred={person: one.barred(person, sources) for person in {*met, *(person for person, _ in named)}},
    )


def _meeting(visit: VisitSeen, one: _OneChild, person: PersonId, known: Known) -> Meeting:
    facts = pair_facts(visit, one.child, person, known)
    standing, cause = how_it_counts(facts)
    return Meeting(
        visit=visit.id,
        on=one.day(visit.starts_at),
        standing=standing,
        cause=cause,
        still_owed=known.said.decisions.get((visit.id, one.child, person)),
        minutes=round(facts.together.total_seconds() / 60),
    )


def _account(one: _OneChild, whom: tuple[PersonId, Medium], met: list[Meeting], today: date) -> Account:
    """What a plan says of any other medium than video is shown, and not reckoned: no such visit is kept here."""
    person, medium = whom
    promises = promises_of(one.versions(), person, medium)
    is_kept = medium is Medium.VIDEO
    current = promises[-1] if promises and promises[-1].until is None else None
    return Account(
        person=person,
        medium=medium,
        is_kept=is_kept,
        terms=current.terms if current else None,
        periods=reckon(promises, met, barred=one.barred(person, _NOT_OURS), today=today) if is_kept else (),
        meetings=tuple(met) if is_kept else (),
    )
