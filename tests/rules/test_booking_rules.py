"""R1 to R14, R27 to R30, R39 to R42, R47, R51, R55 to R57, R61, R68, each with facts that pass and facts that fail."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from contact_service.agency_policy.document import Buffer, Document, Hours, LevelRule
from contact_service.clearances.clearance import Standing
from contact_service.consent.consent import ConsentState
from contact_service.ids import AccountId, PersonId
from contact_service.people.person import Relation
from contact_service.plans.hours import PartOfDay, QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import Frequency, Period, Risk, SupervisionLevel
from contact_service.policy.agency import by_the_clock
from contact_service.policy.booking import may_approve, may_book, may_change
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.facts import ClaimedFacts, StaffFacts, UnclearedFacts
from contact_service.policy.of_another import hidden, told_for
from contact_service.pools.pool import PoolFacts, PoolTime
from contact_service.working_hours.hours import Absence, AbsenceKind, StaffTime, WorkingHours
from tests.rules.facts import NOON, TOMORROW, UNANSWERED, approval, booking, change, mother
from tests.rules.wording import codes

MINUTE = timedelta(minutes=1)


def ends(**changes: Any) -> dict[str, Any]:  # noqa: ANN401
    return {"starts_at": TOMORROW, "ends_at": TOMORROW + timedelta(**changes)}


# In the order in which they are applied and their reasons are shown.
APPLIED = (
    "R1",
    "R2",
    "R3",
    "R10",
    "R47",
    "R51",
    "R4",
    "R5",
    "R6",
    "R27",
    "R28",
    "R29",
    "R7",
    "R8",
    "R9",
    "R39",
    "R40",
    "R41",
    "R42",
    "R55",
    "R56",
    "R57",
    "R59",
    "R60",
    "R65",
    "R61",
    "R68",
    "R30",
)


def at_wall(hour: int, minute: int = 0, *, day: int = 15, minutes: int = 30) -> dict[str, Any]:
    """A visit by the clock in London, in May 2030; the 15th is a Wednesday."""
    start = datetime(2030, 5, day, hour, minute, tzinfo=ZoneInfo("Europe/London"))
    return {
        "starts_at": start,
        "ends_at": start + timedelta(minutes=minutes),
        "at": start - timedelta(days=2),
    }


NOT_CLEARED = [one for one in Standing if one is not Standing.GRANTED]


def uncleared(standing: Standing) -> UnclearedFacts:
    """Somebody whose prison has not said yes."""
    return UnclearedFacts(name="Emil", place="HMP Northmoor", standing=standing)


def test_of_a_carer_the_child_is_named_whom_they_would_meet() -> None:
    one = UnclearedFacts(name="Tomas", place="HMP Northmoor", standing=Standing.MISSING, child="Finn")
    decision = may_book(booking(uncleared=(one,)))
    assert isinstance(decision, Refused)
    assert [dict(reason.problem.values)["child"] for reason in decision.reasons] == ["Finn"]
    assert "Ask it first" in decision.reasons[0].problem.sentence


def test_of_whoever_comes_with_another_child_those_read_alone_who_work_with_that_one() -> None:
    one = UnclearedFacts(
        name="Tomas", place="HMP Northmoor", standing=Standing.MISSING, child="Mia", side=PersonId("finn")
    )
    decision = may_book(booking(uncleared=(one,)))
    assert isinstance(decision, Refused)
    assert told_for(decision.reasons, {PersonId("finn")}) == decision.reasons
    [told] = told_for((*decision.reasons, *decision.reasons), {PersonId("mia")})
    assert (told.rule, told.code) == ("R54", "another_child_unsettled")
    assert [name for name in ("Tomas", "Northmoor", "Mia", "clear") if name in told.words] == []


@pytest.mark.parametrize(
    ("kept", "told"),
    [
        ("R68/clearance_missing", "R54/another_child_unsettled"),
        ("rule/clearance_refused", "rule/another_child_unsettled"),
        ("R55/taken", "R55/taken"),
        ("usual_time", "usual_time"),
    ],
)
def test_a_reason_that_was_kept_is_hidden_where_it_names_a_clearance(kept: str, told: str) -> None:
    assert hidden(kept) == told


def claimed(first: int, after: int, *, around: int = 0) -> ClaimedFacts:
    """Somebody whom another visit needs so many minutes after the start, and who needs time ``around`` this one."""
    span = (TOMORROW + first * MINUTE, TOMORROW + after * MINUTE)
    return ClaimedFacts(
        name="Dana", buffer=Buffer(before=around * MINUTE, after=around * MINUTE), taken=(span,)
    )


def works(
    earliest: int | None = None,
    latest: int = 0,
    *,
    day: Weekday = Weekday.WEDNESDAY,
    away: tuple[int, int] | None = None,
    around: int = 0,
) -> StaffFacts:
    """Somebody who works on one day of the week, or at any time; and is ``away`` on days of May 2030."""
    hours = WorkingHours(
        id="h", zone="Europe/London", window=Window(days=(day,), earliest=earliest or 0, latest=latest)
    )
    days = [date(2030, 5, one) for one in away or ()]
    absence = (
        [Absence(id="a", zone="Europe/London", first=days[0], last=days[1], kind=AbsenceKind.LEAVE)]
        if away
        else []
    )
    time = StaffTime(
        account=AccountId("lena"), weekly=(hours,) if earliest is not None else (), away=tuple(absence)
    )
    return StaffFacts(
        name="Lena Voss", time=time, buffer=Buffer(before=around * MINUTE, after=around * MINUTE)
    )


def links(
    *taken: tuple[int, int], people: int = 1, units: int = 1, opens: int = 0, around: int = 0
) -> PoolFacts:
    """The links of a prison, open from an hour of Wednesday in London; ``taken``: minutes after the start."""
    hours = WorkingHours(
        id="h",
        zone="Europe/London",
        window=Window(days=(Weekday.WEDNESDAY,), earliest=opens * 60, latest=24 * 60),
    )
    return PoolFacts(
        name="HMP Northmoor",
        units=units,
        people=("Dana", "Viktor")[:people],
        sides=(None,) * people,
        buffers=(Buffer(before=around * MINUTE, after=around * MINUTE),) * people,
        time=PoolTime(zone="Europe/London", weekly=(hours,)),
        taken=tuple((TOMORROW + first * MINUTE, TOMORROW + after * MINUTE) for first, after in taken),
    )


WEEKDAYS = Document(hours=Hours(days=tuple(Weekday)[:5], earliest=8 * 60, latest=20 * 60))
DAY_AND_NIGHT = Document(hours=Hours(earliest=0, latest=24 * 60))
WATCHED = Document(levels=(LevelRule(relation=Relation.PARENT, least=SupervisionLevel.SUPERVISED),))
WEEKLY = Frequency(per=Period.WEEK, most=1)
APART = Frequency(per=Period.WEEK, gap_days=3)
WEEKDAYS_AT_ANY_HOUR = Document(hours=Hours(days=tuple(Weekday)[:5], earliest=0, latest=24 * 60))
UNTIL_TEN_TO_MIDNIGHT = Document(hours=Hours(earliest=0, latest=23 * 60 + 50))
FROM_TEN_PAST_MIDNIGHT = Document(hours=Hours(earliest=10, latest=24 * 60))
AT_ANY_HOUR = Document(hours=Hours(earliest=0, latest=24 * 60))
ANY_WINDOW: dict[str, Any] = {"people": (mother(window=None),)}
LATE = ANY_WINDOW | at_wall(23, 45)
WEDNESDAYS = Window(days=(Weekday.WEDNESDAY,))
AFTERNOON = Window(days=(Weekday.WEDNESDAY,), earliest=15 * 60, latest=18 * 60)
AFTER_MIDNIGHT = QuietHours(kind=QuietKind.BEDTIME, window=Window(latest=7 * 60))
SCHOOL = QuietHours(
    kind=QuietKind.SCHOOL, window=Window(days=tuple(Weekday)[:5], earliest=8 * 60 + 30, latest=15 * 60)
)
INTERPRETER = mother(name="Ida", relation=Relation.INTERPRETER, languages=frozenset({"pl", "en"}))
INTERPRETER_OF_SOMALI = replace(INTERPRETER, languages=frozenset({"so", "en"}))
INTERPRETER_WITHOUT_ENGLISH = replace(INTERPRETER, languages=frozenset({"pl", "so"}))
CROWD = (mother(), mother(name="Rosa"), mother(name="Emil"), mother(name="Jonas"))
LOOSE = {"plan_level": SupervisionLevel.UNSUPERVISED}


def test_a_visit_that_breaks_no_rule_is_permitted_by_every_rule() -> None:
    assert may_book(booking()) == Permitted(passed=APPLIED)


BOOKING = [
    pytest.param(rule, code, changes, marks=pytest.mark.rule(rule), id=f"{rule}-{number}-{code}")
    for number, (rule, code, changes) in enumerate(
        [
            ("R1", "not_in_plan", {"people": (mother(in_plan=False, plan_level=None, plan_minutes=None),)}),
            ("R2", "no_contact", {"people": (mother(barred_from_child=True),)}),
            ("R3", "apart", {"people": (mother(apart_from_another=True),)}),
            *(("R4", "child_consent_missing", {"child_consent": state}) for state in UNANSWERED),
            ("R5", "in_the_past", {"at": TOMORROW}),
            ("R5", "too_soon", {"at": TOMORROW - timedelta(hours=24) + timedelta(seconds=1)}),
            ("R5", "too_far_ahead", {"at": TOMORROW - timedelta(days=366, seconds=1)}),
            ("R6", "ends_before_start", ends(minutes=0)),
            ("R6", "ends_before_start", ends(minutes=-30)),
            ("R6", "length", ends(minutes=4)),
            ("R6", "length", ends(hours=3, minutes=1)),
            ("R6", "longer_than_plan", ends(minutes=46)),
            ("R7", "level", {"level": SupervisionLevel.MONITORED}),
            ("R8", "no_supervisor", {"supervisor_qualified": False}),
            ("R8", "no_duty_person", {"duty_person_named": False}),
            ("R9", "local_time", {"local_time_problem": "No.", "starts_at": None, "ends_at": None}),
            ("R10", "nobody", {"people": ()}),
            ("R10", "nobody", {"people": (INTERPRETER,)}),
            ("R10", "no_caregiver", {"has_caregiver": False}),
            ("R47", "not_approved", {"people": (mother(approved=False),)}),
            ("R51", "language", {"people": (mother(languages=frozenset({"pl"})),)}),
            ("R51", "language", {"child_languages": frozenset({"so"})}),
            ("R51", "language", {"people": (mother(languages=frozenset({"pl"})), INTERPRETER_OF_SOMALI)}),
            (
                "R51",
                "language",
                {"people": (mother(languages=frozenset({"pl"})), INTERPRETER_WITHOUT_ENGLISH)},
            ),
            (
                "R51",
                "language",
                {"people": (mother(languages=frozenset({"pl"})), replace(INTERPRETER, minor=True))},
            ),
            (
                "R51",
                "language",
                {
                    "people": (
                        mother(languages=frozenset({"pl"})),
                        replace(INTERPRETER, relation=Relation.KIN),
                    )
                },
            ),
            ("R27", "too_many_people", {"people": (*CROWD, mother(name="Ada"))}),
            ("R28", "weekday", {"policy": WEEKDAYS} | at_wall(10, day=18)),
            ("R28", "hours", {"policy": WEEKDAYS} | at_wall(7, 59)),
            ("R28", "hours", {"policy": WEEKDAYS} | at_wall(19, 31)),
            ("R28", "hours", {"policy": UNTIL_TEN_TO_MIDNIGHT} | ANY_WINDOW | at_wall(23, 40)),
            ("R28", "hours", {"policy": FROM_TEN_PAST_MIDNIGHT} | LATE),
            ("R28", "weekday", {"policy": WEEKDAYS_AT_ANY_HOUR} | ANY_WINDOW | at_wall(23, 45, day=17)),
            (
                "R29",
                "agency_level",
                {"level": SupervisionLevel.MONITORED, "policy": WATCHED, "people": (mother(**LOOSE),)},
            ),
            (
                "R29",
                "agency_level",
                {"level": SupervisionLevel.MONITORED, "people": (mother(risk=Risk.HIGH, **LOOSE),)},
            ),
            ("R39", "most_per_period", {"people": (mother(often=WEEKLY, booked_in_period=1),)}),
            ("R40", "gap", {"people": (mother(often=APART, nearest_days=2),)}),
            ("R40", "gap", {"people": (mother(often=APART, nearest_days=0),)}),
            ("R41", "plan_hours", {"people": (mother(window=AFTERNOON),)} | at_wall(17, 31)),
            ("R41", "plan_hours", {"people": (mother(window=AFTERNOON),)} | at_wall(14, 59)),
            ("R41", "plan_hours", {"people": (mother(window=AFTERNOON),)} | at_wall(15, day=16)),
            (
                "R41",
                "plan_hours",
                {"policy": AT_ANY_HOUR, "people": (mother(window=WEDNESDAYS),)} | at_wall(23, 45),
            ),
            ("R42", "quiet_school", {"quiet": (SCHOOL,)} | at_wall(14, 45)),
            ("R42", "quiet_school", {"quiet": (SCHOOL,)} | at_wall(8, 15)),
            ("R42", "quiet_bedtime", {"quiet": (replace(SCHOOL, kind=QuietKind.BEDTIME),)} | at_wall(9)),
            (
                "R42",
                "quiet_bedtime",
                {"policy": AT_ANY_HOUR, "quiet": (AFTER_MIDNIGHT,)} | ANY_WINDOW | at_wall(23, 45),
            ),
            ("R55", "has_another_visit", {"claimed": (claimed(-10, 1),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(10, 20),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(29, 60),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(-60, 90),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(-60, -14, around=15),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(44, 60, around=15),)}),
            ("R55", "has_another_visit", {"claimed": (claimed(60, 90), claimed(0, 30))}),
            ("R56", "away", {"staff": (works(away=(15, 15)),)} | at_wall(16)),
            ("R56", "away", {"staff": (works(away=(10, 20)),)} | at_wall(16)),
            (
                "R56",
                "away",
                {"policy": DAY_AND_NIGHT, "staff": (works(away=(16, 17), around=60),)}
                | at_wall(23, minutes=20),
            ),
            ("R56", "not_at_work", {"staff": (works(9 * 60, 17 * 60),)} | at_wall(16, 45)),
            ("R56", "not_at_work", {"staff": (works(16 * 60, 20 * 60, around=15),)} | at_wall(16)),
            ("R56", "not_at_work", {"staff": (works(0, 24 * 60, day=Weekday.THURSDAY),)} | at_wall(16)),
            (
                "R56",
                "not_at_work",
                {"policy": DAY_AND_NIGHT, "staff": (works(0, 24 * 60, around=15),)} | at_wall(0),
            ),
            # The visit begins at four in the afternoon in London.
            *(("R68", f"clearance_{one}", {"uncleared": (uncleared(one),)}) for one in NOT_CLEARED),
            ("R61", "pool_closed", {"pools": (links(opens=17),)}),
            ("R61", "pool_closed", {"pools": (links(opens=16, around=15),)}),
            ("R61", "pool_taken", {"pools": (links((29, 60)),)}),
            ("R61", "pool_taken", {"pools": (links(people=2),)}),
            ("R61", "pool_taken", {"pools": (links((-60, -14), around=15),)}),
            ("R61", "pool_taken", {"pools": (links((-30, 10), (0, 60), units=2),)}),
            ("R30", "policy_not_read", {"policy_accepted": False}),
        ]
    )
]


@pytest.mark.parametrize(("rule", "code", "changes"), BOOKING)
def test_one_wrong_fact_is_one_refusal_by_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    decision = may_book(booking(**changes))
    assert codes(decision) == [(rule, code)]
    assert decision.passed == tuple(number for number in APPLIED if number != rule)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"child_consent": ConsentState.STALE}, marks=pytest.mark.rule("R4")),
        pytest.param({"at": TOMORROW - timedelta(hours=24)}, marks=pytest.mark.rule("R5")),
        pytest.param({"at": TOMORROW - timedelta(days=366)}, marks=pytest.mark.rule("R5")),
        pytest.param(ends(minutes=5), marks=pytest.mark.rule("R6")),
        pytest.param(ends(minutes=45), marks=pytest.mark.rule("R6")),
        pytest.param(
            {"people": (mother(plan_level=SupervisionLevel.SUPPORTED),)}, marks=pytest.mark.rule("R7")
        ),
        pytest.param(
            {"people": (mother(languages=frozenset({"pl"})), INTERPRETER)}, marks=pytest.mark.rule("R51")
        ),
        pytest.param({"people": (mother(languages=frozenset()),)}, marks=pytest.mark.rule("R51")),
        pytest.param({"people": (mother(languages=frozenset({"pl", "en"})),)}, marks=pytest.mark.rule("R51")),
        pytest.param(
            {
                "people": (mother(languages=frozenset({"pl"})),),
                "supervisor_languages": frozenset({"pl"}),
                "child_languages": frozenset({"pl"}),
            },
            marks=pytest.mark.rule("R51"),
        ),
        pytest.param(
            {
                "people": (mother(languages=frozenset({"pl"}), plan_level=SupervisionLevel.SUPPORTED),),
                "level": SupervisionLevel.SUPPORTED,
            },
            marks=pytest.mark.rule("R51"),
        ),
        pytest.param({"people": CROWD}, marks=pytest.mark.rule("R27")),
        pytest.param({"policy": WEEKDAYS} | at_wall(8), marks=pytest.mark.rule("R28")),
        pytest.param({"policy": WEEKDAYS} | at_wall(19, 30), marks=pytest.mark.rule("R28")),
        pytest.param({"policy": AT_ANY_HOUR} | ANY_WINDOW | at_wall(23, 45), marks=pytest.mark.rule("R28")),
        pytest.param(
            {"policy": AT_ANY_HOUR, "people": (mother(window=replace(WEDNESDAYS, days=tuple(Weekday))),)}
            | at_wall(23, 45),
            marks=pytest.mark.rule("R41"),
        ),
        pytest.param({"policy": WATCHED}, marks=pytest.mark.rule("R29")),
        pytest.param(
            {"people": (mother(often=replace(WEEKLY, most=2), booked_in_period=1),)},
            marks=pytest.mark.rule("R39"),
        ),
        pytest.param({"people": (mother(often=APART, nearest_days=3),)}, marks=pytest.mark.rule("R40")),
        pytest.param({"people": (mother(often=APART, nearest_days=None),)}, marks=pytest.mark.rule("R40")),
        pytest.param({"people": (mother(window=AFTERNOON),)} | at_wall(15), marks=pytest.mark.rule("R41")),
        pytest.param(
            {"people": (mother(window=AFTERNOON),)} | at_wall(17, 30), marks=pytest.mark.rule("R41")
        ),
        pytest.param({"quiet": (SCHOOL,)} | at_wall(15), marks=pytest.mark.rule("R42")),
        pytest.param({"quiet": (SCHOOL,)} | at_wall(8), marks=pytest.mark.rule("R42")),
        pytest.param({"quiet": (SCHOOL,)} | at_wall(10, day=18), marks=pytest.mark.rule("R42")),
        pytest.param({"staff": (works(9 * 60, 17 * 60),)} | at_wall(16, 30), marks=pytest.mark.rule("R56")),
        pytest.param(
            {"staff": (works(15 * 60 + 45, 16 * 60 + 45, around=15),)} | at_wall(16),
            marks=pytest.mark.rule("R56"),
        ),
        pytest.param(
            {"staff": (works(away=(14, 14)), works(away=(16, 30)))} | at_wall(16),
            marks=pytest.mark.rule("R56"),
        ),
        pytest.param({"claimed": (claimed(-30, 0), claimed(30, 60))}, marks=pytest.mark.rule("R55")),
        pytest.param({"claimed": (claimed(-60, -15, around=15),)}, marks=pytest.mark.rule("R55")),
        pytest.param({"claimed": (claimed(45, 60, around=15),)}, marks=pytest.mark.rule("R55")),
        pytest.param({"pools": (links((-30, 0), (30, 60), opens=16),)}, marks=pytest.mark.rule("R61")),
        pytest.param({"pools": (links((-60, -15), around=15),)}, marks=pytest.mark.rule("R61")),
        pytest.param(
            {"pools": (links((0, 10), (20, 60), people=1, units=2),)}, marks=pytest.mark.rule("R61")
        ),
    ],
)
def test_the_edge_of_what_is_allowed_is_allowed(changes: dict[str, Any]) -> None:
    assert isinstance(may_book(booking(**changes)), Permitted)


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
@pytest.mark.rule("R10")
def test_every_reason_is_given_and_for_every_person() -> None:
    people = (
        mother(name="Viktor", in_plan=False, barred_from_child=True),
        mother(name="Emil", in_plan=False),
    )
    facts = booking(
        people=people,
        has_caregiver=False,
        child_consent=ConsentState.NEEDED,
        supervisor_qualified=False,
        duty_person_named=False,
        at=TOMORROW + MINUTE,
        ends_at=TOMORROW,
        level=SupervisionLevel.UNSUPERVISED,
    )
    decision = may_book(facts)
    assert codes(decision) == [
        ("R1", "not_in_plan"),
        ("R1", "not_in_plan"),
        ("R2", "no_contact"),
        ("R10", "no_caregiver"),
        ("R4", "child_consent_missing"),
        ("R5", "in_the_past"),
        ("R6", "ends_before_start"),
        ("R7", "level"),
        ("R7", "level"),
        ("R8", "no_supervisor"),
        ("R8", "no_duty_person"),
    ]
    assert decision.passed == (
        "R3",
        "R47",
        "R51",
        "R27",
        "R28",
        "R29",
        "R9",
        "R39",
        "R40",
        "R41",
        "R42",
        "R55",
        "R56",
        "R57",
        "R59",
        "R60",
        "R65",
        "R61",
        "R68",
        "R30",
    )


def test_somebody_else_who_approves_approves() -> None:
    assert may_approve(approval()) == Permitted(passed=("R11", "R12", "R13", "R30", "R54", "R58", "R59"))


APPROVAL = [
    ("R11", "own_request", approval(is_requester=True)),
    ("R12", "not_an_approver", approval(is_approver=False)),
    ("R12", "not_requested", approval(still_requested=False)),
    ("R13", "in_the_past", approval(booking=booking(at=TOMORROW))),
    ("R13", "no_contact", approval(booking=booking(people=(mother(barred_from_child=True),)))),
    ("R13", "child_consent_missing", approval(booking=booking(child_consent=ConsentState.WITHDRAWN))),
    ("R13", "not_in_plan", approval(booking=booking(people=(mother(in_plan=False),)))),
    ("R13", "no_supervisor", approval(booking=booking(supervisor_qualified=False))),
]


@pytest.mark.parametrize(
    ("rule", "code", "facts"),
    [pytest.param(*row, marks=pytest.mark.rule(row[0]), id=f"{row[0]}-{row[1]}") for row in APPROVAL],
)
def test_an_approval_is_refused_by_its_rule(rule: str, code: str, facts: Any) -> None:  # noqa: ANN401
    assert codes(may_approve(facts)) == [(rule, code)]


@pytest.mark.rule("R13")
def test_the_notice_is_not_asked_for_again_when_approving() -> None:
    late = approval(booking=booking(at=TOMORROW - MINUTE))
    assert isinstance(may_approve(late), Permitted)


@pytest.mark.rule("R11")
def test_an_approval_that_is_wrong_in_every_way_says_so_in_every_way() -> None:
    wrong = booking(people=(), has_caregiver=False, at=TOMORROW)
    facts = approval(is_requester=True, is_approver=False, still_requested=False, booking=wrong)
    assert codes(may_approve(facts)) == [
        ("R11", "own_request"),
        ("R12", "not_an_approver"),
        ("R12", "not_requested"),
        ("R13", "in_the_past"),
        ("R13", "nobody"),
        ("R13", "no_caregiver"),
    ]


@pytest.mark.rule("R14")
def test_a_visit_stands_fast_from_thirty_minutes_before_its_start() -> None:
    freeze = TOMORROW - timedelta(minutes=30)
    assert isinstance(may_change(change(at=freeze - timedelta(seconds=1))), Permitted)
    assert codes(may_change(change(at=freeze))) == [("R14", "frozen")]
    assert codes(may_change(change(at=TOMORROW + MINUTE))) == [("R14", "frozen")]


@pytest.mark.rule("R14")
def test_a_visit_that_has_moved_on_is_not_changed() -> None:
    assert codes(may_change(change(may_change=False))) == [("R14", "moved_on")]


def test_the_same_facts_give_the_same_answer() -> None:
    facts = booking(people=(mother(), mother(name="Emil", in_plan=False)))
    assert may_book(facts) == may_book(replace(facts)) == may_book(facts)
    assert facts.at == NOON


@pytest.mark.rule("R6")
@pytest.mark.parametrize("missing", [{"starts_at": None}, {"ends_at": None}])
def test_a_time_that_does_not_exist_breaks_only_the_rule_about_that(missing: dict[str, None]) -> None:
    facts = booking(local_time_problem="No.", quiet=(), **missing)
    assert codes(may_book(facts)) == [("R9", "local_time")]


@pytest.mark.rule("R6")
@pytest.mark.parametrize(("minutes", "found"), [(4, ["length"]), (5, []), (180, []), (181, ["length"])])
def test_the_agencys_shortest_and_longest_visit_are_both_allowed(minutes: int, found: list[str]) -> None:
    facts = booking(people=(mother(plan_minutes=None),), **ends(minutes=minutes))
    assert [code for _, code in codes(may_book(facts))] == found


@pytest.mark.rule("R6")
def test_a_visit_with_no_length_is_a_fault_of_its_end_alone() -> None:
    assert codes(may_book(booking(**ends(minutes=0)))) == [("R6", "ends_before_start")]


def test_a_visit_over_midnight_takes_of_two_days() -> None:
    start = datetime(2030, 5, 15, 23, 50, tzinfo=ZoneInfo("Europe/London"))
    facts = booking(starts_at=start, ends_at=start + timedelta(minutes=20))
    assert by_the_clock(facts) == (
        PartOfDay(day=date(2030, 5, 15), start=23 * 60 + 50, end=24 * 60),
        PartOfDay(day=date(2030, 5, 16), start=0, end=10),
    )


def test_a_visit_until_midnight_takes_nothing_of_the_next_day() -> None:
    start = datetime(2030, 5, 15, 23, 30, tzinfo=ZoneInfo("Europe/London"))
    facts = booking(starts_at=start, ends_at=start + timedelta(minutes=30))
    assert by_the_clock(facts) == (PartOfDay(day=date(2030, 5, 15), start=23 * 60 + 30, end=24 * 60),)
