"""Everybody reads the time of a visit by their own clock, and nobody learns by which clock the child lives."""

import quopri
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service.demo.brother import Brother
from contact_service.errors import BadInput
from contact_service.ids import PersonId
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.people.actions.members import change_details
from contact_service.people.queries import members as people
from contact_service.visits.actions.staffing import read_family_file
from tests.actions.test_busy_times import ics
from tests.cast import House, Phone
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import SignIn, browser, open_link
from tests.pages.test_busy_then import LONDON
from tests.pages.test_choices import said
from tests.series.asked import WEDNESDAY, Serial

office = office_of_jobs
FAR = "Pacific/Chatham"  # where the foster home is: 11 h 45 min before London in May


def moves_far(house: House) -> None:
    """Mia's case lives by the clock of an island whose hours nobody else has."""
    with house.installation.engine.begin() as connection:
        connection.execute(text('UPDATE "case" SET zone = :zone'), {"zone": FAR})


def lives_in(house: House, person: PersonId, zone: str) -> None:
    with house.work(house.cast.karim) as work:
        change_details(work, person, replace(people.details_of(work, person), zone=zone))


def zone(house: House, person: PersonId) -> str:
    with house.reading(house.cast.karim) as work:
        return people.zone_of_person(work, person)


def test_child_and_carer_live_by_the_clock_of_the_case_and_nobody_else_does(house: House) -> None:
    moves_far(house)
    cast = house.cast
    assert [zone(house, one) for one in (cast.mia, cast.ines)] == [FAR, FAR]
    assert [zone(house, one) for one in (cast.dana, cast.emil)] == ["Europe/London", "Europe/London"]
    lives_in(house, cast.dana, "Europe/Warsaw")
    assert zone(house, cast.dana) == "Europe/Warsaw"
    lives_in(house, cast.ines, "Europe/Warsaw")
    assert zone(house, cast.ines) == FAR


@pytest.mark.parametrize("own", ["", "Europe/Warsaw"])
def test_neither_letter_nor_page_says_where_the_child_lives(
    app: ASGIApp, house: House, office: tuple[Office, Post], own: str
) -> None:
    moves_far(house)
    lives_in(house, house.cast.dana, own)
    visit = house.approved(wall_start=house.wish().wall_start.replace(day=20, hour=16))
    assert visit.zone == FAR
    send_letters(house.installation, office[1])
    [letter] = [quopri.decodestring(raw).decode() for raw in office[0].texts() if b"To: dana@" in raw]
    assert ("04:15 (BST)" if not own else "05:15 (CEST)") in letter
    house.clock.at = visit.starts_at - timedelta(days=1)
    early = open_link(browser(app), house.secret(visit, house.cast.dana), Phone())
    assert ("04:00 (BST)" if not own else "05:00 (CEST)") in early.json()["text"]
    house.clock.at = visit.starts_at - timedelta(minutes=10)
    house.opened(visit)
    one = browser(app)
    base = open_link(one, house.secret(visit, house.cast.dana), Phone()).json()["go"]
    landing = one.get(base).text
    assert ("04:15</time> (BST)" if not own else "05:15</time> (CEST)") in landing
    for seen in (letter, early.text, landing):
        assert "16:00" not in seen
        assert "Chatham" not in seen
        assert "+1245" not in seen


def test_a_worker_writes_down_whose_clock_it_is_and_a_place_that_is_none_is_refused(
    house: House, signed_in: SignIn
) -> None:
    one = signed_in("karim")
    page = f"/w/child/{house.cast.mia}/person/{house.cast.dana}"
    form = {"csrf": one.csrf(), "name": "Dana Marlowe", "known_as": "Dana"}
    wrong = one.post(f"{page}/details", form | {"zone": "Europe/Nowhere"})
    assert wrong.status_code == 422
    assert "We do not know this time zone" in wrong.text
    assert one.post(f"{page}/details", form | {"zone": " Europe/Warsaw "}).status_code == 303
    assert zone(house, house.cast.dana) == "Europe/Warsaw"
    assert "Europe/Warsaw" in one.get(page).text
    with house.work(house.cast.karim) as work, pytest.raises(BadInput):
        change_details(work, house.cast.dana, replace(people.details_of(work, house.cast.dana), zone="x/y"))


def test_the_worker_of_one_child_reads_no_other_childs_clock(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    """Mia's clock beside Finn's would tell his worker how far away Mia lives; of a busy time as of the visit."""
    cast = house.cast
    series = Serial(house=house).asked(sharing=brother.shares, last=WEDNESDAY)
    with house.work(cast.karim) as work:
        read_family_file(
            work, cast.dana, ics("DTSTART:20300515T140000Z\nDTEND:20300515T160000Z"), zone=LONDON
        )
    with house.installation.engine.begin() as connection:
        elsewhere = text('UPDATE "case" SET zone = :zone WHERE id <> :case')
        connection.execute(elsewhere, {"case": cast.case, "zone": FAR})
    visit = series.instances[0].visit
    assert visit is not None
    one = signed_in("sade")
    pages = [
        one.get(f"/w/visit/{visit.id}"),
        one.get(f"/w/series/{series.id}"),
        one.post(f"/w/series/{series.id}/longer", {"csrf": one.csrf(), "last": "2030-05-23"}),
    ]
    for page in pages:
        told = said(page.text)
        assert "03:45" in told
        assert not [word for word in ("15:00 to 17:00", "British Summer", "at 16:00") if word in told]
    assert "02:45 to 04:45" in said(pages[1].text)
