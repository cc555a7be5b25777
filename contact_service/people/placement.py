"""Where a child lives, with whom, from when to when: the most sensitive fact in the system."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date

from contact_service.ids import PersonId, PlacementId


@dataclass(frozen=True, kw_only=True)
class PlaceWords:
    """What tells where the child lives; at rest sealed under the child's key, never in anything for a family."""

    name: str = ""
    area: str = ""
    school: str = ""

    def to_bytes(self) -> bytes:
        """The words as JSON, to be sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, text: bytes) -> "PlaceWords":
        """The inverse of ``to_bytes``."""
        return cls(**json.loads(text))


@dataclass(frozen=True, kw_only=True)
class Days:
    """From a first day to a last one, both included; None is open."""

    first: date
    last: date | None = None

    def hold(self, day: date) -> bool:
        """Whether ``day`` is one of them."""
        return self.first <= day and (self.last is None or day <= self.last)

    def meet(self, other: "Days") -> bool:
        """Whether they share a day."""
        return (other.last is None or self.first <= other.last) and (
            self.last is None or other.first <= self.last
        )


@dataclass(frozen=True, kw_only=True)
class Placement:
    """Where a child lived or lives.  ``confidential``: nobody but the child's own staff reads the words.

    ``concealed``: the words and the carer were taken out, because the reader may not know them.
    """

    id: PlacementId
    child: PersonId
    carer: PersonId | None
    days: Days
    confidential: bool
    words: PlaceWords
    concealed: bool = False

    def conceal(self) -> "Placement":
        """The same days without anything that tells where or with whom."""
        return replace(self, carer=None, words=PlaceWords(), concealed=True)


@dataclass(frozen=True, kw_only=True)
class NewPlacement:
    """A placement as it is entered; a move is a new one."""

    child: PersonId
    carer: PersonId | None
    days: Days
    confidential: bool
    words: PlaceWords


def meeting(days: Days, placements: Iterable[Placement]) -> list[Placement]:
    """The placements that share a day with ``days``."""
    return [one for one in placements if one.days.meet(days)]
