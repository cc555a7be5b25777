"""How often the database is asked: as often for three children as for two, and never for what cannot have changed."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from contact_service.agency_policy.queries import policy_in_force
from contact_service.claims import actions as claims
from contact_service.clearances.queries import clearances_of_each
from contact_service.identity.queries import account_for, everybody
from contact_service.invitations.actions import inviting
from contact_service.people.queries import members as people
from contact_service.plans.queries import plans_for
from contact_service.policy.decision import Refused
from contact_service.pools.queries import links_of
from contact_service.visits.queries.offering import times_for
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import READS, Work
from tests.cast import House
from tests.siblings import siblings_of_mia

MOST_FOR_TIMES, MOST_TO_BOOK = 34, 44  # the second with the sign-in of whoever books
NAMES = ("Finn", "Ada")  # with more, it would be more devices than a visit may have
TABLE = re.compile(r'(?:FROM|JOIN) "?(\w+)')


@contextmanager
def statements(house: House) -> Iterator[list[str]]:
    """What the database is asked within the block."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        found.append(statement)

    event.listen(house.installation.engine, "before_cursor_execute", note)
    yield found
    event.remove(house.installation.engine, "before_cursor_execute", note)


def times_found(house: House, wish: Wish) -> int:
    with house.reading(house.cast.karim) as work, statements(house) as asked:
        assert times_for(work, wish, with_interpreter=True).offers
    return len(questions_of(asked))


def questions_of(asked: list[str]) -> list[str]:
    return [one for one in asked if one.lstrip().startswith("SELECT")]


def booked(house: House, wish: Wish) -> tuple[Visit, list[str]]:
    with statements(house) as asked, house.work(house.cast.karim) as work:
        visit = inviting.request_visit(work, wish)
    assert not isinstance(visit, Refused)
    return visit, questions_of(asked)


@pytest.mark.slow
def test_for_two_siblings_times_are_found_with_as_few_questions_as_for_one(house: House) -> None:
    both = tuple(one.wished for one in siblings_of_mia(house, *NAMES))
    one, two = (times_found(house, house.wish(sharing=some)) for some in (both[:1], both))
    assert two == one <= MOST_FOR_TIMES


def test_for_two_siblings_a_visit_is_booked_with_as_few_questions_as_for_one(house: House) -> None:
    both = tuple(one.wished for one in siblings_of_mia(house, *NAMES))
    asked = []
    # The first of all makes numbers for everybody.
    for day, some in ((22, both), (23, both[:1]), (24, both)):
        start = house.wish().wall_start.replace(day=day)
        visit, questions = booked(house, house.wish(wall_start=start, sharing=some))
        assert len(visit.children) == 1 + len(some)
        asked.append(questions)
    assert len(asked[2]) == len(asked[1])


def test_a_visit_is_booked_with_few_questions(house: House) -> None:
    house.requested()
    _, questions = booked(house, house.wish(wall_start=house.wish().wall_start.replace(day=22)))
    assert len(questions) <= MOST_TO_BOOK


# ---- what is asked once, and still known after something else was changed


def samples(house: House) -> dict[str, Callable[[Work], object]]:
    """Each query that says what it reads, asked of the cast."""
    cast = house.cast
    house.requested()
    return {
        "policy_in_force": policy_in_force,
        "everybody": everybody,
        "account_for": lambda work: account_for(work, cast.lena),
        "plans_for": lambda work: plans_for(work, (cast.mia,)),
        "clearances_of_each": lambda work: clearances_of_each(work, (cast.dana,)),
        "links_of": lambda work: links_of(work, frozenset({cast.dana})),
        "zone_of": lambda work: people.zone_of(work, cast.case),
        "case_of": lambda work: people.case_of(work, cast.dana),
        "cases_answering_for": lambda work: people.cases_answering_for(work, cast.dana),
        "own_cases": lambda work: people.own_cases(work, (cast.mia,)),
        "_reached": lambda work: people.within_reach(work, (cast.case,)),
        "_places_in": lambda work: people.roles_in(work, cast.case),
        "_numbers": lambda work: claims._numbers(work, (cast.mia,)),
    }


def test_a_query_that_says_which_tables_it_reads_reads_these_and_no_others(house: House) -> None:
    asking = samples(house)
    assert {query.__name__ for query in READS} == asking.keys()
    for query, tables in READS.items():
        with house.reading(house.cast.karim) as work, statements(house) as asked:
            asking[query.__name__](work)
        assert {table for one in asked for table in TABLE.findall(one)} == tables, query.__name__


def test_each_of_them_is_asked_anew_after_a_lock(house: House) -> None:
    asking = samples(house)
    for name, ask in asking.items():
        with house.work(house.cast.karim) as work:
            ask(work)
            with statements(house) as before:
                ask(work)
            claims.lock_time(work, (house.cast.mia,), ())
            with statements(house) as after:
                ask(work)
        assert not before, name
        assert after or name == "_numbers", name  # the lock itself has just read the numbers
