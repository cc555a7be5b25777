"""A visit that not everybody has to come to, on the pages of whoever books: each time says who would be there."""

import html
import re
from datetime import datetime

import pytest
from starlette.types import ASGIApp

from contact_service import actor
from contact_service.ids import VisitId
from contact_service.invitations.actions import inviting
from contact_service.plans.hours import Weekday, Window
from contact_service.policy.decision import Refused
from contact_service.proposals.actions.proposing import approve
from contact_service.proposals.queries import choice_secret
from contact_service.visits.optional import LeftOut, Settled, without
from contact_service.visits.queries.asking import wish_of
from contact_service.visits.queries.finding import visit_for
from contact_service.visits.queries.optional import settled_of
from contact_service.visits.visit import Visit
from contact_service.work import read
from contact_service.working_hours.actions import add_family_hours
from tests.cast import House, Phone
from tests.pages.conftest import SignIn, browser, open_link
from tests.pages.test_choices import said
from tests.pages.test_times import hidden, wanted
from tests.siblings import Sibling, siblings_of_mia

pytestmark = pytest.mark.slow  # each opens three cases first


@pytest.fixture
def three(house: House) -> list[Sibling]:
    """Leo, Noor and Sam; Sam's carer can come on Saturdays alone."""
    found = siblings_of_mia(house, "Leo", "Noor", "Sam")
    saturdays = Window(days=(Weekday.SATURDAY,), earliest=8 * 60, latest=20 * 60)
    with house.work(house.cast.karim) as work:
        add_family_hours(work, found[2].carer, saturdays, zone="Europe/London")
    return found


def asked(three: list[Sibling], quorum: str = "2") -> dict[str, object]:
    return {
        "sharing": [f"{one.child}:{one.carer}" for one in three],
        "optional": [one.child for one in three],
        "quorum": quorum,
    }


def posted(page: str, place: int) -> dict[str, object]:
    """As ``hidden``, with every value of what comes more than once."""
    form = re.findall(r'<form method="post" action="/w/book/filled">.*?</form>', page, re.DOTALL)[place]
    pairs = re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)
    many = {name: [v for n, v in pairs if n == name] for name in ("sharing", "left_out", "optional")}
    return hidden(page, place) | {name: values for name, values in many.items() if values}


def booked(house: House, location: str) -> Visit:
    with house.reading(house.cast.karim) as work:
        return visit_for(work, VisitId(location.rpartition("/")[2]))


def test_a_time_is_taken_with_exactly_those_who_can_come(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three))).text
    assert "Dana must be there. At least 2 of these must come: Leo, Noor and Sam." in page
    assert "Everybody can come" in page
    assert "Sam will not be there. Leo and Noor can come." in page
    before = [m.start() for m in re.finditer('action="/w/book/filled"', page)]
    without_sam = sum(at < page.index("Sam will not be there.") for at in before)
    taken = posted(page, without_sam)
    assert taken["left_out"] == [f"{three[2].child}:{three[2].carer}"]
    assert taken["sharing"] == [f"{one.child}:{one.carer}" for one in three[:2]]
    assert taken["optional"] == [one.child for one in three]
    filled = karim.post("/w/book/filled", taken).text
    assert "Sam will not be there" in filled
    assert f'name="left_out" value="{three[2].child}:{three[2].carer}"' in filled
    answer = karim.post("/w/book", taken | {"once": ""})
    assert answer.status_code == 303, answer.text
    visit = booked(house, answer.headers["location"])
    assert [one.child for one in visit.children] == [house.cast.mia, three[0].child, three[1].child]
    assert three[2].carer not in visit.people
    assert [e.fields["facts"]["left_out"] for e in house.entries() if e.type == "visit.requested"] == [1]
    assert filled.count('name="left_out"') == 1


def without_sam(page: str) -> dict[str, object]:
    """What the first time without Sam would fill the form with."""
    before = [m.start() for m in re.finditer('action="/w/book/filled"', page)]
    return posted(page, sum(at < page.index("Sam will not be there.") for at in before))


