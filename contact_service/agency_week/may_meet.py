"""What the rules say of a wanted visit whatever its time, and which supervisors could watch over it.  Pure.

The rules are those of booking themselves: they are asked here without a time, so that only what no time would change
speaks.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from contact_service.agency_week.clearing import uncleared_all_week
from contact_service.agency_week.known import ChildKnown, Gathered, StaffKnown
from contact_service.agency_week.wanted import Want
from contact_service.ids import AccountId, PersonId
from contact_service.people.language import at_home_in
from contact_service.people.person import Relation
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import NO_DEMANDS, PlanPerson, Risk, SupervisionLevel
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Decision, Permitted, Refused, all_of
from contact_service.policy.facts import BookingFacts, PersonFacts, WatcherFacts
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.suitability.fit import Gender

_NOT_HERE = "not_in_case"
_OUT_OF_REACH = "child_out_of_reach"


def strictest(levels: Iterable[SupervisionLevel]) -> SupervisionLevel:
    """The strictest of several levels; the least strict there is of none."""
    order = list(SupervisionLevel)
    return min(levels, key=order.index, default=order[-1])


def level_of(gathered: Gathered, child: PersonId, terms: PlanPerson) -> SupervisionLevel:
    """How closely a visit must be watched on any day of the week, by the plan and by the agency."""
    relation = gathered.relations.get((child, terms.person), Relation.OTHER)
    by_plan = (terms.level_on(day) for day in gathered.week.dates)
    return strictest((*by_plan, gathered.policy.least_level(relation, terms.risk)))


def with_interpreter(gathered: Gathered, want: Want) -> dict[PersonId, Want]:
    """The same visit with each interpreter whom the child's plan names and with whom it could be, in its order."""
    plan = gathered.children[want.child].plan
    named = (
        terms.person
        for terms in (plan.people if plan else ())
        if gathered.relations.get((want.child, terms.person)) is Relation.INTERPRETER
        and terms.person not in want.people
    )
    helped = {one: replace(want, people=(*want.people, one)) for one in named}
    return {one: it for one, it in helped.items() if not codes_against(gathered, it)}


def codes_against(gathered: Gathered, want: Want) -> tuple[str, ...]:
    """Why the visit cannot be asked for at any time of the week, by whomever it were watched; nothing where it can."""
    for one in want.children:
        known = gathered.children.get(one.child)
        if known is None:
            return (_OUT_OF_REACH,)
        others = {*want.people, *(c.child for c in want.children)}
        if not others <= known.members.keys():
            return (_NOT_HERE,)
    shortest = gathered.policy.limits.shortest
    if want.length < shortest:
        return ("length",)
    decisions = list(_decisions(gathered, want).values())
    if not decisions:
        return ("no_supervisor",)
    if any(isinstance(one, Permitted) for one in decisions):
        return ()
    codes = [tuple(r.code for r in d.reasons) for d in decisions if isinstance(d, Refused)]
    said = dict.fromkeys(code for one in codes for code in one)
    # What is said of everybody is the reason; where one fits here and another there, all that is said of anybody.
    return tuple(code for code in said if all(code in one for one in codes)) or tuple(said)


def who_may_watch(gathered: Gathered, want: Want) -> tuple[StaffKnown, ...]:
    """The visit supervisors with whom no rule says no."""
    decisions = _decisions(gathered, want)
    return tuple(
        one
        for one in gathered.staff
        if one.may_watch and isinstance(decisions[_Listener.of(gathered, want, one)], Permitted)
    )


def suits(gathered: Gathered, want: Want, one: StaffKnown) -> bool:
    """Whether neither a conflict of interest nor what a plan asks for keeps somebody from watching (R59, R60)."""
    watcher = _Listener.of(gathered, want, one)
    decision = _decided(gathered, want, watcher)
    return isinstance(decision, Permitted) or not {"R59", "R60"} & set(decision.rules)


def is_in_conflict(gathered: Gathered, want: Want, account: AccountId) -> bool:
    """Whether somebody has a conflict of interest with anybody of a visit, or a case of its children (R59)."""
    everybody, cases = people_of(want), {gathered.children[c.child].case for c in want.children}
    return any(
        conflict.account == account
        and (conflict.person in everybody if conflict.person else conflict.case in cases)
        for conflict in gathered.conflicts
    )


