"""The agency's limits as one versioned value.  Source of the defaults: domain rules, section 4."""

from dataclasses import asdict, dataclass, fields
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Every number a rule looks at."""

    early_entry: timedelta = timedelta(minutes=15)
    late_exit: timedelta = timedelta(minutes=15)
    minimum_notice: timedelta = timedelta(hours=24)
    freeze_before_start: timedelta = timedelta(minutes=30)
    request_lapses_before_start: timedelta = timedelta(hours=2)
    supervisor_grace: timedelta = timedelta(minutes=5)
    shortest: timedelta = timedelta(minutes=5)
    longest: timedelta = timedelta(hours=3)
    furthest_ahead: timedelta = timedelta(days=366)

    def to_seconds(self) -> dict[str, int]:
        """The limits as whole seconds by name, to be stored."""
        return {name: int(value.total_seconds()) for name, value in asdict(self).items()}

    @classmethod
    def from_seconds(cls, seconds: dict[str, int]) -> "Limits":
        """The inverse of ``to_seconds``; a limit that an older policy did not have keeps its default."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: timedelta(seconds=value) for name, value in seconds.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class PolicyVersion:
    """One version of the agency's policy."""

    version: int
    limits: Limits
