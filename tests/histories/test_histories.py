"""Random histories: whatever is done, in whatever order, at whatever instant, nobody is in a room who must not be.

``HISTORIES=5000`` runs so many on SQLite; the figures of a long run stand in ``tests/README.md``.
"""

import os
from collections import Counter
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from contact_service.consent.consent import ConsentKind, ConsentState, Purpose
from contact_service.ids import PersonId, VisitId
from contact_service.plans.order import OrderSubject
from contact_service.plans.plan import PlanBasis
from contact_service.proposals.proposal import Answer
from contact_service.protocol.link import EventKind
from contact_service.restrictions.restriction import RestrictionKind
from contact_service.visits.visit import Outcome, Participant, Visit, VisitState
from tests.cast import House
from tests.histories import agency_acts, family_acts
from tests.histories.acts import Town
from tests.histories.conftest import Houses

HISTORIES = int(os.environ.get("HISTORIES", "35"))
STEPS = 20
# Explaining a failure takes longer than finding it; the steps say enough.
PHASES = (Phase.explicit, Phase.generate, Phase.shrink)
YES, NO, BACK = ConsentState.GIVEN, ConsentState.DECLINED, ConsentState.WITHDRAWN
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)
_MOMENT = timedelta(microseconds=1)

number = st.integers(0, 5)
answer = st.sampled_from([YES, YES, NO, BACK])
purpose = st.sampled_from([Purpose.TAKE_PART, *list(Purpose)[:4]])
span = st.sampled_from(
    [
        _MOMENT,
        timedelta(seconds=1),
        timedelta(seconds=31),
        _MINUTE,
        5 * _MINUTE,
        15 * _MINUTE,
        30 * _MINUTE,
        2 * timedelta(hours=1),
        _DAY,
        7 * _DAY,
    ]
)
pair = st.sampled_from(
    [
        ("dana", "mia"),
        ("emil", "mia"),
        ("dana", "emil"),
        ("ines", "dana"),
        ("dana", "jonas"),
        ("rosa", "mia"),
        ("dana", None),
        ("mia", None),
        ("ines", None),
    ]
)
# Mostly one child; else Finn with a carer of his own or with Mia's, or Jonas, who lives with her.
shares = st.sampled_from(["", "", "", "finn", "finn with ines", "jonas"])
company = st.sampled_from([("dana",), ("dana", "emil"), ("emil",), ("dana", "rosa"), ("jonas",)])


