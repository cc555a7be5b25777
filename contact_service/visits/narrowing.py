"""Find as many of those who come if they can as the rules say yes to at once.  Pure: the rules are given."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from contact_service.ids import PersonId
from contact_service.policy.decision import Decision, Permitted, Reason, Refused
from contact_service.visits.optional import IfTheyCan, most_without_pairs, without
from contact_service.visits.wish import Wish


@dataclass(frozen=True, kw_only=True)
class Narrowed:
    """A wish with exactly those who would be there, and what the rules say to it.

    ``coming`` and ``left_out`` are those who come if they can.  ``too_few``: the rules have nothing against those who
    must be there, and ``decision`` refuses for fewer than the quorum can come besides.  ``against``: what the rules had
    against those of ``left_out`` who would have been able to come.
    """

    wish: Wish
    coming: tuple[PersonId, ...]
    left_out: tuple[PersonId, ...]
    decision: Decision
    too_few: bool = False
    against: tuple[Reason, ...] = ()


def narrow(
    wish: Wish,
    optional: IfTheyCan,
    able: Collection[PersonId],
    decide: Callable[[Wish], Decision],
    *,
    at_odds: Collection[frozenset[PersonId]] = (),
) -> Narrowed:
    """The largest part of ``able`` with which ``decide`` permits ``wish``; refused where it is below the quorum.

    First everybody who is able is asked for at once; only where the rules say no, one at a time.  ``at_odds``: pairs of
    whom the rules will not have both.  The rules are asked at most twice for each person and three times more.
    """
    free = tuple(one for one in optional.people if one in able)
    asking = _Asking(wish=wish, optional=optional, decide=decide)
    found = asking.to_have(most_without_pairs(free, at_odds))
    if _will_do(found) or not free:
        return found
    alone = asking.to_have(())
    if isinstance(alone.decision, Refused) and not alone.too_few:
        return alone
    welcome = [one for one in free if isinstance(asking.said((one,)), Permitted)]
    staying = most_without_pairs(welcome, at_odds)
    found = asking.to_have(staying)
    return found if _will_do(found) else asking.one_by_one(dict.fromkeys((*staying, *welcome)))


def _will_do(found: Narrowed) -> bool:
    return isinstance(found.decision, Permitted)


@dataclass(frozen=True, kw_only=True)
class _Asking:
    """The rules, asked no more than once for the same people, and everything they had against somebody."""

    wish: Wish
    optional: IfTheyCan
    decide: Callable[[Wish], Decision]
    known: dict[frozenset[PersonId], Decision] = field(default_factory=dict)

    def _of(self, coming: Collection[PersonId]) -> Wish:
        return without(self.wish, {*self.optional.people} - {*coming})

    def said(self, coming: tuple[PersonId, ...]) -> Decision:
        """What the rules say to those who must be there and these."""
        them = frozenset(coming)
        if them not in self.known:
            self.known[them] = self.decide(self._of(them))
        return self.known[them]

    def to_have(self, coming: tuple[PersonId, ...]) -> Narrowed:
        """The wish with exactly these; refused with all that was said where they are too few."""
        decision = self.said(coming)
        too_few = isinstance(decision, Permitted) and len(coming) < self.optional.quorum
        return Narrowed(
            wish=self._of(coming),
            coming=tuple(one for one in self.optional.people if one in coming),
            left_out=tuple(one for one in self.optional.people if one not in coming),
            decision=Refused(passed=(), reasons=self._against()) if too_few else decision,
            too_few=too_few,
            against=self._against() if len(coming) < len(self.optional.people) else (),
        )

    def _against(self) -> tuple[Reason, ...]:
        refused = [said for said in self.known.values() if isinstance(said, Refused)]
        return tuple(dict.fromkeys(reason for said in refused for reason in said.reasons))

    def one_by_one(self, order: Collection[PersonId]) -> Narrowed:
        """Whoever the rules permit with those before them."""
        coming: tuple[PersonId, ...] = ()
        for one in order:
            if isinstance(self.said((*coming, one)), Permitted):
                coming = (*coming, one)
        return self.to_have(coming)