def on_form(page: str) -> dict[str, object]:
    """What the booking form would post as it stands."""
    form = page.partition('<div class="duo">')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([a-z_]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and not ('type="checkbox"' in tag and " checked" not in tag):
            found.setdefault(name[1], []).append(value[1] if value else "")
    for name_, options in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        picked = re.search(r'<option value="([^"]*)"[^>]* selected', options)
        found.setdefault(name_, []).append(picked[1] if picked else "")
    many = ("people", "sharing", "optional", "left_out")
    return {name: values if name in many else values[0] for name, values in found.items()}


@pytest.fixture
def kept(house: House, three: list[Sibling], signed_in: SignIn) -> VisitId:
    """Booked without Sam, who could not come."""
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three))).text
    answer = karim.post("/w/book", without_sam(page) | {"once": ""})
    assert answer.status_code == 303, answer.text
    return booked(house, answer.headers["location"]).id


def settled(house: House, visit: VisitId) -> Settled:
    with house.reading(house.cast.karim) as work:
        return settled_of(work, visit)


def test_whoever_decides_reads_who_comes_only_if_they_can_and_who_was_left_out(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three))).text
    answer = karim.post("/w/book", without_sam(page) | {"once": ""})
    priya, visit = signed_in("priya"), answer.headers["location"]
    for seen in (priya.get("/w/approvals"), priya.get(visit), karim.get(visit)):
        told = said(seen.text)
        assert "Come if they can Leo and Noor At least 2 of them must be there." in told
        assert "Left out Sam Could not come then." in told
    assert "Left out" not in said(signed_in("lena").get(visit).text)
    house.requested(people=(house.cast.emil,), wall_start=datetime(2030, 5, 21, 16))  # noqa: DTZ001
    assert said(priya.get("/w/approvals").text).count("Come if they can") == 1


def test_who_comes_if_they_can_is_kept_with_the_visit(
    house: House, three: list[Sibling], kept: VisitId
) -> None:
    leo, noor, sam = three
    out = LeftOut(person=sam.child, caregiver=sam.carer)
    assert settled(house, kept) == Settled(coming=(leo.child, noor.child), left_out=(out,), quorum=2)


def test_a_change_begins_with_who_comes_if_they_can_and_may_take_in_whoever_was_left_out(
    house: House, three: list[Sibling], kept: VisitId, signed_in: SignIn
) -> None:
    karim, sam = signed_in("karim"), three[2]
    form = karim.get(f"/w/visit/{kept}/change").text
    assert "Sam will not be there" in form
    for one in three:
        assert re.search(f'name="optional" type="checkbox" value="{one.child}" checked', form)
    assert re.search(r'id="quorum"[^>]*value="2"', form)
    page = karim.post("/w/book/times", on_form(form)).text
    assert "At least 2 of these must come: Leo, Noor and Sam." in page
    with_all = page.partition("Everybody can come")[0].count('action="/w/book/filled"')
    taken = posted(page, with_all)
    assert f"{sam.child}:{sam.carer}" in taken["sharing"]  # type: ignore[operator]
    answer = karim.post(f"/w/visit/{kept}/change", taken)
    assert answer.status_code == 303, answer.text
    visit = booked(house, f"/w/visit/{kept}")
    assert {one.child for one in visit.children} == {house.cast.mia, *(one.child for one in three)}
    everybody = tuple(one.child for one in three)
    assert settled(house, kept) == Settled(coming=everybody, quorum=2)
    # And the other way: at a time that does not suit him he is left out again, which the evidence says.
    page = karim.post("/w/book/times", on_form(karim.get(f"/w/visit/{kept}/change").text)).text
    answer = karim.post(f"/w/visit/{kept}/change", without_sam(page))
    assert answer.status_code == 303, answer.text
    assert settled(house, kept).left_out == (LeftOut(person=sam.child, caregiver=sam.carer),)
    changes = [e.fields["facts"].get("left_out") for e in house.entries() if e.type == "visit.changed"]
    assert changes == [None, 1]


def test_at_another_time_it_is_asked_anew_who_can_come(
    house: House, kept: VisitId, signed_in: SignIn
) -> None:
    karim, before = signed_in("karim"), house.snapshot()
    form = on_form(karim.get(f"/w/visit/{kept}/change").text)
    answer = karim.post(f"/w/visit/{kept}/change", form | {"time": "11:15"})
    assert answer.status_code == 422
    assert "Find times that fit” first" in answer.text
    assert house.snapshot() == before


