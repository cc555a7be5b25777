"""R65 and R66: who opens a case in an emergency that is not theirs, and who looks at it afterwards."""

from typing import Any

import pytest

from contact_service.policy.covering import (
    SHORTEST_WORDS,
    AccessReviewFacts,
    EmergencyAccessFacts,
    may_ask,
    may_open,
    may_review,
)
from contact_service.policy.decision import Permitted
from tests.rules.wording import codes


def asked(**changes: Any) -> EmergencyAccessFacts:  # noqa: ANN401
    about: dict[str, Any] = {
        "is_worker": True,
        "reads_for_others": False,
        "reason": "covering",
        "words": "x" * SHORTEST_WORDS,
    }
    return EmergencyAccessFacts(**(about | changes))


def review(**changes: Any) -> AccessReviewFacts:  # noqa: ANN401
    about: dict[str, Any] = {"is_approver": True, "is_own": False, "in_conflict": False, "is_open": False}
    return AccessReviewFacts(**(about | {"finding": "right", "needs_words": False, "words": ""} | changes))


@pytest.mark.parametrize(
    ("rule", "changes", "code"),
    [
        ("R65", {"is_worker": False}, "not_for_this_role"),
        ("R65", {"reads_for_others": True}, "not_for_this_role"),
        ("R65", {"reason": ""}, "no_reason"),
        ("R65", {"words": "x" * (SHORTEST_WORDS - 1)}, "no_words"),
        ("R65", {"within_reach": True}, "within_reach"),
        ("R59", {"in_conflict": True}, "conflict_of_interest"),
    ],
)
def test_each_of_these_alone_keeps_the_case_shut(rule: str, changes: dict[str, Any], code: str) -> None:
    assert codes(may_open(asked(**changes))) == [(rule, code)]


@pytest.mark.rule("R65")
def test_a_worker_with_a_reason_opens_a_case_and_is_asked_for_it_before_anything_is_looked_for() -> None:
    assert isinstance(may_open(asked()), Permitted)
    assert codes(may_ask(asked(is_worker=False, reason=""))) == [
        ("R65", "not_for_this_role"),
        ("R65", "no_reason"),
    ]


@pytest.mark.parametrize(
    ("rule", "changes", "code"),
    [
        ("R66", {"is_approver": False}, "not_an_approver"),
        ("R66", {"is_own": True}, "own_access"),
        ("R59", {"in_conflict": True}, "conflict_of_interest"),
        ("R66", {"is_open": True}, "still_open"),
        ("R66", {"finding": ""}, "no_finding"),
        ("R66", {"needs_words": True}, "no_words"),
    ],
)
def test_each_of_these_alone_makes_it_no_review(rule: str, changes: dict[str, Any], code: str) -> None:
    assert codes(may_review(review(**changes))) == [(rule, code)]


@pytest.mark.rule("R66")
def test_another_approver_says_what_they_found() -> None:
    assert isinstance(may_review(review()), Permitted)
    assert isinstance(may_review(review(needs_words=True, words="Too long.")), Permitted)
