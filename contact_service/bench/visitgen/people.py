"""The people of an invented week: workers, interpreters, prisons, children, homes and adults, each with hours."""

from dataclasses import dataclass
from datetime import date, timedelta

from contact_service.bench.visitgen import rates
from contact_service.bench.visitgen.rates import Region
from contact_service.bench.visitgen.stream import Stream
from contact_service.bench.visitgen.wall import Document, rule

WEEK, WORKDAYS, WEEKEND = list(range(7)), list(range(5)), [5, 6]


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What everybody in one week has in common.  ``away``: how many in a hundred live in another zone."""

    seed: int
    region: Region
    monday: str
    home_away: int
    adult_away: int

    def date(self, weekday: int) -> str:
        """The date of a day of the week, 0 for Monday."""
        return (date.fromisoformat(self.monday) + timedelta(days=weekday)).isoformat()

    def stream(self, *names: object) -> Stream:
        """The stream for one thing."""
        return Stream(self.seed, *names)

    def zone(self, draw: Stream, away: int) -> str:
        """Where somebody is."""
        return draw.pick(self.region.other_zones) if draw.percent(away) else self.region.zone


def worker(frame: Frame, number: int, teams: bool) -> Document:  # noqa: FBT001
    """A worker with a shift, lunch, meetings or hearings, now and then leave."""
    draw = frame.stream("worker", number)
    _, begins, ends, shift = draw.weighted(rates.SHIFTS)
    days = list(shift)
    if draw.percent(rates.PART_TIME):
        days = sorted(draw.sample(days, 3))
    part = len(days)
    if draw.percent(rates.SUNDAY_WORKER):
        days = [*days[1:], 6]
    hours = [rule("open", begins, ends, "shift", days=days)]
    for day in days:
        lunch = begins + 210 + draw.pick((0, 30))
        hours.append(rule("blocked", lunch, lunch + 30, "lunch", date=frame.date(day)))
    for _ in range(draw.pick((0, 1, 1, 2))):
        meets = begins + 30 * draw.below((ends - begins - 60) // 30)
        why = draw.pick(("meeting", "hearing"))
        hours.append(rule("blocked", meets, meets + 90, why, date=frame.date(draw.pick(days))))
    if draw.percent(rates.LEAVE_DAY):
        hours.append(rule("blocked", 0, 1440, "leave", date=frame.date(draw.pick(days))))
    languages = ["en"] + [frame.region.common_language] * draw.percent(rates.SPEAKS_COMMON)
    if draw.percent(rates.SPEAKS_RARE):
        languages.append(draw.pick(frame.region.rare_languages))
    return {
        "id": f"w{number}", "zone": frame.region.zone, "hours": hours, "languages": languages,
        "female": draw.percent(rates.FEMALE), "floater": draw.percent(rates.FLOATER),
        "team": number // rates.TEAM if teams else 0, "most_minutes": rates.MOST_MINUTES * part // 5,
        "fair_minutes": rates.FAIR_MINUTES * part // 5, "most_a_day": rates.MOST_A_DAY,
    }  # fmt: skip


def interpreters(frame: Frame, workers: int) -> list[Document]:
    """Enough for the common language, at most two for each rare one."""
    languages = [frame.region.common_language] * max(1, workers // 8)
    for rare in frame.region.rare_languages:
        languages += [rare] * min(rates.MOST_INTERPRETERS, max(1, workers // 20))
    found = []
    for number, language in enumerate(languages):
        draw = frame.stream("interpreter", number)
        hours = [
            rule("open", draw.pick((540, 720)), 1200, "hours", days=[day])
            for day in sorted(draw.sample(WEEK, 5))
        ]
        found.append({"id": f"i{number}", "zone": frame.region.zone, "hours": hours, "language": language})
    return found


def prisons(frame: Frame, visits: int) -> list[Document]:
    """Prisons with hours for video visits and few links."""
    found = []
    for number in range(max(2, visits // 90)):
        draw = frame.stream("prison", number)
        times = ((810, 960), (930, 1080), (1020, 1140))
        hours = [
            rule("open", *draw.pick(times), "video hours", days=[day])
            for day in sorted(draw.sample(WORKDAYS, 3))
        ]
        hours.append(rule("open", 810, 960, "video hours", days=[5]))
        found.append(
            {"id": f"p{number}", "zone": frame.region.zone, "hours": hours, "units": draw.pick((2, 2, 3))}
        )
    return found


def child(frame: Frame, draw: Stream, number: int, zone: str) -> Document:
    """A child with school or naps, bedtime, and something after school."""
    lowest = draw.weighted(rates.AGES)
    age = lowest + draw.below({0: 5, 5: 7, 12: 6}[lowest])
    holiday = draw.percent(rates.SCHOOL_HOLIDAY)
    hours = [
        one for day in WEEK if not draw.percent(rates.CHILD_DAY_AWAY) for one in _day(draw, age, day, holiday)
    ]
    for _ in range(draw.pick((0, 1, 1, 2))):
        begins = draw.pick((960, 990, 1020, 1050))
        hours.append(rule("blocked", begins, begins + 90, "activity", date=frame.date(draw.below(5))))
    return {"id": f"c{number}", "kind": "child", "zone": zone, "hours": hours, "age": age}


def _day(draw: Stream, age: int, day: int, holiday: bool) -> list[Document]:  # noqa: FBT001
    weekend = day in WEEKEND or holiday
    if age < 5:  # noqa: PLR2004
        free = weekend or draw.percent(rates.NURSERY_FREE)
        times = [(540, 720), (870, 1110)] if free else [(945, 1110)]
    elif age < 12:  # noqa: PLR2004
        times = [(570 if weekend else 945, 1155)]
    else:
        times = [(600 if weekend else 960, 1260)]
    return [rule("open", *span, "school and bedtime", days=[day]) for span in times]


def home(frame: Frame, draw: Stream, number: int) -> Document:
    """A foster home: its one device, and when nobody is in."""
    hours = [rule("open", 0, 1440, "home", days=WEEK)]
    for _ in range(2):
        out = 540 + 30 * draw.below(20)
        hours.append(rule("blocked", out, out + 120, "out", date=frame.date(draw.below(7))))
    return {"id": f"h{number}", "kind": "home", "zone": frame.zone(draw, frame.home_away), "hours": hours}


def adult(frame: Frame, draw: Stream, number: int, prison: list[Document]) -> Document:
    """A parent with a life: a job, shifts, a prison or a clinic."""
    life = draw.weighted(rates.ADULTS)
    found: Document = {
        "id": f"a{number}",
        "kind": "adult",
        "zone": frame.zone(draw, frame.adult_away),
        "life": life,
    }
    if life == "prison":
        place = draw.pick(prison)
        return {**found, "zone": place["zone"], "hours": place["hours"], "pool": place["id"]}
    hours = _life(frame, draw, life)
    if draw.percent(rates.ADULT_HEARING):
        hours.append(rule("blocked", 540, 780, "hearing", date=frame.date(draw.below(5))))
    return {**found, "hours": hours}


def _life(frame: Frame, draw: Stream, life: str) -> list[Document]:
    if life == "job":
        return [
            rule("open", 1035, 1260, "after work", days=WORKDAYS),
            rule("open", 600, 1260, "weekend", days=WEEKEND),
        ]
    if life == "early":
        return [rule("open", 900, 1200, "after the shift", days=WEEK)]
    if life == "rehab":
        return [rule("open", 990, 1110, "clinic", days=WEEK)]
    if life == "late":
        off = sorted(draw.sample(WEEK, 2))
        shift = [day for day in WEEK if day not in off]
        return [
            rule("open", 540, 780, "before the shift", days=shift),
            rule("open", 600, 1200, "day off", days=off),
        ]
    hours = [rule("open", 600, 1200, "hours", days=WEEK)]
    for _ in range(3):
        begins = 600 + 30 * draw.below(17)
        hours.append(rule("blocked", begins, begins + 150, "appointment", date=frame.date(draw.below(7))))
    return hours
