"""What keeps a child safe, in real browsers: everything stops at once, and nothing starts by itself."""

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from playwright.sync_api import Browser, Error, expect

from tests.browser.measuring import AT_ONCE_SECONDS, LIMIT_MS, Stop, keep, stop_of
from tests.browser.stage import RELAY, Demo, Person, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]

ADDRESS = re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b")
STOPS = int(os.environ.get("STOPS", "6"))  # of each kind
LOST_SECONDS = 3.0
QUEUE_MS = 50  # a packet sent before the stop may lie so long in a busy browser before it is counted


@dataclass
class Room:
    """One visit of Dana and Mia, watched by Lena."""

    browser: Browser
    demo: Demo
    visit: str
    links: dict[str, str]
    mother: Person
    carer: Person
    lena: Person

    @property
    def everybody(self) -> tuple[Person, Person, Person]:
        return self.mother, self.carer, self.lena

    def gathers(self) -> None:
        """Everybody is at the waiting room, and the visit supervisor in the room."""
        self.mother.walks_to_the_waiting_room(self.links["dana"])
        self.carer.walks_to_the_waiting_room(self.links["ines"], caregiver=True)
        self.lena_opens_the_room()

    def lena_opens_the_room(self) -> None:
        self.lena.sign_in("lena")
        self.lena.go(f"/w/visit/{self.visit}/room")
        until(lambda: self.lena.fact("connected") == "true", "the visit supervisor is connected")

    def goes_live(self) -> None:
        """From whatever stands: both are let in, the hold is lifted, and everybody sees everybody."""
        for name in ("Dana", "Mia"):
            seat = self.lena.seat(name)
            seat.locator(
                "[data-act=look], [data-act=admit], [data-act=mute], [data-act=unmute]"
            ).first.wait_for()
            if seat.get_by_role("button", name="Mute").or_(seat.get_by_role("button", name="Unmute")).count():
                continue
            if not seat.get_by_role("button", name="Let in").count():
                self.lena.looks_at(name)
            self.lena.lets_in(name)
        self.lena.resumes_if_held()
        self.all_see_all()

    def all_see_all(self) -> None:
        until(lambda: self.mother.fact("state") == "live", "the visit is live")
        before = [person.frames_from() for person in self.everybody]

        def flows() -> bool:
            now = [person.frames_from() for person in self.everybody]
            grown = [n[who] - b.get(who, 0) for n, b in zip(now, before, strict=True) for who in n]
            return all(len(n) == 2 for n in now) and min(grown) > 3

        until(flows, "everybody sees everybody")


@pytest.fixture(scope="module")
def room(browser: Browser, demo: Demo) -> Iterator[Room]:
    """The demo's own visit, everybody waiting."""
    links = dict(re.findall(r"^  (Ines|Dana) +(http\S+)$", demo.said, re.MULTILINE))
    mother, carer = (Person(browser, demo, phone=True) for _ in range(2))
    lena = Person(browser, demo)
    lena.sign_in("lena")
    visit = lena.page.locator("a[href^='/w/visit/']").first.get_attribute("href") or ""
    named = {name.lower(): link for name, link in links.items()}
    room = Room(browser, demo, visit.split("/")[3], named, mother, carer, lena)
    room.gathers()
    yield room
    assert [person.outside for person in room.everybody] == [[], [], []]


def test_nothing_flows_before_admission_and_the_child_comes_last(room: Room) -> None:
    time.sleep(1.5)
    assert [person.packets() for person in room.everybody] == [0, 0, 0]
    room.lena.looks_at("Mia")
    until(lambda: room.carer.frames() > 5, "Mia and Lena see each other")
    room.lena.seat("Mia").get_by_role("button", name="Let in").click()
    expect(room.lena.page.locator("#alert")).to_contain_text("last")
    assert room.mother.packets() == 0
    room.lena.seat("Mia").get_by_role("button", name="Back to waiting").click()
    room.lena.seat("Mia").get_by_role("button", name="Look").wait_for()
    room.goes_live()


def test_hold_stops_everything_at_once(room: Room) -> None:
    room.goes_live()
    stops = []
    for _ in range(STOPS):
        stops.append(stop_of(room.lena, room.everybody, room.lena.page.locator("#hold").click))
        assert stops[-1].streams == 12  # sound and picture of two others, at three pages
        counts = [person.packets() for person in room.everybody]
        room.lena.press("Resume")
        room.all_see_all()
        assert [person.packets() for person in room.everybody] > counts
    _was_quick_enough("hold", stops)


