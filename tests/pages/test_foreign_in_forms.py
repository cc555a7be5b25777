"""Whoever names somebody of a case out of their reach inside a form gets the answer that nobody's id gets."""

import itertools
import re
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from contact_service.database import metadata
from contact_service.ids import AccountId
from tests.api.test_every_door import TRACES
from tests.cast import House
from tests.pages.conftest import SignIn
from tests.pages.naming import HOLDS_AN_ID, HOLDS_NONE, Asking, base, fields, names_the_same, naming
from tests.pages.test_access_matrix import SCRIPTED, ids_of
from tests.strangers import strangers_of

# What a case has; staff, calendars, pools and plans of the week are the whole agency's.
OF_A_CASE = frozenset({"court_order", "person", "visit", "visit_participant"})


def test_of_every_field_it_is_said_whether_it_holds_an_id() -> None:
    names = {one.name for one in fields()}
    assert names - HOLDS_AN_ID.keys() - HOLDS_NONE == set()
    assert HOLDS_AN_ID.keys() | HOLDS_NONE == names
    assert not HOLDS_AN_ID.keys() & HOLDS_NONE


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_stranger_in_a_form_is_nobody(house: House, sade: AccountId, signed_in: SignIn) -> None:
    live = house.live()
    visit = house.requested(wall_start=later(house))
    zoe = strangers_of(house, sade)
    strangers = {"person": zoe.child, "court_order": zoe.order} | another_visit(
        house.installation.engine, visit.id, zoe.child
    )
    ids = ids_of(house, visit)
    staff = {name: signed_in(name) for name in ("karim", "lena")}
    asking = {name: Asking(one=one, csrf=one.csrf()) for name, one in staff.items()}
    asked = set()
    for route, named in itertools.groupby(naming(), key=lambda field: field.path):
        in_room = SCRIPTED.search(route) is not None
        own = ids | ({"{visit}": live.id} if in_room else {})
        path = re.sub(r"\{\w+\}", lambda found, own=own: own[found[0]], route)  # type: ignore[misc]
        body = base(house, path)
        before = house.snapshot(leaving_out=TRACES)
        for field in named:
            for kind in OF_A_CASE.intersection(HOLDS_AN_ID[field.name]):
                who = asking["lena" if in_room else "karim"]
                assert names_the_same(who, path, body, field, strangers[kind], house.cast.mia), field
                asked.add(field)
        assert house.snapshot(leaving_out=TRACES) == before, route
    assert len(asked) > 60


def later(house: House) -> datetime:
    """Two days on, at three, by the clock of the case."""
    return (house.clock.at + timedelta(days=2)).replace(hour=15, minute=0, tzinfo=None)


def another_visit(engine: Engine, visit: str, child: str) -> dict[str, str]:
    """A visit of the child's, and who takes part, made after one of the cast."""
    tables = metadata.tables
    with engine.begin() as connection:
        case = connection.execute(
            tables["case_member"].select().where(tables["case_member"].c.person_id == child)
        ).one()
        row = connection.execute(tables["visit"].select().where(tables["visit"].c.id == visit)).one()
        new = row._asdict() | {"id": "5" * 32, "room": "5" * 32, "case_id": case.case_id, "child_id": child}
        connection.execute(tables["visit"].insert().values(new))
        taking = tables["visit_participant"]
        other = connection.execute(taking.select().where(taking.c.visit_id == visit)).first()
        assert other is not None
        connection.execute(taking.insert().values(other._asdict() | {"id": "6" * 32, "visit_id": "5" * 32}))
    return {"visit": "5" * 32, "visit_participant": "6" * 32}
