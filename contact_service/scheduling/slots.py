"""Find the times at which everybody who is needed is free, say what stands in the way where there are none, and rank.

Pure: sets of slots in, sets of slots out.  Who may meet whom is decided elsewhere; here it is only about time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, reduce
from itertools import combinations
from operator import and_, or_

from contact_service.scheduling.grid import Grid, at_least, each, starts

MOST_BLOCKERS = 3


@dataclass(frozen=True, kw_only=True, eq=False)
class Need:
    """At least ``count`` of ``members`` must be free, each with their free slots: one person, any of the supervisors.

    ``before`` and ``after`` are slots that whoever is taken needs beside the visit, to prepare and to write up.
    """

    name: str
    members: Mapping[str, int]
    count: int = 1
    before: int = 0
    after: int = 0

    def starts_of(self, member: str, length: int) -> int:
        """Where a visit of ``length`` slots may start for one member."""
        return starts(self.members[member], self.before + length + self.after) << self.before

    def starts(self, length: int) -> int:
        """Where a visit of ``length`` slots may start for enough of them."""
        found = [self.starts_of(member, length) for member in self.members]
        return found[0] if len(found) == 1 and self.count == 1 else at_least(found, self.count)


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """At least ``count`` of ``members`` must be able to come at once, none where it is 0.

    For each stands all that must be met besides: their own hours, their carer's, a room where they are.  ``at_odds``:
    pairs of whom only one can come.
    """

    name: str
    members: Mapping[str, tuple[Need, ...]]
    count: int = 0
    at_odds: frozenset[frozenset[str]] = frozenset()

    def starts_of(self, member: str, length: int) -> int:
        """Where a visit of ``length`` slots may start for one member and all that comes with them; -1: anywhere."""
        return reduce(and_, (need.starts(length) for need in self.members[member]), -1)

    def starts(self, length: int) -> int:
        """Where a visit of ``length`` slots may start for enough of them; -1: anywhere."""
        return self.starts_with(self.count, length)

    def starts_with(self, count: int, length: int) -> int:
        """Where at least ``count`` of them could come at once; -1: anywhere."""
        if count == 0:
            return -1
        found = {member: self.starts_of(member, length) for member in self.members}
        if not self.at_odds:
            return at_least(list(found.values()), count)
        together = (
            reduce(and_, (found[one] for one in some))
            for some in combinations(found, count)
            if not any(pair <= {*some} for pair in self.at_odds)
        )
        return reduce(or_, together, 0)


@dataclass(frozen=True, kw_only=True)
class Question:
    """A visit of ``length`` slots that may start in ``allowed`` and needs everybody in ``needs``."""

    grid: Grid
    length: int
    needs: tuple[Need | Group, ...]
    allowed: int


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """A local day without a slot, and a smallest set of needs without which it would have one.

    ``needs`` is empty where more than three stand in the way, or the day lies outside what is allowed.  ``possible``:
    where it could start on that day but for them.
    """

    day: date
    needs: tuple[str, ...]
    possible: int = 0


@dataclass(frozen=True, kw_only=True)
class Preference:
    """Slots at which a start is worth ``weight`` more, and the reason as a code."""

    reason: str
    weight: int
    slots: int


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A start with its worth, and why it is worth that.  ``able``: for each need the starts of each of its members."""

    starts_at: datetime
    worth: int
    reasons: tuple[str, ...]
    slot: int
    able: Mapping[str, Mapping[str, int]] = field(repr=False)

    @cached_property
    def free(self) -> Mapping[str, tuple[str, ...]]:
        """Who is free for each need; found out when it is asked for: most starts are passed over."""
        return {
            name: tuple(member for member, mask in members.items() if mask >> self.slot & 1)
            for name, members in self.able.items()
        }


def find(question: Question) -> int:
    """Every slot at which the visit can start, nobody counted for two needs at once."""
    found = _all_of(question, (need.starts(question.length) for need in question.needs))
    return _by_different_people(question, question.needs, found)


