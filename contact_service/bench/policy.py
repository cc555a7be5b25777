"""How many booking questions the rules decide in a second, on one core: facts in, decision out, no database."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from contact_service.agency_policy.packs import read_pack
from contact_service.consent.consent import ConsentState
from contact_service.people.person import Relation
from contact_service.plans.hours import QuietHours, QuietKind, Weekday, Window
from contact_service.plans.terms import NO_DEMANDS, Frequency, Period, Risk, SupervisionLevel
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted
from contact_service.policy.facts import BookingFacts, PersonFacts, WatcherFacts

_NOON = datetime(2030, 5, 14, 12, tzinfo=UTC)
_ADULT = PersonFacts(
    name="Dana",
    relation=Relation.PARENT,
    risk=Risk.STANDARD,
    in_plan=True,
    approved=True,
    minor=False,
    languages=frozenset({"en"}),
    plan_level=SupervisionLevel.SUPERVISED,
    plan_minutes=45,
    often=Frequency(per=Period.WEEK, least=1, most=2, gap_days=2),
    booked_in_period=1,
    nearest_days=3,
    window=Window(),
    barred_from_child=False,
    apart_from_another=False,
    demands=NO_DEMANDS,
)


def run(*, questions: int, json_output: bool) -> int:
    """Decide ``questions`` different bookings, some of them refused, and print what it cost."""
    facts = _questions()
    began = time.perf_counter()
    permitted = sum(isinstance(may_book(facts[n % len(facts)]), Permitted) for n in range(questions))
    took = time.perf_counter() - began
    figures = {
        "questions": questions,
        "permitted": permitted,
        "refused": questions - permitted,
        "questions_per_second": round(questions / took),
        "us_per_question": round(took * 1e6 / questions, 2),
    }
    if json_output:
        print(json.dumps(figures))
    else:
        print("\n".join(f"{name.replace('_', ' '):24} {value}" for name, value in figures.items()))
    return 0


def _questions() -> list[BookingFacts]:
    """A fortnight of wishes for three people in a family, at every quarter of an hour of the afternoon."""
    school = Window(days=tuple(Weekday)[:5], earliest=8 * 60 + 30, latest=15 * 60)
    first = BookingFacts(
        child_name="Mia",
        child_languages=frozenset({"en"}),
        people=(_ADULT, replace(_ADULT, name="Rosa", relation=Relation.KIN), replace(_ADULT, name="Emil")),
        has_caregiver=True,
        child_consent=ConsentState.GIVEN,
        child_consent_needed=True,
        starts_at=_NOON,
        ends_at=_NOON,
        local_time_problem="",
        level=SupervisionLevel.SUPERVISED,
        supervisor_qualified=True,
        supervisor_languages=frozenset({"en"}),
        watcher=WatcherFacts(name="Lena", in_conflict=False, gender=None, trainings=frozenset()),
        duty_person_named=True,
        duty_in_conflict="",
        claimed=(),
        staff=(),
        pools=(),
        zone="Europe/London",
        quiet=(QuietHours(kind=QuietKind.SCHOOL, window=school),),
        closed=(),
        no_school=(),
        policy=read_pack("england"),
        emergency_until=None,
        policy_accepted=True,
        at=_NOON,
    )
    starts = [_NOON + timedelta(days=day, minutes=15 * step) for day in range(14) for step in range(16)]
    return [replace(first, starts_at=start, ends_at=start + timedelta(minutes=30)) for start in starts]
