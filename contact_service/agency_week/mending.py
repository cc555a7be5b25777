"""A booked week as the planner is given it, when some of its visits can no longer be as they are.  Pure."""

from collections.abc import Sequence

from contact_service.agency_week.building import Building, Built
from contact_service.agency_week.hours import Hours
from contact_service.agency_week.known import Gathered
from contact_service.agency_week.lines import lines_of
from contact_service.agency_week.pins import Pins
from contact_service.agency_week.wanted import Part, Want
from contact_service.visits.visit import BOOKED, ParticipantRole, Visit, VisitState
from contact_service.visits.wish import ChildWished

_MAY_MOVE = BOOKED | {VisitState.REQUESTED}


def build_booked(gathered: Gathered, visits: Sequence[Visit]) -> Built:
    """The visits that are asked for or booked and have not begun, each with its place as what it would like to keep.

    What any rule forbids whatever the time is left to those who look at visits in doubt.
    """
    ahead = [
        v for v in visits if v.state in _MAY_MOVE and v.starts_at > gathered.now and _is_known(gathered, v)
    ]
    moving = frozenset(visit.id for visit in ahead)
    building = Building(gathered, Hours(gathered, moving), Pins(), moving)
    lines = lines_of(gathered)
    numbers = {key: number for number, key in enumerate(lines)}
    week = gathered.week
    for visit in ahead:
        want = _want(visit)
        both = lines.get(want.line, [])
        number = numbers.setdefault(want.line, len(numbers))
        whole = Part(first=week.monday, after=week.monday.fromordinal(week.monday.toordinal() + 7), visits=1)
        building.add_booked(number, both, want, (whole, visit))
    return building.built()


def _is_known(gathered: Gathered, visit: Visit) -> bool:
    return all(one.child in gathered.children for one in visit.children) and visit.emergency is None


def _want(visit: Visit) -> Want:
    people = tuple(p.person for p in visit.families() if p.person and p.role is ParticipantRole.FAMILY_MEMBER)
    first, *sharing = visit.children
    other = people[0] if people else sharing[0].child
    pair = (first.child, other) if people else tuple(sorted((first.child, other)))
    return Want(
        key=visit.id,
        line=":".join(pair),
        case=first.case,
        child=first.child,
        people=people,
        caregiver=first.caregiver,
        sharing=tuple(ChildWished(child=one.child, caregiver=one.caregiver) for one in sharing),
        length=visit.ends_at - visit.starts_at,
        level=visit.level,
        visit=visit.id,
    )