def test_a_mute_stops_one_person_for_all_others(room: Room) -> None:
    room.goes_live()
    stops = []
    for _ in range(STOPS):
        mute = room.lena.seat("Dana").get_by_role("button", name="Mute")
        stops.append(stop_of(room.lena, (room.carer, room.lena), mute.click))
        assert stops[-1].streams == 2  # Dana's sound, at two pages; the picture goes on
        before = room.mother.frames()
        room.lena.seat("Dana").get_by_role("button", name="Unmute").click()
        until(lambda: room.lena.streams_flowing() == 4, "Dana is heard again")
        assert room.mother.frames() > before  # the muted one goes on seeing the others
    _was_quick_enough("mute", stops)


def _was_quick_enough(name: str, stops: list[Stop]) -> None:
    """Within a second, and nothing after the acknowledgement."""
    keep(f"{name}_last_packet", [stop.last_packet for stop in stops])
    keep(f"{name}_acknowledged", [stop.acknowledged for stop in stops])
    assert max(stop.last_packet for stop in stops) < LIMIT_MS
    late = [stop for stop in stops if stop.last_packet > stop.acknowledged + QUEUE_MS]
    assert late == []


def test_a_break_hides_who_asked(room: Room) -> None:
    room.goes_live()
    heard = len(room.mother.told())
    room.carer.press("Break")
    until(lambda: room.mother.fact("state") == "held", "the break holds everybody", seconds=1)
    room.lena.sees("Mia (Ines) asked for a break")
    time.sleep(2.5)  # the pages ask the server meanwhile
    shown = room.mother.page.inner_text("main")
    assert "A short pause" in shown
    assert not re.search("break|Mia|Ines|asked", shown, re.IGNORECASE)
    assert not re.search("break|asked", " ".join(room.mother.told()[heard:]))
    state = room.mother.page.evaluate(
        "fetch(document.querySelector('main').dataset.base + '/state').then((r) => r.text())"
    )
    assert "break" not in state
    room.goes_live()


def _closes(lena: Person) -> None:
    lena.page.close()


def _crashes(lena: Person) -> None:
    with contextlib.suppress(Error):  # the page is gone before it can answer
        lena.page.goto("chrome://crash")


def _freezes(lena: Person) -> None:
    """Its media goes on, but no script of it runs any more."""
    session = lena.context.new_cdp_session(lena.page)
    session.send("Debugger.enable")
    session.send("Debugger.pause")


@pytest.mark.parametrize("away", [_closes, _crashes, _freezes])
def test_without_its_supervisor_the_visit_is_on_hold(room: Room, away: Callable[[Person], None]) -> None:
    room.goes_live()
    gone = room.lena
    started = time.monotonic()
    away(gone)
    held = partial(lambda *people: all(p.fact("state") == "held" for p in people), room.mother, room.carer)
    until(held, "the family pages are on hold", seconds=LOST_SECONDS)
    keep(f"supervisor{away.__name__}_held", [(time.monotonic() - started) * 1000])
    time.sleep(0.3)
    counts = [person.packets() for person in (room.mother, room.carer)]
    room.mother.sees("A short pause")
    room.lena = Person(room.browser, room.demo)
    room.lena_opens_the_room()
    room.lena.sees("Everybody is on hold")
    time.sleep(1)
    assert [person.packets() for person in (room.mother, room.carer)] == counts
    room.goes_live()
    gone.context.close()


def test_a_dropped_person_comes_back_to_the_waiting_room(room: Room) -> None:
    room.goes_live()
    room.mother.page.reload()
    until(lambda: room.mother.fact("connected") == "true", "Dana is connected again")
    room.mother.sees("You are in the waiting room")
    time.sleep(1.5)
    assert room.mother.packets() == 0
    room.goes_live()


