"""A worker brings a photo on a person's page; the room shows it to whoever looks at that person."""

import base64

from contact_service.readings.queries import readings_of
from tests.cast import House
from tests.pages.conftest import Browser, SignIn
from tests.photos import photo_file, seen, with_its_place


def brings(browser: Browser, path: str, raw: bytes) -> tuple[int, str]:
    """A form with a file, as a browser sends it."""
    answer = browser.client.post(
        path,
        data={"csrf": browser.csrf()},
        files={"photo": ("dana.jpg", raw, "image/jpeg")},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    return answer.status_code, answer.text


def test_a_worker_brings_it_and_nobody_sees_it_on_a_page_again(house: House, signed_in: SignIn) -> None:
    karim, person = signed_in("karim"), f"/w/child/{house.cast.mia}/person/{house.cast.dana}"
    here = f"{person}/photo"
    assert "No photo is kept." in karim.get(person).text
    status, page = brings(karim, here, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert (status, "This is no photo that can be read." in page) == (422, True)
    status, page = brings(karim, here, b"")
    assert (status, "Choose a photo first." in page) == (422, True)
    assert brings(karim, here, bytes(5_100_000))[0] == 422
    assert brings(karim, here, bytes(8_000_000))[0] == 413
    assert brings(karim, here, photo_file())[0] == 303
    page = karim.get(person).text
    assert "A photo was kept by Karim Aziz" in page
    assert "image/jpeg;base64" not in page
    assert "A photo is kept already." in karim.get(here).text
    assert karim.post(f"{here}/end", {"csrf": karim.csrf(person)}).status_code == 303
    assert "No photo is kept." in karim.get(person).text


def test_of_a_child_none_is_kept(house: House, signed_in: SignIn) -> None:
    karim, child = signed_in("karim"), house.cast.mia
    assert karim.get(f"/w/child/{child}/person/{child}/photo").status_code == 404
    assert brings(karim, f"/w/child/{child}/person/{child}/photo", photo_file())[0] == 404


def test_the_room_says_that_there_is_one_and_shows_it_while_its_supervisor_looks(
    house: House, signed_in: SignIn
) -> None:
    karim = signed_in("karim")
    brings(karim, f"/w/child/{house.cast.mia}/person/{house.cast.dana}/photo", with_its_place())
    visit = house.waiting()
    house.consents(house.cast.dana, house.cast.ines)
    house.joins(visit, visit.watcher, "aa" * 8)
    dana = house.mother_in(visit)
    house.joins(visit, dana, "bb" * 8)
    lena, room = signed_in("lena"), f"/w/visit/{visit.id}/room"
    assert [one["photo"] for one in lena.client.get(f"{room}/state").json()["people"]] == [True, False]
    assert lena.client.get(f"{room}/photo/{dana.id}").status_code == 403
    lena.send(f"{room}/look", {"participant": dana.id}, x_csrf=lena.csrf())
    shown = lena.client.get(f"{room}/photo/{dana.id}")
    assert shown.headers["cache-control"] == "no-store"
    kind, _, jpeg = shown.json()["photo"].partition(",")
    assert kind == "data:image/jpeg;base64"
    assert dict(seen(base64.b64decode(jpeg)).getexif()) == {}
    assert "base64" not in lena.client.get(f"{room}/state").text
    with house.reading(house.cast.noor) as work:
        parts = [e.fields.get("facts", {}).get("part") for e in readings_of(work, house.cast.case)]
    assert "visit.room.photo" in parts, "that it was shown is evidence"
    for other in ("priya", "karim", "noor", "ola"):
        assert signed_in(other).client.get(f"{room}/photo/{dana.id}").status_code in (403, 404)
