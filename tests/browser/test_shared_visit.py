"""A visit that two children of two cases share, in real browsers: one room, and each child's own word and record."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser

from tests.browser.stage import Demo, Person, books_a_visit, links_of, until

pytestmark = [pytest.mark.browser, pytest.mark.alone, pytest.mark.timeout(300)]


@dataclass
class Family:
    """Dana, Mia (with Ines) and Finn (with Tomas) in one visit, which Lena watches."""

    lena: Person
    mother: Person
    mia: Person
    finn: Person

    def gathers(self, visit: str, links: dict[str, str]) -> None:
        self.mother.walks_to_the_waiting_room(links["dana"])
        self.mia.walks_to_the_waiting_room(links["ines"], caregiver=True)
        self.finn.walks_to_the_waiting_room(links["tomas"], caregiver=True, child="Finn")
        self.lena.sign_in("lena")
        self.lena.go(f"/w/visit/{visit}/room")
        until(lambda: self.lena.fact("connected") == "true", "the visit supervisor is connected")

    def sees_itself(self, *people: Person) -> None:
        """New picture comes from each of them to each; a busy machine's hold is lifted, as Lena would."""
        self.lena.resumes_if_held()
        before = [person.frames_from() for person in people]

        def flows() -> bool:
            self.lena.resumes_if_held()
            now = [person.frames_from() for person in people]
            grown = [n[who] - b.get(who, 0) for n, b in zip(now, before, strict=True) for who in n]
            return all(len(n) == len(people) - 1 for n in now) and min(grown) > 5

        until(flows, f"{len(people)} people see each other", seconds=30)


def test_two_children_share_a_visit_and_each_leaves_it_alone(browser: Browser, demo: Demo) -> None:
    karim, priya, lena = (Person(browser, demo) for _ in range(3))
    family = Family(lena, *(Person(browser, demo, phone=True) for _ in range(3)))
    visit = _booked(karim, priya)
    family.gathers(visit, links_of(demo, karim, count=3))
    everybody = (family.mother, family.mia, family.finn, lena)
    assert [person.packets() for person in everybody] == [0, 0, 0, 0]
    for name in ("Dana", "Mia", "Finn"):
        lena.looks_at(name)
        lena.lets_in(name)
    family.sees_itself(*everybody)
    family.mother.page.screenshot(path=".test/screens/shared-visit-mother.png")
    lena.page.screenshot(path=".test/screens/shared-visit-lena.png")

    _stops(family.mia)  # she is out at once, and her brother and mother go on
    family.sees_itself(family.mother, family.finn, lena)
    _stops(family.finn)  # nobody is left whose visit it is
    family.mother.page.wait_for_url("**/thanks")
    lena.page.wait_for_url("**/record")
    _writes_both_records(lena, visit)
    karim.go(f"/w/visit/{visit}")
    karim.sees("Mia said stop.")
    karim.sees("Finn said stop.")
    assert [person.outside for person in (karim, priya, *everybody)] == [[]] * 6


def _booked(karim: Person, priya: Person) -> str:
    karim.sign_in("karim")
    visit = books_a_visit(karim, minutes_ahead=2, shared_with="Finn")
    karim.sees("Mia and Finn’s visit")
    priya.sign_in("priya")
    priya.go("/w/approvals")
    priya.sees("Mia and Finn")
    priya.press("Approve")
    priya.sees("Nothing is waiting for a decision.")
    return visit


def _stops(child: Person) -> None:
    child.press("I do not want this any more")
    child.page.get_by_role("dialog").get_by_role("button", name="Yes, stop").click()
    child.page.wait_for_url("**/withdraw")


def _writes_both_records(lena: Person, visit: str) -> None:
    for child, then in (("Mia", f"**/{visit}/record"), ("Finn", f"**/visit/{visit}")):
        lena.sees(f"Record of {child}’s visit")
        lena.page.get_by_label("What happened", exact=True).fill(f"{child} said stop.")
        lena.page.get_by_label("Outcome").select_option(index=1)
        lena.press("Submit the record")
        lena.page.wait_for_url(then)
