"""From what was read to the week that the planner is given.  Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from functools import partial, reduce
from operator import or_
from zoneinfo import ZoneInfo

from contact_service.agency_week.clearing import slots_cleared
from contact_service.agency_week.hours import Hours, slots_of
from contact_service.agency_week.known import ChildKnown, Gathered, StaffKnown
from contact_service.agency_week.lines import (
    days_booked,
    lines_of,
    starts_booked,
    supervised_by,
    terms_between,
    usual_start,
    wants_of,
)
from contact_service.agency_week.may_meet import (
    codes_against,
    is_in_conflict,
    people_of,
    suits,
    who_may_watch,
    with_interpreter,
)
from contact_service.agency_week.pins import Pin, Pins
from contact_service.agency_week.rooms import Rooms
from contact_service.agency_week.wanted import Line, Part, Want
from contact_service.ids import AccountId, PersonId, VisitId
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.understanding import NOT_UNDERSTOOD
from contact_service.scheduling.grid import STEP, starts
from contact_service.scheduling.local_time import NoSuchTime, instant
from contact_service.visits.visit import COUNTED, Visit
from contact_service.week.instance import Instance, Party, Placement, Wanted, Worker
from contact_service.week.weights import Known, Weights, priority_of

_HOUR = 4  # slots
_ANY = Window()


@dataclass(frozen=True, kw_only=True)
class CannotBe:
    """A visit that the plans ask for and that no time of the week would allow, with the codes of the rules."""

    want: Want
    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a booked visit stands before the week is mended.

    ``slot``: in which it begins; ``length``: so many slots, from that one, touch it.
    ``answers``: the slots in which its duty person works, none where they are gone.
    """

    visit: Visit
    slot: int
    length: int
    answers: int


@dataclass(frozen=True, kw_only=True)
class Built:
    """The instance, and what its numbers mean: ``wants`` go with its visits, ``workers`` with its workers.

    ``standing``: the visits that are booked already, by the keys of their wants.
    """

    gathered: Gathered
    instance: Instance
    wants: tuple[Want, ...]
    workers: tuple[AccountId, ...]
    cannot: tuple[CannotBe, ...]
    duties: tuple[tuple[StaffKnown, int], ...]
    standing: Mapping[str, Standing] = field(default_factory=dict)


def build(gathered: Gathered, pins: Pins | None = None) -> Built:
    """The week as its plans ask for it, around what is booked already."""
    lines = lines_of(gathered)
    wants = {key: list(wants_of(gathered, key, both)) for key, both in lines.items()}
    booked = {key: starts_booked(gathered, both[0]) for key, both in lines.items()}
    keys = [want.key for asked in wants.values() for want, _ in asked]
    building = Building(gathered, Hours(gathered), (pins or Pins()).among(keys, booked))
    for number, (key, both) in enumerate(lines.items()):
        for want, part in wants[key]:
            building.add(number, both, want, part)
    return building.built()


