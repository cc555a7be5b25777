"""Whoever names somebody of a case out of their reach inside a request gets the answer that nobody's id gets."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from contact_service.ids import AccountId
from tests.api.conftest import Api, Machine, Person
from tests.api.test_every_door import NOBODY, TRACES as NO_CHANGE, Walk, operations, story
from tests.cast import House
from tests.strangers import Strangers, strangers_of

# What is refused by the rules is answered the same again under its key.
TRACES = NO_CHANGE | {"idempotency_key"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass
class Naming(Walk):
    """Before each door opens as it is meant, it is asked with a stranger, and with nobody, in place of each id."""

    house: House | None = None
    strangers: Strangers | None = None
    asked: set[tuple[str, str]] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _reach: dict[int, bool] = field(default_factory=dict)

    def __call__(
        self,
        one: Api,
        operation: str,
        body: dict[str, Any] | None = None,
        *,
        path: dict[str, Any] | None = None,
        query: dict[str, Any] | None = None,
    ) -> Any:  # noqa: ANN401  JSON
        if not self._reaches(one):
            self._name_strangers(one, operation, path or {}, body, query)
        return super().__call__(one, operation, body, path=path, query=query)

    def _reaches(self, one: Api) -> bool:
        """Whether the stranger is none to somebody, as an approver of the whole team."""
        assert self.strangers is not None
        if id(one) not in self._reach:
            self._reach[id(one)] = one.get(f"/people/{self.strangers.child}").status_code == 200
        return self._reach[id(one)]

    def _name_strangers(
        self,
        one: Api,
        operation: str,
        path: dict[str, Any],
        body: dict[str, Any] | None,
        query: dict[str, Any] | None,
    ) -> None:
        assert self.house is not None
        route = operations()[operation]
        method, way = min(route.methods or ()), route.path.format(**path)
        sent = query if method == "GET" else body
        known = self._ids()
        places = [(place, known[own]) for place, own in _ids_in(sent or {}, ()) if own in known]
        before = self.house.snapshot(leaving_out=TRACES) if places else ""
        for place, strangers in places:
            answers = [
                self._ask(one, method, way, _with(sent, place, instead)) for instead in (strangers, NOBODY)
            ]
            where = (operation, ".".join(str(step) for step in place if isinstance(step, str)))
            theirs, nobodys = (
                (answer.status_code, _plain(answer.text, instead))
                for answer, instead in zip(answers, (strangers, NOBODY), strict=True)
            )
            assert theirs == nobodys, where
            assert method == "GET" or answers[0].status_code >= 400, (where, theirs)
            self.asked.add(where)
        assert not places or self.house.snapshot(leaving_out=TRACES) == before, operation

    def _ids(self) -> dict[str, str]:
        """Of every id that may stand in a request, the stranger's of the same kind."""
        assert self.house is not None
        assert self.strangers is not None
        kinds = {"person": self.strangers.child, "court_order": self.strangers.order}
        with self.house.installation.engine.connect() as connection:
            return {
                row.id: foreign
                for table, foreign in kinds.items()
                for row in connection.execute(text(f"SELECT id FROM {table}"))  # noqa: S608  our own names
            }

    def _ask(self, one: Api, method: str, way: str, sent: Any) -> httpx.Response:  # noqa: ANN401  JSON
        if method == "GET":
            return one.ask(method, way, params=sent)
        return one.ask(method, way, json=sent, headers={"Idempotency-Key": f"foreign-{next(self._numbers)}"})


def _ids_in(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:  # noqa: ANN401
    """Where in a body strings stand."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        steps = value.items() if isinstance(value, dict) else enumerate(value)
        for step, inner in steps:
            yield from _ids_in(inner, (*place, step))


def _with(value: Any, place: tuple[str | int, ...], new: str) -> Any:  # noqa: ANN401  JSON
    if not place:
        return new
    step, *rest = place
    copy: Any = value.copy()
    copy[step] = _with(value[step], tuple(rest), new)
    return copy


def _plain(answer: str, named: str) -> str:
    return answer.replace(named, "named")


@pytest.fixture
def strangers(house: House, sade: AccountId) -> Strangers:
    return strangers_of(house, sade)


def test_a_stranger_in_a_request_is_nobody(
    house: House, machine: Machine, person: Person, strangers: Strangers
) -> None:
    walk = Naming(house=house, strangers=strangers)
    story(house, machine, person, walk)
    assert {
        ("requestVisit", "people"),
        ("requestVisit", "child"),
        ("askForSeries", "people"),
        ("addWaiting", "people"),
        ("proposePlan", "people.person"),
        ("restrict", "person"),
        ("recordConsent", "person"),
        ("findTimes", "child"),
        ("explainVisit", "person"),
        ("askForClearance", "child"),
        ("declareConflict", "person"),
    } <= walk.asked
