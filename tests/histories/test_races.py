"""Two transactions at the same instant: whichever wins, nobody is in a room who must not be, and no dead link opens.

Each race is run with real threads and real transactions; on PostgreSQL they run side by side, on SQLite one after the
other in an order that nobody chose.  ``RACES=500`` runs so many of each.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from contact_service import actor
from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.errors import ContactServiceError
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting, opening, stopping
from contact_service.invitations.actions.opening import Device, Opened
from contact_service.invitations.queries import invitations_of
from contact_service.policy.decision import Permitted
from contact_service.protocol.rooms import RoomState, Stage as RoomStage
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.actions import agreeing, attending, running
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.visit import Stage, Visit, VisitState
from tests.cast import SEEN, House, Phone
from tests.histories.conftest import Houses

RACES = int(os.environ.get("RACES", "5"))
Act = Callable[[], object]


def race(*acts: Act) -> list[object]:
    """What each gave when all began at once; None for what the product refused or the database put off."""
    line = threading.Barrier(len(acts))
    results: list[object] = [None] * len(acts)

    def run(place: int, act: Act) -> None:
        line.wait(10)
        time.sleep(secrets.randbelow(15) / 1000)  # so that each wins now and then
        with suppress(ContactServiceError, OperationalError):
            results[place] = act()

    threads = [threading.Thread(target=run, args=(n, act)) for n, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    return results


def restricting(house: House, kind: RestrictionKind, one: PersonId, other: PersonId | None) -> Act:
    def act() -> object:
        new = NewRestriction(kind=kind, person=one, other=other, source=RestrictionSource.COURT_ORDER)
        with house.work(house.cast.karim) as work:
            return stopping.restrict(work, house.cast.case, new)

    return act


def letting_in(house: House, visit: Visit, person: PersonId) -> Act:
    """As the page does it: the visit is read first, in the same transaction."""
    there = next(p for p in visit.families() if p.person == person)

    def act() -> object:
        with house.work(house.cast.lena) as work:
            visit_for(work, visit.id)
            return running.admit(work, visit.id, there.id, SEEN)

    return act


def at_the_door(house: House, *people: PersonId) -> Visit:
    """A visit at whose door everybody waits, agreed."""
    visit = house.waiting(people=people)
    house.consents(*people, house.cast.ines)
    for number, participant in enumerate(visit.participants):
        house.joins(visit, participant, f"{number:016x}")
    return house.visit(visit.id)


def carried(house: House, visit: Visit) -> set[PersonId | None]:
    """Whose media flow, by the list that the relay is given."""
    people = {p.id: p.person for p in visit.families()}
    rooms = [room for room in house.rooms().rooms if room.visit == visit.room]
    return {
        people[p.participant]
        for room in rooms
        for p in room.people
        if p.participant in people
        and ((p.stage is RoomStage.ADMITTED and room.state is RoomState.LIVE) or p.stage is RoomStage.PRIVATE)
    }


def admit_against_a_restriction(house: House) -> bool:
    visit = at_the_door(house, house.cast.dana)
    dana, mia = house.cast.dana, house.cast.mia
    done = race(letting_in(house, visit, dana), restricting(house, RestrictionKind.NO_CONTACT, dana, mia))
    if done[1] is None:  # put off by the database: asked for again
        restricting(house, RestrictionKind.NO_CONTACT, dana, mia)()
    assert dana not in carried(house, visit)
    assert house.state(visit) in (VisitState.SUSPENDED, VisitState.ENDED)
    return isinstance(done[0], Visit)


def admit_against_a_withdrawal(house: House) -> bool:
    visit = at_the_door(house, house.cast.dana)
    dana = house.cast.dana

    def takes_back() -> object:
        new = consent.NewAnswer(
            person=dana,
            purpose=Purpose.TAKE_PART,
            state=ConsentState.WITHDRAWN,
            version=1,
            method=Method.ON_THE_PAGE,
            visit=visit.id,
        )
        with house.as_family(dana) as work:
            agreeing.take_answer(work, new)
            return True

    done = race(letting_in(house, visit, dana), takes_back)
    if done[1] is None:
        takes_back()
    assert dana not in carried(house, visit)
    return isinstance(done[0], Visit)


def two_apart_let_in_at_once(house: House) -> bool:
    """Apart from an instant that has just come, before the clock's job has seen it."""
    dana, emil = house.cast.dana, house.cast.emil
    visit = at_the_door(house, dana, emil)
    new = NewRestriction(
        kind=RestrictionKind.APART,
        person=dana,
        other=emil,
        source=RestrictionSource.AGENCY_DECISION,
        starts_at=house.clock.at + timedelta(seconds=1),
    )
    with house.work(house.cast.karim) as work:
        stopping.restrict(work, house.cast.case, new)
    house.clock.forward(timedelta(seconds=1))
    done = race(letting_in(house, visit, dana), letting_in(house, visit, emil))
    assert len(carried(house, visit) & {dana, emil}) <= 1
    return isinstance(done[0], Visit)


