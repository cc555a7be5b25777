"""R59 and R60: who has no part in a visit, and what a plan asks of whoever watches."""

from dataclasses import replace
from typing import Any

import pytest

from contact_service.agency_policy.document import Document
from contact_service.errors import BadInput
from contact_service.plans.terms import Demands, GenderReason
from contact_service.policy.booking import may_approve, may_book, may_move, may_stand
from contact_service.policy.facts import DecidingFacts
from contact_service.policy.joining import may_admit, may_look, may_resume, may_watch
from contact_service.policy.planning import may_approve_plan, may_propose_plan
from contact_service.policy.suiting import may_decide
from contact_service.suitability.fit import Gender
from tests.rules.facts import admission, approval, booking, mother, resuming, watcher, watching
from tests.rules.test_planning_rules import DANA, decision_facts, plan
from tests.rules.wording import codes

WOMAN = Demands(gender=Gender.WOMAN, why=GenderReason.HARMED_BEFORE)
MAN = Demands(gender=Gender.MAN, why=GenderReason.CHILD_ASKED)
TRAINED = Demands(trainings=("domestic abuse", "sign language"))


@pytest.mark.rule("R59")
@pytest.mark.parametrize("decide", [may_book, may_stand, may_move])
def test_nobody_watches_with_a_conflict_of_interest(decide: Any) -> None:  # noqa: ANN401
    refused = decide(booking(watcher=watcher(in_conflict=True)))
    assert codes(refused) == [("R59", "conflict_of_interest")]
    assert codes(decide(booking())) == []


@pytest.mark.rule("R59")
def test_a_supervisor_of_whom_nothing_was_looked_up_is_refused() -> None:
    assert codes(may_book(booking(watcher=None))) == [("R59", "conflict_of_interest")]
    nobody = may_book(booking(watcher=None, supervisor_qualified=False))
    assert codes(nobody) == [("R8", "no_supervisor")]


@pytest.mark.rule("R59")
@pytest.mark.parametrize("decide", [may_book, may_stand, may_move])
def test_nobody_is_the_duty_person_with_a_conflict_of_interest(decide: Any) -> None:  # noqa: ANN401
    assert codes(decide(booking(duty_in_conflict="Priya"))) == [("R59", "conflict_of_duty_person")]


@pytest.mark.rule("R65")
@pytest.mark.parametrize("decide", [may_book, may_move])
def test_nobody_who_has_the_case_by_an_emergency_alone_names_themselves(decide: Any) -> None:  # noqa: ANN401
    assert codes(decide(booking(opener_named="Sami"))) == [("R65", "by_emergency_alone")]


@pytest.mark.rule("R59")
def test_nobody_in_conflict_says_no_and_no_visit_stands_with_somebody_in_conflict() -> None:
    facts = DecidingFacts(in_conflict=False, supervisor_in_conflict="", duty_in_conflict="")
    assert codes(may_decide(facts)) == []
    assert codes(may_decide(replace(facts, in_conflict=True))) == [("R59", "conflict_of_interest")]
    both = replace(facts, supervisor_in_conflict="Lena", duty_in_conflict="Priya")
    said = [("R59", "conflict_of_interest"), ("R59", "conflict_of_duty_person")]
    assert codes(may_decide(both)) == said


@pytest.mark.rule("R59")
def test_whoever_decides_or_is_in_the_room_has_no_conflict_either() -> None:
    said = [("R59", "conflict_of_interest")]
    assert codes(may_approve(approval(in_conflict=True))) == said
    assert codes(may_admit(admission(in_conflict=True))) == said
    assert codes(may_look(admission(in_conflict=True))) == said
    assert codes(may_resume(resuming(in_conflict=True))) == said
    assert codes(may_watch(watching(in_conflict=True))) == said
    assert codes(may_watch(watching(is_visit_supervisor=False))) == [("R21", "not_supervisor")]
    assert codes(may_watch(watching())) == []


@pytest.mark.rule("R60")
@pytest.mark.parametrize(
    ("demands", "known", "said"),
    [
        (WOMAN, {}, ["woman"]),  # what is unsaid fits nothing
        (WOMAN, {"gender": Gender.MAN}, ["woman"]),
        (WOMAN, {"gender": Gender.WOMAN}, []),
        (MAN, {"gender": Gender.WOMAN}, ["man"]),
        (MAN, {"gender": Gender.MAN}, []),
        (TRAINED, {}, ["training", "training"]),
        (TRAINED, {"trainings": frozenset({"sign language"})}, ["training"]),
        (TRAINED, {"trainings": frozenset({"domestic abuse", "sign language", "first aid"})}, []),
        (replace(WOMAN, trainings=("first aid",)), {"gender": Gender.MAN}, ["woman", "training"]),
    ],
)
def test_whoever_watches_is_as_the_plan_asks(
    demands: Demands, known: dict[str, Any], said: list[str]
) -> None:
    facts = booking(people=(mother(), mother(name="Rosa", demands=demands)), watcher=watcher(**known))
    assert codes(may_book(facts)) == [("R60", code) for code in said]
    assert codes(may_stand(facts)) == [("R60", code) for code in said]


def test_a_woman_or_a_man_is_asked_for_only_with_a_reason() -> None:
    with pytest.raises(BadInput):
        Demands(gender=Gender.WOMAN)
    with pytest.raises(BadInput):
        Demands(why=GenderReason.CHILD_ASKED)


@pytest.mark.rule("R35")
def test_a_plan_asks_only_for_trainings_that_the_agency_has() -> None:
    terms = replace(DANA, trainings=("sign language",))
    assert codes(may_propose_plan(plan(terms))) == [("R35", "no_such_training")]
    has = Document(trainings=("sign language",))
    assert codes(may_propose_plan(plan(terms, policy=has))) == []
    assert codes(may_approve_plan(decision_facts(plan=plan(terms)))) == [("R38", "no_such_training")]