def test_fewer_than_must_come_are_not_booked(
    house: House, three: list[Sibling], kept: VisitId, signed_in: SignIn
) -> None:
    karim, before = signed_in("karim"), house.snapshot()
    form = on_form(karim.get(f"/w/visit/{kept}/change").text)
    only_leo = f"{three[0].child}:{three[0].carer}"
    answer = karim.post(f"/w/visit/{kept}/change", form | {"sharing": [only_leo]})
    assert answer.status_code == 422
    assert "Fewer come if they can than must." in answer.text
    assert house.snapshot() == before
    fewer = karim.post(f"/w/visit/{kept}/change", form | {"sharing": [only_leo], "quorum": "1"})
    assert fewer.status_code == 303, fewer.text
    found = settled(house, kept)
    assert found.coming == (three[0].child,)
    assert {(one.person, one.caregiver) for one in found.left_out} == {
        (one.child, one.carer) for one in three[1:]
    }


def test_a_change_that_says_nothing_of_it_keeps_who_comes_if_they_can(
    house: House, three: list[Sibling], kept: VisitId
) -> None:
    """As repairs, a series and the week's plan change a visit: who is no longer in it counts as left out."""
    before = settled(house, kept)
    with house.work(house.cast.karim) as work:
        visit = visit_for(work, kept)
        wish = wish_of(visit).moved(visit.starts_at, visit.zone, visit.supervisor)
        assert not isinstance(inviting.change(work, kept, wish), Refused)
    assert settled(house, kept) == before
    with house.work(house.cast.karim) as work:
        assert not isinstance(inviting.change(work, kept, without(wish, [three[0].child])), Refused)
    found = settled(house, kept)
    assert (found.coming, found.quorum) == ((three[1].child,), 2)
    assert found.left_out[0] == LeftOut(person=three[0].child, caregiver=three[0].carer)
    changes = [e.fields["facts"].get("left_out") for e in house.entries() if e.type == "visit.changed"]
    assert changes == [1, 2]


def test_the_way_back_keeps_who_comes_if_they_can(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three))).text
    back = posted(page, -1)
    assert (back["optional"], back["quorum"]) == ([one.child for one in three], "2")
    form = karim.post("/w/book/filled", back).text
    for one in three:
        assert re.search(f'name="optional" type="checkbox" value="{one.child}" checked', form)
    assert re.search(r'id="quorum"[^>]*value="2"', form)


def test_asking_the_rules_and_coming_back_keeps_who_comes_if_they_can(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    typed = wanted(house, karim, date="2030-05-15", time="16:00", visit_supervisor=house.cast.lena)
    said = karim.post("/w/why", typed | asked(three)).text
    assert "stays ticked on the form" in said
    back = posted(said, 0)
    assert (back["optional"], back["quorum"]) == ([one.child for one in three], "2")
    again = said.partition('action="/w/why"')[2]
    for one in three:
        assert f'name="optional" value="{one.child}"' in again
        assert f'value="{one.child}" checked' in karim.post("/w/book/filled", back).text
    assert 'name="quorum" value="2"' in again


def test_a_day_with_too_few_says_how_many_could_come(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three, "3"))).text
    assert "Only 2 of Leo, Noor and Sam can come at once." in page
    assert "Sam will not be there" not in page


