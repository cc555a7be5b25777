"""Two agencies in one PostgreSQL database, reached by a role that the wall binds."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url

from contact_service.agency_policy.document import Document
from contact_service.database import connect
from contact_service.demo.cast import load
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import upgrade
from contact_service.work import Installation
from tests.cast import NOON, PASSWORD, Hands, House
from tests.conftest import empty_database
from tests.pages.conftest import BASE

SOUTH, NORTH = "south", "north"


# The south answers where the tests' browsers ask.
ADDRESSES = {SOUTH: BASE, NORTH: "https://north.example"}


@dataclass(frozen=True, kw_only=True)
class Two:
    """Each agency's house, the same people by other ids; ``owner`` sees all rows, ``application`` those it is told."""

    south: House
    north: House
    owner: Engine
    application: Engine

    @property
    def url(self) -> str:
        return self.application.url.render_as_string(hide_password=False)


@contextmanager
def bound(server: str) -> Iterator[tuple[Engine, str]]:
    """An empty database of this release: its owner, and the address for a role that the wall binds."""
    role = f"application_{secrets.token_hex(4)}"
    with empty_database(server) as url:
        owner = connect(url)
        with owner.begin() as connection:
            connection.execute(text(f"CREATE ROLE {role} LOGIN"))
        upgrade(owner, role=role)
        yield owner, make_url(url).set(username=role).render_as_string(hide_password=False)
        with owner.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
        owner.dispose()


@pytest.fixture(scope="module")
def two(postgresql: str, key_provider: KeyProvider) -> Iterator[Two]:
    with bound(postgresql) as (owner, url):
        application = connect(url)
        one = Installation(
            engine=application,
            keys=key_provider,
            agency=AgencyId(SOUTH),
            log_origin="tests.example",
        )
        other = replace(one, agency=AgencyId(NORTH))
        yield Two(south=_house(one), north=_house(other), owner=owner, application=application)
        application.dispose()


def _house(installation: Installation) -> House:
    """The cast with a visit that runs, a second one asked for, and a link that nobody used."""
    clock = Hands(NOON)
    installation = replace(installation, clock=clock)
    cast = load(installation, password=PASSWORD, policy=Document(), demo=False)
    house = House(installation=installation, cast=cast, clock=clock)
    house.live()
    return house
