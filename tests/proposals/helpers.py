"""A visit with three times, as the tests of choices need it."""

from datetime import datetime, timedelta
from typing import Any

from contact_service.ids import PersonId
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import choosing, proposing
from contact_service.proposals.proposal import Proposal
from contact_service.proposals.queries import proposal_of
from contact_service.visits.visit import Visit
from tests.cast import House

# On the wall in London; the house stands at noon of the 14th.
FRIDAY, SATURDAY, MONDAY = (datetime(2030, 5, day, 16) for day in (17, 18, 20))  # noqa: DTZ001
THREE = (FRIDAY, SATURDAY, MONDAY)
HALF_AN_HOUR = timedelta(minutes=30)


def propose(
    house: House,
    *,
    visit_id: str = "a" * 32,
    times: tuple[datetime, ...] = THREE,
    **changes: Any,  # noqa: ANN401
) -> Visit | Refused:
    asked = changes.pop("asked", (house.cast.dana,))
    with house.work(house.cast.karim) as work:
        return proposing.propose(work, house.wish(**changes), times, asked, visit_id=visit_id)


def proposed(house: House, **changes: Any) -> Visit:  # noqa: ANN401
    visit = propose(house, **changes)
    assert not isinstance(visit, Refused), visit
    return visit


def opened(house: House, **changes: Any) -> Visit:  # noqa: ANN401
    visit = proposed(house, **changes)
    with house.work(house.cast.priya) as work:
        result = proposing.approve(work, visit.id)
    assert not isinstance(result, Refused), result
    return result


def choose(house: House, visit: Visit, place: int, person: PersonId | None = None) -> Visit | Refused:
    with house.as_family(person or house.cast.dana) as work:
        return choosing.choose(work, visit.id, place)


def choice(house: House, visit: Visit) -> Proposal:
    with house.reading(house.cast.karim) as work:
        found = proposal_of(work, visit.id)
    assert found is not None
    return found