def test_nothing_is_booked_while_it_is_open_who_comes(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim, before = signed_in("karim"), house.snapshot()
    typed = wanted(house, karim, date="2030-05-15", time="16:00", visit_supervisor=house.cast.lena)
    answer = karim.post("/w/book", typed | asked(three) | {"once": ""})
    assert answer.status_code == 422
    assert "Find times that fit” first" in answer.text
    assert house.snapshot() == before


@pytest.mark.parametrize(
    ("quorum", "words"),
    [
        ("4", "Choose a number that is no more than those who come if they can."),
        ("-1", "Choose a number that is no more than those who come if they can."),
        ("two", "Write how many must come as a number."),
    ],
)
def test_a_wrong_number_is_said_at_its_field(
    house: House, three: list[Sibling], signed_in: SignIn, quorum: str, words: str
) -> None:
    karim = signed_in("karim")
    answer = karim.post("/w/book/times", wanted(house, karim, **asked(three, quorum)))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'href="#quorum"' in answer.text


def test_somebody_who_was_not_chosen_cannot_come_if_they_can(house: House, signed_in: SignIn) -> None:
    karim = signed_in("karim")
    for optional, words in (
        (house.cast.jonas, "Only those who meet the child can be told to come if they can."),
        (house.cast.dana, "At least one person whom the child meets must be there."),
        (house.cast.mia, "The child for whom you book must be there."),
    ):
        answer = karim.post("/w/book/times", wanted(house, karim, optional=optional))
        assert answer.status_code == 422
        assert words in answer.text


def test_who_was_left_out_and_is_ticked_again_is_not_said_to_be_missing(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    again = wanted(house, karim, left_out=[house.cast.dana, "0" * 32])
    assert "will not be there" not in karim.post("/w/book/filled", again).text
    out = wanted(house, karim, left_out=[house.cast.jonas, "0" * 32])
    assert "Jonas will not be there" in karim.post("/w/book/filled", out).text


def test_a_family_may_choose_among_times_and_the_worker_reads_who_is_left_out_at_each(
    house: House, three: list[Sibling], signed_in: SignIn, app: ASGIApp
) -> None:
    karim, priya, dana = signed_in("karim"), signed_in("priya"), browser(app)
    page = karim.post("/w/book/times", wanted(house, karim, **asked(three))).text
    form = re.findall(r'<form id="choice".*?</form>', page, re.DOTALL)[0]
    pairs = re.findall(r'name="([a-z_]+)"[^>]* value="([^"]*)"', form)
    typed: dict[str, object] = {name: [v for n, v in pairs if n == name] for name, _ in pairs}
    assert three[0].carer not in typed["asked"]  # type: ignore[operator]
    offered = [html.unescape(one) for one in re.findall(r'name="times" value="([^"]+)"', page)]
    saturday = next(one for one in offered if datetime.fromisoformat(one[:16]).weekday() == 5)
    friday = next(one for one in offered if datetime.fromisoformat(one[:16]).weekday() == 4)
    more = {"times": [friday, saturday], "asked": [house.cast.dana], "visit_supervisor": ""}
    answer = karim.post("/w/book/propose", typed | more)
    assert answer.status_code == 303, said(answer.text)
    visit = booked(house, answer.headers["location"])
    shown = said(karim.get(f"/w/visit/{visit.id}").text)
    assert shown.count("Without Sam.") == 1
    assert "Come if they can Leo, Noor and Sam" in shown
    assert "Left out" not in shown
    assert "Without Sam." in said(priya.get("/w/approvals").text)
    with house.work(house.cast.priya) as work:
        approve(work, visit.id)
    with read(house.installation, actor.SCHEDULE) as work:
        link = choice_secret(work, visit.id, house.cast.dana)
    open_link(dana, link, Phone())
    family = said(dana.post("/v/choice", {"secret": link}).text)
    for name in ("Leo", "Noor", "Sam"):
        assert name not in family
    friday_place = 1 if friday < saturday else 2
    assert dana.post("/v/choice/take", {"secret": link, "place": str(friday_place)}).status_code == 200
    assert "Left out Sam" in said(karim.get(f"/w/visit/{visit.id}").text)
    assert three[2].child not in booked(house, answer.headers["location"]).people


def test_each_visit_of_a_series_says_who_will_not_be_there(
    house: House, three: list[Sibling], signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    typed = wanted(house, karim, date="2030-05-17", time="16:00", visit_supervisor=house.cast.lena)
    form = typed | asked(three) | {"every": "1", "last": "2030-05-24"}
    page = karim.post("/w/book/series", form).text
    assert "Dana must be there. At least 2 of these must come: Leo, Noor and Sam." in page
    assert page.count("Sam will not be there.") == 2
    few = said(karim.post("/w/book/series", form | {"quorum": "3"}).text)
    assert few.count("Too few of those who come if they can are able to come then.") == 2
    assert "None of them fits." in few
    sent = dict(re.findall(r'name="(agreed|once|quorum)" value="([^"]*)"', page))
    made = karim.post("/w/series", form | sent)
    assert made.status_code == 303, said(made.text)
    series = made.headers["location"]
    shown = said(karim.get(series).text)
    assert shown.count("Sam will not be there.") == 2
    assert "Come if they can Dana must be there." in shown
    longer = said(karim.post(f"{series}/longer", {"csrf": karim.csrf(), "last": "2030-05-31"}).text)
    assert longer.count("Sam will not be there.") == 1
