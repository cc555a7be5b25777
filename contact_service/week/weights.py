"""What a good week is, in numbers: the agency's own, with defaults that are a guess until practitioners set them."""

from dataclasses import dataclass
from enum import StrEnum


class Priority(StrEnum):
    """Who said that the visit must be, strongest first."""

    COURT = "court"
    AGREED = "agreed"
    EXTRA = "extra"


def priority_of(*, ordered: bool, makes_up: bool) -> Priority:
    """An order comes first; what comes on top of a plan's number is one step behind what is within it."""
    if makes_up:
        return Priority.AGREED if ordered else Priority.EXTRA
    return Priority.COURT if ordered else Priority.AGREED


class Known(StrEnum):
    """How well a worker knows the family, best first."""

    PRIMARY = "primary"
    FAMILIAR = "familiar"
    TEAM = "team"
    STRANGER = "stranger"


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Points.  Costs are given as positive numbers.

    ``first_visit`` is for the first visit of each plan, so that nobody goes without for somebody else's second.
    ``usual_day`` is for the usual day at another time, and where
    nothing is usual for a start that suits a child.  ``overload`` is for each quarter hour beyond a worker's fair
    share.  The ``keep`` two count only where a visit is booked already.
    """

    court: int = 1000
    agreed: int = 700
    extra: int = 400
    primary: int = 60
    familiar: int = 30
    team: int = 10
    usual_time: int = 25
    usual_day: int = 10
    first_visit: int = 50
    interpreter: int = 15
    overload: int = 3
    keep_time: int = 450
    keep_worker: int = 150

    def of_priority(self, priority: Priority) -> int:
        """What placing a visit of this priority is worth."""
        return {Priority.COURT: self.court, Priority.AGREED: self.agreed, Priority.EXTRA: self.extra}[
            priority
        ]

    def of_known(self, known: Known) -> int:
        """What a worker who knows the family so well adds."""
        worth = {Known.PRIMARY: self.primary, Known.FAMILIAR: self.familiar, Known.TEAM: self.team}
        return worth.get(known, 0)
