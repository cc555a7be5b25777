"""What staff read about messages: sent, to come, not arrived; and what they are asked to do."""

from datetime import timedelta

from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from tests.cast import House
from tests.jobs.conftest import Office, office as office_of_jobs
from tests.pages.conftest import SignIn

office = office_of_jobs


def test_the_visit_page_says_what_was_sent_what_is_to_come_and_what_failed(
    signed_in: SignIn, house: House, office: tuple[Office, Post]
) -> None:
    keeper, post = office
    visit = house.approved()
    karim = signed_in("karim")
    send_letters(house.installation, post)
    page = karim.get(f"/w/visit/{visit.id}").text
    assert page.count("Not sent yet") == 4  # two people, two reminders each
    assert "Dana Marlowe" in page
    assert "dana@" not in page
    house.clock.at = visit.starts_at - timedelta(hours=2)
    keeper.answer = "550 no such person"
    send_letters(house.installation, post)
    karim = signed_in("karim")
    page = karim.get(f"/w/visit/{visit.id}").text
    assert page.count("Failed: phone them") >= 2
    today = karim.get("/w/today").text
    assert "A message to Dana has not arrived. Phone them." in today
    assert "A message to Ines has not arrived. Phone them." in today