def redeem_against_a_revocation(house: House) -> bool:
    visit = house.waiting()
    dana = house.cast.dana
    secret, phone = house.secret(visit, dana), Phone()

    def redeems() -> object:
        with house.as_actor(actor.NOBODY) as work:
            return opening.redeem(work, secret, Device(key=phone.key, cookies={}, address="192.0.2.1"))

    def suspends() -> object:
        with house.work(house.cast.karim) as work:
            return inviting.suspend(work, visit.id)

    done = race(redeems, suspends)
    if done[1] is None:
        suspends()
    assert not house.invitation(visit, dana).live, "a revoked link lives again"
    if isinstance(done[0], Opened):
        assert not isinstance(house.knocks(visit, dana, phone), Permitted)
    return isinstance(done[0], Opened)


def approve_against_a_restriction(house: House) -> bool:
    visit = house.requested()
    dana, mia = house.cast.dana, house.cast.mia

    def approves() -> object:
        with house.work(house.cast.priya) as work:
            return inviting.approve(work, visit.id)

    done = race(approves, restricting(house, RestrictionKind.NO_CONTACT, dana, mia))
    if done[1] is None:
        restricting(house, RestrictionKind.NO_CONTACT, dana, mia)()
    assert house.state(visit) is VisitState.SUSPENDED
    with house.reading(house.cast.karim) as work:
        assert not [link for link in invitations_of(work, visit.id) if link.live]
    return isinstance(done[0], Visit)


def join_against_a_restriction(house: House) -> bool:
    visit = house.waiting()
    dana, mia = house.cast.dana, house.cast.mia

    def joins() -> object:
        with house.as_actor(actor.relay("relay-1")) as work:
            attending.joined(work, visit.id, house.mother_in(visit), "cc" * 8)
            return True

    done = race(joins, restricting(house, RestrictionKind.NO_CONTACT, dana, mia))
    if done[1] is None:
        restricting(house, RestrictionKind.NO_CONTACT, dana, mia)()
    assert house.state(visit) is VisitState.SUSPENDED
    assert house.mother_in(house.visit(visit.id)).stage is not Stage.ADMITTED
    return bool(done[0])


EVERY = [
    admit_against_a_restriction,
    admit_against_a_withdrawal,
    two_apart_let_in_at_once,
    redeem_against_a_revocation,
    approve_against_a_restriction,
    join_against_a_restriction,
]


@pytest.mark.slow
@pytest.mark.postgresql
@pytest.mark.timeout(36_000)
@pytest.mark.parametrize("run", EVERY, ids=lambda run: run.__name__)
def test_whoever_wins_nobody_is_where_they_must_not_be(
    houses_on_postgresql: Houses, run: Callable[[House], bool]
) -> None:
    first = 0
    for _ in range(RACES):
        with houses_on_postgresql() as house:
            first += run(house)
    print(f"{run.__name__}: the first act succeeded in {first} of {RACES}")  # noqa: T201  how often each won
