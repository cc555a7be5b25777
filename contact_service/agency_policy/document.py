"""The policy as one document: limits, levels, hours, reminders, families, lengths, consents, approvals, floors."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from contact_service.actor import Role
from contact_service.agency_policy.limits import Limits, Part, Promises
from contact_service.agency_policy.spans import MinuteOfDay, Span
from contact_service.consent.consent import Purpose
from contact_service.people.person import Relation
from contact_service.plans.hours import Weekday
from contact_service.plans.terms import Medium, Period, Risk, SupervisionLevel
from contact_service.texts import LANGUAGES

Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""A primary language tag (RFC 5646, section 2.2.1)."""
Training = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


_SHORTEST, _LONGEST = timedelta(minutes=30), timedelta(days=14)
_MOST_REMINDERS = 4


class LevelRule(Part):
    """The least strict level for a relation and a risk; what is left out is for all."""

    relation: Relation | None = None
    risk: Risk | None = None
    least: SupervisionLevel

    def applies(self, relation: Relation, risk: Risk) -> bool:
        """Whether this rule is about somebody of this relation and risk."""
        return self.relation in (None, relation) and self.risk in (None, risk)


class Group(Part):
    """How many people take part, the visit supervisor not counted."""

    most_people: Annotated[int, Field(ge=2, le=5)] = 5


class Hours(Part):
    """When visits may be, by the clock of the child's case."""

    days: tuple[Weekday, ...] = tuple(Weekday)
    earliest: MinuteOfDay = 7 * 60
    latest: MinuteOfDay = 21 * 60

    @model_validator(mode="after")
    def _open(self) -> Self:
        if self.latest <= self.earliest:
            raise ValueError("The latest end is not after the earliest start.")
        if not self.days or len(set(self.days)) != len(self.days):
            raise ValueError("Name each weekday once, and at least one.")
        return self


class Buffer(Part):
    """Time that somebody needs around a visit."""

    before: Annotated[Span, Field(ge=timedelta(0), le=timedelta(hours=2))] = timedelta(0)
    after: Annotated[Span, Field(ge=timedelta(0), le=timedelta(hours=2))] = timedelta(0)


class Buffers(Part):
    """What is booked with a visit: to prepare before it and to talk or write after it.  A carer has the child's."""

    visit_supervisor: Buffer = Buffer(before=timedelta(minutes=15), after=timedelta(minutes=15))
    child: Buffer = Buffer()
    family_member: Buffer = Buffer()


class Reminders(Part):
    """When people are reminded of a visit, and the hours of their night in which nobody writes to them."""

    before: tuple[Annotated[Span, Field(ge=_SHORTEST, le=_LONGEST)], ...] = (
        timedelta(hours=24),
        timedelta(hours=2),
    )
    night_from: MinuteOfDay = 21 * 60
    night_until: MinuteOfDay = 8 * 60

    @model_validator(mode="after")
    def _few(self) -> Self:
        if len(self.before) > _MOST_REMINDERS or list(self.before) != sorted(set(self.before), reverse=True):
            raise ValueError("Name at most four reminders, the earliest first, each once.")
        return self


class Family(Part):
    """What families decide by their link.

    A choice among times is open for ``choose_within``, and ends ``choose_before_first`` before the first of them.
    People are to have said that they come ``confirm_before`` the start (0: they are not asked).  Whoever cannot come
    may ask for another time until ``other_time_until`` before the start, ``other_times_most`` times a visit.
    """

    choose_within: Annotated[Span, Field(ge=timedelta(hours=1), le=timedelta(days=14))] = timedelta(hours=72)
    choose_before_first: Annotated[Span, Field(ge=timedelta(0), le=timedelta(days=7))] = timedelta(hours=24)
    confirm_before: Annotated[Span, Field(ge=timedelta(0), le=timedelta(days=7))] = timedelta(0)
    other_time_until: Annotated[Span, Field(ge=timedelta(0), le=timedelta(days=14))] = timedelta(hours=24)
    other_times_most: Annotated[int, Field(ge=0, le=5)] = 1


