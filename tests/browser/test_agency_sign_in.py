"""In a real browser: through a real provider process and back, and the proof before a grave act."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from contact_service import actor
from contact_service.factors.actions.agency_sign_in import allow_link
from contact_service.openid.provider import KNOWN_FOR
from contact_service.plans.order import OrderStatus
from contact_service.plans.queries import order_versions
from contact_service.policy.proving import PROOF_LASTS
from tests.actions.test_plans_and_orders import recorded
from tests.browser.gallery import Gallery
from tests.browser.stage import Person
from tests.browser.test_owed import Served
from tests.browser.test_passkeys import with_device
from tests.cast import PASSWORD, House
from tests.openid_provider import CLIENT, SECRET, Running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.parametrize("database", ["sqlite"], indirect=True),
]


@pytest.fixture
def provider(house: House) -> Iterator[Running]:
    running = Running().start()
    running.behave(at=house.clock.at.timestamp(), page=True)
    yield running
    running.stop()


def served(house: House, provider: Running) -> Served:
    return Served(
        house,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret=SECRET,
    )


def test_karim_signs_in_at_his_agency_and_is_back_at_his_day(
    house: House, browser: Browser, provider: Running
) -> None:
    with house.as_actor(actor.COMMAND_LINE) as work:
        allow_link(work, house.cast.karim, issuer=provider.issuer)
    gallery = Gallery()
    with served(house, provider) as site:
        karim = Person(browser, site)
        karim.go("/w/sign-in")
        gallery.hang(karim, "agency-sign-in")
        karim.page.get_by_role("button", name="Sign in with Family Visits").click()
        karim.page.wait_for_url(f"{provider.issuer}/**")
        karim.page.get_by_role("button", name="It is me").click()
        karim.page.wait_for_url("**/w/today")
        karim.go("/w/account")
        expect(karim.page.get_by_text("Through the agency", exact=True)).to_be_visible()
        provider.stop()
        karim.press("Sign out")
        house.clock.forward(KNOWN_FOR)
        karim.page.get_by_role("button", name="Sign in with Family Visits").click()
        expect(karim.page.get_by_role("heading", name="You are not signed in")).to_be_visible()
        assert {url.split("/authorize")[0] for url in karim.outside} == {provider.issuer}
        karim.outside.clear()
        karim.complaints.clear()  # the browser remarks on a 503
        gallery.hang(karim, "agency-away")
        karim.page.get_by_role("button", name="Back to sign in").click()
        karim.page.get_by_label("E-mail address").fill("karim@demo.example")
        karim.page.get_by_label("Password", exact=True).fill(PASSWORD)
        karim.page.get_by_role("button", name="Sign in", exact=True).click()
        karim.page.wait_for_url("**/w/today")
    assert {name: found for name, found in gallery.faults.items() if found} == {}


def sign_in(person: Person, name: str) -> None:
    person.go("/w/sign-in")
    person.page.get_by_label("E-mail address").fill(f"{name}@demo.example")
    person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()
    person.page.wait_for_url("**/w/today")


def with_passkey(priya: Person) -> None:
    """Signed in, with a passkey that was added just now."""
    with_device(priya)
    sign_in(priya, "priya")
    priya.go("/w/account")
    priya.page.get_by_text("Add a passkey").first.click()
    form = priya.page.locator("#passkey-form")
    form.get_by_label("Your password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(priya.page.locator("#passkey-codes li")).to_have_count(10)


def later(house: House, person: Person) -> None:
    for _ in range(2):
        house.clock.forward(PROOF_LASTS / 2 + timedelta(seconds=1))
        person.go("/w/today")


def test_a_restriction_is_lifted_after_a_touch_of_the_passkey(
    house: House, browser: Browser, provider: Running
) -> None:
    gallery = Gallery()
    with served(house, provider) as site:
        karim, priya = Person(browser, site), Person(browser, site)
        sign_in(karim, "karim")
        there = f"/w/child/{house.cast.mia}"
        karim.go(there)
        lift = re.search(r"/w/restriction/[0-9a-f]{32}", karim.page.content())
        assert lift is not None
        karim.page.locator(f'form[action="{lift[0]}/ask-to-lift"]').evaluate("form => form.requestSubmit()")
        karim.page.wait_for_load_state()
        with_passkey(priya)
        later(house, priya)
        priya.go("/w/approvals")
        priya.page.locator(f'form[action="{lift[0]}/lift"]').evaluate("form => form.requestSubmit()")
        expect(priya.page.get_by_role("heading", name="Show that it is you")).to_be_visible()
        assert "restriction.ended" not in house.history()
        priya.page.get_by_role("button", name="Use your passkey").click()
        priya.page.wait_for_url(lambda url: "/lift" not in url)
        assert "restriction.ended" in house.history()
        assert priya.outside == []
        priya.complaints.clear()  # the browser remarks on the 403 that asked
        priya.go("/w/prove?back=/w/approvals")
        gallery.hang(priya, "prove-passkey")
    assert {name: found for name, found in gallery.faults.items() if found} == {}


def test_with_a_password_the_form_goes_on_by_itself(
    house: House, browser: Browser, provider: Running
) -> None:
    gallery, order = Gallery(), recorded(house)
    there = f"/w/child/{house.cast.mia}/order/{order}"
    with served(house, provider) as site:
        karim = Person(browser, site)
        sign_in(karim, "karim")
        later(house, karim)
        karim.go(there)
        karim.page.locator(f'form[action="{there}/discharge"]').evaluate(
            "form => { form.elements.discharged_on.value = '2030-05-14'; form.requestSubmit(); }"
        )
        expect(karim.page.get_by_role("heading", name="Show that it is you")).to_be_visible()
        gallery.hang(karim, "prove-password", refused=True)
        karim.page.get_by_label("Your password").fill(PASSWORD)
        karim.press("Go on")
        karim.page.wait_for_url(lambda url: "prove" not in url and "discharge" not in url)
        with house.reading(house.cast.karim) as work:
            assert order_versions(work, order)[0].status is OrderStatus.DISCHARGED
        assert karim.outside == []
    assert {name: found for name, found in gallery.faults.items() if found} == {}
