"""A question by which somebody is known: sealed, shown to the visit supervisor while they look, and to nobody else."""

import pytest
from sqlmodel import select

from contact_service.approvals.actions.merging import MergeRefused, agree_to_merge
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.people.actions import forgetting, merging
from contact_service.people.actions.agreed_questions import drop_question, keep_question
from contact_service.people.agreed_question import AgreedQuestion
from contact_service.people.queries.agreed_questions import question_kept
from contact_service.people.queries.merges import Merge
from contact_service.people.tables import AgreedQuestionRow
from contact_service.policy.decision import Refused
from contact_service.visits.actions import running
from contact_service.visits.queries.identifying import question_to_ask
from contact_service.visits.visit import Visit
from tests.actions.test_people import add
from tests.cast import SEEN, House

ASKED = AgreedQuestion(question="Which word did we choose?", answer="Lantern")


def agreed(house: House) -> None:
    with house.work(house.cast.karim) as work:
        keep_question(work, house.cast.dana, " Which word  did we choose? ", "Lantern")


def at_the_door(house: House) -> Visit:
    """Dana waits, Lena is there, and nobody has looked at her yet."""
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    house.joins(visit, house.mother_in(visit), "bb" * 8)
    return visit


def looks(house: House, visit: Visit) -> None:
    with house.work(house.cast.lena) as work:
        assert not isinstance(running.look(work, visit.id, house.mother_in(visit).id), Refused)


def asks(house: House, visit: Visit) -> AgreedQuestion | None:
    with house.reading(house.cast.lena) as work:
        return question_to_ask(work, visit.id, house.mother_in(visit).id)


def test_it_is_sealed_and_the_evidence_holds_no_word_of_it(house: House) -> None:
    agreed(house)
    assert house.last_entry()["type"] == "person.question_agreed"
    assert "Lantern" not in repr(house.entries())
    with house.reading(house.cast.lena) as work:
        [row] = work.session.exec(select(AgreedQuestionRow))
    assert b"Lantern" not in row.sealed
    assert b"word" not in row.sealed


def test_it_is_shown_while_the_supervisor_looks_and_at_no_other_moment(house: House) -> None:
    agreed(house)
    visit = at_the_door(house)
    with pytest.raises(NotAllowed, match="Look at this person first"):
        asks(house, visit)
    looks(house, visit)
    assert asks(house, visit) == ASKED
    with house.work(house.cast.lena) as work:
        assert not isinstance(running.admit(work, visit.id, house.mother_in(visit).id, SEEN), Refused)
    with pytest.raises(NotAllowed):
        asks(house, visit)


def test_nobody_but_whoever_watches_is_shown_it(house: House) -> None:
    agreed(house)
    visit = at_the_door(house)
    looks(house, visit)
    for who in (house.cast.karim, house.cast.priya, house.cast.noor, house.cast.ola):
        with pytest.raises((NotAllowed, NotFound)), house.reading(who) as work:
            question_to_ask(work, visit.id, house.mother_in(visit).id)
    with pytest.raises(NotAllowed), house.as_family(house.cast.dana) as work:
        question_to_ask(work, visit.id, house.mother_in(visit).id)


def test_where_none_was_agreed_none_is_shown(house: House) -> None:
    visit = at_the_door(house)
    looks(house, visit)
    assert asks(house, visit) is None


def test_another_takes_its_place_and_it_can_be_destroyed(house: House) -> None:
    agreed(house)
    with house.work(house.cast.karim) as work:
        keep_question(work, house.cast.dana, "Which colour?", "Teal")
    with house.work(house.cast.karim) as work:
        drop_question(work, house.cast.dana)
    assert house.last_entry()["type"] == "person.question_dropped"
    with house.reading(house.cast.lena) as work:
        assert list(work.session.exec(select(AgreedQuestionRow))) == []
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        drop_question(work, house.cast.dana)


def test_whoever_is_forgotten_is_asked_nothing_any_more(house: House) -> None:
    agreed(house)
    visit = at_the_door(house)
    looks(house, visit)
    with house.work(house.cast.karim) as work:
        forgetting.forget(work, house.cast.dana)
    with house.reading(house.cast.karim) as work:
        assert question_kept(work, house.cast.dana) is None
    assert asks(house, visit) is None


@pytest.mark.parametrize(
    ("question", "answer", "field"),
    [
        ("", "Lantern", "question"),
        ("Which word?", "  ", "answer"),
        ("x" * 201, "Lantern", "question"),
        ("Is it a lantern?", "Lantern", "question"),
        ("Which\x00word?", "Lantern", "question"),
    ],
)
def test_a_question_that_cannot_be_asked_is_not_kept(
    house: House, question: str, answer: str, field: str
) -> None:
    with pytest.raises(BadInput) as found, house.work(house.cast.karim) as work:
        keep_question(work, house.cast.dana, question, answer)
    assert found.value.field == field


def test_a_child_is_asked_nothing(house: House) -> None:
    with pytest.raises(BadInput, match="with its carer"), house.work(house.cast.karim) as work:
        keep_question(work, house.cast.mia, ASKED.question, ASKED.answer)


def test_only_those_who_keep_what_is_known_of_somebody_keep_it(house: House) -> None:
    for who in (house.cast.lena, house.cast.noor, house.cast.ola):
        with pytest.raises((NotAllowed, NotFound)), house.work(who) as work:
            keep_question(work, house.cast.dana, ASKED.question, ASKED.answer)


def become_one(house: House, kept: PersonId, merged: PersonId) -> Merge | MergeRefused:
    with house.work(house.cast.karim) as work:
        merge = merging.propose_merge(work, kept, merged)
    with house.work(house.cast.priya) as work:
        return agree_to_merge(work, merge)


def test_after_a_merge_the_one_question_is_asked_of_the_record_that_is_kept(house: House) -> None:
    double = add(house, "D. Marlowe")
    with house.work(house.cast.karim) as work:
        keep_question(work, double, ASKED.question, ASKED.answer)
    assert not isinstance(become_one(house, house.cast.dana, double), MergeRefused)
    visit = at_the_door(house)
    looks(house, visit)
    assert asks(house, visit) == ASKED


def test_of_two_questions_the_one_of_the_record_that_is_kept_stands(house: House) -> None:
    agreed(house)
    double = add(house, "D. Marlowe")
    with house.work(house.cast.karim) as work:
        keep_question(work, double, "Which colour?", "Teal")
    assert not isinstance(become_one(house, house.cast.dana, double), MergeRefused)
    assert "person.question_dropped" in house.history()
    visit = at_the_door(house)
    looks(house, visit)
    assert asks(house, visit) == ASKED
