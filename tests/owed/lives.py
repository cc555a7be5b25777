"""Visits with a fate, written straight into the tables: what took place, what was lost and how, over many weeks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from contact_service.approvals.actions.planning import approve_plan, propose_plan
from contact_service.database import metadata
from contact_service.ids import PersonId, VisitId
from contact_service.plans.queries import plan_for
from contact_service.plans.terms import Frequency, PlanPerson, SupervisionLevel
from contact_service.visits.loss import Cause, Standing
from contact_service.visits.owed import Meeting
from tests.cast import House

LONDON = ZoneInfo("Europe/London")
MINUTE = timedelta(minutes=1)


def promise(house: House, *terms: PlanPerson, child: PersonId | None = None) -> str:
    """Mia's plan says these terms, and what it said of everybody else."""
    child = child or house.cast.mia
    with house.work(house.cast.karim) as work:
        now = plan_for(work, child)
        assert now is not None
        named = {(one.person, one.medium) for one in terms}
        others = [one for one in now.people if (one.person, one.medium) not in named]
        plan = propose_plan(
            work, child, with_people=[*terms, *others], review_on=house.clock.at.date() + timedelta(days=80)
        )
    assert isinstance(plan, str)
    with house.work(house.cast.priya) as work:
        approve_plan(work, plan)
    return plan


def weekly(person: PersonId, frequency: Frequency | None, **more: object) -> PlanPerson:
    """Half an hour, supervised, so often."""
    length, level = timedelta(minutes=30), SupervisionLevel.SUPERVISED
    return PlanPerson(person=person, level=level, length=length, frequency=frequency, **more)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Fate:
    """How a visit of half an hour went: its row, who came, from which minute to which, and what that counts as."""

    state: str
    reason: str = ""
    outcome: str | None = None
    came: str = ""  # s: the supervisor, p: the person, c: the child's carer
    person: tuple[int, int] | None = None
    child: tuple[int, int] | None = None
    counts: Standing = Standing.LOST
    cause: Cause | None = None

    def minutes(self) -> int:
        """How long both were there, minute by minute."""
        if not self.person or not self.child:
            return 0
        return len(set(range(*self.person)) & set(range(*self.child)))


def over(outcome: str, person: tuple[int, int], child: tuple[int, int], cause: Cause | None = None) -> Fate:
    """A visit in which both were, that is signed off; given when no cause is named."""
    counts = Standing.LOST if cause else Standing.GIVEN
    return Fate(
        state="signed_off",
        came="spc",
        outcome=outcome,
        person=person,
        child=child,
        counts=counts,
        cause=cause,
    )


GIVEN = [
    over("completed", (0, 30), (0, 30)),
    over("completed", (9, 30), (0, 15)),
    over("ended_early_child", (0, 16), (0, 15)),
    over("technical_failure", (0, 20), (0, 20)),
]
LOST = [
    Fate(state="cancelled", reason="staff_unavailable", outcome="agency_cancelled", cause=Cause.STAFF),
    Fate(state="cancelled", reason="interpreter_unavailable", cause=Cause.INTERPRETER),
    Fate(state="cancelled", reason="lockdown", cause=Cause.LOCKDOWN),
    Fate(state="cancelled", reason="not_prepared", cause=Cause.NOT_PREPARED),
    Fate(state="cancelled", reason="child_ill", cause=Cause.CHILD_ILL),
    Fate(state="cancelled", reason="caregiver_unavailable", cause=Cause.CAREGIVER),
    Fate(state="cancelled", reason="adult_asked", cause=Cause.ADULT_ASKED),
    Fate(state="cancelled", reason="child_declined", outcome="child_declined", cause=Cause.CHILD_SAID_NO),
    Fate(state="cancelled", reason="time_does_not_suit", cause=Cause.UNKNOWN),
    Fate(state="cancelled", reason="stop_over_too_late", outcome="agency_cancelled", cause=Cause.AGENCY),
    Fate(state="failed", outcome="technical_failure", came="spc", cause=Cause.TECHNICAL),
    over("technical_failure", (0, 10), (0, 10), Cause.TECHNICAL),
    over("ended_supervisor_lost", (0, 9), (3, 9), Cause.STAFF),
    over("ended_early_child", (0, 5), (0, 5), Cause.CHILD_SAID_NO),
    over("ended_early_adult", (0, 5), (0, 9), Cause.ADULT_ASKED),
    over("ended_for_safety", (0, 5), (0, 5), Cause.SAFETY),
    over("order_stopped", (0, 5), (0, 5), Cause.ORDER),
    Fate(state="missed", came="sc", cause=Cause.NO_SHOW),
    Fate(state="missed", came="sp", cause=Cause.CAREGIVER),
    Fate(state="missed", came="s", cause=Cause.UNKNOWN),
    Fate(state="missed", came="pc", cause=Cause.STAFF),
    Fate(state="missed", came="", cause=Cause.STAFF),
    Fate(state="ended", outcome="completed", came="sc", child=(0, 20), cause=Cause.NO_SHOW),
    Fate(state="approved", cause=Cause.NOT_PREPARED),
    Fate(state="suspended", reason="order", cause=Cause.ORDER),
]
NEVER = [
    Fate(state=state, counts=Standing.NOT_OFFERED) for state in ("declined", "withdrawn", "lapsed", "draft")
]
AHEAD = [Fate(state=state, counts=Standing.AHEAD) for state in ("requested", "approved", "ready")]
STOPPED = Fate(state="suspended", counts=Standing.NOT_OFFERED)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """A visit that was written, and what it counts as."""

    fate: Fate
    starts_at: datetime
    number: int

    @property
    def id(self) -> VisitId:
        return VisitId(f"{self.number:032x}")

    def meeting(self, still_owed: bool | None) -> Meeting:  # noqa: FBT001
        return Meeting(
            visit=self.id,
            on=self.starts_at.astimezone(LONDON).date(),
            standing=self.fate.counts,
            cause=self.fate.cause,
            still_owed=still_owed,
            minutes=self.fate.minutes(),
        )