Points = Annotated[int, Field(ge=0, le=10_000)]


class PlannedWeek(Part):
    """What a good week of the whole agency is, in points, and what one visit supervisor can do in it.

    The ``keep`` two count where a booked week is mended; costs (an interpreter, overload) are positive numbers.
    """

    court: Points = 1000
    agreed: Points = 700
    extra: Points = 400
    primary: Points = 60
    familiar: Points = 30
    team: Points = 10
    usual_time: Points = 25
    usual_day: Points = 10
    first_visit: Points = 50
    interpreter: Points = 15
    overload: Points = 3
    keep_time: Points = 450
    keep_worker: Points = 150
    most_a_day: Annotated[int, Field(ge=1, le=20)] = 6
    most_hours: Annotated[int, Field(ge=1, le=60)] = 22
    fair_hours: Annotated[int, Field(ge=1, le=60)] = 17


class LengthBand(Part):
    """A length that is suggested for children below an age; an order's length wins."""

    under: Annotated[int, Field(ge=1, le=25)]
    minutes: Annotated[int, Field(ge=5, le=180)]


class Duty(StrEnum):
    """Whether a purpose must be agreed to."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class ApprovedAct(StrEnum):
    """What needs somebody else's yes."""

    VISIT = "visit"
    PLAN = "plan"
    LEVEL_CHANGE = "level_change"
    LIFT_RESTRICTION = "lift_restriction"
    OVERRIDE = "override"
    POLICY = "policy"


class Automatic(Part):
    """A low-risk kind of visit that needs no person's yes; always marked as automatic."""

    name: Name
    relations: Annotated[tuple[Relation, ...], Field(min_length=1)]
    levels: Annotated[tuple[SupervisionLevel, ...], Field(min_length=1)] = (SupervisionLevel.SUPERVISED,)
    most_minutes: Annotated[int, Field(ge=5, le=180)] = 60
    completed_before: Annotated[int, Field(ge=1, le=50)] = 1


_APPROVERS: tuple[Role, ...] = (Role.APPROVER,)
_WHO = dict.fromkeys(ApprovedAct, _APPROVERS) | {ApprovedAct.POLICY: (*_APPROVERS, Role.ADMINISTRATOR)}


class Approvals(Part):
    """Who approves what; an act that is left out has its default."""

    roles: dict[ApprovedAct, Annotated[tuple[Role, ...], Field(min_length=1)]] = _WHO
    automatic: tuple[Automatic, ...] = ()

    @model_validator(mode="after")
    def _sound(self) -> Self:
        deciding = {Role.APPROVER, Role.ADMINISTRATOR}
        if any(set(roles) - deciding for roles in self.roles.values()):
            raise ValueError("Only an approver or an administrator can be given an approval.")
        names = [rule.name for rule in self.automatic]
        if len(set(names)) != len(names):
            raise ValueError("Two automatic approvals have the same name.")
        return self

    def who(self, act: ApprovedAct) -> tuple[Role, ...]:
        """The roles that may approve ``act``."""
        return self.roles.get(act, _WHO[act])


class Force(StrEnum):
    """How binding a source is."""

    LAW = "law"
    GUIDANCE = "guidance"
    AGENCY = "agency"
    PRACTICE = "practice"


class Floor(Part):
    """What a jurisdiction asks for at least: so many per period, or a first visit in time."""

    name: Name
    relations: Annotated[tuple[Relation, ...], Field(min_length=1)]
    medium: Medium | None = None
    times: Annotated[int, Field(ge=1, le=31)] | None = None
    per: Period | None = None
    first_within: Span | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if (self.times is None) != (self.per is None) or (self.times is None) == (self.first_within is None):
            raise ValueError("A floor says how many visits per period, or how soon the first one is.")
        return self


