"""The page on which a place is asked about a child of another case, and what the workers of that child see: nothing."""

import re

import pytest

from contact_service.actor import COMMAND_LINE, Role
from contact_service.approvals.actions.meeting import end_approval_to_meet
from contact_service.clearances import actions as clearances
from contact_service.clearances.clearance import Answer
from contact_service.clearances.queries import clearances_of
from contact_service.demo.brother import Brother
from contact_service.identity.actions import add_account
from contact_service.identity.queries import everybody
from contact_service.ids import AccountId, PersonId, PoolId
from contact_service.invitations.actions import inviting
from contact_service.people.actions.members import put_on_caseload
from contact_service.pools import actions
from contact_service.visits.actions import clearing, pooling
from tests.cast import NOON, PASSWORD, House
from tests.pages.conftest import Browser, SignIn

pytestmark = pytest.mark.rule("R68")


@pytest.fixture
def unit(house: House, brother: Brother, sade: AccountId) -> PoolId:
    """Tomas brings Finn from a unit that has said nothing yet; Mona works with Mia alone."""
    with house.as_actor(COMMAND_LINE) as work:
        mona = add_account(
            work, email="mona@demo.example", name="Mona Lund", roles=(Role.WORKER,), password=PASSWORD
        )
    with house.work(house.cast.karim) as work:
        put_on_caseload(work, house.cast.case, mona)
    with house.work(sade) as work:
        made = actions.add_pool(work, "Hill House", 2, zone="Europe/London")
        clearing.set_desk(work, made, "desk@hill-house.example")
        pooling.link(work, brother.tomas, made, NOON.date(), None)
    return made


def send(browser: Browser, path: str, **form: object) -> int:
    return browser.post(path, {"csrf": browser.csrf(), "once": "", **form}).status_code


def place(child: PersonId, person: PersonId) -> str:
    return f"/w/child/{child}/person/{person}/place"


@pytest.mark.parametrize("which", ["tomas", "finn"])
def test_finns_worker_writes_down_that_it_was_asked_about_mia_and_what_it_said(
    signed_in: SignIn, house: House, brother: Brother, unit: PoolId, which: str
) -> None:
    sade, person = signed_in("sade"), getattr(brother, which)
    here = place(brother.finn, person)
    page = sade.get(here).text
    assert "Clearance of Hill House for contact with Mia" in page
    assert [word for word in ("Marlowe", "Ines", "Okafor", house.cast.case) if word in page] == []
    to_ask = here.removesuffix("place") + "clearance"
    assert send(sade, to_ask, pool=unit, child=house.cast.mia, reference="x" * 81) == 422
    assert send(sade, to_ask, pool=unit, child=house.cast.mia, reference="HH 7") == 303
    [asked] = re.findall(rf'action="{to_ask}/([0-9a-f]+)"', sade.get(here).text)
    assert send(sade, f"{to_ask}/{asked}", answer="granted", reference="HH 8", last="2030-06-30") == 303
    assert "HH 8" in sade.get(here).text
    assert send(sade, f"{to_ask}/{asked}", answer="refused", reference="HH 9") == 303
    assert "has said no to visits with Finn" in sade.get("/w/today").text
    assert f'href="/w/child/{house.cast.mia}' not in sade.get("/w/today").text


def test_the_carers_page_leads_to_the_childs_and_says_what_is_not_needed(
    signed_in: SignIn, brother: Brother, unit: PoolId
) -> None:
    sade = signed_in("sade")
    page = sade.get(place(brother.finn, brother.tomas)).text
    assert f'href="{place(brother.finn, brother.finn)}"' in page
    assert "It is not needed while Tomas brings Finn." in page
    assert (
        f'href="{place(brother.finn, brother.finn)}"'
        in sade.get(f"/w/child/{brother.finn}/person/{brother.finn}").text
    )
    assert unit