def live(house: House, lives: list[Lived], *, person: PersonId | None = None) -> None:
    """Write these visits of Mia and a person, Dana unless said otherwise."""
    rows = [row for one in lives for row in _rows(house, one, person or house.cast.dana)]
    with house.installation.engine.begin() as connection:
        for table in ("visit", "visit_participant", "attendance"):
            values = [row for name, row in rows if name == table]
            if values:
                connection.execute(insert(metadata.tables[table]), values)


def _rows(house: House, one: Lived, person: PersonId) -> Iterator[tuple[str, dict[str, object]]]:
    cast, fate = house.cast, one.fate
    with house.reading(cast.karim) as work:
        plan = plan_for(work, cast.mia)
    assert plan is not None
    yield (
        "visit",
        {
            "id": one.id,
            "case_id": cast.case,
            "child_id": cast.mia,
            "caregiver_id": cast.ines,
            "state": fate.state,
            "outcome": fate.outcome,
            "starts_at": one.starts_at,
            "ends_at": one.starts_at + 30 * MINUTE,
            "zone": "Europe/London",
            "level": "supervised",
            "plan_id": plan.id,
            "plan_version": plan.version,
            "policy_version": 1,
            "requested_by": cast.karim,
            "requested_at": one.starts_at - timedelta(days=7),
            "supervisor_id": cast.lena,
            "duty_id": cast.priya,
            "automatic": "",
            "emergency_reason": "",
            "room": f"room-{one.number}",
            "reason": fate.reason,
            "was_ready": True,
            "hold_reason": "",
            "hold_boot": "",
            "hold_generation": 0,
            "cleared_boot": "",
            "cleared_generation": 0,
            "revision": 1,
        },
    )
    yield from _people(house, one, person)


def _people(house: House, one: Lived, person: PersonId) -> Iterator[tuple[str, dict[str, object]]]:
    whole = (
        ("s", "visit_supervisor", None, house.cast.lena, None),
        ("p", "family_member", person, None, one.fate.person),
        ("c", "caregiver", house.cast.ines, None, one.fate.child),
    )
    for letter, role, who, account, stay in whole:
        key = f"{letter}{one.number:031x}"
        yield (
            "visit_participant",
            {"id": key, "visit_id": one.id, "person_id": who, "account_id": account, "role": role}
            | {"stage": "left" if letter in one.fate.came else "invited", "stage_before": ""}
            | {"identity_method": "", "muted": False, "mute_boot": "", "mute_generation": 0}
            | {"unmuted_boot": "", "unmuted_generation": 0, "asked_break": False, "checked": ""}
            | {"company": ""},
        )
        if stay is not None:
            first, last = (one.starts_at + minute * MINUTE for minute in stay)
            row: dict[str, object] = {"id": key, "participant_id": key, "leg": "leg"}
            yield "attendance", row | {"admitted_at": first, "left_at": last}


def lives(random: Random, first: date, last: date, *, now: datetime, most: int = 60) -> list[Lived]:
    """Up to so many visits at odd hours from one day to another, each with a fate that its time allows."""
    found = []
    for number in range(random.randrange(most)):
        on = first + timedelta(days=random.randrange((last - first).days))
        at = datetime.combine(on, time(random.randrange(24), 7), tzinfo=LONDON).astimezone(UTC)
        ahead = at + 46 * MINUTE > now
        fates = [*AHEAD, STOPPED, *LOST[:10], *NEVER] if ahead else [*GIVEN * 4, *LOST, *NEVER]
        found.append(Lived(fate=random.choice(fates), starts_at=at, number=number))
    return found
