"""Pages of owed contact: the same figures in drawing and table, the overview, both sides, the decision."""

import re
from datetime import timedelta
from itertools import cycle

import pytest

from contact_service.agency_policy.actions import propose_policy
from contact_service.approvals.actions.publishing import publish_policy
from contact_service.follow_ups.follow_up import FollowUpKind
from contact_service.jobs.owing import check_owed_contact
from contact_service.plans.terms import Frequency, Medium, Period
from contact_service.visits.loss import Cause, Standing
from contact_service.visits.visit import Visit
from tests.cast import House
from tests.owed.lives import GIVEN, LOST, Lived, live, promise, weekly
from tests.owed.test_deciding import asked, meeting, missed
from tests.pages.conftest import Browser, SignIn

A_WEEK = Frequency(per=Period.WEEK, least=2)


def lived(house: House, weeks: int = 11) -> None:
    """Two visits a week: given, lost to staff, and lost to an absence, in turn."""
    promise(house, weekly(house.cast.dana, A_WEEK))
    fates = cycle([GIVEN[0], GIVEN[0], LOST[0], GIVEN[0], LOST[17]])
    days = (timedelta(weeks=week, days=day) for week in range(weeks) for day in (0, 2))
    lives = [
        Lived(fate=next(fates), starts_at=house.clock.at + after, number=number)
        for number, after in enumerate(days)
    ]
    live(house, lives)
    house.clock.forward(timedelta(weeks=weeks, days=-2))


def owed_page(house: House, one: Browser, child: str = "") -> str:
    answer = one.get(f"/w/child/{child or house.cast.mia}/owed")
    assert answer.status_code == 200, answer.text
    return answer.text


def cells(text: str, label: str) -> list[str]:
    found = re.findall(rf'data-label="{label}">(.*?)</td>', text, re.DOTALL)
    return [" ".join(re.sub("<[^>]*>", " ", cell).split()) for cell in found]


def test_the_drawing_and_the_table_say_the_same(house: House, signed_in: SignIn) -> None:
    lived(house)
    text = owed_page(house, signed_in("karim"))
    dana = text[text.index("<bdi>Dana Marlowe</bdi> (") :].partition("</section>")[0]
    drawn = re.findall(r'class="chart__count"[^>]*>(\d+)/(\d+)<', dana)
    shown, _, earlier = dana.partition("Earlier (")
    table = [
        (cell.partition(" ")[0], promised)
        for cell, promised in zip(cells(shown, "Given"), cells(shown, "Promised"), strict=True)
    ]
    assert drawn == table[::-1]
    assert len(drawn) == 8
    assert len(cells(earlier, "Given")) == 3
    red = len(re.findall(r'<rect class="chart__box chart__box--owed" x="(?!2")', shown))
    assert red == sum(int(cell.partition(" ")[0]) for cell in cells(shown, "Still owed"))
    assert red > 0
    for given in ("<title id=", "<desc id=", 'role="img"', "aria-labelledby="):
        assert given in dana


def test_the_causes_and_what_waits_are_told_in_words(house: House, signed_in: SignIn) -> None:
    lived(house)
    text = owed_page(house, signed_in("karim"))
    assert "no staff" in text
    assert "the adult did not join" in text
    assert text.count(f'href="/w/child/{house.cast.mia}/owed/0000') >= 2
    for banned in ("no-show", "removed", "failed"):
        assert banned not in text.lower()


def test_a_plan_in_person_is_told_and_not_reckoned(house: House, signed_in: SignIn) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK, medium=Medium.IN_PERSON))
    text = owed_page(house, signed_in("karim"))
    assert "In person" in text
    assert "A visit by video never stands for one of them." in text


@pytest.mark.usefixtures("brother")
def test_the_overview_has_whoever_is_furthest_behind_first(house: House, signed_in: SignIn) -> None:
    lived(house)
    for who in ("priya", "karim", "noor"):
        answer = signed_in(who).get("/w/owed")
        names = re.findall(r"<bdi>(\w+) Marlowe</bdi></a></th>", answer.text)
        assert names[0] == "Mia"
        assert set(names) == {"Mia", "Jonas", "Finn"}
    assert signed_in("lena").get("/w/owed").status_code == 403


@pytest.mark.usefixtures("sade")
def test_a_worker_of_another_case_sees_neither_child_nor_visit(house: House, signed_in: SignIn) -> None:
    visit = missed(house)
    sade = signed_in("sade")
    assert "Mia" not in sade.get("/w/owed").text
    here = f"/w/child/{house.cast.mia}/owed"
    assert [sade.get(path).status_code for path in (here, f"{here}/{visit.id}")] == [404, 404]
    form = {"csrf": sade.csrf(), "person": house.cast.dana, "reason": "ill"}
    assert sade.post(f"{here}/{visit.id}/said", form).status_code == 404
    assert sade.post(f"{here}/{visit.id}/decide", form | {"reason": "wants_another"}).status_code == 404


def at(house: House, visit: Visit) -> str:
    return f"/w/child/{house.cast.mia}/owed/{visit.id}"


