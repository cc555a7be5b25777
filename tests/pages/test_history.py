"""The auditor's copies: recorded, harmless in a spreadsheet; and names that would be scripts are only names."""

import csv
import io

import pytest

from contact_service.people.actions import members as people
from contact_service.people.person import Details, MemberRole
from contact_service.spreadsheets import harmless
from tests.cast import House
from tests.pages.conftest import SignIn

SCRIPTS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title><svg/onload=alert(1)>",
    "{{7*7}}",
    "javascript:alert(1)",
    "' onmouseover='alert(1)",
    "<!--#exec cmd=ls-->",
]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\0", "\uff1d"])
def test_a_cell_that_a_spreadsheet_would_run_is_only_text(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"
    assert harmless("plain") == "plain"


def test_a_copy_is_recorded_and_holds_every_entry(house: House, signed_in: SignIn) -> None:
    house.approved()
    noor = signed_in("noor")
    entries = house.history()
    answer = noor.get(f"/w/case/{house.cast.case}/history.csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.reader(io.StringIO(answer.text)))
    assert len(lines) == len(entries) + 1
    assert house.since(len(entries)) == ["record.exported"]
    body = noor.get(f"/w/case/{house.cast.case}/history.json").json()
    assert [entry["type"] for entry in body["entries"]] == [*entries, "record.exported"]


@pytest.mark.parametrize("who", ["karim", "lena"])
def test_who_is_no_auditor_takes_no_copy(house: House, signed_in: SignIn, who: str) -> None:
    entries = len(house.history())
    assert signed_in(who).get(f"/w/case/{house.cast.case}/history.csv").status_code in (403, 404)
    assert house.since(entries) == []


def test_a_name_that_would_be_a_formula_or_a_script_is_only_a_name(house: House, signed_in: SignIn) -> None:
    with house.work(house.cast.karim) as work:
        for name in (*SCRIPTS, "=cmd|' /C calc'!A0"):
            details = Details(name=name, known_as=name)
            people.add_person(work, house.cast.case, details, MemberRole.CAREGIVER)
    karim, noor = signed_in("karim"), signed_in("noor")
    pages = [karim.get(f"/w/book?child={house.cast.mia}"), karim.get(f"/w/child/{house.cast.mia}")]
    pages.append(noor.get(f"/w/case/{house.cast.case}"))
    for page in pages:
        assert page.status_code == 200
        for raw in ("<script>alert", "<img src=x", "<svg/onload", "' onmouseover='alert", "<!--#exec"):
            assert raw not in page.text
        assert ">49<" not in page.text
    rows = list(csv.reader(io.StringIO(noor.get(f"/w/case/{house.cast.case}/history.csv").text)))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
