"""R15 to R26, R31 and R43, each with facts that pass and facts that fail."""

from datetime import timedelta
from typing import Any

import pytest

from contact_service.consent.consent import ConsentState
from contact_service.policy.booking import may_book
from contact_service.policy.decision import Permitted, Refused
from contact_service.policy.joining import (
    may_admit,
    may_join,
    may_look,
    may_open,
    may_resume,
    may_say_goodbye,
    may_talk_alone,
)
from contact_service.policy.letting_back import may_take_goodbye_back
from tests.rules.facts import (
    GIVEN,
    NOON,
    UNANSWERED,
    admission,
    booking,
    inside,
    joining,
    resuming,
    sent_home,
)
from tests.rules.wording import codes

SECOND = timedelta(seconds=1)
STALE = (*GIVEN[1:], ConsentState.STALE)


def cases(*rows: tuple[str, str, dict[str, Any]]) -> pytest.MarkDecorator:
    """Parameters, each marked with the rule that must say no."""
    made = [
        pytest.param(rule, code, changes, marks=pytest.mark.rule(rule), id=f"{rule}-{number}-{code}")
        for number, (rule, code, changes) in enumerate(rows)
    ]
    return pytest.mark.parametrize(("rule", "code", "changes"), made)


def test_somebody_with_everything_in_order_may_join() -> None:
    assert may_join(joining()) == Permitted(passed=("R15", "R16", "R17", "R18", "R19", "R20", "R68"))


@cases(
    ("R15", "link_dead", {"link_live": False}),
    ("R16", "too_early", {"at": NOON - timedelta(minutes=15) - SECOND}),
    ("R16", "too_late", {"at": NOON + timedelta(minutes=45)}),
    ("R17", "removed", {"removed": True}),
    ("R17", "not_running", {"visit_joinable": False}),
    *(("R18", "consent_missing", {"consents": (*GIVEN[1:], state)}) for state in UNANSWERED),
    ("R18", "consent_missing", {"consents": STALE, "visit_was_ready": False}),
    *(("R19", "child_consent_missing", {"child_consent": state}) for state in UNANSWERED),
    ("R20", "no_contact", {"barred": True}),
    ("R68", "not_cleared", {"cleared": False}),
)
def test_joining_is_refused_by_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_join(joining(**changes))) == [(rule, code)]


@pytest.mark.rule("R16")
def test_the_door_opens_at_its_minute_and_closes_at_its_minute() -> None:
    assert isinstance(may_join(joining(at=NOON - timedelta(minutes=15))), Permitted)
    assert isinstance(may_join(joining(at=NOON + timedelta(minutes=45) - SECOND)), Permitted)


@pytest.mark.rule("R18")
def test_a_visit_that_was_ready_goes_ahead_on_the_old_wording() -> None:
    assert isinstance(may_join(joining(consents=STALE)), Permitted)


@pytest.mark.rule("R19")
def test_an_old_wording_for_the_child_still_stands() -> None:
    assert isinstance(may_join(joining(child_consent=ConsentState.STALE)), Permitted)


@pytest.mark.rule("R15")
@pytest.mark.rule("R20")
def test_every_reason_at_the_door_is_given_and_names_nobody() -> None:
    facts = joining(
        link_live=False,
        removed=True,
        consents=(ConsentState.NEEDED,) * 4,
        child_consent=ConsentState.WITHDRAWN,
        barred=True,
        cleared=False,
        at=NOON + timedelta(hours=1),
    )
    decision = may_join(facts)
    assert [rule for rule, _ in codes(decision)] == ["R15", "R16", "R17", "R18", "R19", "R20", "R68"]
    assert isinstance(decision, Refused)
    words = " ".join(reason.words for reason in decision.reasons).lower()
    assert not {"child", "order", "restriction", "contact"} & set(words.replace(".", "").split())


@cases(
    ("R15", "link_dead", {"link_live": False}),
    ("R16", "too_early", {"at": NOON - timedelta(hours=1)}),
    ("R20", "no_contact", {"barred": True}),
)
def test_a_link_is_not_bound_when(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_open(joining(**changes))) == [(rule, code)]


def test_a_link_is_bound_before_any_question_is_answered() -> None:
    assert isinstance(may_open(joining(consents=(ConsentState.NEEDED,) * 4)), Permitted)


def test_the_supervisor_lets_the_adult_in_and_then_the_child() -> None:
    assert may_admit(admission()) == Permitted(
        passed=("R20", "R21", "R22", "R23", "R59", "R24", "R25", "R31", "R43", "R52", "R53", "R67", "R68")
    )
    assert isinstance(may_admit(admission(is_child=True, adult_admitted=True)), Permitted)


