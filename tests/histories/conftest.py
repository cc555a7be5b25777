"""Many houses, one after another, on either kind of database."""

import itertools
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from contact_service.demo.cast import Cast
from contact_service.ids import AgencyId
from contact_service.keys.provider import KeyProvider
from contact_service.work import Installation
from tests.cast import NOON, Hands, House
from tests.conftest import Kept
from tests.renewing import Renewed

Houses = Callable[[], AbstractContextManager[House]]


@contextmanager
def _house(engine: Engine, cast: Cast, keys: KeyProvider) -> Iterator[House]:
    clock = Hands(NOON)
    installation = Installation(
        engine=engine, keys=keys, agency=AgencyId("agency"), log_origin="tests.example", clock=clock
    )
    try:
        yield House(installation=installation, cast=cast, clock=clock)
    finally:
        if engine.dialect.name == "sqlite":
            engine.dispose()


@pytest.fixture
def houses_on_sqlite(
    sqlite_house: tuple[Path, Cast], key_provider: KeyProvider, memory_folder: Path, kept_engines: Kept
) -> Houses:
    """A fresh house each time."""
    template, cast = sqlite_house
    numbers = itertools.count()

    @contextmanager
    def fresh() -> Iterator[House]:
        path = memory_folder / f"{next(numbers)}.db"
        shutil.copy(template, path)
        with _house(kept_engines.on(f"sqlite:///{path}"), cast, key_provider) as house:
            yield house
        for left in memory_folder.glob(f"{path.name}*"):
            left.unlink()

    return fresh


@pytest.fixture
def houses_on_postgresql(
    renewed_house: tuple[Renewed, Cast], key_provider: KeyProvider, kept_engines: Kept
) -> Houses:
    """A fresh house each time."""
    renewed, cast = renewed_house

    @contextmanager
    def fresh() -> Iterator[House]:
        with _house(kept_engines.on(renewed.fresh()), cast, key_provider) as house:
            yield house

    return fresh
