"""Where people are during a visit: asked at the door, opened in an emergency, explained afterwards, then destroyed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from contact_service.audit.events import AuditEvent, EventType
from contact_service.errors import BadInput, IllegalMove, NotAllowed, NotFound
from contact_service.jobs.sweeps import sweep_whereabouts
from contact_service.policy.decision import Refused
from contact_service.visits.actions import attending, ending, recording, running
from contact_service.visits.actions.whereabouts import explain, open_whereabouts
from contact_service.visits.queries.whereabouts import is_unexplained
from contact_service.visits.record import Sections
from contact_service.visits.seen import Seen
from contact_service.visits.tables import WhereaboutsRow
from contact_service.visits.visit import EndReason, Outcome, Participant, Visit
from contact_service.visits.whereabouts import Whereabouts
from tests.cast import SEEN, House

YARD = SEEN.whereabouts or pytest.fail("nobody says where anybody is")


def at_the_door(house: House) -> tuple[Visit, Participant]:
    """Dana waits, and Lena is there."""
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    dana = house.mother_in(visit)
    house.joins(visit, dana, "bb" * 8)
    return visit, dana


def admit(house: House, visit: Visit, who: Participant, seen: Seen) -> Visit | Refused:
    with house.work(house.cast.lena) as work:
        return running.admit(work, visit.id, who.id, seen)


def opened(house: House, visit: Visit) -> dict[str, Whereabouts]:
    with house.work(house.cast.lena) as work:
        return dict(open_whereabouts(work, visit.id))


def rows(house: House) -> list[WhereaboutsRow]:
    with house.reading(house.cast.lena) as work:
        return list(work.session.exec(select(WhereaboutsRow)))


@pytest.mark.rule("R67")
@pytest.mark.parametrize(
    "said",
    [
        None,
        replace(YARD, place="  "),
        replace(YARD, call_back="12"),
        replace(YARD, call_back="unknown"),
        replace(YARD, emergency=""),
        replace(YARD, place="x" * 301),
        replace(YARD, call_back="0" * 41),
    ],
)
def test_nobody_is_let_in_before_help_could_be_sent_to_them(house: House, said: Whereabouts | None) -> None:
    visit, dana = at_the_door(house)
    refused = admit(house, visit, dana, replace(SEEN, whereabouts=said))
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == ["whereabouts_unknown"]
    assert rows(house) == []
    assert isinstance(admit(house, visit, dana, SEEN), Visit)


def test_whoever_comes_back_is_asked_again_and_may_be_where_they_were(house: House) -> None:
    visit, dana = at_the_door(house)
    early = admit(house, visit, dana, replace(SEEN, whereabouts=None, still_there=True))
    assert isinstance(early, Refused), "nothing was said before"
    admit(house, visit, dana, SEEN)
    moved = replace(YARD, place="The library, Hexham")
    for leg, said, still, place in (
        ("cc" * 8, None, True, YARD.place),
        ("dd" * 8, moved, False, moved.place),
        ("ee" * 8, replace(YARD, call_back="+44 1632 960309"), True, YARD.place),
    ):
        house.joins(visit, house.mother_in(house.visit(visit.id)), leg)
        refused = admit(house, visit, dana, replace(SEEN, whereabouts=None))
        assert isinstance(refused, Refused), "silence is no answer"
        seen = replace(SEEN, whereabouts=said, still_there=still)
        assert isinstance(admit(house, visit, dana, seen), Visit)
        assert {one.place for one in opened(house, visit).values()} == {place}


def test_another_device_is_somewhere_else(house: House) -> None:
    visit, dana = at_the_door(house)
    admit(house, visit, dana, SEEN)
    assert len(rows(house)) == 1
    with house.work(house.cast.karim) as work:
        attending.put_out_for_new_link(work, visit.id, house.mother_in(house.visit(visit.id)))
        work.record(AuditEvent(type=EventType.INVITATION_REPLACED))
    assert rows(house) == []


def test_one_press_opens_all_places_and_is_written_down_without_a_word_of_them(house: House) -> None:
    visit = house.live()
    known = opened(house, visit)
    assert list(known.values()) == [YARD, YARD]
    entry = house.last_entry()
    assert (entry["type"], entry["facts"]) == ("emergency.opened", {"places": 2, "state": "live"})
    assert "Canary" not in repr(house.entries())
    assert all(b"Canary" not in row.sealed for row in rows(house))


def test_only_whoever_watches_opens_them_and_only_while_the_visit_is_theirs(house: House) -> None:
    visit = house.live()
    for who in (house.cast.karim, house.cast.priya, house.cast.noor, house.cast.ola):
        with pytest.raises((NotAllowed, NotFound)), house.work(who) as work:
            open_whereabouts(work, visit.id)
    assert "emergency.opened" not in house.history()
    early = house.approved(wall_start=visit.starts_at.replace(tzinfo=None) + timedelta(days=7, hours=1))
    with pytest.raises(IllegalMove), house.work(house.cast.lena) as work:
        open_whereabouts(work, early.id)


def test_why_is_asked_afterwards_and_the_record_waits_for_it(house: House) -> None:
    visit = house.live()
    opened(house, visit)
    with house.work(house.cast.lena) as work:
        ending.end(work, visit.id, EndReason.COMPLETED)
    sections = Sections(what_happened="Dana and Mia talked.")
    with pytest.raises(BadInput, match="Write why"), house.work(house.cast.lena) as work:
        recording.submit(work, visit.id, sections, Outcome.COMPLETED)
    with pytest.raises(BadInput), house.work(house.cast.lena) as work:
        explain(work, visit.id, "  ")
    with house.work(house.cast.lena) as work:
        explain(work, visit.id, "Dana fell; an ambulance was called.")
    with pytest.raises(IllegalMove), house.work(house.cast.lena) as work:
        explain(work, visit.id, "Once more.")
    with house.work(house.cast.lena) as work:
        recording.submit(work, visit.id, sections, Outcome.COMPLETED)


def test_opened_again_it_is_explained_again(house: House) -> None:
    visit = house.live()
    for _ in range(2):
        house.clock.at += timedelta(seconds=30)
        opened(house, visit)
        with house.reading(house.cast.lena) as work:
            assert is_unexplained(work, visit.id)
        house.clock.at += timedelta(seconds=30)
        with house.work(house.cast.lena) as work:
            explain(work, visit.id, "Dana fell.")
        with house.reading(house.cast.lena) as work:
            assert not is_unexplained(work, visit.id)


def test_with_nobody_let_in_it_is_explained_all_the_same(house: House) -> None:
    visit, _ = at_the_door(house)
    assert opened(house, visit) == {}
    with house.work(house.cast.lena) as work:
        explain(work, visit.id, "Dana threatened to hurt herself.")


def test_who_did_not_open_them_is_not_asked_and_says_nothing(house: House) -> None:
    visit = house.live()
    opened(house, visit)
    for who in (house.cast.karim, house.cast.priya):
        with house.reading(who) as work:
            assert not is_unexplained(work, visit.id)
        with pytest.raises(IllegalMove), house.work(who) as work:
            explain(work, visit.id, "I was not there.")
    with house.reading(house.cast.lena) as work:
        assert is_unexplained(work, visit.id)


def test_a_day_after_the_visit_no_place_is_kept_said_why_or_not(house: House) -> None:
    visit = house.live()
    opened(house, visit)
    house.clock.at = visit.ends_at + timedelta(hours=23)
    sweep_whereabouts(house.installation)
    assert len(rows(house)) == 2
    house.clock.at = visit.ends_at + timedelta(hours=25)
    for _ in range(2):
        sweep_whereabouts(house.installation)
        assert rows(house) == []
    (forgotten,) = (e for e in house.entries("agency") if e.type == "whereabouts.forgotten")
    assert forgotten.fields["facts"] == {"places": 2}
    with house.reading(house.cast.lena) as work:
        assert is_unexplained(work, visit.id), "why is still asked"