@cases(
    ("R20", "no_contact", {"barred": True}),
    ("R21", "not_supervisor", {"is_visit_supervisor": False}),
    ("R21", "supervisor_away", {"supervisor_connected": False}),
    ("R22", "not_running", {"visit_running": False}),
    ("R22", "not_running", {"at": NOON + timedelta(minutes=45)}),
    ("R22", "not_waiting", {"is_waiting": False}),
    ("R22", "not_waiting", {"device_connected": False}),
    ("R23", "apart", {"apart_from_another": True}),
    ("R24", "not_identified", {"identity_method": ""}),
    ("R25", "child_last", {"is_child": True}),
    ("R52", "company_not_told", {"company_told": False}),
    ("R52", "company_not_seen", {"company_seen": False}),
    ("R53", "language", {"not_understood": ("Dana",)}),
    ("R67", "whereabouts_unknown", {"whereabouts_known": False}),
    ("R68", "not_cleared", {"cleared": False}),
    ("R68", "room_not_cleared", {"room_cleared": False}),
    *(("R25", "consent_missing", {"consents": (*GIVEN[1:], state)}) for state in UNANSWERED),
    *(("R25", "child_consent_missing", {"child_consent": state}) for state in UNANSWERED),
)
def test_admission_is_refused_by_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_admit(admission(**changes))) == [(rule, code)]


@pytest.mark.rule("R31")
def test_answers_from_a_device_nobody_has_told_apart_let_nobody_in_and_become_firm_with_the_telling() -> None:
    unknown = admission(provisional=True, identity_method="")
    assert codes(may_admit(unknown)) == [("R24", "not_identified"), ("R31", "provisional")]
    assert isinstance(may_admit(admission(provisional=True)), Permitted)
    assert isinstance(may_look(unknown), Permitted)


@pytest.mark.rule("R43")
@pytest.mark.parametrize("said", [ConsentState.DECLINED, ConsentState.WITHDRAWN])
def test_a_child_who_has_said_no_is_not_let_in_and_may_be_talked_with(said: ConsentState) -> None:
    facts = admission(is_child=True, adult_admitted=True, child_assent=said)
    assert codes(may_admit(facts)) == [("R43", "child_said_no")]
    assert isinstance(may_look(facts), Permitted)
    assert isinstance(may_admit(admission(child_assent=said)), Permitted)


@pytest.mark.rule("R4")
@pytest.mark.rule("R19")
@pytest.mark.rule("R25")
def test_where_an_order_is_the_basis_an_objection_stops_nothing_by_itself() -> None:
    objection = {"child_consent": ConsentState.DECLINED, "child_consent_needed": False}
    assert isinstance(may_join(joining(**objection)), Permitted)
    assert isinstance(may_admit(admission(**objection)), Permitted)
    assert isinstance(may_book(booking(**objection)), Permitted)


@pytest.mark.rule("R24")
@pytest.mark.rule("R25")
def test_looking_asks_neither_for_identity_nor_for_the_order_of_admission() -> None:
    facts = admission(identity_method="", is_child=True, adult_admitted=False)
    assert may_look(facts) == Permitted(passed=("R20", "R21", "R22", "R23", "R59", "R25", "R70"))
    assert [rule for rule, _ in codes(may_admit(facts))] == ["R24", "R25"]


@pytest.mark.rule("R70")
def test_nobody_is_looked_at_while_the_supervisor_talks_with_somebody_who_was_let_in() -> None:
    facts = admission(another_aside=True)
    assert codes(may_look(facts)) == [("R70", "alone_with_another")]


@pytest.mark.rule("R25")
@pytest.mark.parametrize("state", [ConsentState.NEEDED, ConsentState.DECLINED, ConsentState.WITHDRAWN])
def test_nobody_is_looked_at_without_the_consents_that_admission_needs(state: ConsentState) -> None:
    own = admission(consents=(ConsentState.GIVEN, state))
    childs = admission(child_consent=state)
    assert codes(may_look(own)) == codes(may_admit(own)) == [("R25", "consent_missing")]
    assert codes(may_look(childs)) == codes(may_admit(childs)) == [("R25", "child_consent_missing")]


@pytest.mark.rule("R21")
@pytest.mark.rule("R22")
@pytest.mark.rule("R23")
def test_an_admission_that_is_wrong_in_every_way_says_so_in_every_way() -> None:
    facts = admission(
        is_visit_supervisor=False,
        supervisor_connected=False,
        visit_running=False,
        is_waiting=False,
        identity_method="",
        is_child=True,
        consents=(ConsentState.DECLINED,),
        child_consent=ConsentState.NEEDED,
        barred=True,
        apart_from_another=True,
    )
    found = [rule for rule, _ in codes(may_admit(facts))]
    assert found == ["R20", "R21", "R21", "R22", "R22", "R23", "R24", "R25", "R25", "R25"]