def _all_of(question: Question, found: Iterable[int]) -> int:
    return reduce(and_, found, question.allowed & question.grid.everything)


def _shared(needs: Sequence[Need | Group]) -> tuple[Need | Group, ...]:
    """The needs that have a member in common with another: one person is never two."""
    return tuple(
        need
        for need in needs
        if any(need.members.keys() & other.members.keys() for other in needs if other is not need)
    )


def _enough_people(question: Question, needs: Sequence[Need | Group], slot: int) -> bool:
    """Whether ``needs`` can be met by different people at ``slot`` (Kuhn's matching; a handful of places)."""
    places = [(need, number) for need in needs for number in range(need.count)]
    able = [who_is_free(question, need, slot) for need, _ in places]
    taken: dict[str, int] = {}

    def finds_place(place: int, asked: set[str]) -> bool:
        for person in able[place]:
            if person in asked:
                continue
            asked.add(person)
            if person not in taken or finds_place(taken[person], asked):
                taken[person] = place
                return True
        return False

    return all(finds_place(place, set()) for place in range(len(places)))


def who_is_free(question: Question, need: Need | Group, slot: int) -> tuple[str, ...]:
    """The members of ``need`` who are free for a visit that starts at ``slot``, in the order they were given."""
    return tuple(m for m in need.members if need.starts_of(m, question.length) >> slot & 1)


def blockers(question: Question, days: Sequence[tuple[date, int]]) -> list[Blocked]:
    """For each of ``days``, with its slots, on which nothing can start: a smallest set of needs in the way."""
    found_already = find(question)
    open_days = {day: slots for day, slots in days if not slots & found_already}
    each_need = {need: need.starts(question.length) for need in question.needs}
    found = {day: Blocked(day=day, needs=()) for day in open_days}
    for without in _sets_of(question.needs):
        left = [need for need in question.needs if need not in without]
        possible = _all_of(question, (each_need[need] for need in left))
        for day in [day for day, slots in open_days.items() if slots & possible]:
            if opened := _by_different_people(question, left, open_days[day] & possible):
                found[day] = Blocked(day=day, needs=tuple(need.name for need in without), possible=opened)
                del open_days[day]
    return list(found.values())


def _by_different_people(question: Question, needs: Sequence[Need | Group], possible: int) -> int:
    """Those of the slots ``possible`` at which nobody would be counted for two of ``needs``."""
    shared = _shared(needs)
    if not shared:
        return possible
    return sum(1 << slot for slot in each(possible) if _enough_people(question, shared, slot))


def _sets_of(needs: Sequence[Need | Group]) -> Iterator[tuple[Need | Group, ...]]:
    for size in range(1, MOST_BLOCKERS + 1):
        yield from combinations(needs, size)


def most_who_can(question: Question, group: Group, among: int) -> int:
    """How many members of ``group`` can come at once at the best of the slots ``among``."""
    numbers = range(1, len(group.members) + 1)
    return max((n for n in numbers if among & group.starts_with(n, question.length)), default=0)


def best_of(slots: int, preferences: Sequence[Preference]) -> int:
    """The slot of the set ``slots``, which is not empty, that is worth most; of those alike the earliest."""
    return max(
        each(slots), key=lambda slot: (sum(p.weight for p in preferences if p.slots >> slot & 1), -slot)
    )


def ranked(question: Question, preferences: Sequence[Preference]) -> Iterator[Offer]:
    """Every start, one after the other as it is asked for: what is worth most first, of those alike the earliest."""
    found = find(question)
    worth = dict.fromkeys(each(found), 0)
    for preference in preferences:
        for slot in each(found & preference.slots):
            worth[slot] += preference.weight
    able = {n.name: {m: n.starts_of(m, question.length) for m in n.members} for n in question.needs}
    for slot in sorted(worth, key=lambda slot: (-worth[slot], slot)):
        yield Offer(
            starts_at=question.grid.instant(slot),
            worth=worth[slot],
            reasons=tuple(p.reason for p in preferences if p.slots >> slot & 1),
            slot=slot,
            able=able,
        )