class Source(Part):
    """Where a part of the policy comes from.  ``of`` is its place, as ``limits.note_due``."""

    of: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,79}$")]
    force: Force
    says: Line


# A family may refuse an interpreter they know, and an observer, and still have their visit.
_DUTIES = dict.fromkeys(Purpose, Duty.REQUIRED) | {
    Purpose.INTERPRETER_PRESENT: Duty.OPTIONAL,
    Purpose.OBSERVER_PRESENT: Duty.OPTIONAL,
}


class Document(Part):
    """One policy, whole.  What a text leaves out has the default that stands here; what is kept is complete.

    ``working_languages`` are those that every member of staff understands; ``trainings``: what a plan may ask of them.
    ``languages`` are those in which families and carers are written to; English is for whoever speaks none of them.
    """

    format: Annotated[int, Field(ge=1, le=1)] = 1
    title: Line = "Generic"
    limits: Limits = Limits()
    promises: Promises = Promises()
    levels: tuple[LevelRule, ...] = (LevelRule(risk=Risk.HIGH, least=SupervisionLevel.SUPERVISED),)
    group: Group = Group()
    hours: Hours = Hours()
    buffers: Buffers = Buffers()
    reminders: Reminders = Reminders()
    family: Family = Family()
    week: PlannedWeek = PlannedWeek()
    working_languages: tuple[LanguageTag, ...] = ("en",)
    languages: tuple[LanguageTag, ...] = tuple(LANGUAGES)
    trainings: tuple[Training, ...] = ()
    lengths: tuple[LengthBand, ...] = (
        LengthBand(under=2, minutes=15),
        LengthBand(under=6, minutes=20),
        LengthBand(under=12, minutes=30),
        LengthBand(under=25, minutes=45),
    )
    consents: dict[Purpose, Duty] = _DUTIES
    approvals: Approvals = Approvals()
    floors: tuple[Floor, ...] = ()
    sources: tuple[Source, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        about = [(rule.relation, rule.risk) for rule in self.levels]
        if len(set(about)) != len(about):
            raise ValueError("Two levels are given for the same relation and risk.")
        if len(set(self.trainings)) != len(self.trainings):
            raise ValueError("Two trainings have the same name.")
        ages = [band.under for band in self.lengths]
        if ages != sorted(set(ages)):
            raise ValueError("Lengths by age come in order, each age once.")
        if not set(self.languages) <= set(LANGUAGES) or len(set(self.languages)) != len(self.languages):
            raise ValueError(
                f"Families are written to in these languages, each named once: {', '.join(LANGUAGES)}."
            )
        names = [floor.name for floor in self.floors]
        if len(set(names)) != len(names):
            raise ValueError("Two floors have the same name.")
        if any(self.consents.get(purpose, Duty.REQUIRED) is not Duty.REQUIRED for purpose in _ALWAYS):
            raise ValueError("Taking part and not recording are always asked for and always needed.")
        return self

    def least_level(self, relation: Relation, risk: Risk) -> SupervisionLevel:
        """The least strict level that is allowed for somebody: the strictest of every rule about them."""
        found = [rule.least for rule in self.levels if rule.applies(relation, risk)]
        order = list(SupervisionLevel)
        return min(found, key=order.index, default=SupervisionLevel.UNSUPERVISED)

    def suggested_minutes(self, age: int) -> int:
        """The length that is suggested for a child of ``age`` years."""
        band = next((band for band in self.lengths if age < band.under), None)
        return band.minutes if band else self.lengths[-1].minutes if self.lengths else 45

    def duty(self, purpose: Purpose) -> Duty:
        """Whether ``purpose`` must be agreed to; what the policy does not name has its default."""
        return self.consents.get(purpose, _DUTIES[purpose])


_ALWAYS = (Purpose.TAKE_PART, Purpose.NO_RECORDING)
