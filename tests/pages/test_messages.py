"""What staff read about messages: sent, to come, not arrived; and what they are asked to do."""

from datetime import timedelta

from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.people.actions import channels
from contact_service.people.channel import ChannelKind, NewChannel, SafeRule, SafeUse
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


def test_whoever_is_to_ring_reads_that_it_went_another_way(
    signed_in: SignIn, house: House, office: tuple[Office, Post]
) -> None:
    keeper, post = office
    with house.work(house.cast.karim) as work:
        later = SafeRule(use=SafeUse.BETWEEN, earliest=20 * 60, latest=21 * 60)
        second = NewChannel(kind=ChannelKind.EMAIL, value="dana.two@demo.example", rule=later, confirmed=True)
        channels.add_channel(work, house.cast.dana, second)
    house.approved()
    keeper.answer = "550 no such person"
    send_letters(house.installation, post)
    today = signed_in("karim").get("/w/today").text
    assert "A message to Dana has not arrived, and goes in another way that is safe for them." in today
    assert "A message to Ines has not arrived. Phone them." in today
