"""The page for letters: who is offered one, until when posting makes sense, and the PDF that is kept by nobody."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import httpx
import pytest
from pypdf import PdfReader

from contact_service import actor
from contact_service.follow_ups import actions as follow_ups
from contact_service.follow_ups.follow_up import FollowUpKind, ForRole, NewFollowUp
from contact_service.follow_ups.queries import open_follow_ups
from contact_service.invitations.actions import inviting
from contact_service.visits.reasons import CancelReason
from contact_service.visits.visit import Visit
from tests.actions.test_letters import STARTS, unreachable
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.pages.test_place_may_record import imprison

PRINT = "Print the invitation"


@pytest.fixture
def visit(house: House) -> Visit:
    """A visit in eight days with somebody to whom nothing can be sent."""
    unreachable(house)
    return house.approved(wall_start=STARTS)


def page_of(house: House, visit: Visit) -> str:
    return f"/w/visit/{visit.id}/letter/{house.mother_in(house.visit(visit.id)).id}"


def press(one: Browser, house: House, visit: Visit, **changes: str) -> httpx.Response:
    generation = str(house.invitation(visit, house.cast.dana).generation)
    form = {"csrf": one.csrf(), "kind": "invitation", "before": generation} | changes
    return one.post(page_of(house, visit), form)


@pytest.mark.parametrize("name", ["karim", "lena", "priya"])
def test_the_visit_page_leads_to_the_letter_for_those_who_may_print_it(
    house: House, signed_in: SignIn, visit: Visit, name: str
) -> None:
    one = signed_in(name)
    assert f'href="{page_of(house, visit)}"' in one.get(f"/w/visit/{visit.id}").text
    page = one.get(page_of(house, visit)).text
    assert "A letter for Dana" in page
    assert PRINT in page
    assert "Marlowe" not in page


@pytest.mark.parametrize("name", ["noor", "ola"])
def test_nobody_else_is_offered_one_or_gets_it(
    house: House, signed_in: SignIn, visit: Visit, name: str
) -> None:
    one = signed_in(name)
    assert "/letter/" not in one.get(f"/w/visit/{visit.id}").text
    assert one.get(page_of(house, visit)).status_code in (403, 404)
    assert press(one, house, visit).status_code in (403, 404)
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_whom_messages_reach_has_no_letter(house: House, signed_in: SignIn) -> None:
    visit, karim = house.approved(wall_start=STARTS), signed_in("karim")
    assert "/letter/" not in karim.get(f"/w/visit/{visit.id}").text
    page = karim.get(page_of(house, visit))
    assert "There is no letter to print for Dana now." in page.text
    assert PRINT not in page.text
    answer = press(karim, house, visit)
    assert answer.status_code == 409
    assert "Messages reach this person." in answer.text


def test_the_letter_is_a_pdf_that_no_browser_keeps_and_whose_name_tells_nothing(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    answer = press(signed_in("karim"), house, visit)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="letter.pdf"'
    text = "".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())
    assert house.secret(visit, house.cast.dana) in text


def test_the_visit_says_that_a_letter_was_printed_and_that_nobody_knows_more(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    karim = signed_in("karim")
    assert "Letter printed" not in karim.get(f"/w/visit/{visit.id}").text
    press(karim, house, visit)
    for page in (f"/w/visit/{visit.id}", page_of(house, visit)):
        text = karim.get(page).text
        assert "Letter printed on" in text
        assert "It is not known whether it arrived." in text
    assert "stops at once" in karim.get(page_of(house, visit)).text


def test_printing_twice_from_one_page_makes_one_link(house: House, signed_in: SignIn, visit: Visit) -> None:
    karim = signed_in("karim")
    assert press(karim, house, visit).status_code == 200
    assert press(karim, house, visit, before="1").status_code == 409
    assert house.invitation(visit, house.cast.dana).generation == 2


def test_the_page_says_until_when_to_post_and_then_to_phone(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    karim = signed_in("karim")
    assert "Post it by Thursday 16 May" in karim.get(page_of(house, visit)).text
    house.clock.at = datetime.combine(visit.starts_at.date(), house.clock.at.timetz()) - timedelta(days=5)
    karim = signed_in("karim")
    page = karim.get(page_of(house, visit)).text
    assert "Post it by" not in page
    assert "Phone them instead" in page


@pytest.mark.parametrize(
    "changes", [{"kind": "consent_copy"}, {"kind": "x"}, {"before": "-1"}, {"more": "1"}, {"csrf": "wrong"}]
)
def test_a_form_that_is_not_ours_prints_nothing(
    house: House, signed_in: SignIn, visit: Visit, changes: dict[str, str]
) -> None:
    assert press(signed_in("karim"), house, visit, **changes).status_code in (403, 422)
    assert house.invitation(visit, house.cast.dana).generation == 1


def test_the_page_for_new_links_prints_none(house: House, signed_in: SignIn, visit: Visit) -> None:
    karim = signed_in("karim")
    page = page_of(house, visit).replace("/letter/", "/new-link/")
    form = {"csrf": karim.csrf(), "way": "printed", "known_by": "in_person", "before": "1"}
    assert karim.post(page, form).status_code == 422
    assert house.invitation(visit, house.cast.dana).generation == 1


TO_PRINT = "No message reaches Dana. Print a letter with the link, and post it by Thursday 16 May."
TO_PHONE = "No message reaches Dana, and a letter would come too late. Phone them about the visit."


def test_today_names_the_letter_and_its_last_day_until_it_is_printed(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    karim = signed_in("karim")
    today = karim.get("/w/today").text
    assert TO_PRINT in today
    assert f'href="{page_of(house, visit)}"' in today
    assert press(karim, house, visit).status_code == 200
    assert "letter" not in karim.get("/w/today").text.partition("<main")[2]


def test_when_the_post_is_too_slow_today_says_to_phone_and_once_the_door_is_open_nothing(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    karim = signed_in("karim")
    house.clock.at = datetime(2030, 5, 16, 22, 59, tzinfo=UTC)  # a minute before midnight in London
    assert TO_PRINT in signed_in("karim").get("/w/today").text
    house.clock.forward(timedelta(minutes=2))
    karim = signed_in("karim")
    assert TO_PHONE in karim.get("/w/today").text
    assert "/letter/" not in karim.get("/w/today").text
    house.clock.at = visit.starts_at - timedelta(minutes=15)
    assert "No message reaches" not in signed_in("karim").get("/w/today").text


def test_whoever_is_to_be_rung_already_stands_on_today_once_when_it_is_too_late_to_post(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    house.clock.at = datetime(2030, 5, 17, 12, tzinfo=UTC)
    with house.as_actor(actor.SCHEDULE) as work:
        asked = NewFollowUp(
            case=house.cast.case,
            kind=FollowUpKind.NOT_REACHED,
            for_role=ForRole.WORKER,
            about="not_reached/test",
            due_at=house.clock.at,
            visit=visit.id,
            person=house.cast.dana,
        )
        follow_ups.ask_for(work, asked)
    karim = signed_in("karim")
    assert TO_PHONE not in karim.get("/w/today").text
    with house.work(house.cast.karim) as work:
        [open_one] = [one for one in open_follow_ups(work) if one.kind is FollowUpKind.NOT_REACHED]
        follow_ups.mark_done(work, open_one.id, "spoken_to_them")
    assert TO_PHONE not in karim.get("/w/today").text  # she has been told: nobody is asked twice


def test_reading_today_is_no_reading_of_a_record(house: House, signed_in: SignIn, visit: Visit) -> None:
    karim = signed_in("karim")
    with house.installation.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM case_reading")
    assert f"/w/visit/{visit.id}/letter/" in karim.get("/w/today").text
    with house.installation.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM case_reading").scalar() == 0


def test_that_a_visit_is_off_is_to_be_printed_for_whom_a_letter_brought_the_link(
    house: House, signed_in: SignIn, visit: Visit
) -> None:
    karim = signed_in("karim")
    press(karim, house, visit)
    with house.work(house.cast.karim) as work:
        inviting.cancel(work, visit.id, CancelReason.CHILD_ILL)
    off = "No message reaches Dana. Print a letter that the visit is off, and post it by Thursday 16 May."
    assert off in karim.get("/w/today").text
    form = {"csrf": karim.csrf(), "kind": "not_taking_place", "before": "0"}
    assert karim.post(page_of(house, visit), form).status_code == 200
    assert "letter" not in karim.get("/w/today").text.partition("<main")[2]


@pytest.mark.usefixtures("visit")
@pytest.mark.parametrize("name", ["noor", "ola", "lena"])
def test_nobody_but_the_worker_reads_of_it_on_today(signed_in: SignIn, name: str) -> None:
    assert "No message reaches" not in signed_in(name).get("/w/today").text


def test_no_letter_is_to_be_printed_for_whom_messages_reach_or_who_is_in_prison(
    house: House, signed_in: SignIn
) -> None:
    house.approved(wall_start=STARTS)
    assert "No message reaches" not in signed_in("karim").get("/w/today").text
    unreachable(house)
    assert "No message reaches" in signed_in("karim").get("/w/today").text
    imprison(house)
    assert "No message reaches" not in signed_in("karim").get("/w/today").text