def test_a_link_opens_on_one_device_only(room: Room) -> None:
    room.goes_live()
    other = Person(room.browser, room.demo, phone=True)
    other.go(room.links["dana"])
    other.press("Open my visit")
    other.sees("This link does not work now")
    assert not re.search("Dana|Mia|Lena", other.page.inner_text("body"))
    before = room.carer.frames()
    until(lambda: room.carer.frames() > before + 5, "the first device stays")
    assert room.mother.fact("stage") == "admitted"
    other.context.close()


def test_no_page_learns_of_another_device(room: Room) -> None:
    room.goes_live()
    for person in room.everybody:
        told = "\n".join(person.told())
        own = set(
            ADDRESS.findall(person.page.evaluate("window.__pcs.map((pc) => pc.localDescription.sdp).join()"))
        )
        assert person.remote_addresses() == {RELAY}
        assert {a for a in ADDRESS.findall(told) if not a.startswith("0.")} - own <= {RELAY}
        names = re.findall(r"cname:(\S+)", told)
        assert not set(names) & _own_names(p for p in room.everybody if p is not person)


def _own_names(people: Iterator[Person]) -> set[str]:
    """What these people's browsers call themselves and their tracks."""
    ask = "window.__pcs.map((pc) => pc.localDescription.sdp).join()"
    return {
        name
        for person in people
        for name in re.findall(r"(?:cname:|ice-ufrag:)(\S+)", person.page.evaluate(ask))
    }


def test_a_withdrawal_stops_everything_of_that_person(room: Room) -> None:
    stops = []
    for _ in range(STOPS):
        room.goes_live()
        stops.append(_withdrawal(room))
        assert stops[-1].streams == 4  # Dana's sound and picture, at two pages
        room.mother.sees("You took back your yes")
        assert "live" in (room.carer.fact("state") or "")
        room.mother.go(re.sub(r"/withdraw$", "/", room.mother.page.url))
        room.mother.gets_ready()
        until(lambda: room.mother.fact("connected") == "true", "Dana said yes again and waits")
        assert room.mother.packets() == 0
    keep("withdrawal_last_packet", [stop.last_packet for stop in stops])
    assert max(stop.last_packet for stop in stops) < LIMIT_MS
    room.goes_live()


def _withdrawal(room: Room) -> Stop:
    """Dana takes her yes back; the press that counts is the second one."""
    room.mother.press("I do not want this any more")
    yes = room.mother.page.get_by_role("dialog").get_by_role("button", name="Yes, stop")
    return stop_of(room.mother, (room.carer, room.lena), yes.click)


def _talks_alone(room: Room, name: str, person: Person, other: Person) -> None:
    """Lena takes somebody aside: nothing reaches the other one any more, and their page tells of a hold."""
    told = len(other.told())
    room.lena.seat(name).get_by_role("button", name="Talk alone").click()
    until(lambda: person.fact("stage") == "private", f"{name} is talked to alone")
    until(lambda: other.fact("state") == "held", "the other one is held")
    person.sees("The others cannot hear or see you.")
    until(lambda: person.streams_flowing() == 2, f"{name} hears and sees Lena, and nobody else")
    until(lambda: room.lena.streams_flowing() == 2, f"Lena hears and sees {name}, and nobody else")
    time.sleep(AT_ONCE_SECONDS)
    before, seen = other.packets(), person.frames()
    time.sleep(2.5)  # the pages ask the server meanwhile
    assert other.packets() == before
    assert person.frames() > seen
    shown = other.page.inner_text("main")
    assert "A short pause" in shown
    assert not re.search(f"alone|talk|{name}", shown, re.IGNORECASE)
    assert not re.search("private|alone|break", " ".join(other.told()[told:]))


def _lets_back_in(room: Room, name: str) -> None:
    seat = room.lena.seat(name)
    assert seat.get_by_label("Where are they now?").count() == 0  # the short form: they never left
    seat.get_by_label("I have seen who is in the room").check()
    seat.get_by_label("Back at the same place, on the same number").check()
    seat.get_by_role("button", name="Let back in").click()
    seat.get_by_role("button", name="Talk alone").wait_for()


def test_the_mother_is_talked_to_alone_and_let_back_in(room: Room) -> None:
    room.goes_live()
    _talks_alone(room, "Dana", room.mother, room.carer)
    _lets_back_in(room, "Dana")
    room.lena.resumes_if_held()
    room.all_see_all()


