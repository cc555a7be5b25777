"""Counts what was asked for: one bucket of tokens for each caller and kind, filled again as time goes by.  Pure."""

import math
from collections import OrderedDict
from collections.abc import Hashable

from contact_service.request_limits.kinds import Budget

MOST_CALLERS = 20_000
"""Of how many callers is remembered what they asked for; beyond, whoever asked longest ago is forgotten."""


class Buckets:
    """What everybody has left.  Its memory is bounded; whoever is forgotten has everything again."""

    def __init__(self, *, most: int = MOST_CALLERS) -> None:
        self._most = most
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._left)

    def take(self, caller: Hashable, budget: Budget, *, at: float, times: int = 1) -> int:
        """0 when this request may be answered, otherwise the whole seconds until the next one may.

        ``at`` is in seconds, of a clock that never goes back; ``times`` multiplies the budget.
        """
        most, a_second = budget.at_once * times, budget.a_minute * times / 60
        left, since = self._left.get(caller, (float(most), at))
        left = min(most, left + (at - since) * a_second)
        wait = 0 if left >= 1 else math.ceil((1 - left) / a_second)
        self._left[caller] = (left if wait else left - 1, at)
        self._left.move_to_end(caller)
        if len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait
