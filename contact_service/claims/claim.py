"""A stretch of somebody's time.

Who can be in one place only, a person or a member of staff, is a *resource* and has a number in the database; so has
every room and every video link of a pool, of which a visit takes any that is free.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from contact_service.errors import Conflict
from contact_service.ids import AccountId, OfferId, PersonId, PoolId, VisitId

Who = PersonId | AccountId | PoolId
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class TimeTaken(Conflict):
    """Somebody who is needed is in another visit at that time. Choose another time, or somebody else."""


class HoldOver(Conflict):
    """This time was kept for a while only, and that is over. Choose a time again."""


class Kind(StrEnum):
    """What a claim takes the time of: somebody of a case, a member of staff, or one room or link of a pool."""

    PERSON = "person"
    ACCOUNT = "account"
    POOL = "pool"


@dataclass(frozen=True, kw_only=True)
class Span:
    """``who`` is needed from ``starts_at`` until before ``ends_at``; time to prepare and to write up is within it."""

    who: Who
    kind: Kind
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> str:
        """Who it is, as their resource is called."""
        return key_of(self.who, self.kind)

    def meets(self, other: "Span") -> bool:
        """Whether both take a moment of the same one's time, or of the same pool's."""
        return self.key == other.key and self.starts_at < other.ends_at and self.ends_at > other.starts_at


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A span that a visit, or an offer of freed time, has claimed.

    ``held_until``: it is only kept for somebody to decide, until then.  ``beyond``: it takes a room or a link that the
    pool does not have any more.
    """

    visit: VisitId | None
    offer: OfferId | None = None
    span: Span
    held_until: datetime | None
    beyond: bool = False


def key_of(who: Who, kind: Kind) -> str:
    """What a resource is called when it gets its number; it stays so when the person's record is merged."""
    return f"{kind}/{who}"


def second(at: datetime) -> int:
    """Whole seconds since 1970, rounded down."""
    return (at - EPOCH) // _SECOND


def second_after(at: datetime) -> int:
    """Whole seconds since 1970, rounded up."""
    return -((EPOCH - at) // _SECOND)


def instant_of(seconds: int) -> datetime:
    """The instant so many seconds after 1970 began."""
    return EPOCH + seconds * _SECOND
