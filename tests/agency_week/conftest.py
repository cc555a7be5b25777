"""A town of a dozen families in the house, and plans of its week."""

from collections.abc import Callable

import pytest

from contact_service.agency_week.actions.keeping import start_run
from contact_service.agency_week.carrying import carry_out
from contact_service.agency_week.run import Asked
from contact_service.demo.cast import ZONE, staff_actor
from contact_service.ids import AccountId
from tests.agency_week.town import MONDAY, Town, build_town
from tests.cast import House

Plan = Callable[..., str]


@pytest.fixture
def town(house: House) -> Town:
    return build_town(house)


@pytest.fixture
def plan(house: House) -> Plan:
    """Plan the week after the next one, in so many steps; returns the run."""

    def plan(by: AccountId | None = None, **changes: object) -> str:
        who = by or house.cast.karim
        asked = Asked(**({"week": MONDAY, "steps": 400, "seconds": None} | changes))  # type: ignore[arg-type]
        with house.work(who) as work:
            run = start_run(work, asked, zone=ZONE)
        carry_out(house.installation, staff_actor(house.installation, who), run, bound=False)
        return run

    return plan
