"""A worker keeps an agreed question on a person's page; the room shows it to whoever looks at that person."""

from contact_service.readings.queries import readings_of
from tests.cast import House
from tests.pages.conftest import SignIn


def test_a_worker_keeps_it_and_nobody_reads_it_on_a_page_again(house: House, signed_in: SignIn) -> None:
    karim, person = signed_in("karim"), f"/w/child/{house.cast.mia}/person/{house.cast.dana}"
    here = f"{person}/question"
    assert "A former partner must not be able to answer it." in karim.get(here).text
    assert karim.post(here, {"csrf": karim.csrf(here), "question": "Which word?"}).status_code == 422
    typed = {"csrf": karim.csrf(here), "question": "Which word did we choose?", "answer": "Lantern"}
    assert karim.post(here, typed).status_code == 303
    for page in (karim.get(person).text, karim.get(here).text):
        assert "Lantern" not in page
        assert "Which word did we choose?" not in page
    assert "A question was agreed by Karim Aziz" in karim.get(person).text
    assert karim.post(f"{here}/end", {"csrf": karim.csrf(person)}).status_code == 303
    assert "No question is agreed." in karim.get(person).text


def test_a_child_is_asked_nothing(house: House, signed_in: SignIn) -> None:
    karim, child = signed_in("karim"), house.cast.mia
    assert karim.get(f"/w/child/{child}/person/{child}/question").status_code == 404
    assert "How we know them at the door" not in karim.get(f"/w/child/{child}/person/{child}").text


def test_the_room_says_that_there_is_one_and_shows_it_while_its_supervisor_looks(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    here = f"/w/child/{house.cast.mia}/person/{house.cast.dana}/question"
    typed = {"csrf": karim.csrf(here), "question": "Which word did we choose?", "answer": "Lantern"}
    karim.post(here, typed)
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    dana = house.mother_in(visit)
    house.joins(visit, dana, "bb" * 8)
    lena, room = signed_in("lena"), f"/w/visit/{visit.id}/room"
    assert [one["question"] for one in lena.client.get(f"{room}/state").json()["people"]] == [True, False]
    early = lena.client.get(f"{room}/question/{dana.id}")
    assert early.status_code == 403
    lena.send(f"{room}/look", {"participant": dana.id}, x_csrf=lena.csrf())
    shown = lena.client.get(f"{room}/question/{dana.id}")
    assert shown.json() == {"asked": {"question": "Which word did we choose?", "answer": "Lantern"}}
    assert "Lantern" not in lena.client.get(f"{room}/state").text
    with house.reading(house.cast.noor) as work:
        parts = [e.fields.get("facts", {}).get("part") for e in readings_of(work, house.cast.case)]
    assert "visit.room.question" in parts, "that it was shown is evidence"
    assert signed_in("priya").client.get(f"{room}/question/{dana.id}").status_code == 403
