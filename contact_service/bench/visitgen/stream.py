"""Chance for a generator: whole numbers only, one stream for each thing that is drawn, the same on every machine.

So that a worker who is added changes no family.  Source: splitmix64 (Steele, Lea, Flood 2014), seeded by SHA-256.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Stream:
    """Draws that depend on the seed and on what is drawn for, and on nothing else."""

    def __init__(self, seed: int, *names: object) -> None:
        """``names``: what is drawn for, such as ``"worker", 3``."""
        written = "|".join(str(name) for name in ("visitgen/1", seed, *names))
        self._state = int.from_bytes(hashlib.sha256(written.encode()).digest()[:8])

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
        return mixed ^ mixed >> 31

    def below(self, count: int) -> int:
        """A whole number from 0, below ``count``."""
        return self._next() * count >> 64

    def percent(self, share: int) -> bool:
        """True in ``share`` of a hundred draws."""
        return self.below(100) < share

    def pick(self, things: Sequence[T]) -> T:
        """One of them, each as likely."""
        return things[self.below(len(things))]

    def weighted(self, things: Sequence[tuple[T, int]]) -> T:
        """One of them, as likely as its weight says."""
        left = self.below(sum(weight for _, weight in things))
        for thing, weight in things:
            left -= weight
            if left < 0:
                return thing
        raise AssertionError

    def sample(self, things: Sequence[T], count: int) -> list[T]:
        """``count`` of them, or all, in any order."""
        left = list(things)
        return [left.pop(self.below(len(left))) for _ in range(min(count, len(left)))]
