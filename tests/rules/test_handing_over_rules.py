"""R63: who may watch and answer for what is left of a visit, and when that may be said."""

from datetime import timedelta
from typing import Any

import pytest

from contact_service.agency_policy.document import Buffer
from contact_service.plans.terms import SupervisionLevel
from contact_service.policy.decision import Permitted
from contact_service.policy.facts import ClaimedFacts, HandingFacts
from contact_service.policy.handing import is_seen_throughout, may_hand_over
from tests.rules.facts import TOMORROW, booking, watcher
from tests.rules.wording import codes


def handing(**changes: Any) -> HandingFacts:  # noqa: ANN401
    about = {"is_ahead": True, "stands_fast": True, "anybody_new": True, "in_conflict": False}
    return HandingFacts(**(about | {"booking": booking()} | changes))


TAKEN = ClaimedFacts(name="Sami", buffer=Buffer(), taken=((TOMORROW, TOMORROW + timedelta(hours=1)),))


@pytest.mark.parametrize(
    ("rule", "changes", "code"),
    [
        ("R63", {"is_ahead": False}, "not_ahead"),
        ("R63", {"stands_fast": False}, "not_yet"),
        ("R63", {"anybody_new": False}, "nobody_new"),
        ("R59", {"in_conflict": True}, "conflict_of_interest"),
        ("R8", {"booking": booking(supervisor_qualified=False, watcher=None)}, "no_supervisor"),
        ("R8", {"booking": booking(duty_person_named=False)}, "no_duty_person"),
        ("R51", {"booking": booking(supervisor_languages=frozenset({"so"}))}, "language"),
        ("R55", {"booking": booking(claimed=(TAKEN,))}, "has_another_visit"),
        ("R59", {"booking": booking(watcher=watcher(in_conflict=True))}, "conflict_of_interest"),
    ],
)
def test_each_of_these_alone_forbids_it(rule: str, changes: dict[str, Any], code: str) -> None:
    assert (rule, code) in codes(may_hand_over(handing(**changes)))


@pytest.mark.rule("R63")
def test_what_a_booking_would_be_refused_for_says_nothing_about_who_watches_it() -> None:
    facts = handing(booking=booking(has_caregiver=False, at=TOMORROW + timedelta(minutes=5)))
    assert isinstance(may_hand_over(facts), Permitted)


@pytest.mark.rule("R63")
@pytest.mark.parametrize("level", SupervisionLevel)
def test_only_a_supervised_visit_stands_still_while_it_changes_hands(level: SupervisionLevel) -> None:
    assert is_seen_throughout(level) is (level is SupervisionLevel.SUPERVISED)