@cases(
    ("R26", "not_supervisor", {"is_visit_supervisor": False}),
    ("R26", "supervisor_away", {"supervisor_connected": False}),
    ("R26", "not_held", {"is_held": False}),
    ("R26", "alone_with_somebody", {"alone_with_somebody": True}),
    ("R26", "restricted", {"restricted": True}),
    ("R53", "language", {"not_understood": ("Dana",)}),
    ("R68", "not_cleared", {"cleared": False}),
)
def test_resuming_is_refused_by_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_resume(resuming(**changes))) == [(rule, code)]


@pytest.mark.rule("R26")
def test_the_connected_supervisor_resumes_a_held_visit() -> None:
    assert may_resume(resuming()) == Permitted(passed=("R26", "R53", "R59", "R68"))


@pytest.mark.rule("R70")
def test_the_child_goes_home_first_and_then_the_adult() -> None:
    assert may_say_goodbye(inside()) == Permitted(passed=("R21", "R59", "R70"))
    assert isinstance(may_say_goodbye(inside(is_child=True, child_here=True)), Permitted)
    assert isinstance(may_say_goodbye(inside(is_inside=False, is_alone=True)), Permitted)


@cases(
    ("R21", "not_supervisor", {"is_visit_supervisor": False}),
    ("R21", "supervisor_away", {"supervisor_connected": False}),
    ("R59", "conflict_of_interest", {"in_conflict": True}),
    ("R70", "not_running", {"visit_running": False}),
    ("R70", "not_inside", {"is_inside": False}),
    ("R70", "child_first", {"child_here": True}),
)
def test_nobody_is_sent_home_against_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_say_goodbye(inside(**changes))) == [(rule, code)]


@pytest.mark.rule("R71")
def test_a_goodbye_is_taken_back_for_ten_minutes() -> None:
    passed = ("R15", "R20", "R21", "R23", "R25", "R59", "R68", "R71")
    assert may_take_goodbye_back(sent_home()) == Permitted(passed=passed)
    just_in_time = sent_home(said_at=NOON - timedelta(minutes=10) + timedelta(microseconds=1))
    assert isinstance(may_take_goodbye_back(just_in_time), Permitted)
    too_late = may_take_goodbye_back(sent_home(said_at=NOON - timedelta(minutes=10)))
    assert isinstance(too_late, Refused)
    [stands] = too_late.reasons
    assert (stands.rule, stands.code) == ("R71", "goodbye_stands")
    assert "10 minutes" in stands.words


@cases(
    ("R15", "link_dead", {"link_stands": False}),
    ("R20", "no_contact", {"barred": True}),
    ("R21", "not_supervisor", {"is_visit_supervisor": False}),
    ("R21", "supervisor_away", {"supervisor_connected": False}),
    ("R23", "apart", {"apart_from_another": True}),
    ("R25", "consent_missing", {"consents": (ConsentState.WITHDRAWN,)}),
    ("R25", "child_consent_missing", {"child_consent": ConsentState.WITHDRAWN}),
    ("R59", "conflict_of_interest", {"in_conflict": True}),
    ("R68", "not_cleared", {"cleared": False}),
    ("R71", "not_running", {"visit_running": False}),
    ("R71", "not_running", {"dies_at": NOON}),
    ("R71", "no_goodbye", {"said_at": None}),
)
def test_no_goodbye_is_taken_back_against_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_take_goodbye_back(sent_home(**changes))) == [(rule, code)]


@pytest.mark.rule("R70")
def test_somebody_who_was_let_in_is_talked_to_alone() -> None:
    assert may_talk_alone(inside()) == Permitted(passed=("R20", "R21", "R23", "R25", "R59", "R70"))
    assert isinstance(may_talk_alone(inside(is_child=True, child_here=True)), Permitted)


@cases(
    ("R20", "no_contact", {"barred": True}),
    ("R21", "not_supervisor", {"is_visit_supervisor": False}),
    ("R21", "supervisor_away", {"supervisor_connected": False}),
    ("R23", "apart", {"apart_from_another": True}),
    ("R59", "conflict_of_interest", {"in_conflict": True}),
    ("R70", "not_running", {"visit_running": False}),
    ("R70", "not_inside", {"is_inside": False}),
    ("R70", "alone_with_another", {"alone_with_another": True}),
    *(("R25", "consent_missing", {"consents": (*GIVEN[1:], state)}) for state in UNANSWERED),
    *(("R25", "child_consent_missing", {"child_consent": state}) for state in UNANSWERED),
)
def test_nobody_is_taken_aside_against_its_rule(rule: str, code: str, changes: dict[str, Any]) -> None:
    assert codes(may_talk_alone(inside(**changes))) == [(rule, code)]
