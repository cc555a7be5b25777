"""The terms under which a child meets one person by one medium: how often, how long, when, how closely watched."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from contact_service.errors import BadInput
from contact_service.ids import AccountId, OrderId, PersonId
from contact_service.plans.hours import AT_ANY_HOUR, Window
from contact_service.suitability.fit import Gender


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
class LevelStep:
    """From ``on`` the level is ``level``: a dated step, approved with the plan that holds it."""

    on: date
    level: SupervisionLevel


class GenderReason(StrEnum):
    """Why a plan asks for a woman or a man."""

    CHILD_ASKED = "child_asked"
    HARMED_BEFORE = "harmed_before"
    FAITH_OR_CULTURE = "faith_or_culture"
    ORDER_SAYS_SO = "order_says_so"


@dataclass(frozen=True, kw_only=True)
class Demands:
    """What a plan asks of whoever watches; ``trainings`` are names of the agency's policy.

    A woman or a man is asked for only with a reason: ``why`` goes with ``gender``.
    """

    trainings: tuple[str, ...] = ()
    gender: Gender | None = None
    why: GenderReason | None = None

    def __post_init__(self) -> None:
        """Raise ``BadInput`` for one of the two without the other."""
        if self.gender is not None and self.why is None:
            raise BadInput("Choose why the visit supervisor must be a woman or a man.", "gender_reason")
        if self.gender is None and self.why is not None:
            raise BadInput("Choose whether the visit supervisor is a woman or a man.", "supervisor_gender")


NO_DEMANDS = Demands()


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
    window: Window = AT_ANY_HOUR
    steps: tuple[LevelStep, ...] = ()
    supervised_by: AccountId | None = None
    order: OrderId | None = None
    demands: Demands = NO_DEMANDS

    def level_on(self, day: date) -> SupervisionLevel:
        """The level that the plan asks for on ``day``: that of the last step that has been reached."""
        reached = [step.level for step in sorted(self.steps, key=lambda step: step.on) if step.on <= day]
        return reached[-1] if reached else self.level