def test_after_a_break_the_child_is_talked_to_alone_and_the_break_goes_on(room: Room) -> None:
    room.goes_live()
    room.carer.press("Break")
    room.lena.sees("Press “Talk alone” and first ask: “Can anyone hear you?”")
    _talks_alone(room, "Mia", room.carer, room.mother)
    _lets_back_in(room, "Mia")
    time.sleep(1)
    assert [person.streams_flowing() for person in room.everybody] == [0, 0, 0]
    room.goes_live()


def test_one_press_tells_the_supervisor_where_to_send_help(room: Room) -> None:
    room.goes_live()
    page = room.lena.page
    page.get_by_role("button", name="Emergency").click()
    places = page.get_by_role("dialog", name="Emergency details")
    expect(places.get_by_text("Dana, 12 Canary Yard, Hexham")).to_be_visible()
    expect(places.get_by_text("Mia, 12 Canary Yard, Hexham")).to_be_visible()
    expect(places.get_by_role("link", name="Emergency there: call 999").first).to_have_attribute(
        "href", "tel:999"
    )
    places.get_by_role("button", name="Close, write it later").click()
    expect(page.get_by_text("Canary Yard")).to_have_count(0)
    room.lena.sees("Press “Say why” when there is time.")
    assert room.lena.fact("state") == "live"
    page.get_by_role("button", name="Say why").click()
    expect(places).to_be_visible()
    expect(page.get_by_text("Canary Yard")).to_have_count(0)
    places.get_by_role("button", name="Keep the reason").click()
    expect(places).to_be_visible()
    places.get_by_label("Afterwards: why did you open this?").fill("Dana fell; an ambulance was called.")
    places.get_by_role("button", name="Keep the reason").click()
    expect(places).to_be_hidden()
    expect(page.locator("#alert")).to_be_empty()
    for person in (room.mother, room.carer):
        assert "Canary" not in person.page.content()


def _says_goodbye_to_mia(room: Room) -> None:
    room.lena.seat("Mia").get_by_role("button", name="Say goodbye").click()
    room.lena.page.get_by_role("dialog").get_by_role("button", name="Say goodbye").click()
    room.carer.page.wait_for_url("**/thanks")
    expect(room.lena.seat("Mia")).to_contain_text("Has said goodbye")


def test_a_goodbye_by_mistake_is_taken_back_and_the_page_offers_the_way(room: Room) -> None:
    """Before the mother is removed, so that the child is let in to somebody."""
    room.goes_live()
    _says_goodbye_to_mia(room)
    expect(room.carer.page.get_by_role("link", name="Come back")).to_be_hidden()
    room.lena.seat("Mia").get_by_role("button", name="Let them come back").click()
    room.lena.page.locator("#sure-undo [data-yes]").click()
    expect(room.lena.seat("Mia")).to_contain_text("May come back, not here yet")
    room.carer.page.get_by_role("link", name="Come back").click()
    expect(room.lena.seat("Mia")).to_contain_text("Waiting since")
    assert room.carer.packets() == 0
    room.lena.looks_at("Mia")
    room.lena.lets_in("Mia")
    room.goes_live()


def test_who_is_removed_cannot_come_back(room: Room) -> None:
    room.goes_live()
    room.lena.seat("Dana").get_by_role("button", name="Remove").click()
    yes = room.lena.page.get_by_role("dialog").get_by_role("button", name="Remove")
    stop = stop_of(room.lena, (room.carer, room.lena), yes.click)
    keep("remove_last_packet", [stop.last_packet])
    assert stop.last_packet < LIMIT_MS
    room.mother.page.wait_for_url("**/thanks")
    room.mother.go(re.sub("/thanks$", "/room", room.mother.page.url))
    expect(room.mother.page).to_have_url(re.compile("/thanks$"))
    expect(room.lena.seat("Dana")).to_contain_text("Removed")
    assert room.lena.seat("Dana").get_by_role("button").count() == 0


def test_who_has_said_goodbye_is_thanked_and_cannot_come_back(room: Room) -> None:
    """After the mother was removed, Mia goes home, and the visit still runs for Lena to end."""
    _says_goodbye_to_mia(room)
    room.carer.go(re.sub("/thanks$", "/room", room.carer.page.url))
    expect(room.carer.page).to_have_url(re.compile("/thanks$"))
    assert room.lena.page.url.endswith("/room")