def test_both_sides_are_heard_on_the_page_to_which_the_task_leads(house: House, signed_in: SignIn) -> None:
    visit = missed(house, house.cast.ines)
    karim = signed_in("karim")
    here = at(house, visit)
    assert f'href="{here}"' in karim.get("/w/today").text
    page = karim.get(here).text
    assert "Their device did not come to the waiting room." in page
    assert "Their device came to the waiting room." in page
    for person, reason in ((house.cast.mia, "was_ready"), (house.cast.dana, "travel")):
        form = {"csrf": karim.csrf(), "person": person, "reason": reason, "text": "The bus was late."}
        answer = karim.post(f"{here}/said", form)
        assert (answer.status_code, answer.headers["location"]) == (303, here)
    assert asked(house, FollowUpKind.VISIT_MISSED) == []
    page = karim.get(here).text
    assert page.count("The bus was late.") == 2
    assert "Could not get to a device in time" in page


def test_it_is_decided_on_the_page_and_too_early_a_no_is_returned(house: House, signed_in: SignIn) -> None:
    promise(house, weekly(house.cast.dana, A_WEEK))
    visit = missed(house, house.cast.ines)
    check_owed_contact(house.installation)
    karim, here = signed_in("karim"), at(house, visit)
    assert "A visit of Mia was lost. Decide whether it is still owed." in karim.get("/w/today").text
    form = {"csrf": karim.csrf(), "person": house.cast.dana, "text": "Rang her twice."}
    early = karim.post(f"{here}/decide", form | {"reason": "no_reason_given"})
    assert early.status_code == 422
    assert "They may explain it until 22 May 2030." in early.text
    assert "Rang her twice." in early.text
    for wrong in ("", "because"):
        for act in ("decide", "said"):
            assert karim.post(f"{here}/{act}", form | {"reason": wrong}).status_code == 422
    assert karim.post(f"{here}/decide", form | {"reason": "could_not_help_it"}).status_code == 303
    assert "Still owed: they could not help it" in karim.get(here).text
    assert (meeting(house, visit).cause, meeting(house, visit).still_owed) == (Cause.NO_SHOW, True)
    assert asked(house, FollowUpKind.OWED_DECISION) == []


def test_words_that_punish_are_returned_and_nothing_is_kept(house: House, signed_in: SignIn) -> None:
    visit = missed(house, house.cast.ines)
    karim, here = signed_in("karim"), at(house, visit)
    form = {"csrf": karim.csrf(), "person": house.cast.dana, "text": "Because of her bad behaviour."}
    before = house.snapshot()
    for act, reason in (("said", "other"), ("decide", "wants_another")):
        answer = karim.post(f"{here}/{act}", form | {"reason": reason})
        assert answer.status_code == 422
        assert "never a reward or a punishment" in answer.text
    assert house.snapshot() == before


def test_a_visit_that_is_over_leads_to_what_it_means(house: House, signed_in: SignIn) -> None:
    visit = missed(house)
    assert f'href="{at(house, visit)}"' in signed_in("karim").get(f"/w/visit/{visit.id}").text
    ahead = house.approved(wall_start=house.wish().wall_start + timedelta(days=4))
    karim = signed_in("karim")
    assert "/owed/" not in karim.get(f"/w/visit/{ahead.id}").text
    assert "It is still to come." in karim.get(at(house, ahead)).text
    assert meeting(house, ahead).standing is Standing.AHEAD


@pytest.mark.parametrize("page", ["", "/plan"])
def test_the_childs_pages_lead_to_it(house: House, signed_in: SignIn, page: str) -> None:
    text = signed_in("karim").get(f"/w/child/{house.cast.mia}{page}").text
    assert text.count(f'href="/w/child/{house.cast.mia}/owed"') == 2


def test_the_least_that_the_rule_asks_stands_beside_the_plan(house: House, signed_in: SignIn) -> None:

    text = (
        "title: Ours\n"
        "floors:\n"
        "  - {name: siblings, relations: [sibling], times: 2, per: month}\n"
        "  - {name: first_visit, relations: [parent], medium: in_person, first_within: 72 h}\n"
        "sources:\n"
        '  - {of: floors.siblings, force: guidance, says: "Twice a month."}\n'
    )
    with house.work(house.cast.priya) as work:
        version = propose_policy(work, text)
    with house.work(house.cast.ola) as work:
        publish_policy(work, version)
    karim = signed_in("karim")
    page = owed_page(house, karim)
    for told in (
        "At least 2 a month",
        "Twice a month.",
        "Guidance",
        "The first visit within 72 hours, In person",
    ):
        assert told in page
    assert page.count("The plan promises less") == 1
    promise(house, weekly(house.cast.jonas, Frequency(per=Period.FORTNIGHT, least=1)))
    assert "The plan promises less" not in owed_page(house, karim)


def test_a_review_that_is_due_is_told_once_on_the_day(house: House, signed_in: SignIn) -> None:
    house.clock.forward(timedelta(days=82))
    karim = signed_in("karim")
    assert "The review of Mia’s contact plan is overdue" in karim.get("/w/today").text
    check_owed_contact(house.installation)
    page = karim.get("/w/today").text
    assert "The review of Mia’s contact plan is overdue" not in page
    assert "Mia’s contact plan is due for its review." in page