class Histories(RuleBasedStateMachine):
    """One house; every rule is something that somebody, a device or the clock may do."""

    source: ClassVar[tuple[Houses]]
    tally: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.open = ExitStack()
        self.town = Town(house=self.open.enter_context(self.source[0]()))
        self.cast = self.town.house.cast

    def teardown(self) -> None:
        self.tally.update(self.town.done)
        self.tally.update(histories=1, judged=self.town.judge.seen, admissions=self.town.judge.admissions)
        self.open.close()

    # ---- who and what

    def person(self, name: str) -> PersonId:
        if name in ("finn", "tomas"):
            brother = self.town.brother
            return PersonId(getattr(brother, name) if brother else "0" * 32)
        found: PersonId = getattr(self.cast, name)
        return found

    def known(self) -> tuple[str, ...]:
        """Everybody whom a plan of Mia's may name."""
        return ("dana", "emil", "rosa", "jonas", *(["finn"] if self.town.brother else []))

    def people(self, names: tuple[str, ...]) -> tuple[PersonId, ...]:
        return tuple(self.person(name) for name in names)

    def visit(self, which: int) -> VisitId:
        return self.town.visits[which % len(self.town.visits)]

    def participant(self, which: int, who: int) -> tuple[Visit, Participant]:
        visit = self.town.house.visit(self.visit(which))
        family = visit.families()
        return visit, family[who % len(family)]

    def order(self, which: int) -> str | None:
        orders = list(self.town.book.orders)
        return orders[which % len(orders)] if orders else None

    def instant(self, when: str, shift: timedelta, which: int) -> datetime:
        """An instant that matters to a visit, or now, and a little later."""
        if when == "now" or not self.town.visits:
            return self.town.now + shift
        meeting = self.town.book.meetings[self.visit(which)]
        at = {"start": meeting.begins, "end": meeting.ends, "door": meeting.begins - 15 * _MINUTE}
        return at.get(when, meeting.ends + 15 * _MINUTE) + shift

    @invariant()
    def everybody_may_be_where_they_are(self) -> None:
        self.tally.update(steps=1)
        self.town.judge.looks(self.town.visits)

    # ---- acts

    @initialize(
        ahead=st.sampled_from([2, 2, 3]),
        people=company,
        basis=st.sampled_from([PlanBasis.AGREEMENT, PlanBasis.AGREEMENT, PlanBasis.AUTHORITY_PLAN]),
        far=st.sampled_from(["asked", "at the door", "together", "together"]),
        shared=shares,
    )
    def a_visit_is_asked_for(
        self, ahead: int, people: tuple[str, ...], basis: PlanBasis, far: str, shared: str
    ) -> None:
        """Most histories begin late, where most can go wrong."""
        if shared.startswith("finn"):
            self.town.a_brother_is_known()
            people = ("dana",)  # whom both have in their plans
        shared = "" if shared in people else shared  # Jonas joins by a link of his own, or shares it
        if basis is PlanBasis.AUTHORITY_PLAN:
            self.plans(people=self.known(), basis=basis, order=None)
        self.asks(child="mia", people=people, ahead=ahead, hour=16, shared=shared)
        if far != "asked":
            self.comes_to_the_door(0)
        if far == "together":
            self.come_together(0)

    @rule(
        child=st.sampled_from(["mia", "mia", "jonas"]),
        people=company,
        ahead=st.sampled_from([2, 2, 3, 9]),
        hour=st.sampled_from([16, 16, 17]),
        shared=shares,
    )
    def asks(self, child: str, people: tuple[str, ...], ahead: int, hour: int, shared: str) -> None:
        if len(self.town.visits) < 3:
            wish = self.town.wish(self.person(child), self.people(people), ahead, hour, shares=shared)
            self.town.asks(wish)

    @rule(
        people=company,
        ahead=st.sampled_from([3, 3, 5]),
        shared=shares,
        visit_id=st.sampled_from(["a" * 32, "b" * 32]),
        goes_on=st.integers(0, 4),
    )
    def proposes(self, people: tuple[str, ...], ahead: int, shared: str, visit_id: str, goes_on: int) -> None:
        """Mostly on to a choice that is open, or made."""
        if len(self.town.visits) >= 3 or visit_id in self.town.visits:
            return
        wish = self.town.wish(self.cast.mia, self.people(people), ahead, 17, shares=shared)
        family_acts.proposes(self.town, wish, visit_id)
        if goes_on and visit_id in self.town.visits:
            self.town.decides(VisitId(visit_id), "approve")
        if goes_on > 2 and visit_id in self.town.visits:
            family_acts.chooses(self.town, VisitId(visit_id), wish.people[0], goes_on - 2)

    has_visit = precondition(lambda self: bool(self.town.visits))

    @has_visit
    @rule(which=number, who=number, place=st.integers(1, 3))
    def chooses(self, which: int, who: int, place: int) -> None:
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        family_acts.chooses(self.town, visit.id, participant.person, place)

    @has_visit
    @rule(which=number, who=number, said=st.sampled_from(list(Answer)), days=st.sampled_from([None, 1, 2, 7]))
    def replies(self, which: int, who: int, said: Answer, days: int | None) -> None:
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        family_acts.answers(self.town, visit.id, participant.person, said)
        if days is not None:
            family_acts.wants(self.town, visit.id, participant.person, days)

    @has_visit
    @rule(which=number, people=company, ahead=st.integers(1, 4), shared=shares)
    def changes(self, which: int, people: tuple[str, ...], ahead: int, shared: str) -> None:
        visit = self.visit(which)
        child = PersonId(self.town.book.meetings[visit].children[0].child)
        self.town.changes(visit, self.town.wish(child, self.people(people), ahead, 16, shares=shared))

    @has_visit
    @rule(
        which=number,
        what=st.sampled_from(
            ["approve", "approve", "approve", "decline", "withdraw", "cancel", "suspend", "ask again"]
        ),
    )
    def decides(self, which: int, what: str) -> None:
        self.town.decides(self.visit(which), what)

    @rule(
        kind=st.sampled_from(list(RestrictionKind)),
        who=pair,
        when=st.sampled_from(["at once", "now", "start", "door", "end"]),
        shift=span,
        lasts=st.one_of(st.none(), span),
        which=number,
    )
    def restricts(
        self,
        kind: RestrictionKind,
        who: tuple[str, str | None],
        when: str,
        shift: timedelta,
        lasts: timedelta | None,
        which: int,
    ) -> None:
        one, other = who
        starts_at = None if when == "at once" else self.instant(when, shift, which)
        self.town.restricts(
            kind,
            self.person(one),
            self.person(other) if other else None,
            starts_at=starts_at,
            ends_at=None if lasts is None else (starts_at or self.town.now) + lasts,
        )

    @has_visit
    @rule(
        which=number,
        kind=st.sampled_from(list(RestrictionKind)),
        one=number,
        other=number,
        after=st.sampled_from([None, None, _MOMENT, timedelta(seconds=1), _MINUTE]),
    )
    def restricts_somebody_in_a_visit(
        self, which: int, kind: RestrictionKind, one: int, other: int, after: timedelta | None
    ) -> None:
        everybody = sorted(self.town.book.meetings[self.visit(which)].everybody)
        first, second = everybody[one % len(everybody)], everybody[other % len(everybody)]
        starts_at = None if after is None else self.town.now + after
        self.town.restricts(
            kind,
            PersonId(first),
            PersonId(second) if first != second else None,
            starts_at=starts_at,
            ends_at=None,
        )

    has_restriction = precondition(lambda self: bool(self.town.restrictions))

    @has_restriction
    @rule(
        which=number,
        two=st.sampled_from([("karim", "priya"), ("karim", "priya"), ("priya", "karim"), ("priya", "priya")]),
    )
    def lifts(self, which: int, two: tuple[str, str]) -> None:
        one, other = two
        which %= len(self.town.restrictions)
        self.town.asks_to_lift(one, which)
        self.town.lifts(other, which)

    @has_restriction
    @rule(which=number, order=number)
    def goes_on_by_order(self, which: int, order: int) -> None:
        if (found := self.order(order)) is not None:
            self.town.goes_on_by(which % len(self.town.restrictions), found)

    @rule(
        about=st.sampled_from(list(OrderSubject)),
        days=st.sampled_from([None, 0, 1, 3]),
        replaces=st.one_of(st.none(), number),
    )
    def orders(self, about: OrderSubject, days: int | None, replaces: int | None) -> None:
        earlier = None if replaces is None else self.order(replaces)
        self.town.orders(self.cast.mia, about, days, earlier)

    @rule(
        people=st.sampled_from([("everybody",), ("dana",), ("emil",)]),
        basis=st.sampled_from([PlanBasis.AGREEMENT, PlanBasis.AUTHORITY_PLAN]),
        order=st.one_of(st.none(), number),
    )
    def plans(self, people: tuple[str, ...], basis: PlanBasis, order: int | None) -> None:
        rests = None if order is None else self.order(order)
        people = self.known() if people == ("everybody",) else people
        self.town.plans(self.cast.mia, self.people(people), basis, rests)

    @rule(who=st.sampled_from(["dana", "dana", "emil", "jonas"]), ends=st.booleans())
    def may_meet(self, who: str, ends: bool) -> None:  # noqa: FBT001
        act = agency_acts.ends_approval if ends else agency_acts.approves_person
        act(self.town, self.cast.mia, self.person(who))

    @rule(policy=st.sampled_from(sorted(agency_acts.POLICIES)))
    def publishes(self, policy: str) -> None:
        agency_acts.publishes_policy(self.town, policy)

    @rule(people=company, hours=st.integers(2, 8))
    def asks_in_an_emergency(self, people: tuple[str, ...], hours: int) -> None:
        if len(self.town.visits) < 3:
            agency_acts.asks_soon(self.town, self.cast.mia, self.people(people), hours)

    @has_visit
    @rule(which=number)
    def a_doubt_is_cleared(self, which: int) -> None:
        agency_acts.clears_doubt(self.town, self.visit(which))

    @rule(days=st.integers(0, 3))
    def the_child_moves(self, days: int) -> None:
        agency_acts.moves(self.town, self.cast.mia, days)

    @rule(who=st.sampled_from(["agency", "dana"]), ends=st.booleans())
    def a_right_to_decide(self, who: str, ends: bool) -> None:  # noqa: FBT001
        agency_acts.right_changes(self.town, self.cast.mia, who, ends=ends)

    @rule(what=purpose)
    def new_words(self, what: Purpose) -> None:
        self.town.publishes(what)

    @rule(
        who=st.sampled_from(["mia", "mia", "jonas", "finn", "dana", "emil", "ines"]),
        what=purpose,
        state=answer,
    )
    def staff_record(self, who: str, what: Purpose, state: ConsentState) -> None:
        if who == "finn" and self.town.brother is None:
            return
        self.town.staff_records(self.person(who), what, state)

    @has_visit
    @rule(which=number, who=number, what=purpose, state=answer, kind=st.sampled_from(["consent", "notice"]))
    def answers(self, which: int, who: int, what: Purpose, state: ConsentState, kind: str) -> None:
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        link = self.town.link(visit.id, participant.person)
        if link is None or (kind == "notice" and state is not YES):
            return
        behind = (visit.id, link)
        self.town.answers(participant.person, what, state, kind=ConsentKind(kind), behind=behind)

    @has_visit
    @rule(which=number, who=number, state=answer)
    def the_child_says(self, which: int, who: int, state: ConsentState) -> None:
        visit = self.visit(which)
        children = self.town.book.meetings[visit].children
        one = children[who % len(children)]
        link = self.town.link(visit, PersonId(one.carer))
        if link is not None:
            child = PersonId(one.child)
            kind = ConsentKind.ASSENT
            self.town.answers(child, Purpose.TAKE_PART, state, kind=kind, behind=(visit, link))

    @has_visit
    @rule(which=number, who=number)
    def takes_all_back(self, which: int, who: int) -> None:
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        self.town.takes_all_back(participant.person, visit.id)

    # ---- time

    @rule(by=span, ticks=st.booleans())
    def time_passes(self, by: timedelta, ticks: bool) -> None:  # noqa: FBT001  drawn by the machine
        self.town.passes(by)
        if ticks:
            self.town.tick()

    @has_visit
    @rule(
        which=number,
        when=st.sampled_from(["door", "start", "end", "dead"]),
        shift=st.sampled_from([-_MOMENT, timedelta(0), _MINUTE]),
        ticks=st.booleans(),
    )
    def it_gets_late(self, which: int, when: str, shift: timedelta, ticks: bool) -> None:  # noqa: FBT001
        at = self.instant(when, shift, which)
        if at > self.town.now:
            self.town.house.clock.at = at
        if ticks:
            self.town.tick()

    @rule()
    def the_clock_ticks(self) -> None:
        self.town.tick()

    # ---- the day

    @has_visit
    @rule(which=number)
    def comes_to_the_door(self, which: int) -> None:
        self.town.brings_to_the_door(self.visit(which))

    @has_visit
    @rule(which=number)
    def come_together(self, which: int) -> None:
        self.town.brings_together(self.visit(which))

    @has_visit
    @rule(which=number)
    def the_whole_day(self, which: int) -> None:
        self.town.brings_to_the_door(self.visit(which))
        self.town.brings_together(self.visit(which))

    @has_visit
    @rule(which=number, who=number, age=number, knocks=st.booleans())
    def opens_a_link(self, which: int, who: int, age: int, knocks: bool) -> None:  # noqa: FBT001
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        self.town.opens(visit.id, participant.person, age % 2)
        if knocks:
            self.town.knocks(visit.id, participant.person, age % 2)

    @has_visit
    @rule(which=number, who=number, tells=st.booleans())
    def joins(self, which: int, who: int, tells: bool) -> None:  # noqa: FBT001
        visit, participant = self.participant(which, who)
        self.town.joins(visit.id, participant, tells=tells)

    @has_visit
    @rule(which=number, who=number)
    def comes_back(self, which: int, who: int) -> None:
        visit, participant = self.participant(which, who)
        assert participant.person is not None
        self.town.knocks(visit.id, participant.person)
        self.town.joins(visit.id, participant)

    @has_visit
    @rule(which=number)
    def the_supervisor_joins(self, which: int) -> None:
        visit = self.town.house.visit(self.visit(which))
        self.town.joins(visit.id, visit.watcher)

    @has_visit
    @rule(
        which=number,
        who=number,
        kind=st.sampled_from(
            [
                EventKind.DISCONNECTED,
                EventKind.CONNECTED,
                EventKind.LEFT,
                EventKind.WITHDRAWN,
                EventKind.BREAK_ASKED,
                EventKind.MUTED,
                EventKind.REMOVED,
            ]
        ),
    )
    def the_relay_tells_of_somebody(self, which: int, who: int, kind: EventKind) -> None:
        visit, participant = self.participant(which, who)
        self.town.relay_says(visit.id, kind, participant)

    @has_visit
    @rule(
        which=number,
        kind=st.sampled_from(
            [EventKind.HELD, EventKind.SUPERVISOR_LOST, EventKind.SUPERVISOR_RETURNED, EventKind.ENDED]
        ),
    )
    def the_relay_tells_of_the_room(self, which: int, kind: EventKind) -> None:
        self.town.relay_says(self.visit(which), kind)

    @has_visit
    @rule(
        which=number,
        who=number,
        how=st.sampled_from(["look", "admit", "admit", "aside", "aside", "back", "home", "undo"]),
    )
    def is_let_in_or_taken_aside(self, which: int, who: int, how: str) -> None:
        visit, participant = self.participant(which, who)
        acts = {
            "look": self.town.looks,
            "admit": self.town.admits,
            "aside": self.town.takes_aside,
            "back": self.town.sends_back,
            "home": self.town.sends_home,
            "undo": self.town.takes_goodbye_back,
        }
        acts[how](visit.id, participant)

    @has_visit
    @rule(which=number)
    def goes_on(self, which: int) -> None:
        self.town.resumes(self.visit(which))

    @has_visit
    @rule(which=number)
    def is_ended(self, which: int) -> None:
        self.town.ends(self.visit(which))


