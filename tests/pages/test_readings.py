"""Whoever reads a child's record is written down before they see it: who, when, which part."""

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.agency_policy.actions import propose_policy
from contact_service.agency_policy.limits import Limits
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.audit.note import create_signer
from contact_service.audit.sealer import Seal, seal_once
from contact_service.audit.verifier import verify
from contact_service.demo.brother import Brother
from contact_service.jobs.sweeps import sweep_readings
from contact_service.keys.actions import insert_if_new
from contact_service.people.actions.members import open_case
from contact_service.people.queries.members import case_of
from contact_service.readings.actions import write_down
from contact_service.readings.queries import readings_of
from contact_service.readings.reading import hour_of, part_of
from contact_service.readings.tables import CaseReadingRow
from contact_service.work import read
from tests.cast import House
from tests.pages.conftest import SignIn

MANY_CASES = Limits().cases_read_a_day

Read = tuple[str, str]


def readings(house: House) -> list[Read]:
    """Role and part of every reading of the case, oldest first."""
    with read(house.installation, actor.SCHEDULE) as work:
        found = readings_of(work, house.cast.case)
    return [
        (entry.fields["actor"]["role"], entry.fields["facts"]["part"])
        for entry in found
        if entry.type == "record.read"
    ]


def test_each_part_is_written_down_once_an_hour(house: House, signed_in: SignIn) -> None:
    karim, child = signed_in("karim"), f"/w/child/{house.cast.mia}"
    for page in (child, f"{child}/home", child, f"{child}/person/{house.cast.ines}"):
        assert karim.get(page).status_code == 200
    first = [("worker", "child"), ("worker", "child.home"), ("worker", "child.person")]
    assert readings(house) == first
    house.clock.forward(timedelta(hours=1))
    karim = signed_in("karim")
    assert karim.get(child).status_code == 200
    assert readings(house) == [*first, ("worker", "child")]


def test_a_visit_is_of_the_case_also_for_whoever_watches_it(house: House, signed_in: SignIn) -> None:
    visit = house.approved()
    assert signed_in("lena").get(f"/w/visit/{visit.id}").status_code == 200
    assert readings(house) == [("visit_supervisor", "visit")]


def test_whoever_is_refused_has_read_nothing(house: House, signed_in: SignIn) -> None:
    lena = signed_in("lena")
    assert lena.get(f"/w/child/{house.cast.mia}").status_code == 404
    assert lena.get(f"/w/case/{house.cast.case}/readings").status_code in (403, 404)
    assert readings(house) == []


def test_lists_and_pages_of_no_child_open_no_record(house: House, signed_in: SignIn) -> None:
    noor = signed_in("noor")
    for page in ("/w/today", "/w/cases", "/w/log"):
        assert noor.get(page).status_code == 200
    assert readings(house) == []


def test_a_change_is_evidence_by_itself_and_a_form_that_only_shows_is_a_reading(
    house: House, signed_in: SignIn
) -> None:
    karim, child = signed_in("karim"), f"/w/child/{house.cast.mia}"
    csrf = karim.csrf()
    unfinished = {"csrf": csrf, "role": "nobody"}
    assert karim.post(f"{child}/people", unfinished).status_code == 422
    assert readings(house) == [("worker", "child.people")]


