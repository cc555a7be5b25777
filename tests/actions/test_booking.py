"""Asking for a visit: every bad input is a value with reasons, books nothing, and is in the log."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from contact_service.consent import actions as consent
from contact_service.consent.consent import ConsentState, Method, Purpose
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.invitations.actions import inviting
from contact_service.policy.decision import Refused
from contact_service.restrictions import actions as restricting
from contact_service.restrictions.actions import NewRestriction
from contact_service.restrictions.restriction import RestrictionKind, RestrictionSource
from contact_service.visits.queries.finding import visits_in
from contact_service.visits.visit import Visit, VisitState
from tests.cast import House

# The log, and the numbers under which the time of those who were asked for was locked.
EVIDENCE = frozenset({"audit_head", "audit_entry", "case_key", "resource"})


def refused_by(house: House, **changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401
    """Ask for a visit that must be refused; the reasons, once it is shown that only the log grew."""
    before, entries = house.snapshot(leaving_out=EVIDENCE), len(house.history())
    with house.work(house.cast.karim) as work:
        result = inviting.request_visit(work, house.wish(**changes))
    assert isinstance(result, Refused), result
    assert house.snapshot(leaving_out=EVIDENCE) == before
    assert house.since(entries) == ["booking.refused"]
    reasons = [(reason.rule, reason.code) for reason in result.reasons]
    fields: Any = house.last_entry()
    assert fields["decision"]["rules"] == list(dict.fromkeys(rule for rule, _ in reasons))
    named = [value for name, value in sorted(fields["facts"].items()) if name.startswith("refused_")]
    assert named == list(dict.fromkeys(code for _, code in reasons))
    return reasons


def withdraw_for_child(house: House) -> None:
    with house.work(house.cast.karim) as work:
        answer = consent.NewAnswer(
            person=house.cast.mia,
            purpose=Purpose.TAKE_PART,
            state=ConsentState.WITHDRAWN,
            version=1,
            method=Method.BY_DECISION_HOLDER,
        )
        consent.answer(work, answer)


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
def test_a_person_outside_the_plan_who_is_also_barred_is_refused_for_both(house: House) -> None:
    assert refused_by(house, people=(house.cast.viktor,)) == [("R1", "not_in_plan"), ("R2", "no_contact")]


@pytest.mark.rule("R2")
def test_a_forbidden_pair_is_refused_although_the_plan_names_them(house: House) -> None:
    with house.work(house.cast.karim) as work:
        new = NewRestriction(
            kind=RestrictionKind.NO_CONTACT,
            person=house.cast.emil,
            other=house.cast.mia,
            source=RestrictionSource.COURT_ORDER,
        )
        restricting.restrict(work, house.cast.case, new)
    reasons = refused_by(house, people=(house.cast.emil,))
    assert reasons == [("R2", "no_contact")]


@pytest.mark.rule("R3")
def test_two_who_must_be_kept_apart_are_refused_together_and_booked_alone(house: House) -> None:
    with house.work(house.cast.karim) as work:
        new = NewRestriction(
            kind=RestrictionKind.APART,
            person=house.cast.dana,
            other=house.cast.emil,
            source=RestrictionSource.AGENCY_DECISION,
        )
        restricting.restrict(work, house.cast.case, new)
    together = refused_by(house, people=(house.cast.dana, house.cast.emil))
    assert together == [("R3", "apart"), ("R3", "apart")]
    assert house.requested().state is VisitState.REQUESTED


@pytest.mark.rule("R4")
def test_nothing_is_booked_without_the_consent_of_who_decides_for_the_child(house: House) -> None:
    withdraw_for_child(house)
    assert refused_by(house) == [("R4", "child_consent_missing")]


@pytest.mark.rule("R5")
@pytest.mark.rule("R6")
@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"wall_start": wall("2030-05-13 16:00")}, ("R5", "in_the_past")),
        ({"wall_start": wall("2030-05-15 12:59")}, ("R5", "too_soon")),
        ({"wall_start": wall("2031-06-01 12:00")}, ("R5", "too_far_ahead")),
        ({"length": timedelta(0)}, ("R6", "ends_before_start")),
        ({"length": timedelta(minutes=-30)}, ("R6", "ends_before_start")),
        ({"length": timedelta(minutes=50)}, ("R6", "longer_than_plan")),
        ({"wall_start": wall("2031-03-30 01:30")}, ("R9", "local_time")),
        ({"wall_start": wall("2030-10-27 01:30")}, ("R9", "local_time")),
        ({"wall_start": wall("9999-12-31 23:59")}, ("R9", "local_time")),
    ],
)
def test_a_time_that_cannot_be_is_refused(
    house: House, changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused_by(house, **changes) == [expected]


def test_everything_wrong_at_once_gives_every_reason_in_one_entry(house: House) -> None:
    reasons = refused_by(
        house,
        people=(house.cast.viktor,),
        wall_start=wall("2030-05-13 16:00"),
        length=timedelta(0),
        supervisor=house.cast.karim,
        duty=None,
        caregiver=None,
    )
    assert [rule for rule, _ in reasons] == ["R1", "R2", "R10", "R5", "R6", "R8", "R8"]


@pytest.mark.parametrize("who", ["priya", "lena", "noor"])
def test_only_a_worker_asks_for_a_visit(house: House, who: str) -> None:
    before = house.snapshot()
    with pytest.raises(NotAllowed), house.work(getattr(house.cast, who)) as work:
        inviting.request_visit(work, house.wish())
    assert house.snapshot() == before


@pytest.mark.parametrize("field", ["child", "people", "caregiver"])
def test_somebody_who_is_not_of_the_case_is_no_input(house: House, field: str) -> None:
    nobody = PersonId("f" * 32)
    wish = house.wish(**{field: (nobody,) if field == "people" else nobody})
    before = house.snapshot()
    with pytest.raises((BadInput, NotFound)), house.work(house.cast.karim) as work:
        inviting.request_visit(work, wish)
    assert house.snapshot() == before


def test_the_child_cannot_visit_herself(house: House) -> None:
    with pytest.raises(BadInput), house.work(house.cast.karim) as work:
        inviting.request_visit(work, house.wish(people=(house.cast.mia,)))


def test_a_request_tells_the_approvers_and_nobody_else(house: House) -> None:
    visit = house.requested()
    assert [(m.kind.value, m.account) for m in house.messages(visit)] == [
        ("request_waiting", house.cast.priya)
    ]
    assert house.last_entry()["planned"]


def test_a_form_sent_twice_is_one_visit_that_is_told_once(house: House) -> None:
    with house.work(house.cast.karim) as work:
        visit = inviting.request_visit(work, house.wish(), visit_id="ab" * 16)
    with house.work(house.cast.karim) as work:
        assert inviting.request_visit(work, house.wish(), visit_id="ab" * 16) == visit
    assert isinstance(visit, Visit)
    assert len(house.messages(visit)) == 1
    assert house.history().count("visit.requested") == 1


@pytest.mark.parametrize("once", ["", "short", "AB" * 16, "ab" * 16 + "\n", "ab" * 17])
def test_a_number_that_is_none_is_no_visit(house: House, once: str) -> None:
    with pytest.raises(BadInput), house.work(house.cast.karim) as work:
        inviting.request_visit(work, house.wish(), visit_id=once)


def test_a_double_click_in_two_threads_books_once(house: House) -> None:
    def ask(_: int) -> str:
        try:
            with house.work(house.cast.karim) as work:
                visit = inviting.request_visit(work, house.wish(), visit_id="cd" * 16)
        except Exception as error:  # noqa: BLE001  the name is what is looked at
            return type(error).__name__
        return visit.id if isinstance(visit, Visit) else "refused"

    with ThreadPoolExecutor(4) as threads:
        answers = set(threads.map(ask, range(4)))
    assert answers <= {"cd" * 16, "Conflict"}
    with house.reading(house.cast.karim) as work:
        assert [v.id for v in visits_in(work, tuple(VisitState))] == ["cd" * 16]
    assert house.history().count("visit.requested") == 1