def run(houses: Houses, histories: int) -> Counter[str]:
    """Let so many histories happen; what was done in all of them together."""

    class Here(Histories):
        source = (houses,)
        tally: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=PHASES,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return Here.tally


@pytest.mark.slow
@pytest.mark.timeout(36_000)
def test_nobody_is_ever_where_they_must_not_be(houses_on_sqlite: Houses) -> None:
    done = run(houses_on_sqlite, HISTORIES)
    print(dict(sorted(done.items())))  # noqa: T201  the figures of a long run
    assert done["admissions"] > HISTORIES // 4
    assert done["judged"] > done["admissions"]


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(600)
def test_nor_on_postgresql(houses_on_postgresql: Houses) -> None:
    assert run(houses_on_postgresql, max(8, HISTORIES // 10))["judged"] > 0


def test_the_book_finds_nothing_wrong_with_a_day_as_it_should_be(houses_on_sqlite: Houses) -> None:
    with houses_on_sqlite() as house:
        town = Town(house=house)
        town.asks(town.wish(house.cast.mia, (house.cast.dana, house.cast.emil), 2, 16))
        town.brings_to_the_door(town.visits[0])
        town.brings_together(town.visits[0])
        assert town.judge.admissions == 3
        assert town.judge.seen > 3


def together(house: House) -> tuple[Town, VisitId]:
    """A town with one visit, in which Mia, Dana and Emil are."""
    town = Town(house=house)
    town.asks(town.wish(house.cast.mia, (house.cast.dana, house.cast.emil), 2, 16))
    [visit] = town.visits
    town.brings_to_the_door(visit)
    town.brings_together(visit)
    return town, visit


@pytest.mark.rule("R70")
def test_a_history_can_take_somebody_aside_and_nobody_else_is_carried_meanwhile(
    houses_on_sqlite: Houses,
) -> None:
    with houses_on_sqlite() as house:
        town, visit = together(house)
        mother = house.mother_in(house.visit(visit))
        town.takes_aside(visit, mother)
        before = town.judge.seen
        town.judge.looks(town.visits)
        assert town.judge.seen == before + 1  # of three who were let in
        town.sends_back(visit, mother)
        town.admits(visit, house.mother_in(house.visit(visit)))
        assert (town.done["taken aside"], town.judge.admissions) == (1, 4)


@pytest.mark.rule("R71")
def test_a_history_can_take_a_goodbye_back_and_the_way_in_is_that_of_everybody(
    houses_on_sqlite: Houses,
) -> None:
    with houses_on_sqlite() as house:
        town, visit = together(house)
        carer = house.child_in(house.visit(visit))
        town.takes_goodbye_back(visit, carer)
        assert "goodbye taken back" not in town.done
        town.sends_home(visit, carer)
        town.takes_goodbye_back(visit, carer)
        town.admits(visit, carer)
        assert town.judge.admissions == 3  # not straight in
        town.knocks(visit, house.cast.ines)
        town.joins(visit, carer)
        town.admits(visit, house.child_in(house.visit(visit)))
        assert (town.done["goodbye taken back"], town.judge.admissions) == (1, 4)


DEEP = ("admitted", "not admitted", "restricted no_contact", "lifted", "withdrew in the room")


def test_a_history_can_come_as_far_as_every_stop(houses_on_sqlite: Houses) -> None:
    """What chance need not bring: everything that a history must be able to reach, one after the other."""
    with houses_on_sqlite() as house:
        town, cast = Town(house=house), house.cast
        town.asks(town.wish(cast.mia, (cast.dana,), 2, 16))
        town.brings_to_the_door(town.visits[0])
        town.brings_together(town.visits[0])
        assert house.visit(town.visits[0]).state is VisitState.LIVE
        town.restricts(RestrictionKind.NO_CONTACT, cast.dana, cast.mia, starts_at=None, ends_at=None)
        assert house.visit(town.visits[0]).outcome is Outcome.ORDER_STOPPED
        town.judge.looks(town.visits)
        town.asks_to_lift("karim", 0)
        town.lifts("priya", 0)
        town.asks(town.wish(cast.mia, (cast.dana,), 3, 16))
        town.brings_to_the_door(town.visits[1])
        town.brings_together(town.visits[1])
        mother = house.mother_in(house.visit(town.visits[1]))
        town.relay_says(town.visits[1], EventKind.WITHDRAWN, mother)
        town.judge.looks(town.visits)
        town.admits(town.visits[1], mother)
        assert [what for what in DEEP if not town.done.get(what)] == []
        assert town.judge.admissions == 4


def test_a_history_can_come_as_far_with_two_children(houses_on_sqlite: Houses) -> None:
    """The same where two share a visit: one leaves it, the other goes on, and an order ends it."""
    with houses_on_sqlite() as house:
        town, cast = Town(house=house), house.cast
        town.a_brother_is_known()
        town.asks(town.wish(cast.mia, (cast.dana,), 2, 16, shares="finn"))
        town.brings_to_the_door(town.visits[0])
        town.brings_together(town.visits[0])
        assert town.done["a child of several admitted"] == 2
        town.relay_says(
            town.visits[0], EventKind.WITHDRAWN, house.device_in(house.visit(town.visits[0]), cast.ines)
        )
        town.judge.looks(town.visits)
        assert house.visit(town.visits[0]).state is VisitState.LIVE
        assert town.brother is not None
        town.restricts(RestrictionKind.NO_CONTACT, cast.dana, town.brother.finn, starts_at=None, ends_at=None)
        assert house.visit(town.visits[0]).state is VisitState.ENDED
        town.judge.looks(town.visits)
