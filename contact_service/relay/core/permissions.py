"""Who may hear and see whom, as one pure function of the list and the latches (PROTOCOL.md section 4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from contact_service.protocol.rooms import Level, Role, RoomState, Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A connected leg that the list names.  A leg that it does not name has no standing and no edges."""

    leg: str
    role: Role
    stage: Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What holds for the room as a whole.

    ``over``: ended by list or latch, or past its end time.  ``private``: the list has somebody in a talk in private.
    """

    state: RoomState
    level: Level
    held: bool
    over: bool
    leased: bool
    private: bool
    supervisor_present: bool


def permitted_pairs(facts: Facts, standings: Iterable[Standing]) -> frozenset[tuple[str, str]]:
    """Every (sender, receiver) between whose legs packets may pass now."""
    if facts.over or not facts.leased or facts.state is RoomState.ENDED:
        return frozenset()
    people = list(standings)
    if facts.private:
        return _private_pairs(people) if facts.supervisor_present else frozenset()
    if not is_flowing(facts):
        return frozenset()
    admitted = [person.leg for person in people if person.stage is Stage.ADMITTED]
    return frozenset((a, b) for a in admitted for b in admitted if a != b)


def is_flowing(facts: Facts) -> bool:
    """Whether admitted people hear and see each other."""
    live = facts.state is RoomState.LIVE and not facts.held and facts.leased
    live = live and not facts.over and not facts.private
    return live and (facts.supervisor_present or facts.level is not Level.SUPERVISED)


def _private_pairs(people: list[Standing]) -> frozenset[tuple[str, str]]:
    supervisors = [p.leg for p in people if p.role is Role.SUPERVISOR and p.stage is Stage.ADMITTED]
    others = [p.leg for p in people if p.role is not Role.SUPERVISOR and p.stage is Stage.PRIVATE]
    if len(others) != 1:  # a talk in private has one other side
        return frozenset()
    return frozenset(pair for watcher in supervisors for pair in ((watcher, others[0]), (others[0], watcher)))
