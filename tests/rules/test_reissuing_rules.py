"""R64: who is given a new link in place of a lost one, and in which way."""

from datetime import timedelta
from typing import Any

import pytest

from contact_service.policy.decision import Permitted
from contact_service.policy.facts import ReissueFacts
from contact_service.policy.reissuing import may_reissue
from tests.rules.facts import TOMORROW
from tests.rules.wording import codes

SENT: dict[str, Any] = {"known_by": "called_back"}
SHOWN: dict[str, Any] = {"shown": True, "in_person": True, "reachable": False}
READ_OUT: dict[str, Any] = {"read_out": True, "reachable": False}
PRINTED: dict[str, Any] = {"printed": True, "needs_letter": True, "known_by": "", "reachable": False}
DESK: dict[str, Any] = {"from_establishment": True}
EARLY: dict[str, Any] = {"at": TOMORROW - timedelta(minutes=16)}


def asked(**changes: Any) -> ReissueFacts:  # noqa: ANN401
    values: dict[str, Any] = {
        "is_ahead": True,
        "at": TOMORROW,
        "opens_at": TOMORROW - timedelta(minutes=15),
        "dies_at": TOMORROW + timedelta(minutes=45),
        "linked": True,
        "removed": False,
        "barred": False,
        "in_conflict": False,
        "known_by": "agreed_question",
        "in_person": False,
        "shown": False,
        "read_out": False,
        "reachable": True,
        "guessed": False,
    }
    return ReissueFacts(**(values | changes))


@pytest.mark.parametrize(
    ("rule", "changes", "code"),
    [
        ("R64", {"is_ahead": False}, "not_ahead"),
        ("R64", {"at": TOMORROW + timedelta(minutes=45)}, "not_ahead"),
        ("R64", {"linked": False}, "not_invited"),
        ("R64", {"removed": True}, "removed"),
        ("R64", {"known_by": ""}, "not_identified"),
        ("R64", SHOWN | {"in_person": False}, "not_in_person"),
        ("R64", SHOWN | EARLY, "too_early"),
        ("R64", READ_OUT | EARLY, "too_early"),
        ("R64", READ_OUT | {"guessed": True}, "codes_guessed"),
        ("R64", {"reachable": False}, "no_held_address"),
        ("R64", DESK | READ_OUT, "desk_alone"),
        ("R64", DESK | SHOWN, "desk_alone"),
        ("R64", DESK | PRINTED | EARLY, "desk_alone"),
        ("R64", DESK | READ_OUT | EARLY | {"guessed": True, "reachable": True}, "desk_alone"),
        ("R64", DESK | {"reachable": False}, "no_held_desk"),
        ("R64", PRINTED | EARLY | {"needs_letter": False}, "messages_reach"),
        ("R64", PRINTED | EARLY | {"at": TOMORROW - timedelta(minutes=15)}, "too_late_to_post"),
        ("R64", PRINTED | EARLY | {"linked": False}, "not_invited"),
        ("R64", PRINTED | EARLY | {"removed": True}, "removed"),
        ("R20", PRINTED | EARLY | {"barred": True}, "no_contact"),
        ("R59", PRINTED | EARLY | {"in_conflict": True}, "conflict_of_interest"),
        ("R20", {"barred": True}, "no_contact"),
        ("R59", {"in_conflict": True}, "conflict_of_interest"),
    ],
)
def test_each_of_these_alone_forbids_it(rule: str, changes: dict[str, Any], code: str) -> None:
    assert codes(may_reissue(asked(**changes))) == [(rule, code)]


@pytest.mark.rule("R64")
@pytest.mark.parametrize(
    "changes",
    [
        SENT,
        SENT | EARLY,
        DESK | SENT,
        DESK | SENT | EARLY,
        SENT | {"guessed": True},
        SHOWN,
        READ_OUT,
        PRINTED | EARLY,
    ],
)
def test_each_way_is_open_at_its_time(changes: dict[str, Any]) -> None:
    assert isinstance(may_reissue(asked(**changes)), Permitted)
