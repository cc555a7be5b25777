"""R48 to R50: what an emergency sets aside, what punishes, what needs nobody's yes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from contact_service.agency_policy.document import Approvals, Automatic, Document
from contact_service.consent.consent import ConsentState
from contact_service.people.person import Relation
from contact_service.plans.terms import Frequency, Period, Risk, SupervisionLevel
from contact_service.policy.automatic import approved_automatically
from contact_service.policy.booking import may_approve, may_book, may_have_by_policy, may_stand
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.emergency import MAY_BE_SET_ASIDE, may_be_an_emergency, set_aside
from contact_service.policy.facts import AutomaticFacts, KnownFacts
from contact_service.policy.punishing import punishing_words
from tests.rules.facts import NOON, TOMORROW, approval, booking, mother

LATER = TOMORROW + timedelta(hours=6)
# Asked for an hour before the start, in a week that has had its visit.
HURRIED = booking(
    at=TOMORROW - timedelta(hours=1),
    people=(mother(often=Frequency(per=Period.WEEK, most=1), booked_in_period=1),),
)


@pytest.mark.rule("R48")
def test_an_emergency_sets_rules_of_time_and_number_aside() -> None:
    decision = may_book(replace(HURRIED, emergency_until=LATER))
    assert isinstance(decision, Permitted)
    assert "R48" in decision.passed
    assert not {"R5", "R39"} & set(decision.passed)


@pytest.mark.rule("R48")
def test_without_an_emergency_they_stand_and_it_is_said_that_one_would_do() -> None:
    decision = may_book(HURRIED)
    assert isinstance(decision, Refused)
    assert [reason.code for reason in set_aside(decision)] == ["too_soon", "most_per_period"]
    assert may_be_an_emergency(decision)
    assert not may_be_an_emergency(may_book(booking()))


@pytest.mark.rule("R48")
@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"people": (mother(barred_from_child=True),)}, "no_contact"),
        ({"people": (mother(apart_from_another=True),)}, "apart"),
        ({"people": (mother(in_plan=False),)}, "not_in_plan"),
        ({"people": (mother(approved=False),)}, "not_approved"),
        ({"child_consent": ConsentState.WITHDRAWN}, "child_consent_missing"),
        ({"level": SupervisionLevel.MONITORED}, "level"),
        ({"ends_at": TOMORROW + timedelta(minutes=46)}, "longer_than_plan"),
        ({"supervisor_qualified": False}, "no_supervisor"),
        ({"policy_accepted": False}, "policy_not_read"),
        ({"at": TOMORROW}, "in_the_past"),
    ],
)
def test_no_emergency_sets_aside_who_how_and_by_whose_consent(wrong: dict[str, object], code: str) -> None:
    decision = may_book(replace(HURRIED, emergency_until=LATER, **wrong))  # type: ignore[arg-type]
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == [code]
    assert decision.passed == may_book(replace(HURRIED, **wrong)).passed  # type: ignore[arg-type]
    assert not may_be_an_emergency(may_book(replace(HURRIED, **wrong)))  # type: ignore[arg-type]


@pytest.mark.rule("R48")
@pytest.mark.parametrize("until", [TOMORROW, TOMORROW - timedelta(minutes=1), HURRIED.at])
def test_an_emergency_ends(until: object) -> None:
    decision = may_book(replace(HURRIED, emergency_until=until))  # type: ignore[arg-type]
    assert isinstance(decision, Refused)
    assert [reason.code for reason in decision.reasons] == ["too_soon", "most_per_period", "emergency_over"]
    assert decision.reasons[-1].rule == "R48"
    assert "too late. Book it as usual." in decision.reasons[-1].words
    assert decision.passed == may_book(HURRIED).passed


@pytest.mark.rule("R48")
def test_an_emergency_holds_until_the_instant_before_it_ends() -> None:
    until = TOMORROW + timedelta(microseconds=1)
    assert isinstance(may_book(replace(HURRIED, emergency_until=until)), Permitted)


@pytest.mark.rule("R48")
def test_a_visit_that_needs_no_exception_gets_none() -> None:
    decision = may_book(booking(emergency_until=LATER))
    assert isinstance(decision, Permitted)
    assert "R48" not in decision.passed


@pytest.mark.rule("R48")
def test_what_an_emergency_let_in_is_approved_and_stands() -> None:
    urgent = replace(HURRIED, emergency_until=LATER)
    assert isinstance(may_approve(approval(booking=urgent)), Permitted)
    assert isinstance(may_stand(urgent), Permitted)
    assert isinstance(may_stand(HURRIED), Refused)
    night = replace(urgent, starts_at=TOMORROW.replace(hour=3), ends_at=TOMORROW.replace(hour=3, minute=30))
    night = replace(night, at=TOMORROW.replace(hour=2))
    assert isinstance(may_have_by_policy(night, with_notice=True), Permitted)


@pytest.mark.rule("R48")
def test_an_emergency_that_is_over_is_not_approved() -> None:
    late = replace(HURRIED, emergency_until=NOON)
    decision = may_approve(approval(booking=late))
    assert isinstance(decision, Refused)
    assert "emergency_over" in [reason.code for reason in decision.reasons]


@pytest.mark.rule("R48")
def test_only_time_and_number_can_be_set_aside() -> None:
    assert {code.partition("_")[0] for code in MAY_BE_SET_ASIDE} == {
        "too",
        "weekday",
        "hours",
        "most",
        "gap",
        "plan",
        "quiet",
        "closed",
    }


PUNISHING = [
    "She lost her visit because of the fight.",
    "Cancelled as a punishment for running away",
    "as a\npunishment",
    "He has not earned it this week",
    "Jonas doesn’t deserve it",
    "Mia must earn her calls",
    "because of his bad behaviour at school",
    "No visit until he behaves",
    "until Mia apologises",
    "She was grounded",
    "Privileges withdrawn",
    "He misbehaved at dinner",
    "because she was rude to the carer",
    "It will teach him a lesson",
    "given as a reward",
    "PUNISHED",
]
FACTUAL = [
    "",
    "Mia has a temperature of 39.",
    "The carer cannot be there: a hospital appointment.",
    "Because the line was bad we stopped.",
    "Well grounded concerns were raised by the school.",
    "The plan allows one visit per week. Book the next one.",
    "He was distressed after the last visit; the therapist asks to wait.",
    "The visit is in doubt because the order ended.",
    "Dana asked for another day; she works on Tuesdays.",
]


@pytest.mark.rule("R49")
@pytest.mark.parametrize("text", PUNISHING)
def test_words_that_make_contact_a_punishment_are_found(text: str) -> None:
    words = punishing_words(text)
    assert words
    assert all(word in " ".join(text.split()) for word in words)


@pytest.mark.rule("R49")
@pytest.mark.parametrize("text", FACTUAL)
def test_facts_are_left_alone(text: str) -> None:
    assert punishing_words(text) == ()


@pytest.mark.rule("R49")
@given(st.text(max_size=4000))
def test_any_text_is_read_in_no_time(text: str) -> None:
    assert punishing_words(f"{text} as a punishment")[-1] == "as a punishment"


SIBLINGS = Automatic(
    name="siblings_again", relations=(Relation.SIBLING,), most_minutes=45, completed_before=3
)
KNOWN = KnownFacts(relation=Relation.SIBLING, risk=Risk.STANDARD, completed_before=3)
QUIET = AutomaticFacts(
    policy=Document(approvals=Approvals(automatic=(SIBLINGS,))),
    people=(KNOWN,),
    level=SupervisionLevel.SUPERVISED,
    minutes=45,
    emergency=False,
    shared=False,
)


@pytest.mark.rule("R50")
def test_a_case_that_the_policy_names_needs_nobody() -> None:
    assert approved_automatically(QUIET) == "siblings_again"
    assert approved_automatically(replace(QUIET, people=(KNOWN, replace(KNOWN, risk=Risk.LOW)))) is not None


@pytest.mark.rule("R50")
@pytest.mark.parametrize(
    "changes",
    [
        {"policy": Document()},
        {"shared": True},
        {"people": ()},
        {"people": (KNOWN, replace(KNOWN, relation=Relation.PARENT))},
        {"people": (replace(KNOWN, risk=Risk.HIGH),)},
        {"people": (replace(KNOWN, completed_before=2),)},
        {"level": SupervisionLevel.UNSUPERVISED},
        {"minutes": 46},
        {"emergency": True},
    ],
)
def test_everything_else_waits_for_a_person(changes: dict[str, object]) -> None:
    assert approved_automatically(replace(QUIET, **changes)) is None  # type: ignore[arg-type]
