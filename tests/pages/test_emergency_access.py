"""The page on which a worker opens a case that cannot wait, and on which others see it, end it and look at it."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import httpx
import pytest

from contact_service import actor
from contact_service.actor import Role
from contact_service.agency_policy.limits import Limits
from contact_service.identity.actions import add_account
from contact_service.ids import AccountId
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.readings.queries import readings_of
from contact_service.suitability.actions import NewConflict, declare_conflict
from contact_service.suitability.fit import ConflictKind
from contact_service.work import read
from tests.cast import PASSWORD, House
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_proving import asked_first, hidden, later

office = office_of_jobs
PATH = "/w/emergency-access"
MIA = {
    "name": "Mia Marlowe",
    "born_on": "2018-03-14",
    "reason": "child_at_risk",
    "words": "Her school rang: nobody has fetched her.",
}


@pytest.fixture
def sami(house: House) -> AccountId:
    """A worker who has no case of their own."""
    with house.as_actor(actor.COMMAND_LINE) as work:
        return add_account(
            work, email="sami@demo.example", name="Sami Korhonen", roles=(Role.WORKER,), password=PASSWORD
        )


def opens(one: Browser, **changes: str) -> httpx.Response:
    return one.post(PATH, {"csrf": one.csrf(PATH)} | MIA | changes)


def access_on(page: str) -> str:
    found = re.search(rf'action="{PATH}/([0-9a-f]{{32}})/', page)
    assert found is not None
    return found[1]


@pytest.mark.usefixtures("sami")
def test_what_is_out_of_reach_and_what_is_not_there_show_the_same_way_to_it(
    house: House, signed_in: SignIn
) -> None:
    one = signed_in("sami")
    shut, absent = (one.get(f"/w/child/{child}") for child in (house.cast.mia, "f" * 32))
    assert (shut.status_code, absent.status_code) == (404, 404)
    same = [re.sub(r"404-[0-9a-f]{4}", "", answer.text) for answer in (shut, absent)]
    assert same[0] == same[1]
    assert f'href="{PATH}"' in same[0]


@pytest.mark.usefixtures("sami")
def test_a_worker_opens_it_reads_it_and_ends_it(house: House, signed_in: SignIn) -> None:
    one, child = signed_in("sami"), f"/w/child/{house.cast.mia}"
    answer = opens(one)
    assert (answer.status_code, answer.headers["location"]) == (303, child)
    assert "Mia" in one.get(child).text
    today = one.get("/w/today").text
    assert "Mia’s record is open to you until 17:00" in today
    page = one.get(PATH).text
    assert MIA["words"] in page
    ended = one.post(f"{PATH}/{access_on(page)}/end", {"csrf": one.csrf(PATH)})
    assert ended.status_code == 303
    assert one.get(child).status_code == 404
    readings = signed_in("priya").get(f"/w/case/{house.cast.case}/readings").text
    assert "Sami Korhonen (worker)" in readings
    assert "Emergency access</strong>" in readings


@pytest.mark.parametrize(
    ("changes", "status", "says"),
    [
        ({"name": "Mia"}, 422, "Nothing was opened"),
        ({"born_on": "2018-03-15"}, 422, "Nothing was opened"),
        ({"born_on": ""}, 422, "Write the birthday, or"),
        ({"born_on": "yesterday"}, 422, "Choose a date."),
        ({"reason": "curious"}, 409, "Choose what kind of emergency it is."),
        ({"words": "Quick."}, 409, "Write what has happened"),
    ],
)
@pytest.mark.usefixtures("sami")
def test_whatever_is_missing_or_wrong_is_said_and_what_was_typed_stands_there_still(
    house: House, signed_in: SignIn, changes: dict[str, str], status: int, says: str
) -> None:
    one = signed_in("sami")
    answer = opens(one, **changes)
    assert answer.status_code == status
    assert says in answer.text
    assert f'value="{(MIA | changes)["name"]}"' in answer.text
    assert one.get(f"/w/child/{house.cast.mia}").status_code == 404


@pytest.mark.usefixtures("sami")
def test_whoever_opens_it_shows_first_that_it_is_they_whatever_fits(house: House, signed_in: SignIn) -> None:
    one = signed_in("sami")
    later(house, one)
    before = house.history()
    asked_first(opens(one, name="Somebody Else"))
    page = asked_first(opens(one))
    assert house.history() == before
    onward = one.post("/w/prove", hidden(page) | {"password": PASSWORD})
    assert {name: hidden(onward.text)[name] for name in MIA} == MIA
    assert one.post(PATH, hidden(onward.text)).status_code == 303


@pytest.mark.usefixtures("sami")
def test_the_list_is_written_down_as_a_reading_and_names_nobody_to_whom_it_is_closed(
    house: House, signed_in: SignIn
) -> None:
    one = signed_in("sami")
    assert opens(one).status_code == 303
    assert "Mia Marlowe" in signed_in("priya").get(PATH).text
    with read(house.installation, actor.SCHEDULE) as work:
        parts = [entry.fields["facts"].get("part") for entry in readings_of(work, house.cast.case)]
    assert "emergency_access" in parts
    page = one.get(PATH).text
    one.post(f"{PATH}/{access_on(page)}/end", {"csrf": one.csrf(PATH)})
    left = one.get(PATH).text
    assert "a child whose record is not opened here" in left
    assert "Mia" not in left
    assert MIA["words"] not in left
    new = NewConflict(account=house.cast.priya, case=house.cast.case, person=None, kind=ConflictKind.KIN)
    with house.work(house.cast.priya) as work:
        declare_conflict(work, new)
    assert "Sami Korhonen" not in signed_in("priya").get(PATH).text


@pytest.mark.usefixtures("sami")
def test_a_wrong_name_says_when_it_was_typed_too_often(signed_in: SignIn) -> None:
    one = signed_in("sami")
    for _ in range(5):
        assert "Nothing was opened" in opens(one, name="Somebody Else").text
    assert "Too many tries." in opens(one).text


@pytest.mark.parametrize("name", ["lena", "ola"])
def test_who_does_not_work_with_cases_has_no_such_page(signed_in: SignIn, name: str) -> None:
    assert signed_in(name).get(PATH).status_code == 403


@pytest.mark.usefixtures("sami")
def test_an_approver_is_told_looks_at_it_and_the_finding_stands_there(
    house: House, signed_in: SignIn, office: tuple[Office, Post]
) -> None:
    assert opens(signed_in("sami")).status_code == 303
    keeper, post = office
    send_letters(house.installation, post)
    came = [message_from_bytes(one, policy=default) for one in keeper.texts()]
    letters = [one for one in came if "opened a record in an emergency" in one["Subject"]]
    assert sorted(one["To"] for one in letters) == ["karim@demo.example", "priya@demo.example"]
    assert all(f"{PATH}" in one.get_content() and "Mia" not in one.get_content() for one in letters)
    priya = signed_in("priya")
    assert "Emergency accesses to look at" not in priya.get("/w/today").text
    house.clock.forward(Limits().emergency_access_lasts)
    priya = signed_in("priya")
    assert "Emergency accesses to look at: 1. Overdue: 0." in priya.get("/w/today").text
    house.clock.forward(Limits().emergency_access_reviewed_within + timedelta(hours=1))
    priya = signed_in("priya")
    assert "Overdue: 1." in priya.get("/w/today").text
    page = priya.get(PATH).text
    assert "Overdue</strong>" in page
    here = f"{PATH}/{access_on(page)}/review"
    csrf = {"csrf": priya.csrf(PATH)}
    assert "Choose what you found." in priya.post(here, csrf | {"finding": "so so"}).text
    assert "Write what was wrong" in priya.post(here, csrf | {"finding": "wrong"}).text
    said = {"finding": "wrong", "words": "It could have waited."}
    assert priya.post(here, csrf | said).status_code == 303
    assert "It could have waited." in priya.get(PATH).text
    assert "Emergency accesses to look at" not in priya.get("/w/today").text
    assert priya.post(here, csrf | said).status_code == 409


@pytest.mark.usefixtures("sami")
def test_the_cases_worker_sees_it_and_can_end_it(house: House, signed_in: SignIn) -> None:
    one = signed_in("sami")
    assert opens(one).status_code == 303
    karim = signed_in("karim")
    page = karim.get(PATH).text
    assert "Sami Korhonen" in page
    assert karim.post(f"{PATH}/{access_on(page)}/end", {"csrf": karim.csrf(PATH)}).status_code == 303
    assert one.get(f"/w/child/{house.cast.mia}").status_code == 404
