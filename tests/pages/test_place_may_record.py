"""A prison may record: whoever is there reads so, the staff do, and nobody else learns that there is one."""

import re

from starlette.types import ASGIApp

from contact_service.clearances import actions as clearances
from contact_service.clearances.clearance import Answer
from contact_service.pools import actions as pools
from contact_service.visits.actions import clearing, pooling
from tests.cast import NOON, House
from tests.pages.conftest import AFTER, PAGES, Browser, SignIn, at_the_door

SAID = "The place you are in may listen to your visit and record it."
TRUE_FOR_ALL = "We cannot know if somebody does it where they are."


def imprison(house: House) -> None:
    """Dana takes part from a prison that has said yes."""
    with house.work(house.cast.karim) as work:
        prison = pools.add_pool(work, "HMP Northmoor", 2, zone="Europe/London")
        clearing.set_desk(work, prison, "bookings@northmoor.example")
        pooling.link(work, house.cast.dana, prison, NOON.date(), None)
        asked = clearances.ask(work, house.cast.dana, house.cast.mia, prison)
        clearing.answer(work, house.cast.dana, asked, Answer.GRANTED, reference="OMU/117")


def everything(one: Browser, base: str) -> list[str]:
    """Each page and answer of one side, without what is another with every answer."""
    seen = []
    for path in (*PAGES, *AFTER):
        answer = one.get(base + path)
        told = f"{answer.status_code} {sorted(answer.headers.items())} {answer.text}"
        seen.append(re.sub(r"nonce-[\w+/=-]+|\d{8,12}\.[0-9a-f]{64}", "", told))
    return seen


def test_whoever_is_in_prison_reads_it_and_the_page_of_the_others_is_the_same_as_without_one(
    app: ASGIApp, house: House
) -> None:
    visit = house.waiting()
    (dana, _, hers), (ines, _, at_home) = (
        at_the_door(app, house, visit, who) for who in (house.cast.dana, house.cast.ines)
    )
    before = everything(ines, at_home)
    assert SAID not in dana.get(f"{hers}/").text
    imprison(house)
    assert SAID in dana.get(f"{hers}/").text
    assert everything(ines, at_home) == before
    assert all(TRUE_FOR_ALL in one.get(f"{base}/").text for one, base in ((dana, hers), (ines, at_home)))
    assert "Northmoor" not in dana.get(f"{hers}/").text


def test_the_staff_read_which_place_it_is_and_that_the_others_do_not_know(
    house: House, signed_in: SignIn
) -> None:
    visit = house.approved()
    told = "Takes part from HMP Northmoor, which may listen and record."
    assert told not in signed_in("karim").get(f"/w/visit/{visit.id}").text
    imprison(house)
    for name in ("karim", "lena", "priya"):
        assert signed_in(name).get(f"/w/visit/{visit.id}").text.count(told) == 1
