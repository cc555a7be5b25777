"""What speaks against a visit that is booked, and would not have forbidden to book it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contact_service.policy.booking import may_book, may_stand, may_stay
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.facts import FamilyFacts
from tests.rules.facts import TOMORROW, booking

MINUTE = timedelta(minutes=1)


@pytest.mark.rule("R62")
def test_a_family_member_who_is_busy_puts_a_booked_visit_in_doubt_and_forbids_nothing() -> None:
    busy = FamilyFacts(name="Dana", busy=((TOMORROW + 29 * MINUTE, TOMORROW + 60 * MINUTE),))
    around = ((TOMORROW - 60 * MINUTE, TOMORROW), (TOMORROW + 30 * MINUTE, TOMORROW + 60 * MINUTE))
    beside = replace(busy, busy=around)
    facts = booking(families=(busy,), ends_at=TOMORROW + 30 * MINUTE)
    said = may_stay(facts)
    assert isinstance(said, Refused)
    assert [(reason.rule, reason.code) for reason in said.reasons] == [("R62", "family_busy")]
    assert isinstance(may_book(facts), Permitted)
    assert isinstance(may_stand(facts), Permitted)
    assert isinstance(may_stay(replace(facts, families=(beside,))), Permitted)