class _Listener(NamedTuple):
    """All of a member of staff that a rule could ask for: of those who are alike, one stands for all."""

    languages: frozenset[str]
    in_conflict: bool
    gender: Gender | None
    trainings: frozenset[str]

    @classmethod
    def of(cls, gathered: Gathered, want: Want, one: StaffKnown) -> "_Listener":
        """A training counts where it does on every day of the week: on which of them the visit is, nobody knows."""
        return cls(
            languages=one.languages,
            in_conflict=is_in_conflict(gathered, want, one.id),
            gender=one.fit.gender,
            trainings=one.fit.trained_on(gathered.week.dates[-1]),
        )


def _decisions(gathered: Gathered, want: Want) -> dict[_Listener, Decision]:
    listeners = dict.fromkeys(_Listener.of(gathered, want, one) for one in gathered.staff if one.may_watch)
    return {listener: _decided(gathered, want, listener) for listener in listeners}


def _decided(gathered: Gathered, want: Want, listener: _Listener) -> Decision:
    return all_of(may_book(facts) for facts in _facts(gathered, want, listener))


def people_of(want: Want) -> tuple[PersonId, ...]:
    """The children, whom they meet and who brings them, once each."""
    carers = [one.caregiver for one in want.children if one.caregiver is not None]
    return tuple(dict.fromkeys((*(one.child for one in want.children), *want.people, *carers)))


def _facts(gathered: Gathered, want: Want, listener: _Listener) -> Iterator[BookingFacts]:
    for one in want.children:
        known, child = gathered.children[one.child], gathered.details[one.child]
        meeting = [p for p in (*want.people, *(c.child for c in want.children)) if p != one.child]
        yield BookingFacts(
            child_name=child.known_as,
            child_languages=at_home_in(child.languages),
            people=tuple(_person(gathered, known, person, want) for person in meeting),
            has_caregiver=one.caregiver is not None,
            child_consent=known.consent,
            child_consent_needed=_basis(gathered, known, meeting) is PlanBasis.AGREEMENT,
            starts_at=None,
            ends_at=None,
            local_time_problem="",
            level=want.level,
            supervisor_qualified=True,
            supervisor_languages=listener.languages,
            watcher=WatcherFacts(
                name="",
                in_conflict=listener.in_conflict,
                gender=listener.gender,
                trainings=listener.trainings,
            ),
            duty_person_named=True,
            duty_in_conflict="",
            claimed=(),
            staff=(),
            pools=(),
            uncleared=uncleared_all_week(gathered, want, one.child),
            zone=known.zone,
            quiet=(),
            closed=(),
            no_school=(),
            policy=gathered.policy,
            policy_accepted=True,
            emergency_until=None,
            at=gathered.now,
        )


def _basis(gathered: Gathered, known: ChildKnown, meeting: Iterable[PersonId]) -> PlanBasis:
    if known.plan is None:
        return PlanBasis.AGREEMENT
    named = (known.plan.terms_for(person) for person in meeting)
    if any(terms is not None and terms.order in gathered.orders for terms in named):
        return PlanBasis.COURT_ORDER
    return known.plan.basis


def _person(gathered: Gathered, known: ChildKnown, person: PersonId, want: Want) -> PersonFacts:
    terms = known.plan.terms_for(person) if known.plan else None
    details = gathered.details[person]
    day = gathered.week.monday
    barred, apart = _restricted(gathered, want)
    carers = {one.child: one.caregiver for one in want.children}
    names = {person, carers.get(person)} - {None}
    return PersonFacts(
        name=details.known_as,
        relation=gathered.relations.get((known.child, person), Relation.OTHER),
        risk=terms.risk if terms else Risk.HIGH,
        in_plan=terms is not None,
        approved=person in known.approved,
        minor=person in gathered.every_child or details.is_adult_on(day) is False,
        languages=at_home_in(details.languages),
        plan_level=strictest(terms.level_on(one) for one in gathered.week.dates) if terms else None,
        plan_minutes=int(terms.length.total_seconds() // 60) if terms else None,
        often=None,
        booked_in_period=0,
        nearest_days=None,
        window=None,
        barred_from_child=bool(names & barred),
        demands=terms.demands if terms else NO_DEMANDS,
        apart_from_another=bool(names & apart),
    )


def _restricted(gathered: Gathered, want: Want) -> tuple[frozenset[PersonId], frozenset[PersonId]]:
    """Who of a visit is barred from somebody in it, and who is to be kept apart, at any moment of the week."""
    carers = {one.caregiver for one in want.children if one.caregiver is not None}
    everybody = {*want.people, *(one.child for one in want.children), *carers}
    found = [r for r in gathered.restrictions if r.people <= everybody]
    barred = [r.people for r in found if r.kind.bars]
    apart = [r.people for r in found if r.kind is RestrictionKind.APART]
    return frozenset().union(*barred), frozenset().union(*apart)