class Building:
    """An instance while it grows."""

    def __init__(
        self, gathered: Gathered, hours: Hours, pins: Pins, moving: frozenset[VisitId] = frozenset()
    ) -> None:
        """``moving``: booked visits that may be elsewhere, and so are in nobody's way."""
        self.moving = moving
        self.gathered, self.hours, self.pins = gathered, hours, pins
        self.staff = [one for one in gathered.staff if one.may_watch]
        self.worker_number = {one.id: number for number, one in enumerate(self.staff)}
        self.duties = hours.duties()
        self.in_time = hours.in_time()
        self.carers = {child.carer for child in gathered.children.values()}
        self.rooms = Rooms(gathered, hours)
        self.interpreting: Counter[PersonId] = Counter()
        self.parties: dict[PersonId, int] = {}
        self.party_list: list[Party] = []
        self.wants: list[Want] = []
        self.visits: list[Wanted] = []
        self.cannot: list[CannotBe] = []
        self.standing: dict[str, Standing] = {}

    def add(self, plan: int, lines: list[Line], want: Want, part: Part) -> None:
        """One more visit; one that no time would allow is kept apart, with why."""
        codes = codes_against(self.gathered, want)
        helped = with_interpreter(self.gathered, want) if NOT_UNDERSTOOD in codes else {}
        if helped:
            chosen = max(helped, key=self._left_of)  # of those alike the one whom the plan names first
            self.interpreting[chosen] += slots_of(want.length)
            want, codes = helped[chosen], ()
        if codes:
            self.cannot.append(CannotBe(want=want, codes=codes))
            return
        wanted = self._wanted(plan, lines, want, part)
        pin = self.pins.kept.get(want.key)
        place = self._pinned(pin) if pin is not None else None
        if place is not None:
            able = tuple(one for one in wanted.able if one[0] in place.workers)
            wanted = replace(wanted, booked=place, pinned=True, able=able)
        self.visits.append(wanted)
        self.wants.append(want)

    def add_booked(self, plan: int, lines: list[Line], want: Want, whole: tuple[Part, Visit]) -> None:
        """A visit that is booked: it would like to stay where it is, whatever the notice for another time."""
        part, visit = whole
        standing = self.standing[want.key] = self._standing(visit)
        wanted = self._wanted(plan, lines, want, part)
        worker = self.worker_number.get(visit.supervisor)
        place = Placement(start=standing.slot, workers=() if worker is None else (worker,))
        able = wanted.able
        # Whoever watches it already stays able, but for a conflict of interest or what the plan has come to ask for.
        stays = worker is not None and suits(self.gathered, want, self.staff[worker])
        if worker is not None and stays and worker not in dict(able):
            able = (*able, (worker, Known.TEAM))
        self.visits.append(replace(wanted, booked=place, able=able))
        self.wants.append(want)

    def _standing(self, visit: Visit) -> Standing:
        answering = next((one for one in self.gathered.staff if one.id == visit.duty), None)
        begins = self.hours.grid.begins
        slot = (visit.starts_at - begins) // STEP
        return Standing(
            visit=visit,
            slot=slot,
            length=slots_of(visit.ends_at - begins) - slot,
            answers=0 if answering is None else self.hours.at_work(answering),
        )

    def _wanted(self, plan: int, lines: list[Line], want: Want, part: Part) -> Wanted:
        standing = self.standing.get(want.key)
        length, usual = standing.length if standing else slots_of(want.length), self._usual(want)
        gaps = [line.terms.frequency.gap_days or 1 for line in lines if line.terms.frequency]
        gap = max(1, *gaps) if gaps else 1
        allowed = self._allowed(want, length) & self._days_of(part)
        if lines:
            allowed &= self._apart(lines[0], gap)
        pool, room = self.rooms.of(people_of(want))
        allowed &= starts(room, length)
        return Wanted(
            name=want.key,
            plan=plan,
            length=length,
            priority=priority_of(ordered=any(line.ordered for line in lines), makes_up=want.makes_up),
            allowed=allowed,
            parties=self._parties_of(want),
            children=tuple(self._party(one.child) for one in want.children),
            able=self._able(want, lines),
            gap=gap,
            pool=pool,
            usual=usual,
            suits=0 if usual is not None else self._suits(want),
        )

    def _left_of(self, interpreter: PersonId) -> int:
        """How much of the week somebody who interprets still has, beside the visits that they were chosen for."""
        around = self.gathered.policy.buffers.family_member
        free = self.hours.usual(interpreter) & self.hours.not_taken(interpreter, around)
        return free.bit_count() - self.interpreting[interpreter]

    def built(self) -> Built:
        """What has grown."""
        week = self.gathered.week
        instance = Instance(
            grid=week.grid,
            days=week.days,
            visits=tuple(self.visits),
            workers=tuple(self._worker(one) for one in self.staff),
            parties=tuple(self.party_list),
            pools=self.rooms.pools,
            write_up=self.hours.write_up(),
            weights=weights_of(self.gathered),
        )
        return Built(
            gathered=self.gathered,
            instance=instance,
            wants=tuple(self.wants),
            workers=tuple(one.id for one in self.staff),
            cannot=tuple(self.cannot),
            duties=self.duties,
            standing=self.standing,
        )

    def _pinned(self, pin: Pin) -> Placement | None:
        worker, start = (
            self.worker_number.get(pin.supervisor),
            (pin.starts_at - self.hours.grid.begins) // STEP,
        )
        if worker is None or not 0 <= start < self.hours.grid.slots:
            return None
        return Placement(start=start, workers=(worker,))

    def _worker(self, one: StaffKnown) -> Worker:
        limits, taken = self.gathered.policy.week, self.hours.booked_slots(one)
        return Worker(
            name=one.id,
            free=self.hours.watching(one),
            languages=(),
            most_slots=max(0, limits.most_hours * _HOUR - taken),
            fair_slots=max(0, limits.fair_hours * _HOUR - taken),
            most_a_day=limits.most_a_day,
            booked=self.hours.booked(one),
        )

    def _party(self, person: PersonId) -> int:
        if person not in self.parties:
            buffers = self.gathered.policy.buffers
            known = self.gathered.children.get(person)
            at_home = known is not None or person in self.carers
            buffer = buffers.child if at_home else buffers.family_member
            free = self.hours.not_taken(person, buffer)
            if known is not None:
                free &= self.hours.child(known) & ~self._days_taken(known)
            self.parties[person] = len(self.party_list)
            self.party_list.append(Party(name=person, free=free))
        return self.parties[person]

    def _parties_of(self, want: Want) -> tuple[int, ...]:
        return tuple(self._party(person) for person in people_of(want))

    def _days_taken(self, known: ChildKnown) -> int:
        """The days on which the child has a visit already: one a day is enough."""
        zone, week = ZoneInfo(self.gathered.week.zone), self.gathered.week
        days = (
            (visit.starts_at.astimezone(zone).date() - week.monday).days
            for visit in known.visits
            if visit.state in COUNTED and visit.id not in self.moving
        )
        return sum(week.days[day] for day in {day for day in days if 0 <= day < len(week.days)})

    def _days_of(self, part: Part) -> int:
        week = self.gathered.week
        return sum(week.days[(part.first - week.monday).days : (part.after - week.monday).days])

    def _apart(self, line: Line, gap: int) -> int:
        """The days that are far enough from what these two have booked already."""
        week = self.gathered.week
        booked = days_booked(self.gathered, line, self.moving)
        return sum(
            mask
            for day, mask in zip(week.dates, week.days, strict=True)
            if all(abs((day - other).days) >= gap for other in booked)
        )

    def _allowed(self, want: Want, length: int) -> int:
        """The starts that plans, clocks, notice, pins and the duty people allow.

        What no rule asks of a booked visit does not count against its own start: the notice, the days of two zones, and
        when a family can usually take part.
        """
        hours, standing = self.hours, self.standing.get(want.key)
        own = 1 << standing.slot if standing else 0
        answering = (*(mask for _, mask in self.duties), standing.answers if standing else 0)
        found = (self.in_time | own) & reduce(or_, (starts(mask, length) for mask in answering), 0)
        for one in want.children:
            zone = self.gathered.children[one.child].zone
            found &= hours.same_day(zone, length) | own
            found &= starts(hours.left_open(zone, people_of(want)), length)
        found &= slots_cleared(self.gathered, want)
        for person in people_of(want):
            found &= starts(hours.usual(person), length) | own
        for known, terms in terms_between(self.gathered, want):
            if terms.window != _ANY:
                found &= starts(hours.window(known.zone, terms.window), length)
        minute = self.pins.not_before.get(want.key)
        return found if minute is None else found & hours.not_before(minute)

    def _able(self, want: Want, lines: Iterable[Line]) -> tuple[tuple[int, Known], ...]:
        watched: dict[str, int] = {}
        for one in want.children:
            for who, times in supervised_by(self.gathered.children[one.child]).items():
                watched[who] = watched.get(who, 0) + times
        most = max(watched.values(), default=0)
        named = {line.terms.supervised_by for line in lines}

        def known(one: StaffKnown) -> Known:
            times = watched.get(one.id, 0)
            if one.id in named or (times and times == most):
                return Known.PRIMARY
            return Known.FAMILIAR if times else Known.TEAM

        return tuple((self.worker_number[one.id], known(one)) for one in who_may_watch(self.gathered, want))

    def _suits(self, want: Want) -> int:
        """When children are awake, home and not yet tired: afternoons, and the day at weekends, where each lives."""
        found = self.hours.grid.everything
        for one in want.children:
            zone = self.gathered.children[one.child].zone
            found &= self.hours.window(zone, _AFTERNOON) | self.hours.window(zone, _WEEKEND)
        return found

    def _usual(self, want: Want) -> int | None:
        known = self.gathered.children[want.child]
        found = usual_start(known, want.meeting[0])
        if found is None:
            return None
        weekday, minute = found
        day = self.gathered.week.monday + timedelta(days=weekday)
        at = instant(datetime.combine(day, time.min) + timedelta(minutes=minute), known.zone)
        slot = -1 if isinstance(at, NoSuchTime) else (at - self.hours.grid.begins) // STEP
        return slot if 0 <= slot < self.hours.grid.slots else None


