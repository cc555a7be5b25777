"""The visits that a week should have: one for each line of a plan in force, pairs of children once.  Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from contact_service.agency_week.known import ChildKnown, Gathered
from contact_service.agency_week.may_meet import level_of, strictest
from contact_service.agency_week.wanted import Line, Part, Want, asked_for
from contact_service.ids import PersonId, VisitId
from contact_service.people.person import Relation
from contact_service.plans.terms import Medium, PlanPerson, period_around
from contact_service.visits.visit import COUNTED, OVER, Outcome, VisitState
from contact_service.visits.wish import ChildWished

_NOT_MET = (Relation.INTERPRETER, Relation.ADVOCATE, Relation.SELF)
# A child can count on what it had in the last of these.
_REMEMBERED = 8


def lines_of(gathered: Gathered) -> dict[str, list[Line]]:
    """What the plans say, by whom it is about; both lines of two children who name each other under one key."""
    found: dict[str, list[Line]] = defaultdict(list)
    for known in gathered.children.values():
        for terms in known.plan.people if known.plan else ():
            relation = gathered.relations.get((known.child, terms.person))
            if terms.medium is Medium.VIDEO and relation not in _NOT_MET:
                line = Line(
                    child=known.child,
                    case=known.case,
                    terms=terms,
                    sharing=terms.person in gathered.every_child,
                    ordered=terms.order in gathered.orders,
                    owed=known.owed.get(terms.person, 0),
                )
                found[line.key].append(line)
    return dict(sorted(found.items()))


def wants_of(gathered: Gathered, key: str, lines: list[Line]) -> Iterator[tuple[Want, Part]]:
    """The visits that one line, or both lines of two children, ask for this week, each with its days."""
    booked = days_booked(gathered, lines[0])
    week = gathered.week.monday
    asked = [list(asked_for(line, booked, week)) for line in lines]
    most = max(range(len(lines)), key=lambda place: sum(part.visits for part in asked[place]))
    parts = [(part, min(part.visits, _room(lines, booked, part))) for part in asked[most]]
    there = sum(week <= on < week + timedelta(days=7) for on in booked)
    first = replace(
        _want(gathered, key, lines, lines[most]), in_week=there + sum(visits for _, visits in parts)
    )
    for part, visits in parts:
        for number in range(visits):
            name = f"{key}:{part.first.isoformat()}:{number}"
            makes_up = number >= part.visits - part.makes_up
            yield replace(first, key=name, makes_up=makes_up), part


def _room(lines: list[Line], booked: list[date], part: Part) -> int:
    """How many visits no line has too many of in the period that begins with the part."""
    rooms = [part.visits]
    for line in lines:
        often = line.terms.frequency
        if often is not None and often.most is not None:
            first, after = period_around(part.first, often.per)
            rooms.append(often.most - sum(first <= on < after for on in booked))
    return max(0, min(rooms))


def _want(gathered: Gathered, key: str, lines: list[Line], line: Line) -> Want:
    known, person = gathered.children[line.child], line.terms.person
    other = gathered.children.get(person) if line.sharing else None
    sharing: tuple[ChildWished, ...] = ()
    if line.sharing:
        sharing = (ChildWished(child=person, caregiver=other.carer if other else None),)
    return Want(
        key=key,
        line=key,
        case=line.case,
        child=line.child,
        people=() if line.sharing else (person,),
        caregiver=known.carer,
        sharing=sharing,
        length=min(*(one.terms.length for one in lines), gathered.policy.limits.longest),
        level=strictest(level_of(gathered, one.child, one.terms) for one in lines),
    )


def days_booked(gathered: Gathered, line: Line, moving: Collection[VisitId] = ()) -> list[date]:
    """The days of the visits of these two, without ``moving``, that are asked for, booked, running or given."""
    known = gathered.children[line.child]
    return [local_start(known, at).date() for at in starts_booked(gathered, line, moving)]


def starts_booked(gathered: Gathered, line: Line, moving: Collection[VisitId] = ()) -> list[datetime]:
    """When those begin."""
    return [
        visit.starts_at
        for visit in gathered.children[line.child].visits
        if visit.state in COUNTED and visit.id not in moving and line.terms.person in visit.people
    ]


def local_start(known: ChildKnown, at: datetime) -> datetime:
    """An instant by the clock where the child lives."""
    return at.astimezone(ZoneInfo(known.zone))


def usual_start(known: ChildKnown, person: PersonId) -> tuple[int, int] | None:
    """The weekday (Monday 0) and the minute of most of the last visits of these two that went well."""
    met = [
        local_start(known, visit.starts_at)
        for visit in known.visits
        if visit.outcome is Outcome.COMPLETED and person in visit.people
    ][-_REMEMBERED:]
    if not met:
        return None
    said = [(at.weekday(), at.hour * 60 + at.minute) for at in met]
    return max(sorted(set(said)), key=said.count)


def supervised_by(known: ChildKnown) -> dict[str, int]:
    """How many visits of the child each supervisor has watched over."""
    found: dict[str, int] = defaultdict(int)
    for visit in known.visits:
        if visit.state in OVER and visit.state is not VisitState.MISSED:
            found[visit.supervisor] += 1
    return dict(found)


def terms_between(gathered: Gathered, want: Want) -> list[tuple[ChildKnown, PlanPerson]]:
    """The terms under which the children of a visit meet those in it, by child."""
    found = []
    for one in want.children:
        known = gathered.children.get(one.child)
        meeting = {*want.people, *(c.child for c in want.children)} - {one.child}
        for person in sorted(meeting):
            terms = known.plan.terms_for(person) if known and known.plan else None
            if known is not None and terms is not None:
                found.append((known, terms))
    return found
