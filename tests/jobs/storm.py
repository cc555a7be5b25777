"""Many reminders, several real processes, and everything that may happen to them; what the mailboxes got of it."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import text

from contact_service import actor
from contact_service.audit.events import EventType
from contact_service.ids import VisitId
from contact_service.invitations.actions import inviting
from contact_service.jobs import stops
from contact_service.policy.decision import Refused
from contact_service.visits.actions.moving import Why, record
from contact_service.visits.queries.finding import visit_by_id, visits_in
from contact_service.visits.reasons import CancelReason
from contact_service.visits.tables import VisitParticipantRow, VisitRow
from contact_service.visits.visit import BOOKED, Stage, Visit, VisitState
from contact_service.work import Work
from tests.cast import House

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SCRIPT = Path(__file__).with_name("ticking.py")
REMINDERS_OF_A_VISIT = 4  # two people, twice each
_AT_ONCE = 25
_PATIENCE_SECONDS, _IN_HAND_SECONDS = 900, 1.5


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A message arrived ``at`` an instant of the shared clock, at ``moment`` of a clock that nobody sets."""

    at: datetime
    moment: float


@dataclass
class Mailboxes:
    """What arrived, by Message-ID."""

    clock: Callable[[], datetime]
    kill_somebody: Callable[[], None]
    chance: random.Random
    kills_in_a_thousand: int = 0
    arrived: dict[str, list[Arrival]] = field(default_factory=dict)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        name = str(message_from_bytes(envelope.content)["Message-ID"]).strip("<>").partition("@")[0]
        self.arrived.setdefault(name, []).append(Arrival(at=self.clock(), moment=time.monotonic()))
        if self.chance.randrange(1000) < self.kills_in_a_thousand:
            self.kill_somebody()  # it may be the one that has just handed this over, and cannot say so any more
        return "250 OK"


