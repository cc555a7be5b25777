"""Busy times of family members and carers are read as those of staff are; visits that they hit are put in doubt."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from contact_service.approvals.actions.merging import MergeRefused, agree_to_merge
from contact_service.database import metadata
from contact_service.errors import BadInput, NotAllowed, NotFound
from contact_service.ids import PersonId
from contact_service.jobs.calendars import ask_calendars
from contact_service.jobs.web import Web
from contact_service.people.actions import forgetting, merging
from contact_service.policy.decision import Refused
from contact_service.proposals.actions import proposing
from contact_service.visits.actions import booking, staffing
from contact_service.visits.queries.doubting import doubts
from contact_service.visits.queries.offering import times_for
from contact_service.working_hours import actions, queries
from contact_service.working_hours.errors import CalendarNotReadable
from tests.actions.test_busy_times import BOMBS, DENTIST, HOUR, ics
from tests.actions.test_people import add
from tests.cast import House
from tests.jobs.test_calendars import HOST, web as host_of_calendars

web = host_of_calendars
LONDON = "Europe/London"


def bring(house: House, person: PersonId, *events: str) -> str:
    with house.work(house.cast.karim) as work:
        return staffing.read_family_file(work, person, ics(*events), zone=LONDON)


def doubted(house: House) -> list[list[tuple[str, str]]]:
    with house.reading(house.cast.priya) as work:
        return [[(reason.rule, reason.code) for reason in doubt.reasons] for doubt in doubts(work)]


@pytest.mark.parametrize("who", ["dana", "ines"])
def test_no_time_is_offered_at_which_somebody_is_busy(house: House, who: str) -> None:
    """On a long journey, day and night."""
    bring(house, getattr(house.cast, who), "DTSTART:20300514T000000Z\nDURATION:P40D")
    with house.reading(house.cast.karim) as work:
        found = times_for(work, house.wish())
    assert found.offers == ()
    assert ("family_hours", getattr(house.cast, who)) in {why for one in found.without for why in one.why}


def test_around_a_busy_hour_times_are_offered(house: House) -> None:
    bring(house, house.cast.dana, DENTIST)
    with house.reading(house.cast.karim) as work:
        offers = times_for(work, house.wish()).offers
    busy = (datetime(2030, 5, 15, 14, 30, tzinfo=UTC), datetime(2030, 5, 15, 15, 30, tzinfo=UTC))
    assert offers
    assert not [o for o in offers if o.starts_at < busy[1] and busy[0] < o.starts_at + timedelta(minutes=30)]


@pytest.mark.rule("R62")
def test_it_forbids_nothing_to_a_worker_who_has_spoken_to_them_and_no_approval(house: House) -> None:
    bring(house, house.cast.dana, DENTIST)
    with house.work(house.cast.karim) as work:
        visit = booking.request_visit(work, house.wish(), visit_id="a" * 32)
    assert not isinstance(visit, Refused)
    with house.work(house.cast.priya) as work:
        assert not isinstance(proposing.approve(work, visit.id), Refused)


@pytest.mark.rule("R62")
def test_a_booked_visit_that_a_new_busy_time_hits_is_in_doubt_until_the_calendar_is_taken_out(
    house: House,
) -> None:
    house.approved()
    calendar = bring(house, house.cast.dana, DENTIST)
    assert doubted(house) == [[("R62", "family_busy")]]
    with house.work(house.cast.karim) as work:
        actions.end_family_calendar(work, house.cast.dana, calendar)
    assert doubted(house) == [[]]
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        actions.end_family_calendar(work, house.cast.dana, calendar)


@pytest.mark.rule("R62")
def test_the_carer_counts_and_a_busy_time_beside_the_visit_does_not(house: House) -> None:
    house.approved()
    bring(house, house.cast.ines, f"DTSTART:20300515T153000Z\n{HOUR}")
    assert doubted(house) == []
    bring(house, house.cast.ines, f"DTSTART:20300515T152900Z\n{HOUR}")
    assert doubted(house) == [[("R62", "family_busy")]]


@pytest.mark.rule("R62")
def test_an_address_is_asked_like_those_of_staff_and_puts_in_doubt(house: House, web: Web) -> None:
    house.approved()
    with house.work(house.cast.karim) as work:
        actions.add_family_address(work, house.cast.dana, f"https://{HOST}/basic.ics", zone=LONDON)
        actions.add_family_address(work, house.cast.ines, f"https://{HOST}/huge", zone=LONDON)
    ask_calendars(house.installation, web)
    assert doubted(house) == [[("R62", "family_busy")]]
    with house.reading(house.cast.karim) as work:
        [danas] = queries.family_calendars_of(work, house.cast.dana)
        [hers] = queries.family_calendars_of(work, house.cast.ines)
    assert (danas.address, danas.times, danas.failure) == (True, 1, "")
    assert "larger than 5 MB" in hers.failure


@pytest.mark.parametrize("name", sorted(BOMBS)[:6])
def test_what_is_refused_of_staff_is_refused_of_families_and_changes_nothing(house: House, name: str) -> None:
    bring(house, house.cast.dana, DENTIST)
    before = house.snapshot()
    raw, words = BOMBS[name]
    with pytest.raises(CalendarNotReadable, match=words), house.work(house.cast.karim) as work:
        staffing.read_family_file(work, house.cast.dana, raw, zone=LONDON)
    assert house.snapshot() == before


@pytest.mark.parametrize(
    "address", ["http://calendar.example/a", "https://127.0.0.1/a", "https://localhost/a", "https://u:p@a.b/"]
)
def test_no_address_is_kept_that_is_not_of_the_web(house: House, address: str) -> None:
    with pytest.raises(BadInput), house.work(house.cast.karim) as work:
        actions.add_family_address(work, house.cast.dana, address, zone=LONDON)


def test_whoever_plans_no_visits_brings_no_calendar(house: House) -> None:
    for act in (
        lambda work: actions.read_family_file(work, house.cast.dana, ics(DENTIST), zone=LONDON),
        lambda work: actions.add_family_address(work, house.cast.dana, f"https://{HOST}/a", zone=LONDON),
        lambda work: actions.end_family_calendar(work, house.cast.dana, "a" * 32),
    ):
        with pytest.raises(NotAllowed), house.work(house.cast.lena) as work:
            act(work)


def test_a_calendar_of_one_is_none_of_another(house: House) -> None:
    calendar = bring(house, house.cast.dana, DENTIST)
    with pytest.raises(NotFound), house.work(house.cast.karim) as work:
        actions.end_family_calendar(work, house.cast.ines, calendar)
    with pytest.raises(NotFound), house.work(house.cast.lena) as work:
        actions.end_calendar(work, house.cast.lena, calendar)


def test_nothing_of_an_event_is_kept_but_when_it_is_and_the_case_says_who_had_it_read(house: House) -> None:
    bring(house, house.cast.dana, DENTIST)
    assert house.history()[-1] == "busy_times.imported"
    facts: Any = house.last_entry()["facts"]
    assert facts["times"] == 1
    with house.installation.engine.connect() as connection:
        kept = [
            str(connection.execute(select(metadata.tables[table])).all())
            for table in ("busy_calendar", "busy_time")
        ]
    assert not [one for one in kept if "Dentist" in one or "High Street" in one]


def test_the_calendar_of_somebody_who_was_forgotten_is_asked_no_more(house: House, web: Web) -> None:
    with house.work(house.cast.karim) as work:
        actions.add_family_address(work, house.cast.dana, f"https://{HOST}/basic.ics", zone=LONDON)
    with house.reading(house.cast.karim) as work:
        assert len(queries.due_calendars(work)) == 1
    with house.work(house.cast.karim) as work:
        forgetting.forget(work, house.cast.dana)
    ask_calendars(house.installation, web)
    with house.reading(house.cast.karim) as work:
        assert queries.due_calendars(work) == []


@pytest.mark.rule("R62")
def test_a_calendar_of_the_child_counts_too(house: House) -> None:
    house.approved()
    bring(house, house.cast.mia, DENTIST)
    assert doubted(house) == [[("R62", "family_busy")]]


def test_of_two_records_of_one_person_the_kept_one_has_the_calendars_and_their_addresses_still_open(
    house: House, web: Web
) -> None:
    double = add(house, "D. Marlowe")
    with house.work(house.cast.karim) as work:
        actions.add_family_address(work, double, f"https://{HOST}/basic.ics", zone=LONDON)
        merge = merging.propose_merge(work, house.cast.dana, double)
    with house.work(house.cast.priya) as work:
        assert not isinstance(agree_to_merge(work, merge), MergeRefused)
    ask_calendars(house.installation, web)
    with house.reading(house.cast.karim) as work:
        [calendar] = queries.family_calendars_of(work, house.cast.dana)
    assert (calendar.times, calendar.failure) == (1, "")
