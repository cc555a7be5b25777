"""A real ``schedule`` process whose clock the test sets: ``python ticking.py DATABASE KEYS SMTP_PORT HANDS``."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from contact_service import clock, logs
from contact_service.database import connect
from contact_service.ids import AgencyId
from contact_service.jobs import runner
from contact_service.jobs.schedule import schedule
from contact_service.keys.provider import KeyProvider
from contact_service.work import Installation
from tests.jobs.conftest import post_through

PASSPHRASE = "a passphrase for tests"


class SharedHands:
    """A clock that runs, and that every process of a test reads from one file: how far it is from the real one."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self) -> datetime:
        return clock.utc_now() + timedelta(seconds=float(self._path.read_text(encoding="ascii")))

    @property
    def at(self) -> datetime:
        return self()

    @at.setter
    def at(self, at: datetime) -> None:
        self._set((at.astimezone(UTC) - clock.utc_now()).total_seconds())

    def forward(self, by: timedelta) -> None:
        self._set(float(self._path.read_text(encoding="ascii")) + by.total_seconds())

    def _set(self, seconds: float) -> None:
        new = self._path.with_suffix(".new")
        new.write_text(repr(seconds), encoding="ascii")
        new.replace(self._path)


def main(url: str, keys: str, smtp_port: str, hands: str) -> None:
    logs.start("schedule", level=os.environ.get("TICKING_LOG", "ERROR"))
    installation = Installation(
        engine=connect(url),
        keys=KeyProvider.open(Path(keys), PASSPHRASE),
        agency=AgencyId("agency"),
        log_origin="tests.example",
        clock=SharedHands(Path(hands)),
    )
    runner.run(lambda: [(installation, schedule(installation, post_through(int(smtp_port))))])


if __name__ == "__main__":
    main(*sys.argv[1:])
