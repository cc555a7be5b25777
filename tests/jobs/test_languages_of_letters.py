"""Families are written to in their own language, its dates and calendar files too, where their agency writes it."""

from dataclasses import replace
from datetime import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from zoneinfo import ZoneInfo

import pytest

from contact_service.agency_policy import actions as policy
from contact_service.agency_policy.queries import languages_for
from contact_service.consent.consent import Purpose
from contact_service.jobs.answers import ASKED, SAID
from contact_service.jobs.composing import Post
from contact_service.jobs.letters import send_letters
from contact_service.notifications.dates import said_day, said_when
from contact_service.people.actions import members
from contact_service.people.language import Language, LanguageLevel, LanguageMode
from contact_service.people.queries.members import details_of
from contact_service.texts import LANGUAGES
from tests.cast import NOON, House
from tests.jobs.conftest import Office, raw

At = tuple[Office, Post]
SPANISH = (Language(tag="es-MX"), Language(tag="en", level=LanguageLevel.SOME))


def dana_speaks(house: House, *languages: Language) -> None:
    with house.work(house.cast.karim) as work:
        known = details_of(work, house.cast.dana)
        members.change_details(work, house.cast.dana, replace(known, languages=languages))


def in_force(house: House, text: str) -> None:
    with house.work(house.cast.priya) as work:
        version = policy.propose_policy(work, text)
    with house.work(house.cast.ola) as work:
        policy.publish_policy(work, version)


def written_to(house: House) -> str:
    with house.reading(house.cast.karim) as work:
        return languages_for(work, house.cast.dana)[0]


def to_dana(house: House, office: At) -> tuple[str, str, str]:
    """Subject, words and calendar file."""
    send_letters(house.installation, office[1])
    [found] = [message_from_bytes(raw(e)) for e in office[0].taken if e.rcpt_tos[0].startswith("dana")]
    parts = {
        one.get_content_type(): one.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for one in found.walk()
        if not one.is_multipart()
    }
    return str(make_header(decode_header(found["subject"]))), parts["text/plain"], parts["text/calendar"]


def test_a_spanish_speaker_gets_the_letter_its_date_and_its_calendar_entry_in_spanish(
    house: House, office: At
) -> None:
    house.approved()
    dana_speaks(house, *SPANISH)
    subject, words, calendar = to_dana(house, office)
    assert subject == "Su visita por video"
    assert "Hola Dana:" in words
    assert " de mayo, " in words
    assert "May" not in words
    assert "SUMMARY:Cita programada" in calendar


def test_an_agency_that_does_not_write_spanish_writes_english(house: House, office: At) -> None:
    house.approved()
    dana_speaks(house, *SPANISH)
    in_force(house, "title: English\nlanguages: [en]\n")
    subject, words, calendar = to_dana(house, office)
    assert subject == "Your video visit"
    assert "Hello Dana," in words
    assert "SUMMARY:Appointment" in calendar


@pytest.mark.parametrize(
    ("spoken", "language"),
    [
        ((), "en"),
        ((Language(tag="pl"),), "en"),
        ((Language(tag="pl"), Language(tag="es")), "es"),
        ((Language(tag="en"), Language(tag="es")), "en"),
        ((Language(tag="en", level=LanguageLevel.SOME), Language(tag="es")), "es"),
        ((Language(tag="es", level=LanguageLevel.SOME),), "es"),
        ((Language(tag="es", level=LanguageLevel.NEEDS_INTERPRETER),), "en"),
        ((Language(tag="es", mode=LanguageMode.SIGNED),), "en"),
    ],
)
def test_the_language_is_the_first_that_somebody_reads_and_the_agency_writes(
    house: House, spoken: tuple[Language, ...], language: str
) -> None:
    dana_speaks(house, *spoken)
    assert written_to(house) == language


def test_english_is_always_there_even_where_an_agency_does_not_name_it(house: House) -> None:
    in_force(house, "title: Spanish\nlanguages: [es]\n")
    dana_speaks(house, Language(tag="en"), Language(tag="es"))
    assert written_to(house) == "en"


def test_days_and_answers_have_words_in_every_language() -> None:
    assert set(ASKED) == set(SAID) == set(LANGUAGES)
    assert all(set(words) == set(Purpose) for words in ASKED.values())
    assert len({frozenset(words) for words in SAID.values()}) == 1
    assert {language: said_day(NOON, language) for language in LANGUAGES} == {
        "en": f"{NOON.day} May 2030",
        "es": f"{NOON.day} de mayo de 2030",
    }


@pytest.mark.parametrize(
    ("zone", "language", "named"),
    [
        ("Europe/London", "en", "(GMT)"),
        ("America/New_York", "es", "(EST)"),
        ("Asia/Kathmandu", "en", "(Nepal Time)"),
        ("America/Sao_Paulo", "en", "(Brazil (Sao Paulo) Time)"),
        ("America/Asuncion", "es", "(hora de Paraguay)"),
        ("Asia/Kathmandu", "cy", "(Nepal Time)"),
        ("Etc/GMT+3", "en", "(-03)"),
    ],
)
def test_a_clock_is_told_by_a_name_and_not_by_a_number(zone: str, language: str, named: str) -> None:
    """“12:00 (-03)” says nothing to a grandmother: many places have no short name."""
    at = datetime(2030, 12, 5, 12, tzinfo=ZoneInfo(zone))
    assert said_when(at, language).endswith(named)


def test_a_language_without_dates_of_its_own_has_english_ones() -> None:
    assert said_when(NOON, "cy") == said_when(NOON, "en")