def test_what_cannot_be_written_down_is_not_shown(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    with house.installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE case_reading RENAME COLUMN part TO gone"))
    answer = karim.get(f"/w/child/{house.cast.mia}")
    assert answer.status_code in (500, 503)
    assert "Mia" not in answer.text
    assert karim.get("/w/today").status_code == 200


def test_approvers_and_auditors_see_who_read_it_and_that_is_a_reading_too(
    house: House, signed_in: SignIn
) -> None:
    signed_in("karim").get(f"/w/child/{house.cast.mia}/home")
    noor = signed_in("noor")
    path = f"/w/case/{house.cast.case}"
    assert f"{path}/readings" in noor.get(path).text
    page = noor.get(f"{path}/readings").text
    assert "Karim Aziz (worker)" in page
    assert "Where the child lives" in page
    again = noor.get(f"{path}/readings").text
    assert "Who read the record" in again
    assert readings(house)[1:] == [("auditor", "case"), ("auditor", "case.readings")]


def test_both_logs_are_sealed_and_checked_with_one_key(
    house: House, signed_in: SignIn, tmp_path_factory: pytest.TempPathFactory
) -> None:
    signed_in("karim").get(f"/w/child/{house.cast.mia}")
    installation, folder = house.installation, tmp_path_factory.mktemp("seal")
    signer, verifier = create_signer(installation.contact_log)
    contact = Seal(origin=installation.contact_log, signer_key=signer, memory_path=folder / "memory")
    for seal in (contact, contact.for_log(installation.access_log)):
        assert seal_once(installation.engine, seal.origin, seal.signer_key, seal.memory_path).sealed > 0
    database = installation.engine.url.render_as_string(hide_password=False)
    report = verify(database, [verifier])
    assert report.is_whole, report
    assert {log.log: log.sealed == log.entries for log in report.logs} == {
        installation.contact_log: True,
        installation.access_log: True,
    }
    stranger = create_signer(f"elsewhere.example/{installation.agency}/contact")[1]
    assert not verify(database, [stranger]).is_whole


def test_a_month_later_the_hours_are_forgotten_and_the_log_is_not(house: House, signed_in: SignIn) -> None:
    signed_in("karim").get(f"/w/child/{house.cast.mia}")
    house.clock.forward(timedelta(days=32))
    sweep_readings(house.installation)
    with house.installation.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM case_reading")).scalar_one() == 0
    assert readings(house) == [("worker", "child")]


@pytest.mark.both
def test_two_windows_at_once_show_the_page_and_leave_an_entry(
    app: ASGIApp, house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")

    async def both() -> list[httpx.Response]:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://visits.example", cookies=karim.client.cookies
        ) as client:
            path = f"/w/child/{house.cast.mia}"
            return list(await asyncio.gather(*(client.get(path) for _ in range(6))))

    assert {answer.status_code for answer in asyncio.run(both())} == {200}
    assert set(readings(house)) == {("worker", "child")}


@pytest.mark.parametrize(
    ("route", "part"),
    [
        ("/w/child/{child}", "child"),
        ("/w/child/{child}/person/{person}/details", "child.person.details"),
        ("/api/v1/cases/{case}/history", "cases.history"),
        ("/w/case/{case}/history.csv", "case.history_csv"),
        ("", "record"),
        ("/" + "x" * 200, "x" * 80),
    ],
)
def test_a_part_is_named_by_its_route(route: str, part: str) -> None:
    assert part_of(route) == part


def opens_many(house: House, count: int) -> None:
    """Karim has opened the records of so many other cases today, as his pages would have written down."""
    for _ in range(count):
        with house.work(house.cast.karim) as work:
            write_down(
                work, [open_case(work, zone="Europe/London", workers=(house.cast.karim,))], part="child"
            )


def told(house: House) -> list[str]:
    """Who was written to about somebody who reads much."""
    query = "SELECT account_id FROM outbox WHERE kind = 'many_records_read'"
    with house.installation.engine.connect() as connection:
        return sorted(row[0] for row in connection.execute(text(query)))


def test_whoever_opens_unusually_many_records_is_told_of_once_a_day(house: House, signed_in: SignIn) -> None:
    karim, page = signed_in("karim"), f"/w/child/{house.cast.mia}"
    opens_many(house, MANY_CASES - 2)
    assert told(house) == []
    assert karim.get(page).status_code == 200
    assert told(house) == []
    opens_many(house, 3)
    assert told(house) == [house.cast.priya]
    assert "Karim Aziz" in (listed := signed_in("noor").get("/w/readers").text)
    assert str(MANY_CASES + 2) in listed
    house.clock.forward(timedelta(days=1))
    opens_many(house, MANY_CASES)
    assert told(house) == [house.cast.priya] * 2


def test_an_approver_who_reads_much_is_not_told_of_themselves_alone(house: House) -> None:
    with house.work(house.cast.priya) as work:
        cases = [open_case(work, zone="Europe/London", workers=()) for _ in range(MANY_CASES)]
        write_down(work, cases, part="child")
    assert told(house) == [house.cast.ola]


def test_the_agency_says_in_its_policy_how_many_records_are_many(house: House, signed_in: SignIn) -> None:
    with house.work(house.cast.ola) as work:
        version = propose_policy(work, "limits: {cases_read_a_day: 5}")
    with house.work(house.cast.priya) as work:
        publish_policy(work, version)
    opens_many(house, 4)
    assert told(house) == []
    opens_many(house, 1)
    assert told(house) == [house.cast.priya]
    assert "opens 5 in a day" in signed_in("noor").get("/w/readers").text


@pytest.mark.parametrize("page", ["/w/book?child={}", "/w/child/{}/owed", "/w/child/{}/series"])
def test_pages_that_name_the_child_elsewhere_are_readings_too(
    house: House, signed_in: SignIn, page: str
) -> None:
    assert signed_in("karim").get(page.format(house.cast.mia)).status_code == 200
    assert [role for role, _ in readings(house)] == ["worker"]


def test_a_visit_of_two_children_is_a_reading_of_each_ones_record(
    house: House, brother: Brother, signed_in: SignIn
) -> None:
    visit = house.approved(sharing=brother.shares)
    assert signed_in("priya").get(f"/w/visit/{visit.id}").status_code == 200
    with read(house.installation, actor.SCHEDULE) as work:
        theirs = [one.type for one in readings_of(work, case_of(work, brother.finn))]
    assert "record.read" in theirs
    assert readings(house) == [("approver", "visit")]


def test_whoever_steps_over_the_number_is_found_by_the_next_reading(house: House) -> None:
    """As when several pages were asked for at once, and each saw the count before it."""
    with house.work(house.cast.karim) as work:
        cases = [open_case(work, zone="Europe/London", workers=()) for _ in range(MANY_CASES + 3)]
        for case in cases[:-1]:
            hour = hour_of(work.now)
            row = {"reader": work.actor.ref, "case_id": case, "part": "x", "hour": hour, "under": ""}
            insert_if_new(work.session, CaseReadingRow, row)
    assert told(house) == []
    for _ in range(2):
        with house.work(house.cast.karim) as work:
            write_down(work, cases[-1:], part="child")
    assert told(house) == [house.cast.priya]
