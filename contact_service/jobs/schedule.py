"""What happens by the clock, as one readable table."""

from collections.abc import Callable
from dataclasses import dataclass

from contact_service import actor
from contact_service.jobs import doors, letters, stops, sweeps
from contact_service.jobs.letters import Post
from contact_service.operations.actions import beat
from contact_service.work import Installation, begin


@dataclass(frozen=True, kw_only=True)
class Job:
    """``act`` runs every ``seconds``; running it twice, or in two processes, does no harm."""

    name: str
    seconds: int
    act: Callable[[], None]


def schedule(installation: Installation, post: Post) -> tuple[Job, ...]:
    """Every job of the product."""
    return (
        Job(name="heartbeat", seconds=2, act=lambda: _beat(installation)),
        Job(name="send letters", seconds=1, act=lambda: letters.send_letters(installation, post)),
        Job(name="make visits ready", seconds=1, act=lambda: doors.make_ready(installation)),
        Job(name="open doors", seconds=1, act=lambda: doors.open_doors(installation)),
        Job(name="lapse requests", seconds=5, act=lambda: doors.lapse_requests(installation)),
        Job(name="apply restrictions", seconds=1, act=lambda: stops.apply_restrictions(installation)),
        Job(name="watch urgent stops", seconds=5, act=lambda: stops.watch_urgent_stops(installation)),
        Job(name="doubt visits", seconds=300, act=lambda: stops.doubt_visits(installation)),
        Job(name="close doors", seconds=5, act=lambda: doors.close_doors(installation)),
        Job(name="sweep answers", seconds=600, act=lambda: sweeps.sweep_answers(installation)),
        Job(name="end unwatched visits", seconds=1, act=lambda: doors.end_unwatched(installation)),
    )


def _beat(installation: Installation) -> None:
    with begin(installation, actor.SCHEDULE) as work:
        beat(work, "schedule")
