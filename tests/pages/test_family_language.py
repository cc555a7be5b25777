"""Family pages are in the language of the device's choice, else the reader's own, else the browser's, else English."""

import json
import re
from dataclasses import replace

import httpx
import pytest
from sqlalchemy import text
from starlette.types import ASGIApp

from contact_service.actor import COMMAND_LINE
from contact_service.agency_policy import actions as policy
from contact_service.consent.actions import publish_text
from contact_service.consent.consent import AgeBand, Purpose, Reader, Text
from contact_service.consent.queries import newest_version
from contact_service.consent.texts import FIRST_TEXTS
from contact_service.people.actions import members
from contact_service.people.language import Language
from contact_service.people.queries.members import details_of
from contact_service.policy_commands import published_texts
from contact_service.visits.visit import Visit
from tests.cast import House, Phone
from tests.pages.conftest import AFTER, PAGES, Browser, browser, open_link, tell_alone

Dana = tuple[Browser, Visit, str]
NEVER = (
    "Marlowe",
    "Ines",
    "Okafor",
    "Viktor",
    "Karim",
    "Priya",
    "Voss",
    "@demo.example",
    "Larch Row",
    "Hill Primary",
)
TRADE = re.compile(r"contacto|acogida|tribunal|expediente|adopci|tutel|sesión|madre|padre", re.IGNORECASE)


def language_of(page: str) -> str:
    found = re.search(r'<html lang="([a-z]+)"', page)
    assert found is not None
    return found[1]


def asked(who: Browser, path: str, said: str) -> httpx.Response:
    return who.client.get(path, headers={"accept-language": said})


def fields_of(page: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf|purpose|version|language)" value="([^"]+)"', page))


def newest_answer(house: House) -> tuple[str, str] | None:
    """The language and the state of what Dana said last, None before she said anything."""
    newest = text("SELECT language, state FROM consent WHERE person_id = :who ORDER BY number DESC LIMIT 1")
    with house.installation.engine.connect() as connection:
        found = connection.execute(newest, {"who": house.cast.dana}).first()
    return (found.language, found.state) if found else None


def dana_speaks(house: House, *tags: str) -> None:
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.dana)
        spoken = tuple(Language(tag=tag) for tag in tags)
        members.change_details(work, house.cast.dana, replace(known, languages=spoken))


def writes(house: House, languages: str) -> None:
    with house.work(house.cast.priya) as work:
        version = policy.propose_policy(work, f"title: Languages\nlanguages: [{languages}]\n")
    with house.work(house.cast.ola) as work:
        policy.publish_policy(work, version)


@pytest.fixture
def without_spanish_wordings(house: House) -> None:
    """An installation from before there were any."""
    with house.installation.engine.begin() as connection:
        connection.execute(text("DELETE FROM consent_text WHERE language = 'es'"))


def test_a_spanish_speaker_reads_every_page_in_spanish_and_nothing_of_others(
    house: House, dana: Dana
) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    tell_alone(one, base)
    for page in (*PAGES, *AFTER):
        answer = one.get(base + page)
        assert answer.status_code == 200, page
        if page == "/state":
            continue
        assert language_of(answer.text) == "es", page
        said = re.sub(r'(href|src|action)="[^"]*"|<script[^>]*>|<link[^>]*>|class="[^"]*"', "", answer.text)
        assert [word for word in NEVER if word in said] == [], page
        assert TRADE.findall(said) == [], page


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en-GB,es;q=0.5", "en"),
        ("en;q=0.3, es;q=0.7", "es"),
        ("pl,fr", "en"),
        ("es;q=0", "en"),
        ("", "en"),
        ("*;q=x,,;;es", "en"),
    ],
)
def test_where_nobody_is_known_yet_the_browser_says(stranger: Browser, said: str, language: str) -> None:
    assert language_of(asked(stranger, "/v", said).text) == language
    assert language_of(asked(stranger, "/code", said).text) == language


def test_the_readers_own_language_comes_before_the_browsers(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "en", "es")
    assert language_of(asked(one, f"{base}/", "es").text) == "en"
    dana_speaks(house, "pl")
    assert language_of(asked(one, f"{base}/", "es").text) == "es"


