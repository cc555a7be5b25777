"""What happens by the clock, as one readable table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from contact_service.jobs import (
    calendars,
    choices,
    doors,
    emergency_access,
    letters,
    owing,
    receipts,
    reminders,
    series,
    sign_ins,
    stops,
    sweeps,
    waiting,
)
from contact_service.jobs.composing import Post
from contact_service.jobs.turns import DAY, Hold, once_per
from contact_service.operations.queries import SEND_LETTERS
from contact_service.work import Installation

HEARTBEAT_SECONDS = 2


@dataclass(frozen=True, kw_only=True)
class Job:
    """``act`` runs every ``seconds``; running it twice, or in two processes, does no harm.

    ``alone`` says what keeps processes apart: ``rows`` when each thing is taken and looked at again under its lock,
    ``turns`` when one process does all of it, once in a period.
    """

    name: str
    seconds: int
    act: Callable[[], None]
    alone: str = "rows"


def schedule(installation: Installation, post: Post) -> tuple[Job, ...]:
    """Every job of the product but the heartbeat, which is the runner's own."""
    rows: tuple[tuple[str, int, Callable[[Installation], None]], ...] = (
        ("look after letters", 5, letters.look_after_letters),
        ("make visits ready", 1, doors.make_ready),
        ("open doors", 1, doors.open_doors),
        ("lapse requests", 5, doors.lapse_requests),
        ("lapse choices", 5, choices.lapse_choices),
        ("ask for the silent", 60, choices.ask_for_the_silent),
        ("close doors", 5, doors.close_doors),
        ("end unwatched visits", 1, doors.end_unwatched),
        ("end sign-ins", 1, sign_ins.end_sign_ins),
        ("close emergency accesses", 30, emergency_access.close_emergency_accesses),
        ("apply restrictions", 1, stops.apply_restrictions),
        ("watch urgent stops", 5, stops.watch_urgent_stops),
        # Often, so that also a process that is started anew again and again tells within the hour.
        ("check owed contact", 600, owing.check_owed_contact),
        ("offer freed time", 30, waiting.offer_freed_time),
        ("ask calendars", 30, calendars.ask_calendars),
        ("sweep answers", 600, sweeps.sweep_answers),
        ("sweep turns", 600, sweeps.sweep_turns),
        ("sweep readings", 600, sweeps.sweep_readings),
        ("sweep whereabouts", 600, sweeps.sweep_whereabouts),
        ("sweep busy times", 600, sweeps.sweep_busy_times),
    )
    turns: tuple[tuple[str, int, timedelta, Callable[[Hold], None]], ...] = (
        ("doubt visits", 300, timedelta(minutes=10), stops.doubt_visits),
        ("write missing reminders", 600, DAY, reminders.write_missing_reminders),
        ("extend the horizon", 600, DAY, series.extend_horizon),
        ("tell of clock changes", 600, DAY, series.tell_of_clock_changes),
    )
    return (
        Job(name=SEND_LETTERS, seconds=1, act=partial(letters.send_letters, installation, post)),
        Job(name="ask for receipts", seconds=10, act=partial(receipts.ask_for_receipts, installation, post)),
        *(Job(name=name, seconds=seconds, act=partial(act, installation)) for name, seconds, act in rows),
        *(
            Job(
                name=name,
                seconds=seconds,
                alone="turns",
                act=partial(once_per, installation, name, act, period=period),
            )
            for name, seconds, period, act in turns
        ),
    )
