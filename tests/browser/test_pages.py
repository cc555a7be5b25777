"""Every page of the product with real people in it: fit for a phone, a laptop and a screen reader."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from contact_service.clock import utc_now
from tests.browser.gallery import Gallery
from tests.browser.stage import Demo, Person, books_a_visit, links_of, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.slow, pytest.mark.timeout(300)]

PAGES = [
    "demo-start",
    "demo-messages",
    "sign-in",
    "sign-in-wrong",
    "today-worker",
    "today-approver",
    "today-supervisor",
    "today-auditor",
    "book-child",
    "book-people",
    "book-refused",
    "visit-requested",
    "visit-ready",
    "visit-declined",
    "visit-live",
    "visit-recorded",
    "visit-signed-off",
    "approvals",
    "child",
    "cases",
    "history",
    "log",
    "room-waiting",
    "room-private",
    "room-live",
    "room-held",
    "record",
    "error-staff",
    "error-family",
    "opener",
    "link-refused",
    "landing",
    "card-1",
    "card-2",
    "card-3",
    "card-4",
    "answers",
    "check",
    "check-done",
    "company",
    "waiting",
    "start",
    "child-waiting",
    "visit",
    "child-visit",
    "held",
    "child-held",
    "thanks",
    "withdraw",
    "withdrawn",
    "closed",
    "people",
    "person",
    "person-same-number",
    "person-details",
    "person-details-wrong",
    "channel",
    "merge",
    "home",
    "home-wrong",
    "home-concealed",
    "deciding",
    "orders",
    "order",
    "quiet",
    "plan",
    "languages",
    "languages-change",
    "why-child",
    "book-refused-remedy",
    "why-not",
    "why-yes",
]


@pytest.fixture(scope="module")
def gallery(browser: Browser, demo: Demo) -> Gallery:
    """One walk through the whole product."""
    gallery = Gallery()
    _Walk(browser, demo, gallery).whole()
    return gallery


class _Walk:
    """Everybody of the cast, each in a browser of their own, and one visit from booking to sign-off."""

    def __init__(self, browser: Browser, demo: Demo, gallery: Gallery) -> None:
        self.demo, self.hang = demo, gallery.hang
        self.gallery = gallery
        self.karim, self.priya, self.lena, self.noor = (Person(browser, demo) for _ in range(4))
        self.dana, self.ines = Person(browser, demo, phone=True), Person(browser, demo, phone=True)

    def whole(self) -> None:
        self.arrive()
        self.book()
        self.decide()
        self.prepare()
        self.meet()
        self.close()
        self.look_back()
        self.know()
        self.ask_why()

    def arrive(self) -> None:
        karim = self.karim
        karim.go("/demo")
        self.hang(karim, "demo-start")
        karim.go("/w/sign-in")
        self.hang(karim, "sign-in")
        karim.page.get_by_label("E-mail address").fill("karim@demo.example")
        karim.page.get_by_label("Password").fill("not the password")
        karim.press("Sign in")
        karim.sees("There is a problem")
        self.hang(karim, "sign-in-wrong", refused=True)
        for who in ("karim", "priya", "lena", "noor"):
            getattr(self, who).sign_in(who)
        for who, role in (("karim", "worker"), ("lena", "supervisor"), ("noor", "auditor")):
            self.hang(getattr(self, who), f"today-{role}")
        karim.go("/w/visit/0123456789abcdef0123456789abcdef")
        self.hang(karim, "error-staff", refused=True)
        karim.go("/w/today")

    def book(self) -> None:
        karim = self.karim
        karim.go("/w/book")
        self.hang(karim, "book-child")
        choice = karim.page.get_by_label("Which child?")
        choice.select_option(
            label=next(text for text in choice.locator("option").all_inner_texts() if "Mia" in text)
        )
        karim.press("Continue")
        self.hang(karim, "book-people")
        karim.page.get_by_label("Date").fill("2020-01-01")
        karim.page.get_by_label("Start").fill("10:00")
        karim.press("Send for approval")
        karim.sees("There is a problem")
        self.hang(karim, "book-refused", refused=True)
        karim.go("/w/today")
        self.declined = books_a_visit(karim, minutes_ahead=20 * 60)
        karim.go("/w/today")
        self.visit = books_a_visit(karim, minutes_ahead=3)
        self.hang(karim, "visit-requested")

    def decide(self) -> None:
        priya = self.priya
        priya.go("/w/today")
        self.hang(priya, "today-approver")
        priya.go("/w/approvals")
        self.hang(priya, "approvals")
        priya.press("Approve")  # the first to start
        expect(priya.page.get_by_role("button", name="Approve")).to_have_count(1)
        priya.page.locator("summary", has_text="Decline").click()
        priya.page.get_by_label("Reason").select_option(label="The time does not suit the child")
        priya.page.locator("details").get_by_role("button").click()
        priya.sees("Nothing is waiting for a decision.")
        priya.go(f"/w/visit/{self.declined}")
        self.hang(priya, "visit-declined")
        self.links = links_of(self.demo, self.karim, count=2)
        self.hang(self.karim, "demo-messages")
        self.karim.go(f"/w/visit/{self.visit}")
        self.hang(self.karim, "visit-ready")

    def prepare(self) -> None:
        dana, ines = self.dana, self.ines
        dana.go(f"/v#{'A' * 43}")
        self.hang(dana, "opener")
        dana.press("Open my visit")
        dana.sees("This link does not work now")
        self.hang(dana, "link-refused")
        dana.go("/v/0123456789abcdef0123456789abcdef/")
        self.hang(dana, "error-family", refused=True)
        dana.go(self.links["dana"])
        dana.press("Open my visit")
        dana.sees("Get ready")
        self.hang(dana, "landing")
        dana.press("Get ready")
        for number in range(1, 5):
            dana.page.wait_for_url(f"**/consent/{number}")
            self.hang(dana, f"card-{number}")
            dana.press("Yes, OK")
        dana.page.wait_for_url("**/answers")
        self.hang(dana, "answers")
        dana.press("Go on")
        self.check(dana)
        until(lambda: dana.fact("connected") == "true", "Dana is connected")
        self.hang(dana, "waiting")
        ines.walks_to_the_waiting_room(
            self.links["ines"], caregiver=True, before_handing_over=lambda: self.hang(ines, "start")
        )
        self.hang(ines, "child-waiting")

    def check(self, dana: Person) -> None:
        self.hang(dana, "check")
        dana.press("Turn on camera and sound")
        dana.sees("Your camera works.")
        self.hang(dana, "check-done")
        dana.press("It works. I am ready")
        dana.sees("Who is in the room with you?")
        self.hang(dana, "company")
        dana.press("Nobody else")

    def meet(self) -> None:
        lena, dana, ines = self.lena, self.dana, self.ines
        lena.go(f"/w/visit/{self.visit}/room")
        until(lambda: lena.fact("connected") == "true", "Lena is connected")
        lena.page.locator(".seat", has_text="Dana").get_by_role("button", name="Look").wait_for()
        self.hang(lena, "room-waiting")
        lena.looks_at("Dana")
        until(lambda: len(lena.frames_from()) == 1, "Lena sees Dana")
        self.hang(lena, "room-private")
        lena.lets_in("Dana")
        lena.looks_at("Mia")
        lena.lets_in("Mia")
        for person in (lena, dana, ines):
            person.sees_others(2)
        lena.page.get_by_label("What you see and hear").fill("Mia laughed and showed a drawing of a cat.")
        lena.press("Add note")
        self.hang(lena, "room-live")
        self.gallery.keep_for_readme(lena)
        lena.resumes_if_held()  # on a busy machine, looking at the page keeps it from its heartbeat
        self.hang(dana, "visit")
        self.hang(ines, "child-visit")
        self.karim.go(f"/w/visit/{self.visit}")
        self.hang(self.karim, "visit-live")
        lena.resumes_if_held()
        lena.press("Hold everybody")
        until(lambda: dana.fact("state") == "held" and ines.fact("state") == "held", "everybody is on hold")
        self.hang(lena, "room-held")
        self.hang(dana, "held")
        self.hang(ines, "child-held")

    def close(self) -> None:
        lena, dana = self.lena, self.dana
        lena.press("End visit")
        lena.page.get_by_role("dialog").get_by_role("button", name="End visit").click()
        dana.page.wait_for_url("**/thanks")
        self.hang(dana, "thanks")
        base = dana.page.url.removesuffix("/thanks")
        dana.go(f"{base}/")
        self.hang(dana, "closed")
        dana.go(f"{base}/withdraw")
        self.hang(dana, "withdraw")
        dana.press("Yes, stop")
        dana.sees("You took back your yes")
        self.hang(dana, "withdrawn")
        lena.page.wait_for_url("**/record")
        self.hang(lena, "record")
        lena.page.get_by_label("What happened").fill("Mia and Dana drew together and laughed.")
        lena.press("Submit the record")
        lena.sees("Record written")

    def look_back(self) -> None:
        priya, noor = self.priya, self.noor
        priya.go(f"/w/visit/{self.visit}")
        self.hang(priya, "visit-recorded")
        priya.press("Sign off the record")
        priya.sees("Signed off")
        self.hang(priya, "visit-signed-off")
        self.karim.go(f"/w/visit/{self.visit}")
        self.karim.page.get_by_role("link", name="Mia", exact=True).click()
        self.hang(self.karim, "child")
        noor.go("/w/cases")
        self.hang(noor, "cases")
        noor.press("Mia Marlowe")
        noor.sees("Verified: no gap, no change")
        self.hang(noor, "history")
        noor.go("/w/log")
        self.hang(noor, "log")

    def know(self) -> None:
        """What is known of the people around Mia, as her worker keeps it."""
        karim, priya = self.karim, self.priya
        mia = karim.page.url
        for part in ("people", "home", "deciding", "orders", "quiet", "plan"):
            karim.go(f"{mia}/{part}")
            self.unfold(karim)
            self.hang(karim, part)
        karim.go(f"{mia}/orders")
        karim.page.get_by_role("link", name="Family Court").click()
        self.unfold(karim)
        self.hang(karim, "order")
        self.reach_rosa(mia)
        priya.go("/w/approvals")
        self.hang(priya, "merge")
        priya.press("No, they are two")
        priya.sees("Nothing is waiting for a decision.")
        priya.go(f"{mia}/home")
        priya.sees("Only the child’s own workers read where.")
        self.hang(priya, "home-concealed")
        karim.go(f"{mia}/home")
        self.unfold(karim)
        karim.page.get_by_label("Last day").first.fill("2001-01-01")
        karim.page.get_by_role("button", name="Save").first.click()
        karim.sees("There is a problem")
        self.hang(karim, "home-wrong", refused=True)
        karim.go("/w/languages")
        self.hang(karim, "languages")
        karim.page.get_by_role("link", name="Change").click()
        self.hang(karim, "languages-change")
        karim.go(mia)

    def reach_rosa(self, mia: str) -> None:
        """Rosa's page: an equal number, a wrong language, and the question whether she is entered twice."""
        karim = self.karim
        karim.go(f"{mia}/people")
        karim.page.get_by_role("link", name="Rosa Marlowe").click()
        rosa = karim.page.url
        self.unfold(karim)
        self.hang(karim, "person")
        karim.go(f"{rosa}/details")
        self.hang(karim, "person-details")
        karim.page.get_by_label("Language 1").fill("Elvish of the woods")
        karim.press("Save")
        karim.sees("We do not know this language.")
        self.hang(karim, "person-details-wrong", refused=True)
        karim.go(f"{rosa}/channel")
        self.hang(karim, "channel")
        karim.page.get_by_label("What is it?").select_option("phone")
        karim.page.get_by_label("Number or address").fill("+44 1632 960102")
        karim.page.get_by_label("When may we use it?").select_option("never")
        karim.press("Save")
        karim.sees("has the same")
        self.hang(karim, "person-same-number")
        self.unfold(karim)
        karim.page.get_by_label("The other record").select_option(label="Emil Brandt")
        karim.page.get_by_label("Which record is kept?").select_option("this")
        karim.press("They are one person")
        karim.sees("Somebody else must decide.")

    def ask_why(self) -> None:
        """From a refusal to the question, and back to the booking with what would do."""
        karim = self.karim
        karim.go("/w/why")
        self.hang(karim, "why-child")
        mia = karim.page.get_by_label("Which child?").locator("option", has_text="Mia").get_attribute("value")
        karim.go(f"/w/book?child={mia}")
        karim.page.get_by_role("checkbox", name="Emil Brandt, ").check()
        karim.page.get_by_label("Date").fill((utc_now() + timedelta(days=20)).date().isoformat())
        karim.page.get_by_label("Start").fill("12:00")
        karim.page.get_by_label("Level").select_option("unsupervised")
        karim.press("Send for approval")
        karim.sees("There is a problem")
        self.hang(karim, "book-refused-remedy", refused=True)
        karim.press("Why not? Ask the rules")
        karim.sees("Not like this")
        self.hang(karim, "why-not")
        karim.press("Book it with this change")
        karim.press("Ask the rules first")
        karim.sees("Yes, this can be booked")
        self.hang(karim, "why-yes")

    def unfold(self, person: Person) -> None:
        """Open every form that is folded away, so that it is looked at too."""
        person.page.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")


@pytest.mark.parametrize("name", PAGES)
def test_page_is_fit_for_everybody(gallery: Gallery, name: str) -> None:
    assert gallery.faults[name] == []


def test_every_page_that_was_seen_is_listed(gallery: Gallery) -> None:
    assert sorted(gallery.faults) == sorted(PAGES)
