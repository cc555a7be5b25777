"""A second way to reckon what is owed: a day at a time, with fractions and tokens.  It shares no step with the first.

Also random histories for both.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from random import Random

from contact_service.ids import PersonId, VisitId
from contact_service.plans.terms import Frequency, Medium, Period, PlanPerson, SupervisionLevel
from contact_service.visits.loss import Cause, Standing
from contact_service.visits.owed import Meeting, Promise, Span

DANA = PersonId("d" * 32)
DAY = timedelta(days=1)
# Who decides, by hand: everything else is owed whatever anybody says.
FOR_THE_WORKER = {"no_show", "adult_asked", "child_said_no", "safety"}


@dataclass
class Box:
    """One period as the plain way finds it."""

    days: list[date]
    length: int
    share: Fraction = Fraction(0)
    given: int = 0
    let_go: int = 0
    waiting: int = 0
    lost: int = 0
    debt: int = 0
    paid: int = 0


def box_key(day: date, per: str) -> tuple[str, int, int]:
    """Which period a day is in, without the product's own calendar of periods."""
    if per == "week":
        return per, *day.isocalendar()[:2]
    if per == "fortnight":
        # The ordinal 1 (1 January of year 1) is a Monday, and begins the first fortnight.
        return per, (day.toordinal() - 1) // 14, 0
    if per == "month":
        return per, day.year, day.month
    return per, day.year, (day.month - 1) // 3


def length_of(day: date, per: str) -> int:
    """How many days the period around ``day`` has, counted one by one."""
    count = 0
    for step in (-DAY, DAY):
        other = day
        while box_key(other, per) == box_key(day, per):
            count, other = count + 1, other + step
    return count - 1


def plain(
    promises: list[Promise], meetings: list[Meeting], barred: list[Span], today: date
) -> list[dict[str, int]]:
    """Entitled, given, not owed, to decide, owed and made up of each period, oldest first."""
    boxes: dict[tuple[str, int, int], Box] = {}
    for promise in promises:
        often = promise.terms.frequency
        per, least = (str(often.per), often.least or 0) if often else ("month", 0)
        for day in days_of_promise(promise, per, today):
            box = boxes.setdefault(box_key(day, per), Box([], length_of(day, per)))
            box.days.append(day)
            box.share += Fraction(0 if is_barred(day, barred) else least, box.length)
            for meeting in meetings:
                if meeting.on == day:
                    put(box, meeting)
    found: list[tuple[dict[str, int], Box]] = []
    for box in sorted(boxes.values(), key=lambda box: min(box.days)):
        figures, spare = settled(box, today)
        for _ in range(spare):
            owing = next((other for _, other in found if other.debt > other.paid), None)
            if owing:
                owing.paid += 1
        found.append((figures, box))
    return [figures | {"made_up": box.paid} for figures, box in found]


def days_of_promise(promise: Promise, per: str, today: date) -> Iterator[date]:
    """Its days, to the end of the period that holds today."""
    day = promise.first
    while promise.until is None or day < promise.until:
        if day > today and box_key(day, per) != box_key(today, per):
            return
        yield day
        day += DAY


def is_barred(day: date, barred: list[Span]) -> bool:
    return any(first <= day < after for first, after in barred)


def settled(box: Box, today: date) -> tuple[dict[str, int], int]:
    """The figures of a period, one token at a time, and what was given beyond it."""
    entitled = open_now = int(box.share + Fraction(1, 2))
    counts = Counter[str]()
    for name, tokens in (("given", box.given), ("not_owed", box.let_go), ("to_decide", box.waiting)):
        for _ in range(tokens):
            if open_now:
                open_now -= 1
                counts[name] += 1
    box.debt = open_now if max(box.days) < today else 0
    figures = {"entitled": entitled, "given": box.given, "lost": box.lost, "owed": box.debt}
    figures |= {name: counts[name] for name in ("not_owed", "to_decide")}
    return figures, box.given - counts["given"]


def put(box: Box, meeting: Meeting) -> None:
    """A visit into its period."""
    if meeting.standing == "given":
        box.given += 1
    if meeting.standing == "lost":
        box.lost += 1
        theirs = str(meeting.cause) in FOR_THE_WORKER
        box.let_go += theirs and meeting.still_owed is False
        box.waiting += theirs and meeting.still_owed is None


@dataclass
class History:
    """A made-up history of one child and one person."""

    promises: list[Promise]
    meetings: list[Meeting]
    barred: list[Span]
    today: date


def chance(seed: int) -> Random:
    """The same each time."""
    return Random(seed)  # noqa: S311


def history(random: Random) -> History:
    """Up to a year with up to four plan versions, restrictions and up to sixty visits of every kind."""
    first = date(2029, 1, 1) + DAY * random.randrange(700)
    today = first + DAY * random.randrange(1, 366)
    turns = sorted(
        random.sample(range((today - first).days + 1), k=min(random.randint(0, 3), (today - first).days))
    )
    days = [first, *(first + DAY * turn for turn in turns if turn)]
    promises = []
    for place, day in enumerate(days):
        last = place + 1 == len(days)
        if random.random() < 0.15 and len(days) > 1:  # this version does not name the person
            continue
        until = None if last else days[place + 1]
        if last and random.random() < 0.2 and day < today:
            until = day + DAY * random.randint(1, (today - day).days)
        promises.append(Promise(first=day, until=until, terms=terms(random)))
    meetings = [meeting(random, first, today, number) for number in range(random.randrange(60))]
    barred = [span(random, first, today) for _ in range(random.choice((0, 0, 1, 2)))]
    return History(promises, meetings, barred, today)


def terms(random: Random) -> PlanPerson:
    """Terms with any frequency, or none."""
    often = None
    if random.random() < 0.9:
        least = random.choice((None, 0, 1, 1, 2, 3, 5))
        often = Frequency(per=random.choice(list(Period)), least=least)
    return PlanPerson(
        person=DANA,
        level=SupervisionLevel.SUPERVISED,
        length=timedelta(minutes=30),
        medium=Medium.VIDEO,
        frequency=often,
    )


def meeting(random: Random, first: date, today: date, number: int) -> Meeting:
    """A visit on some day of the history, or a little before or after it."""
    on = first + DAY * random.randint(-20, (today - first).days + 20)
    standing = random.choice(
        (Standing.GIVEN, Standing.GIVEN, Standing.LOST, Standing.LOST, Standing.NOT_OFFERED)
    )
    if on >= today:
        standing = random.choice((Standing.AHEAD, Standing.LOST))
    lost = standing is Standing.LOST
    return Meeting(
        visit=VisitId(f"{number:032x}"),
        on=on,
        standing=standing,
        cause=random.choice([c for c in Cause if c is not Cause.NEVER_OFFERED]) if lost else None,
        still_owed=random.choice((None, True, False)) if lost else None,
        minutes=random.randint(1, 45) if standing is Standing.GIVEN else 0,
    )


def span(random: Random, first: date, today: date) -> Span:
    """Some days on which they may not meet."""
    start = first + DAY * random.randint(-10, (today - first).days)
    return start, start + DAY * random.randint(1, 90)