class Storm:
    """Processes that send, a mail server that comes and goes, and a clock that is set."""

    def __init__(self, house: House, *, command: Sequence[str], port: int) -> None:
        self.house = house
        self.chance = random.Random(7)  # noqa: S311  the same storm each time
        self.boxes = Mailboxes(house.clock, self.kill_one, self.chance)
        self._command = [sys.executable, str(SCRIPT), *command]
        self._port = port
        self._server: Controller | None = None
        self._wanted = 0
        self.processes: list[subprocess.Popen[bytes]] = []
        self.called_off: dict[str, float] = {}
        """Reminders of visits that were called off, and since which moment."""
        self.unsure: list[tuple[float, float]] = []
        """From which moment to which the clock was set back and forth: by it, the same moment was two hours."""
        self.done: Counter[str] = Counter()

    # ---- processes and the mail server

    def start(self, processes: int) -> None:
        self._wanted = processes
        self._revive()

    def _revive(self) -> None:
        """Start as many as are missing."""
        self.processes = [one for one in self.processes if one.poll() is None]
        while len(self.processes) < self._wanted:
            environment = os.environ | {"PYTHONPATH": str(SCRIPT.parents[2])}
            self.processes.append(subprocess.Popen(self._command, env=environment, start_new_session=True))

    def kill_one(self) -> None:
        """At whatever it was, without a word."""
        os.kill(self.chance.choice(self.processes).pid, signal.SIGKILL)
        self.done["killed"] += 1

    def kill_all(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        self.done["killed"] += len(self.processes)
        self.processes.clear()

    def mail_comes(self) -> None:
        self._server = Controller(self.boxes, hostname="127.0.0.1", port=self._port)
        self._server.start()

    def mail_goes(self) -> None:
        assert self._server is not None
        self._server.stop()
        self._server = None

    def close(self) -> None:
        self.kill_all()
        if self._server is not None:
            self.mail_goes()

    # ---- what goes wrong

    def no_mail_for_hours(self) -> None:
        self.mail_goes()
        for _ in range(4):
            self.forward(45 * MINUTE, seconds=2)
        self.mail_comes()
        self.done["hours without mail"] += 3

    def clock_steps(self) -> None:
        """An hour forward and back again, then an hour back."""
        began = time.monotonic()
        for step in (HOUR, -HOUR, -HOUR):
            self.forward(step, seconds=1)
        self.unsure.append((began, time.monotonic()))
        self.done["clock steps"] += 3

    def one_is_stopped(self) -> None:
        """For ten minutes, and then goes on as if nothing had been."""
        stopped = self.chance.choice(self.processes).pid
        os.kill(stopped, signal.SIGSTOP)
        self.forward(10 * MINUTE, seconds=3)
        os.kill(stopped, signal.SIGCONT)
        self.done["stopped and continued"] += 1

    def a_day_of_downtime(self) -> None:
        wanted = self._wanted
        self.kill_all()
        self.forward(24 * HOUR, seconds=0)
        self.start(wanted)
        self.done["hours of downtime"] += 24

    def some_are_called_off(self) -> None:
        """Cancelled, stopped or moved to another day."""
        ways = (self._cancel, self._suspend, self._move)
        for number, visit in enumerate(self._visits_ahead(12)):
            old = [str(row["id"]) for row in self.reminders() if row["visit_id"] == visit]
            ways[number % len(ways)](visit, number)
            self.called_off |= dict.fromkeys(old, time.monotonic())
            self.done["called off"] += 1

    def _cancel(self, visit: VisitId, _: int) -> None:
        with self.house.work(self.house.cast.karim) as work:
            inviting.cancel(work, visit, CancelReason.CHILD_ILL)

    def _suspend(self, visit: VisitId, _: int) -> None:
        with self.house.work(self.house.cast.karim) as work:
            inviting.suspend(work, visit)

    def _move(self, visit: VisitId, number: int) -> None:
        """To a day of its own in the next month, and it is approved again."""
        self.done["moved"] += 1
        wall = datetime(2030, 6, 3, 10) + timedelta(days=self.done["moved"])  # noqa: DTZ001  wall time
        with self.house.work(self.house.cast.karim) as work:
            changed = inviting.change(work, visit, self.house.wish(wall_start=wall))
        assert not isinstance(changed, Refused), (number, changed)
        with self.house.work(self.house.cast.priya) as work:
            assert not isinstance(inviting.approve(work, visit), Refused)

    def _visits_ahead(self, number: int) -> list[VisitId]:
        """Some that are booked and far enough away."""
        with self.house.reading(self.house.cast.karim) as work:
            first = work.now + 2 * HOUR
            ahead = [v.id for v in visits_in(work, BOOKED) if v.starts_at > first]
        return self.chance.sample(ahead, min(number, len(ahead)))

    # ---- visits

    def book(self, reminders: int) -> None:
        """Book enough visits, over the next days and hours, by copies of one that went through every rule."""
        stops.apply_restrictions(self.house.installation)
        pattern = self.house.approved()
        left = reminders // REMINDERS_OF_A_VISIT
        with self.house.as_actor(actor.SCHEDULE) as work:
            row = work.session.get_one(VisitRow, pattern.id)
            values = row.model_dump()
            joining = [p.model_dump() for p in _joining(work, pattern)]
        while left:
            now = min(left, _AT_ONCE)
            with self.house.as_actor(actor.SCHEDULE) as work:
                for _ in range(now):
                    self._copy(work, values, joining, pattern)
            left -= now
        with self.house.installation.engine.begin() as connection:
            connection.execute(text("UPDATE outbox SET state = 'sent' WHERE kind <> 'reminder'"))
            connection.execute(text("DELETE FROM outbox WHERE visit_id = :id"), {"id": pattern.id})

    def _copy(
        self, work: Work, values: dict[str, Any], joining: list[dict[str, Any]], pattern: Visit
    ) -> None:
        day, quarter = self.chance.randrange(1, 4), self.chance.randrange(4 * 13)
        # From 07:00 to 20:00 in London, which is an hour ahead of UTC.
        start = datetime.combine(
            pattern.starts_at.date(), datetime.min.time(), tzinfo=pattern.starts_at.tzinfo
        )
        start += timedelta(days=day, hours=6) + quarter * timedelta(minutes=15)
        new = values | {
            "id": work.new_id(),
            "room": work.new_id(),
            "starts_at": start,
            "ends_at": start + timedelta(minutes=30),
        }
        work.session.add(VisitRow(**new))
        work.session.flush()
        for one in joining:
            work.session.add(VisitParticipantRow(**one | {"id": work.new_id(), "visit_id": new["id"]}))
        work.session.flush()
        visit = visit_by_id(work, VisitId(str(new["id"])))
        assert visit is not None
        inviting.invite_all(work, visit)
        made = work.session.get_one(VisitRow, visit.id)
        made.state, made.was_ready = VisitState.READY, True
        work.session.add(made)
        record(work, visit.room, EventType.VISIT_APPROVED, Why(reason="copied"))

    # ---- time

    def forward(self, by: timedelta, *, seconds: float) -> None:
        """Set the shared clock, and let the processes be for so many seconds."""
        self.house.clock.forward(by)
        time.sleep(seconds)

    def until_quiet(self) -> None:
        """Wait until nothing that is due waits.  What is in hand for long is in dead hands, and has its minute."""
        patience = time.monotonic() + _PATIENCE_SECONDS
        while self._number("queued"):
            self._revive()
            assert time.monotonic() < patience, f"{self._number('queued')} messages do not go"
            time.sleep(0.1)
        patience = time.monotonic() + _IN_HAND_SECONDS
        while self._number("sending") and time.monotonic() < patience:
            time.sleep(0.1)

    def _number(self, state: str) -> int:
        """How many messages of one state are due."""
        query = text("SELECT count(*) FROM outbox WHERE due_at <= :now AND state = :state")
        at = self.house.clock()
        bound = at.replace(tzinfo=None) if self.house.installation.engine.name == "sqlite" else at
        with self.house.installation.engine.connect().execution_options(reading=True) as connection:
            return int(connection.execute(query, {"now": bound, "state": state}).scalar_one())

    # ---- what became of it

    def reminders(self) -> list[dict[str, object]]:
        with self.house.installation.engine.connect().execution_options(reading=True) as connection:
            query = text("SELECT * FROM outbox WHERE kind = 'reminder'")
            return [dict(row) for row in connection.execute(query).mappings()]

    def visit_of(self, row: dict[str, object]) -> Visit:
        return self.house.visit(VisitId(str(row["visit_id"])))

    def last_start(self) -> datetime:
        """When the last of the visits begins."""
        with self.house.reading(self.house.cast.karim) as work:
            return max(visit.starts_at for visit in visits_in(work, BOOKED))

    def told(self) -> set[tuple[str, str]]:
        """Visit and person of whom a worker was told that a message has not arrived."""
        with self.house.installation.engine.connect().execution_options(reading=True) as connection:
            query = "SELECT visit_id, person_id FROM follow_up WHERE kind = 'not_reached'"
            return {(str(a), str(b)) for a, b in connection.execute(text(query))}


def _joining(work: Work, visit: Visit) -> list[VisitParticipantRow]:
    rows = [work.session.get_one(VisitParticipantRow, p.id) for p in visit.participants]
    assert all(row.stage == Stage.INVITED for row in rows)
    return rows
