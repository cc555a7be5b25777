"""Many workers who ask at once for the same people: how long each waits, and that nobody is booked twice.

Every request is the product's own: locks, rules, claims, evidence.  The peer is what most people write: look whether
the time is free, then insert, with neither lock nor constraint.
"""

import json
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import Column, Engine, Integer, MetaData, String, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from contact_service.actor import Actor
from contact_service.agency_policy.document import Document
from contact_service.bench.place import Place, fresh
from contact_service.demo.cast import Cast, load, staff_actor
from contact_service.errors import ContactServiceError
from contact_service.ids import AgencyId
from contact_service.invitations.actions.inviting import request_visit
from contact_service.keys.provider import KeyProvider
from contact_service.migrations.upgrade import upgrade
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Refused
from contact_service.visits.visit import Visit
from contact_service.visits.wish import Wish
from contact_service.work import Installation, begin

_QUARTER = timedelta(minutes=15)
_PASSWORD = "four unrelated words here"  # noqa: S105  of a database that is thrown away
_CASES = ("same", "shifted", "overlapping")
_SECONDS_AT_MOST = 3600.0
_FIRST = 12
_THREADS_OF_THE_WEB = 40
"""As many requests as one web process answers at once (AnyIO's own limit); more would wait before its door."""
Ask = Callable[[], str]


@dataclass(frozen=True, kw_only=True)
class Office:
    """An agency with its cast, and a worker who asks."""

    installation: Installation
    cast: Cast
    worker: Actor

    def asks_for(self, wish: Wish) -> Ask:
        """A request; what became of it in a word."""

        def ask() -> str:
            try:
                with begin(self.installation, self.worker) as work:
                    result = request_visit(work, wish)
            except ContactServiceError as error:
                return type(error).__name__
            except DBAPIError as error:
                return f"database error: {type(error.orig).__name__}"
            return _word(result)

        return ask


def _word(result: Visit | Refused) -> str:
    if isinstance(result, Visit):
        return "booked"
    return "taken" if set(result.rules) == {"R55"} else f"refused by {','.join(sorted(set(result.rules)))}"


def run(*, clients: int, mixed: int, database_url: str | None, json_output: bool) -> int:
    """Measure and print; 1 when anybody was booked twice, or anything but a booking or a clean refusal came back."""
    with fresh(database_url) as place:
        figures = _measured(place, clients, mixed)
    if json_output:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name.replace('_', ' '):24} {value}" for name, value in figures.items()))
    return 0 if figures["overlaps"] == 0 and figures["unclean"] == 0 else 1


def _measured(place: Place, clients: int, mixed: int) -> dict[str, object]:
    office = open_office(place)
    monday = next_monday(office.installation.clock())
    figures: dict[str, object] = {"database": place.engine.dialect.name, "clients": clients}
    # A process that has served before: its connections are open, its statements known.
    _, unclean = _at_once([office.asks_for(one) for one in _wishes(office.cast, "same", _FIRST, monday)])
    for number, case in enumerate(_CASES):
        asks = [
            office.asks_for(one)
            for one in _wishes(office.cast, case, clients, monday + timedelta(days=number + 1))
        ]
        figures[case], odd = _at_once(asks)
        unclean += odd
    if mixed:
        asks = [office.asks_for(one) for one in mixed_wishes(office.cast, mixed, monday + timedelta(days=7))]
        figures["mixed"], odd = _at_once(asks, clients=min(clients, _THREADS_OF_THE_WEB, mixed))
        unclean += odd
    figures["overlaps"], figures["unclean"] = _overlaps(place.engine), unclean
    figures["peer"] = _peer(place.engine, clients)
    return figures


def open_office(place: Place) -> Office:
    """The demo's agency in an empty database."""
    upgrade(place.engine)
    installation = Installation(
        engine=place.engine,
        keys=KeyProvider.create(place.folder / "keys", "bench"),
        agency=AgencyId("agency"),
        log_origin="bench.example",
    )
    cast = load(installation, password=_PASSWORD, policy=Document(), demo=True)
    return Office(installation=installation, cast=cast, worker=staff_actor(installation, cast.karim))


