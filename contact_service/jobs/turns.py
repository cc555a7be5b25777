"""What is done once for each period, by whichever process comes first, and by one at a time."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from contact_service import actor
from contact_service.actor import Actor
from contact_service.operations.actions import end_turn, hold_turn, take_turn
from contact_service.operations.job_beat import Turn, TurnLost
from contact_service.work import Installation, Work, begin

logger = logging.getLogger(__name__)
LEASE = timedelta(minutes=2)
DAY = timedelta(days=1)
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A turn that this process has; everything the job changes is changed inside ``begin``."""

    installation: Installation
    turn: Turn

    @contextmanager
    def begin(self, who: Actor = actor.SCHEDULE) -> Iterator[Work]:
        """A Work that commits only while this process has the turn; raises ``TurnLost`` and changes nothing else.

        A process that was stopped and goes on later is late here, however sure it is of itself.
        """
        with begin(self.installation, who) as work:
            hold_turn(work, self.turn, lease=LEASE)
            yield work


def once_per(
    installation: Installation, job: str, act: Callable[[Hold], None], *, period: timedelta = DAY
) -> None:
    """Run ``act`` unless it has been run to its end in this period of UTC, or another process is at it.

    A process that dies with the turn, or is too slow, loses it after two minutes, and the next one begins anew:
    ``act`` may be begun twice and does no harm then.
    """
    with begin(installation, actor.SCHEDULE) as work:
        number = (work.now - _BEGINNING) // period
        turn = take_turn(work, job, f"{_BEGINNING + number * period:%Y-%m-%dT%H:%M}", lease=LEASE)
    if turn is None:
        return
    try:
        act(Hold(installation=installation, turn=turn))
        with begin(installation, actor.SCHEDULE) as work:
            end_turn(work, turn)
    except TurnLost:
        logger.warning("a turn was lost to another process", extra={"job": job, "period": turn.period})
