"""How strict a level is, where a consent stands, how long a message waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given, strategies as st

from contact_service.agency_policy.document import Document, Duty
from contact_service.consent import texts
from contact_service.consent.consent import (
    AgeBand,
    Answer,
    ConsentKind,
    ConsentState,
    Method,
    Purpose,
    Text,
    band_of,
    older,
    standing,
)
from contact_service.consent.texts import FIRST_TEXTS
from contact_service.ids import ConsentId, InvitationId, PersonId, VisitId
from contact_service.notifications.message import MOST_ATTEMPTS, wait_before_attempt
from contact_service.plans.plan import PlanBasis
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.consenting import Ask, AskFacts, asked, needed, notices
from contact_service.texts import LANGUAGES

STRICTEST_FIRST = ("supervised", "monitored", "supported", "unsupervised")


@pytest.mark.parametrize(("one", "other"), list(product(range(4), repeat=2)))
def test_a_level_is_at_least_every_level_below_it(one: int, other: int) -> None:
    mine, asked = SupervisionLevel(STRICTEST_FIRST[one]), SupervisionLevel(STRICTEST_FIRST[other])
    assert mine.at_least(asked) is (one <= other)


def answer(state: ConsentState, version: int = 1, newest: int = 1, **changes: Any) -> Answer:  # noqa: ANN401
    right = Answer(
        id=ConsentId("c"),
        person=PersonId("p"),
        purpose=Purpose.TAKE_PART,
        kind=ConsentKind.CONSENT,
        state=state,
        version=version,
        newest_version=newest,
        language="en",
        method=Method.ON_THE_PAGE,
        visit=VisitId("v"),
        link=HERE,
        unseen=False,
        provisional=False,
        given_by="p",
        at=datetime(2030, 5, 14, tzinfo=UTC),
    )
    return replace(right, **changes)


HERE, ELSEWHERE = InvitationId("l1"), InvitationId("l2")


def test_what_was_never_asked_is_needed() -> None:
    assert standing(None) is ConsentState.NEEDED


@pytest.mark.parametrize(
    ("said", "version", "newest", "stands"),
    [
        ("given", 1, 1, "given"),
        ("given", 1, 2, "stale"),
        ("given", 2, 2, "given"),
        ("declined", 1, 2, "declined"),
        ("withdrawn", 1, 1, "withdrawn"),
        ("withdrawn", 1, 2, "withdrawn"),
    ],
)
def test_only_a_yes_grows_old(said: str, version: int, newest: int, stands: str) -> None:
    assert standing(answer(ConsentState(said), version, newest)) == stands


@pytest.mark.parametrize(
    ("said", "device", "stands"),
    [
        ("given", HERE, "given"),
        ("given", ELSEWHERE, "needed"),
        ("given", None, "needed"),
        ("declined", None, "declined"),
        ("withdrawn", ELSEWHERE, "withdrawn"),
    ],
)
@pytest.mark.rule("R31")
def test_a_provisional_yes_counts_on_its_own_device_and_a_no_counts_everywhere(
    said: str, device: InvitationId | None, stands: str
) -> None:
    given = answer(ConsentState(said), provisional=True)
    assert standing(given, on=device) == stands


def test_a_provisional_yes_to_old_words_is_old_on_its_own_device() -> None:
    given = answer(ConsentState.GIVEN, 1, 2, provisional=True)
    assert standing(given, on=HERE) is ConsentState.STALE


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "from_3"),
        (3, "from_3"),
        (5, "from_3"),
        (6, "from_6"),
        (9, "from_9"),
        (13, "from_13"),
        (17, "from_13"),
        (18, "adult"),
        (70, "adult"),
    ],
)
def test_words_are_chosen_by_age_and_come_from_an_older_band_when_there_are_none(age: int, band: str) -> None:
    assert band_of(age) == band
    assert older(band_of(age))[0] == band
    assert older(band_of(age))[-1] is AgeBand.ADULT


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_purpose_has_a_first_wording_in_every_language_and_children_have_their_own(
    language: str,
) -> None:
    texts = [text for text in FIRST_TEXTS if text.language == language]
    assert [text.purpose for text in texts if text.band is AgeBand.ADULT] == list(Purpose)
    assert {text.band for text in texts if text.purpose is Purpose.TAKE_PART} == set(AgeBand)


def test_no_first_wording_is_there_twice() -> None:
    assert len({text.hash for text in FIRST_TEXTS}) == len(FIRST_TEXTS)


POLICY = Document()


@pytest.mark.parametrize(
    ("basis", "interpreter", "observer", "kinds"),
    [
        ("agreement", False, False, "required required required required"),
        ("agreement", True, True, "required required required required optional optional"),
        ("court_order", False, False, "required notice notice required"),
        ("authority_plan", True, False, "required notice notice required optional"),
    ],
)
def test_an_order_or_the_authoritys_plan_turns_supervision_and_notes_into_notices(
    basis: str, kinds: str, *, interpreter: bool, observer: bool
) -> None:
    facts = AskFacts(policy=POLICY, basis=PlanBasis(basis), interpreter=interpreter, observer=observer)
    questions = asked(facts)
    assert " ".join(ask.value for ask in questions.values()) == kinds
    assert list(questions) == [purpose for purpose in Purpose if purpose in questions]
    assert Purpose.INTERPRETER_PRESENT not in needed(questions)
    assert notices(questions) == (
        frozenset() if basis == "agreement" else {Purpose("be_supervised"), Purpose("notes_kept")}
    )


def test_what_the_policy_makes_optional_keeps_no_door_shut() -> None:
    policy = Document(consents={Purpose.NOTES_KEPT: Duty.OPTIONAL})
    facts = AskFacts(policy=policy, basis=PlanBasis.AGREEMENT, interpreter=False, observer=False)
    assert asked(facts)[Purpose.NOTES_KEPT] is Ask.OPTIONAL
    assert Purpose.NOTES_KEPT not in needed(asked(facts))


def test_a_message_waits_five_seconds_then_twice_as_long_and_never_over_ten_minutes() -> None:
    waits = [wait_before_attempt(n).total_seconds() for n in range(1, MOST_ATTEMPTS + 1)]
    assert waits == [5, 10, 20, 40, 80, 160, 320, 600, 600, 600, 600, 600]


@given(st.integers(min_value=-5, max_value=10_000))
def test_no_number_of_attempts_breaks_the_wait(attempts: int) -> None:
    assert timedelta(seconds=5) <= wait_before_attempt(attempts) <= timedelta(minutes=10)


def test_a_first_wording_is_the_first_in_english() -> None:
    found = texts._first(Purpose.NOTES_KEPT, "We write.", AgeBand.FROM_9)
    assert found == Text(
        purpose=Purpose.NOTES_KEPT, version=1, language="en", words="We write.", band=AgeBand.FROM_9
    )