def next_monday(now: datetime) -> datetime:
    """Three in the afternoon of a Monday at least eight days ahead, by the clock on the wall.

    Nearer the agency's rules on notice would answer first: measured on a Sunday, tomorrow is too soon.
    """
    monday = now + timedelta(days=14 - now.weekday())
    return monday.replace(hour=15, minute=0, second=0, microsecond=0, tzinfo=None)


def _wishes(cast: Cast, case: str, count: int, at: datetime) -> list[Wish]:
    """The same hour for all; or a quarter more for each, round about; or other people for each."""
    wish = Wish(
        child=cast.mia,
        people=(cast.dana,),
        caregiver=cast.ines,
        wall_start=at,
        length=timedelta(minutes=30),
        level=SupervisionLevel.SUPERVISED,
        supervisor=cast.lena,
        duty=cast.priya,
    )
    if case == "shifted":
        return [replace(wish, wall_start=at + number % 4 * _QUARTER) for number in range(count)]
    if case == "overlapping":
        others = ((cast.dana,), (cast.rosa,), (cast.emil,), (cast.dana, cast.rosa))
        return [
            replace(wish, child=(cast.mia, cast.jonas)[number % 2], people=others[number % 4])
            for number in range(count)
        ]
    return [wish] * count


def mixed_wishes(cast: Cast, count: int, first: datetime) -> list[Wish]:
    """Any child, any people, any quarter hour of the day, over as many days as leave half of them room."""
    random = Random(7)
    days = max(1, min(300, count // 12))
    wishes = _wishes(cast, "overlapping", count, first)
    return [
        replace(
            one,
            wall_start=first.replace(hour=8)
            + timedelta(days=random.randrange(days))
            + random.randrange(44) * _QUARTER,
        )
        for one in wishes
    ]


def _at_once(asks: list[Ask], *, clients: int | None = None) -> tuple[dict[str, object], int]:
    """Let ``clients`` (all by default) ask at the same moment; how long each waited, and what became of them."""
    gate = threading.Barrier(clients or len(asks))
    took: list[float] = []
    became: list[str] = []

    def client(mine: list[Ask]) -> None:
        gate.wait(timeout=60)
        for ask in mine:
            began = time.perf_counter()
            became.append(ask())
            took.append(time.perf_counter() - began)

    shares = [asks[number :: gate.parties] for number in range(gate.parties)]
    began = time.perf_counter()
    with ThreadPoolExecutor(gate.parties) as threads:
        list(threads.map(client, shares, timeout=_SECONDS_AT_MOST))
    seconds = time.perf_counter() - began
    took.sort()
    counts = {word: became.count(word) for word in sorted(set(became))}
    waits = {
        f"p{share}_ms": round(took[math.ceil(share / 100 * len(took)) - 1] * 1e3, 1) for share in (50, 95)
    }
    odd = sum(number for word, number in counts.items() if word not in ("booked", "taken"))
    return {**counts, **waits, "per_second": round(len(asks) / seconds, 1)}, odd


def _overlaps(engine: Engine) -> int:
    """Pairs of visits that claim one person for the same moment, by SQL alone."""
    query = text(
        "SELECT count(*) FROM claim AS one JOIN claim AS other"
        " ON one.resource = other.resource AND one.visit_id < other.visit_id"
        " AND one.from_second < other.until_second AND one.until_second > other.from_second"
    )
    with engine.connect() as connection:
        return int(connection.execute(query).scalar_one())


_peer_table = Table(
    "bench_peer",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("who", String),
    Column("hour", Integer),
)


def _peer(engine: Engine, clients: int) -> dict[str, object]:
    """Look, then insert: how many win the same hour."""
    _peer_table.create(engine)

    def ask() -> str:
        free = select(func.count()).select_from(_peer_table).where(_peer_table.c.hour == 1)
        try:
            with engine.connect() as connection, connection.begin():
                if connection.execute(free).scalar_one():
                    return "taken"
                connection.execute(insert(_peer_table).values(who="mother", hour=1))
        except DBAPIError as error:
            return f"database error: {type(error.orig).__name__}"
        return "booked"

    figures, _ = _at_once([ask] * clients)
    return {"kind": "select, then insert", **figures}
