"""The terms under which a child meets one person by one medium: how often, how long, when, how closely watched."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contact_service.ids import AccountId, OrderId, PersonId


class SupervisionLevel(StrEnum):
    """How closely a visit is watched, strictest first."""

    SUPERVISED = "supervised"
    MONITORED = "monitored"
    SUPPORTED = "supported"
    UNSUPERVISED = "unsupervised"

    def at_least(self, other: "SupervisionLevel") -> bool:
        """Whether this level is as strict as ``other`` or stricter."""
        order = list(SupervisionLevel)
        return order.index(self) <= order.index(other)


class Medium(StrEnum):
    """How people meet.  Each is counted apart: a video visit never silently replaces one in person."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class Risk(StrEnum):
    """How the agency assesses the risk of contact with one person, lowest first."""

    LOW = "low"
    STANDARD = "standard"
    HIGH = "high"


class PlanPurpose(StrEnum):
    """What contact with this person is for."""

    KEEP_RELATIONSHIP = "keep_relationship"
    GOING_HOME = "going_home"
    ASSESSMENT = "assessment"
    IDENTITY = "identity"
    BROTHERS_AND_SISTERS = "brothers_and_sisters"
    FAREWELL = "farewell"


class Weekday(StrEnum):
    """A day of the week, Monday first as in ISO 8601."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


def weekday_of(day: date) -> Weekday:
    """The day of the week of ``day``."""
    return list(Weekday)[day.weekday()]


class Period(StrEnum):
    """What a number of visits is counted over; weeks and fortnights begin on a Monday, always the same."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"
    QUARTER = "quarter"


_SHORTEST_DAYS = {Period.WEEK: 7, Period.FORTNIGHT: 14, Period.MONTH: 28, Period.QUARTER: 90}


def period_around(day: date, per: Period) -> tuple[date, date]:
    """The first day of the period that holds ``day``, and the first day after it."""
    if per in (Period.WEEK, Period.FORTNIGHT):
        days = 7 if per is Period.WEEK else 14
        first = day - timedelta(days=(day.toordinal() - 1) % days)
        return first, first + timedelta(days=days)
    months = 1 if per is Period.MONTH else 3
    month = (day.month - 1) // months * months + 1
    first = day.replace(month=month, day=1)
    after = first + timedelta(days=31 * months)
    return first, after.replace(day=1)


@dataclass(frozen=True, kw_only=True)
class Frequency:
    """At least and at most so many visits per period, and so many days between two; None is not limited."""

    per: Period
    least: int | None = None
    most: int | None = None
    gap_days: int | None = None

    def problem(self) -> str:
        """What is impossible about it, as a code; empty when it can be kept."""
        if self.least is not None and self.most is not None and self.least > self.most:
            return "least_over_most"
        days = _SHORTEST_DAYS[self.per]
        if self.gap_days is not None and self.least is not None and (self.least - 1) * self.gap_days >= days:
            return "gap_too_wide"
        return ""


@dataclass(frozen=True, kw_only=True)
class Window:
    """Days of the week, and minutes after midnight where the child lives, that a visit must lie in."""

    days: tuple[Weekday, ...] = tuple(Weekday)
    earliest: int = 0
    latest: int = 24 * 60

    def holds(self, day: date, start: int, end: int) -> bool:
        """Whether ``day`` and the minutes from ``start`` to ``end`` lie inside."""
        return weekday_of(day) in self.days and self.earliest <= start and end <= self.latest


@dataclass(frozen=True, kw_only=True)
class LevelStep:
    """From ``on`` the level is ``level``: a dated step, approved with the plan that holds it."""

    on: date
    level: SupervisionLevel


@dataclass(frozen=True, kw_only=True)
class PlanPerson:
    """One person the child may meet by one medium, and under which terms."""

    person: PersonId
    level: SupervisionLevel
    length: timedelta
    medium: Medium = Medium.VIDEO
    risk: Risk = Risk.STANDARD
    purpose: PlanPurpose = PlanPurpose.KEEP_RELATIONSHIP
    frequency: Frequency | None = None
    window: Window = Window()
    steps: tuple[LevelStep, ...] = ()
    supervised_by: AccountId | None = None
    order: OrderId | None = None

    def level_on(self, day: date) -> SupervisionLevel:
        """The level that the plan asks for on ``day``: that of the last step that has been reached."""
        reached = [step.level for step in sorted(self.steps, key=lambda step: step.on) if step.on <= day]
        return reached[-1] if reached else self.level


class QuietKind(StrEnum):
    """Why a child is not to be disturbed."""

    SCHOOL = "school"
    BEDTIME = "bedtime"
    THERAPY = "therapy"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class QuietHours:
    """Hours of the week in which a child has no visits, by the clock where the child lives."""

    kind: QuietKind
    window: Window

    def meets(self, day: date, start: int, end: int) -> bool:
        """Whether the minutes from ``start`` to ``end`` of ``day`` touch these hours; touching ends do not."""
        window = self.window
        return weekday_of(day) in window.days and start < window.latest and window.earliest < end
