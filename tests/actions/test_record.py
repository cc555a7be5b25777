"""Notes, the record, and its sign-off by somebody else."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from contact_service.demo.cast import staff_actor
from contact_service.errors import BadInput, IllegalMove, NotAllowed, NotFound
from contact_service.protocol.link import EventKind
from contact_service.visits.actions import recording
from contact_service.visits.queries.writing import notes_of, record_of
from contact_service.visits.record import LONGEST_SECTION, Sections
from contact_service.visits.visit import Outcome, Visit, VisitState
from tests.cast import House

SECTIONS = Sections(what_happened="They read a story.", said="Mia: “Again!”")


@pytest.fixture
def ended(house: House) -> Visit:
    visit = house.live()
    house.relay(visit, EventKind.ENDED, 1, reason="completed")
    return house.visit(visit.id)


def submit(house: House, visit: Visit, sections: Sections = SECTIONS) -> Visit:
    with house.work(house.cast.lena) as work:
        return recording.submit(work, visit.id, sections, Outcome.COMPLETED)


def test_the_record_is_kept_sealed_and_read_back(house: House, ended: Visit) -> None:
    assert submit(house, ended).state is VisitState.RECORDED
    with house.reading(house.cast.karim) as work:
        written = record_of(work, ended.id)
    assert written is not None
    assert (written.sections, written.submitted_by) == (SECTIONS, house.cast.lena)
    with house.installation.engine.connect() as connection:
        [sealed] = connection.execute(text("SELECT sealed FROM visit_record")).scalars()
    assert b"story" not in bytes(sealed)


def test_an_approver_who_did_not_write_it_signs_it_off(house: House, ended: Visit) -> None:
    submit(house, ended)
    with house.work(house.cast.priya) as work:
        assert recording.sign_off(work, ended.id).state is VisitState.SIGNED_OFF
    assert house.last_entry()["type"] == "record.signed_off"


@pytest.mark.parametrize("who", ["lena", "karim", "noor"])
def test_nobody_else_signs_it_off(house: House, ended: Visit, who: str) -> None:
    submit(house, ended)
    before = house.snapshot()
    with pytest.raises(NotAllowed), house.work(getattr(house.cast, who)) as work:
        recording.sign_off(work, ended.id)
    assert house.snapshot() == before


def test_nobody_signs_off_what_they_wrote_not_even_with_both_roles(house: House, ended: Visit) -> None:
    with house.installation.engine.begin() as connection:
        roles = text("UPDATE staff_account SET roles = 'visit_supervisor,approver' WHERE id = :id")
        connection.execute(roles, {"id": house.cast.lena})
    submit(house, ended)
    with pytest.raises(NotAllowed), house.work(house.cast.lena) as work:
        recording.sign_off(work, ended.id)
    own = text("UPDATE visit_record SET signed_off_by = submitted_by")
    with pytest.raises(IntegrityError), house.installation.engine.begin() as connection:
        connection.execute(own)


def test_a_record_that_is_not_there_is_not_signed_off(house: House, ended: Visit) -> None:
    with pytest.raises(NotFound), house.work(house.cast.priya) as work:
        recording.sign_off(work, ended.id)


def test_a_signed_off_record_stands(house: House, ended: Visit) -> None:
    submit(house, ended)
    with house.work(house.cast.priya) as work:
        recording.sign_off(work, ended.id)
    before = house.snapshot()
    with pytest.raises(IllegalMove), house.work(house.cast.priya) as work:
        recording.sign_off(work, ended.id)
    assert house.snapshot() == before


@pytest.mark.parametrize(
    "sections",
    [Sections(what_happened=" "), Sections(what_happened="x", said="y" * (LONGEST_SECTION + 1))],
    ids=["empty", "too long"],
)
def test_a_record_without_facts_or_without_end_is_returned(
    house: House, ended: Visit, sections: Sections
) -> None:
    before = house.snapshot()
    with pytest.raises(BadInput):
        submit(house, ended, sections)
    assert house.snapshot() == before


@pytest.mark.parametrize("outcome", [Outcome.ADULT_NO_SHOW, Outcome.ORDER_STOPPED])
def test_absence_and_orders_are_not_for_one_person_to_say(
    house: House, ended: Visit, outcome: Outcome
) -> None:
    with pytest.raises(BadInput), house.work(house.cast.lena) as work:
        recording.submit(work, ended.id, SECTIONS, outcome)


def test_only_the_visit_supervisor_writes(house: House, ended: Visit) -> None:
    with pytest.raises(NotAllowed), house.work(house.cast.karim) as work:
        recording.submit(work, ended.id, SECTIONS, Outcome.COMPLETED)
    with pytest.raises(NotAllowed), house.work(house.cast.priya) as work:
        recording.add_note(work, ended.id, "A note.")


def test_a_live_note_keeps_its_time_and_stands_in_no_log(house: House) -> None:
    visit = house.live()
    with house.work(house.cast.lena) as work:
        recording.add_note(work, visit.id, "  Warm greeting.  ")
    with house.reading(house.cast.lena) as work:
        [note] = notes_of(work, visit.id)
    assert (note.text, note.at) == ("Warm greeting.", house.clock.at)
    assert "Warm" not in repr(house.last_entry())
    assert staff_actor(house.installation, house.cast.lena).ref == note.author


@pytest.mark.parametrize("words", ["", "  \n ", "x" * (LONGEST_SECTION + 1)], ids=["none", "blank", "long"])
def test_a_note_says_something_and_not_too_much(house: House, words: str) -> None:
    visit = house.live()
    before = house.snapshot()
    with pytest.raises(BadInput), house.work(house.cast.lena) as work:
        recording.add_note(work, visit.id, words)
    assert house.snapshot() == before