_AFTERNOON = Window(earliest=15 * 60, latest=18 * 60)
_WEEKEND = Window(days=(Weekday.SATURDAY, Weekday.SUNDAY), earliest=10 * 60, latest=18 * 60)


def weights_of(gathered: Gathered) -> Weights:
    """The points of the agency's policy."""
    week = gathered.policy.week
    return Weights(**{name: getattr(week, name) for name in Weights.__dataclass_fields__})


def duty_for(
    built: Built, number: int, placement: Placement, taken: Mapping[AccountId, int]
) -> AccountId | None:
    """Who answers throughout a placed visit: whoever was to already, else a worker of the child first.

    Among several, whoever has fewest of ``taken``.
    """
    want, length = built.wants[number], built.instance.visits[number].length
    needed = ((1 << length) - 1) << placement.start
    barred = partial(is_in_conflict, built.gathered, want)
    standing = built.standing.get(want.key)
    if standing is not None and standing.answers & needed == needed and not barred(standing.visit.duty):
        return standing.visit.duty
    there = [one for one, mask in built.duties if mask & needed == needed and not barred(one.id)]
    own = built.gathered.workers.get(want.case, ())
    watching = {built.workers[worker] for worker in placement.workers}
    order = sorted(
        there, key=lambda one: (one.id in watching, one.id not in own, taken.get(one.id, 0), one.id)
    )
    return order[0].id if order else None