def test_mias_worker_comes_to_no_page_about_it_and_no_form_takes_it(
    signed_in: SignIn, house: House, brother: Brother, unit: PoolId, sade: AccountId
) -> None:
    with house.work(sade) as work:
        asked = clearances.ask(work, brother.finn, house.cast.mia, unit)
    mona, here = signed_in("mona"), place(house.cast.mia, brother.finn)
    to_ask = here.removesuffix("place") + "clearance"
    assert mona.get(here).status_code == mona.get(place(brother.finn, brother.tomas)).status_code == 404
    assert send(mona, to_ask, pool=unit, child=house.cast.mia) == 404
    assert send(mona, to_ask.replace(brother.finn, house.cast.ines), pool=unit, child=brother.finn) == 422
    assert send(mona, f"{to_ask}/{asked}", answer="granted", reference="HH 8") == 404
    assert here not in mona.get(f"/w/child/{house.cast.mia}/person/{brother.finn}").text
    with house.reading(sade) as work:
        known = [
            (one.id, one.answer)
            for who in (brother.finn, house.cast.ines)
            for one in clearances_of(work, who)
        ]
    assert known == [(asked, Answer.NONE)]


def test_mias_worker_reads_of_a_shared_visit_in_doubt_that_it_is_about_another_child_and_nothing_else(
    signed_in: SignIn, house: House, brother: Brother, unit: PoolId, sade: AccountId
) -> None:
    asked = {}
    for person in (brother.tomas, brother.finn):
        with house.work(sade) as work:
            asked[person] = clearances.ask(work, person, house.cast.mia, unit)
            clearing.answer(work, person, asked[person], Answer.GRANTED, reference="HH 7")
    visit = house.approved(sharing=brother.shares)
    with house.work(sade) as work:
        clearing.answer(work, brother.finn, asked[brother.finn], Answer.REFUSED, reference="HH 8")
    with house.work(house.cast.karim) as work:
        inviting.request_visit(work, house.wish(sharing=brother.shares))
    mona = signed_in("mona")
    child = f"/w/child/{house.cast.mia}"
    pages = ("/w/today", f"/w/visit/{visit.id}", child, f"{child}/people", f"{child}/plan")
    for page in pages:
        text = mona.get(page).text
        assert [
            word for word in ("Hill House", "R68", "learance of", "cleared", "Tomas") if word in text
        ] == [], page
    assert "Something is not settled yet for another child" in mona.get(f"/w/visit/{visit.id}").text
    assert (
        "Hill House has said that Finn may not meet Mia" in signed_in("sade").get(f"/w/visit/{visit.id}").text
    )


def test_mias_worker_reads_of_no_place_where_she_answers_for_the_visit(
    signed_in: SignIn, house: House, brother: Brother, unit: PoolId, sade: AccountId
) -> None:
    for person in (brother.tomas, brother.finn):
        with house.work(sade) as work:
            asked = clearances.ask(work, person, house.cast.mia, unit)
            clearing.answer(work, person, asked, Answer.GRANTED, reference="HH 7")
    with house.reading(sade) as work:
        mona_id = next(one.id for one in everybody(work) if one.name == "Mona Lund")
    visit = house.approved(sharing=brother.shares, duty=mona_id)
    tomas = next(p for p in visit.families() if p.person == brother.tomas)
    week = f"/w/room/{unit}?day={visit.starts_at:%Y-%m-%d}"
    mona, lena = signed_in("mona"), signed_in("lena")
    page = mona.get(f"/w/visit/{visit.id}").text
    assert [word for word in ("Hill House", "hill-house", "listen and record") if word in page] == []
    assert mona.get(f"/w/visit/{visit.id}/new-link/{tomas.id}").status_code == 403
    assert visit.id not in mona.get(week).text
    assert visit.id in signed_in("sade").get(week).text
    assert (
        "Hill House" in lena.get(f"/w/visit/{visit.id}").text
    )  # who watches asks at the door where they are


def test_once_they_may_not_meet_the_page_offers_no_form_that_could_only_be_refused(
    signed_in: SignIn, house: House, brother: Brother, unit: PoolId, sade: AccountId
) -> None:
    with house.work(sade) as work:
        asked = clearances.ask(work, brother.tomas, house.cast.mia, unit)
        clearing.answer(work, brother.tomas, asked, Answer.GRANTED, reference="HH 7")
    form = f'name="child" value="{house.cast.mia}"'
    here, worker = place(brother.finn, brother.tomas), signed_in("sade")
    assert form in worker.get(here).text
    with house.work(house.cast.priya) as work:
        end_approval_to_meet(work, house.cast.mia, brother.finn)
    page = worker.get(here).text
    assert (form in page, "contact with Mia" in page) == (False, True)
