"""How long somebody waits who asks, through the JSON API, at which times a visit could be.

A server on a real port, a database that is made for it, an agency with many supervisors and with visits in its weeks.
"""

import json
import math
import time
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from urllib.parse import urlencode

from starlette.types import ASGIApp

from contact_service.actor import COMMAND_LINE, Role
from contact_service.api.v1.application import api_app
from contact_service.bench.booking import Office, mixed_wishes, next_monday, open_office
from contact_service.bench.place import fresh
from contact_service.bench.serving import served
from contact_service.demo.cast import Cast
from contact_service.identity.actions import add_account
from contact_service.service_accounts.actions import NewServiceAccount, add_service_account
from contact_service.service_accounts.scope import Scope
from contact_service.work import begin

_PASSWORD = "four unrelated words here"  # noqa: S105  of a database that is thrown away
_FIRST = 3
"""Requests that are not measured: the first of a process reads much that stays."""
_COUNTED = 600_000
"""About as much work as one request."""


@dataclass(frozen=True, kw_only=True)
class _Caller:
    """A machine that asks the same question again and again, over one connection."""

    connection: HTTPConnection
    token: str
    path: str

    def ask(self) -> dict[str, list[object]]:
        """The answer; raises ``RuntimeError`` for anything but one."""
        self.connection.request("GET", self.path, headers={"Authorization": f"Bearer {self.token}"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != HTTPStatus.OK:
            msg = f"the API answered {answer.status}: {body[:300]!r}"
            raise RuntimeError(msg)
        found: dict[str, list[object]] = json.loads(body)
        return found


def run(*, workers: int, visits: int, rounds: int, database_url: str | None, json_output: bool) -> int:
    """Ask ``rounds`` times and print how long it took; 1 when no time was found."""
    with fresh(database_url) as place:
        office = open_office(place)
        token = _furnished(office, workers, visits)
        with (
            served(partial(_api, office)) as port,
            closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection,
        ):
            caller = _Caller(
                connection=connection,
                token=token,
                path=f"/v1/visits/times?{urlencode(_question(office.cast), doseq=True)}",
            )
            figures = {"database": place.engine.dialect.name, "workers": workers, "visits": visits}
            figures |= _measured(caller, rounds)
    print(
        json.dumps(figures)
        if json_output
        else "\n".join(f"{name.replace('_', ' '):24} {value}" for name, value in figures.items())
    )
    return 0 if figures["offers"] else 1


def _measured(caller: _Caller, rounds: int) -> dict[str, object]:
    for _ in range(_FIRST):
        caller.ask()
    asked, counted = [], []
    found: dict[str, list[object]] = {}
    for _ in range(rounds):
        began = time.perf_counter()
        found = caller.ask()
        between = time.perf_counter()
        _count()
        asked.append((between - began) * 1e3)
        counted.append((time.perf_counter() - between) * 1e3)
    return {
        "rounds": rounds,
        "offers": len(found["offers"]),
        "days_without": len(found["without"]),
        **_waits("", asked),
        **_waits("machine_", counted),
    }


def _count() -> None:
    """The same piece of work each time, that waits for nobody: how evenly it goes is how evenly this machine works."""
    sum(number * number for number in range(_COUNTED))


def _waits(name: str, took: list[float]) -> dict[str, float]:
    ordered = sorted(took)
    return {
        f"{name}p{share}_ms": round(ordered[math.ceil(share / 100 * len(ordered)) - 1], 1)
        for share in (50, 95)
    }


def _furnished(office: Office, workers: int, visits: int) -> str:
    """Supervisors, visits that are asked for, and a machine that may look; its token."""
    with begin(office.installation, COMMAND_LINE) as work:
        for number in range(workers - 1):
            add_account(
                work,
                email=f"watcher-{number}@demo.example",
                name=f"Watcher {number}",
                roles=(Role.VISIT_SUPERVISOR,),
                password=_PASSWORD,
            )
        new = NewServiceAccount(
            name="Bench",
            owner=office.cast.ola,
            scopes=frozenset({Scope.VISITS_READ, Scope.ALL_CASES}),
            lasts=timedelta(days=1),
        )
        token = add_service_account(work, new).token
    for wish in mixed_wishes(office.cast, visits, next_monday(office.installation.clock())):
        office.asks_for(wish)()
    return token


def _question(cast: Cast) -> dict[str, object]:
    """Two children of one home, their carer, and two adults: any supervisor."""
    return {
        "child": cast.mia,
        "person": [cast.dana, cast.rosa, cast.ines],
        "sharing": [f"{cast.jonas}:{cast.ines}"],
        "minutes": 30,
    }


def _api(office: Office, port: int) -> ASGIApp:
    """The API as it answers on ``port``."""
    return api_app(
        office.installation, public_url=f"http://127.0.0.1:{port}", zone="Europe/London", described=False
    )
