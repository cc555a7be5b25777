"""What a person has decided before a week is planned: what stays, and what is not before an hour.  Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contact_service.ids import AccountId


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A visit that stays at this start, with this supervisor."""

    starts_at: datetime
    supervisor: AccountId


@dataclass(frozen=True, kw_only=True)
class Pins:
    """By the keys of visits: what stays, and what is not before a minute of the day."""

    kept: Mapping[str, Pin] = field(default_factory=dict)
    not_before: Mapping[str, int] = field(default_factory=dict)

    def among(self, keys: Sequence[str], booked: Mapping[str, Collection[datetime]]) -> "Pins":
        """The same for the visits that are still to be asked for; their keys count what is left of each line's part.

        ``booked``: by line the starts that its two have booked.  A pin of such a start is done with; one whose number
        is gone goes to the first visit of its part that has none.
        """
        left = {key: pin for key, pin in self.kept.items() if pin.starts_at not in booked.get(_line(key), ())}
        kept = {key: left.pop(key) for key in keys if key in left}
        for key in keys:
            homeless = sorted(other for other in left if _part(other) == _part(key))
            if key not in kept and homeless:
                kept[key] = left.pop(homeless[0])
        return replace(self, kept=kept)


def _part(key: str) -> str:
    return key.rpartition(":")[0]


def _line(key: str) -> str:
    return key.rsplit(":", 2)[0]
