"""What the process that ticks tells of one job, and a turn at one that is done once."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from contact_service.errors import ContactServiceError

CLOCKS_DIFFER = timedelta(seconds=5)
"""Clocks of two machines may differ so much; a beat from further ahead is from before the clock was set back."""


@dataclass(frozen=True, kw_only=True)
class JobBeat:
    """When a job last began, ended well and failed, and in which process; ``failure`` is the name of an error class."""

    job: str
    process: str
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    failed_at: datetime | None = None
    failure: str = ""
    failures: int = 0
    passed_over: int = 0


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The right of one process to do a job for a period."""

    job: str
    period: str
    fence: int


class TurnLost(ContactServiceError):
    """Another process has taken over this job, because this one was silent for too long. Nothing was changed."""