def test_what_the_device_was_told_stays_and_holds_nothing_but_the_language(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    page = one.get(f"{base}/?lang=en")
    [cookie] = [said for said in page.headers.get_list("set-cookie") if "language" in said]
    assert re.fullmatch(r"__Host-language=en; HttpOnly; Path=/; SameSite=lax; Secure", cookie)
    assert language_of(page.text) == "en"
    assert language_of(one.get(f"{base}/check").text) == "en"
    assert language_of(one.get(f"{base}/?lang=es").text) == "es"
    assert language_of(one.get("/v").text) == "es"


@pytest.mark.parametrize("wrong", ["tlh", "", "../es", "es-MX", "<b>"])
def test_a_language_that_is_none_of_ours_is_not_kept(stranger: Browser, wrong: str) -> None:
    answer = stranger.client.get("/v", params={"lang": wrong})
    assert language_of(answer.text) == "en"
    assert "set-cookie" not in answer.headers
    assert "<b>" not in re.sub(r"<p.*", "", answer.text)


def test_an_agency_of_english_alone_offers_no_other(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    assert 'class="tongues"' in one.get(f"{base}/").text
    writes(house, "en")
    page = one.get(f"{base}/?lang=es")
    assert language_of(page.text) == "en"
    assert 'class="tongues"' not in page.text
    assert "set-cookie" not in page.headers
    assert language_of(asked(one, "/v", "es").text) == "en"


def test_what_is_agreed_to_is_kept_in_the_language_that_was_read(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    page = one.get(f"{base}/consent/1").text
    assert "Esta es una visita por video." in page
    fields = fields_of(page)
    one.get(f"{base}/?lang=en")  # in another window meanwhile
    assert one.post(f"{base}/consent/1", fields | {"answer": "yes"}).status_code == 303
    assert newest_answer(house) == ("es", "given")
    assert one.post(f"{base}/withdraw", {"csrf": fields["csrf"]}).status_code == 303
    assert newest_answer(house) == ("es", "withdrawn")


def test_what_was_shown_is_kept_when_the_agency_stops_writing_in_that_language(
    house: House, dana: Dana
) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    fields = fields_of(one.get(f"{base}/consent/1").text)
    writes(house, "en")
    assert one.post(f"{base}/consent/1", fields | {"answer": "yes"}).status_code == 303
    assert newest_answer(house) == ("es", "given")


def test_no_yes_is_kept_to_words_in_a_language_in_which_there_are_none(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    fields = fields_of(one.get(f"{base}/consent/1").text)
    refused = one.post(f"{base}/consent/1", fields | {"answer": "yes", "language": "fr"})
    assert refused.status_code == 409
    assert language_of(refused.text) == "es"  # as the reader's own pages are, whatever the browser says
    assert newest_answer(house) is None


@pytest.mark.usefixtures("without_spanish_wordings")
def test_an_older_installation_publishes_the_words_it_has_not_and_none_beside_words_of_its_own(
    house: House,
) -> None:
    own = Text(
        purpose=Purpose.NOTES_KEPT, version=2, language="en", words="We write it down.", band=AgeBand.ADULT
    )
    with house.work(house.cast.ola) as work:
        publish_text(work, own)
    with house.as_actor(COMMAND_LINE) as work:
        said = published_texts(work)
    spanish = [one for one in FIRST_TEXTS if one.language == "es"]
    assert len(said) == len(spanish)
    assert [line for line in said if not line.startswith("published: ")] == [
        "left: notes_kept, adult, es (you ask this in words of your own; have them translated)"
    ]
    with house.as_actor(COMMAND_LINE) as work:
        assert published_texts(work) == [line for line in said if line.startswith("left")]
        for one in spanish:
            reader = Reader(language="es", band=one.band)
            there = newest_version(work, one.purpose, reader)
            assert there == (0 if one.purpose is Purpose.NOTES_KEPT and one.band is AgeBand.ADULT else 1)


@pytest.mark.usefixtures("without_spanish_wordings")
def test_a_card_whose_words_are_not_there_is_english_as_a_whole(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    page = one.get(f"{base}/consent/1").text
    assert language_of(page) == "en"
    assert "Yes, OK" in page
    assert 'name="language" value="en"' in page
    assert language_of(one.get(f"{base}/").text) == "es"


def test_a_script_is_told_why_not_in_the_pages_language(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    token = re.search(r'name="csrf" content="([^"]+)"', one.get(f"{base}/check").text)
    assert token is not None
    answer = one.send(f"{base}/ticket", {"nonce": "A" * 43, "signature": "x"}, x_csrf=token[1])
    assert answer.json() == {"reasons": ["Este enlace ya no funciona. Por favor, llámenos."]}


def test_a_link_before_its_time_says_when_in_the_devices_language(app: ASGIApp, house: House) -> None:
    visit = house.approved()
    one = browser(app)
    one.get("/v?lang=es")
    answer = open_link(one, house.secret(visit, house.cast.dana), Phone()).json()
    assert answer["title"] == "Su visita aún no está abierta"
    assert answer["text"].startswith("Vuelva el miércoles 15 de mayo, 15:45 (BST).")


def test_a_link_that_opens_nothing_is_the_same_bytes_in_each_language_whoever_it_was_for(
    app: ASGIApp, house: House, dana: Dana
) -> None:
    _, visit, _ = dana
    dana_speaks(house, "es")
    for language, words in (("en", "This link does not work now"), ("es", "Este enlace no funciona ahora")):
        answers = []
        one = browser(app)
        for secret in (house.secret(visit, house.cast.dana), "A" * 43):
            one = browser(app)
            one.get(f"/v?lang={language}")
            answers.append(open_link(one, secret, Phone()).content)
        assert len(set(answers)) == 1
        assert json.loads(answers[0])["title"] == words
        told = one.post("/v/answer", {"secret": "A" * 43}).text
        assert words in told
        assert language_of(told) == language


def test_the_answer_page_is_in_its_readers_language(app: ASGIApp, house: House) -> None:
    visit = house.approved()
    dana_speaks(house, "es")
    page = browser(app).post("/v/answer", {"secret": house.secret(visit, house.cast.dana)}).text
    assert language_of(page) == "es"
    assert "Tengo que trabajar" in page
    assert "miércoles 15 de mayo, 16:00" in page


def test_an_error_is_spanish_as_a_whole_for_families_and_english_for_staff(stranger: Browser) -> None:
    page = asked(stranger, "/v/nothing/here", "es").text
    assert language_of(page) == "es"
    assert "No encontramos esta página" in page
    assert language_of(asked(stranger, "/w/nothing", "es").text) == "en"


def test_words_that_are_published_in_spanish_are_read_in_spanish(house: House, dana: Dana) -> None:
    one, _, base = dana
    dana_speaks(house, "es")
    newest = max(t.version for t in FIRST_TEXTS if t.language == "es" and t.purpose is Purpose.TAKE_PART)
    words = "Palabras nuevas."
    text_ = Text(
        purpose=Purpose.TAKE_PART, version=newest + 1, language="es", words=words, band=AgeBand.ADULT
    )
    with house.work(house.cast.ola) as work:
        publish_text(work, text_)
    assert words in one.get(f"{base}/consent/1").text
