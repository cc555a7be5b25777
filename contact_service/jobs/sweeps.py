"""Forget what is kept only for a while."""

from contact_service import actor
from contact_service.operations.actions import forget_turns
from contact_service.readings.actions import forget_readings
from contact_service.repeats.actions import forget_answers
from contact_service.retention.periods import BUSY_TIMES_KEPT, READINGS_KEPT, TURNS_KEPT, WHEREABOUTS_KEPT
from contact_service.visits.actions.whereabouts import forget_whereabouts
from contact_service.work import Installation, begin
from contact_service.working_hours.actions import forget_busy_times


def sweep_answers(installation: Installation) -> None:
    """Answers to requests of the JSON API that are a day old."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_answers(work)


def sweep_turns(installation: Installation) -> None:
    """Which process did a daily job, a month ago."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_turns(work, kept=TURNS_KEPT)


def sweep_busy_times(installation: Installation) -> None:
    """When somebody was busy, a month ago."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_busy_times(work, kept=BUSY_TIMES_KEPT)


def sweep_readings(installation: Installation) -> None:
    """Which hours of reading were written down, a month ago."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_readings(work, kept=READINGS_KEPT)


def sweep_whereabouts(installation: Installation) -> None:
    """Where people were during visits that ended a day ago."""
    with begin(installation, actor.SCHEDULE) as work:
        forget_whereabouts(work, kept=WHEREABOUTS_KEPT)
