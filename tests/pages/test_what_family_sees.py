"""A family page was built for one person alone: no surname, no address, no carer, no word of the trade."""

import re

import pytest

from contact_service.demo.household import furnish
from contact_service.protocol.link import EventKind
from contact_service.visits.visit import Visit
from tests.cast import SEEN, House
from tests.pages.conftest import AFTER, PAGES, Browser, tell_alone

Dana = tuple[Browser, Visit, str]
NEVER = (
    "Marlowe", "Ines", "Okafor", "Viktor", "Stahl", "Emil", "Brandt", "Jonas", "Rosa", "Karim", "Priya", "Noor",
    "Voss", "@demo.example", "01632 9601", "Larch Row", "Northmoor", "Hill Primary",
)  # fmt: skip
TRADE = re.compile(
    r"\b(contact|placement|removed|failed|birth parent|no-show|foster|restriction)\b", re.IGNORECASE
)


def visible(text: str) -> str:
    """What a reader reads or a script says, without the addresses of our own files and the names of texts."""
    return re.sub(
        r'(href|src|action)="[^"]*"|<script[^>]*>|<link[^>]*>|class="[^"]*"|(&#34;|")\w+(&#34;|"):', "", text
    )


@pytest.mark.parametrize("moment", ["waiting", "live", "held", "over"])
def test_danas_pages_never_tell_of_others(house: House, dana: Dana, moment: str) -> None:
    one, visit, base = dana
    furnish(house.installation, house.cast)
    tell_alone(one, base)
    if moment != "waiting":
        house.consents(house.cast.dana, house.cast.ines)
        _bring_in(house, visit)
    if moment == "held":
        house.relay(visit, EventKind.BREAK_ASKED, 1, participant=house.child_in(visit).id, generation=1)
    if moment == "over":
        house.relay(visit, EventKind.ENDED, 1, reason="safety")
    for page in (*PAGES, *AFTER):
        answer = one.get(base + page)
        assert answer.status_code == 200, page
        text = visible(answer.text)
        assert [word for word in NEVER if word in text] == [], page
        assert TRADE.findall(text) == [], page


def _bring_in(house: House, visit: Visit) -> None:
    from contact_service.visits.actions import running  # noqa: PLC0415

    house.joins(visit, visit.watcher, "aa" * 16)
    for participant in (house.mother_in(visit), house.child_in(visit)):
        house.joins(visit, participant, participant.id)
        with house.work(house.cast.lena) as work:
            running.admit(work, visit.id, participant.id, SEEN)


def test_who_waits_learns_of_nobody_else(house: House, dana: Dana) -> None:
    one, visit, base = dana
    alone = one.get(f"{base}/state").json()
    house.joins(visit, house.child_in(visit), "cc" * 16)
    house.joins(visit, visit.watcher, "aa" * 16)
    assert one.get(f"{base}/state").json() == alone
    assert alone["people"] == {}
    assert alone["stage"] == "waiting"


def test_who_was_removed_and_who_left_early_read_no_reason(house: House, dana: Dana) -> None:
    one, visit, base = dana
    house.consents(house.cast.dana, house.cast.ines)
    _bring_in(house, visit)
    house.relay(visit, EventKind.REMOVED, 1, participant=house.mother_in(visit).id)
    page = visible(one.get(f"{base}/thanks").text)
    assert TRADE.findall(page) == []
