"""Every event has words, every message has a file, and no message says what it must not."""

import re
import string
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contact_service.audit.events import DISPLAY, EventType
from contact_service.notifications.dates import said_when
from contact_service.notifications.message import (
    BY_TEXT,
    ON_PAPER,
    PAPER,
    TO_FAMILIES,
    TO_THE_DESK,
    MessageKind,
)
from contact_service.pages.rendering import web_dir
from contact_service.texts import LANGUAGES

MESSAGES = sorted((Path(web_dir()) / "messages").glob("*.txt"))
PLACES = {
    "answers",
    "days",
    "from_on",
    "help_name",
    "help_phone",
    "link",
    "minutes",
    "name",
    "reason",
    "reference",
}
PLACES |= {"state", "times", "until", "when"}
FAMILY = {MessageKind.INVITATION, MessageKind.NOT_TAKING_PLACE, MessageKind.REMINDER}
FAMILY |= {MessageKind.CHOOSE_A_TIME}
NEVER = re.compile(
    r"contact|placement|foster|court|order|case|social worker|child|mother|father|surname|restriction|\bcare\b"
)
NEVER_IN = {
    "en": NEVER,
    "es": re.compile(
        r"contacto|acogid|acogimiento|tribunal|juez|juzgado|\bcaso|trabajador|niñ|menor|\bhij|madre|padre|apellido|"
        r"restricci|adopci|tutel|cuidad|expediente|hogar|servicios sociales"
    ),
}
STAFF_ONLY_IN_ENGLISH = set(MessageKind) - TO_FAMILIES
# The seven-bit alphabet (GSM 03.38) has é, ñ, ü, ¿ and ¡, and neither á, í, ó nor ú.
GSM = set(string.ascii_letters + string.digits + " \n@!\"#%&'()*+,-./:;<=>?_éñü¿¡")


def test_every_event_has_words_of_its_own() -> None:
    assert set(DISPLAY) == set(EventType)
    assert len(set(DISPLAY.values())) == len(DISPLAY)


def test_every_message_has_a_file_for_each_language_and_no_file_is_without_message() -> None:
    wanted = {f"{kind}.email.{language}.txt" for kind in TO_FAMILIES for language in LANGUAGES}
    wanted |= {f"{kind}.email.en.txt" for kind in STAFF_ONLY_IN_ENGLISH}
    wanted |= {f"{kind}.sms.{language}.txt" for kind in BY_TEXT for language in LANGUAGES}
    wanted |= {f"{kind}.desk.{language}.txt" for kind in TO_THE_DESK for language in LANGUAGES}
    wanted |= {f"{kind}.{PAPER}.{language}.txt" for kind in ON_PAPER for language in LANGUAGES}
    assert {path.name for path in MESSAGES} == wanted


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.name)
def test_a_message_has_a_subject_and_only_known_places(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    if ".sms." not in path.name:
        subject, _, body = text.partition("\n\n")
        assert re.fullmatch(r"Subject: [^\n{}]+", subject)
        assert body.strip()
    assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= PLACES


def test_only_the_family_is_written_to_by_text_message() -> None:
    assert BY_TEXT <= FAMILY


@pytest.mark.parametrize("path", [p for p in MESSAGES if ".sms." in p.name], ids=lambda path: path.name)
def test_a_text_message_has_the_letters_of_every_phone_and_is_short(path: Path) -> None:
    """The seven-bit alphabet (GSM 03.38): one letter outside it halves what fits into a message."""
    text = path.read_text(encoding="utf-8")
    assert all(set(said) <= GSM for said, *_ in string.Formatter().parse(text))
    filled = re.sub(r"\{link\}", "x" * 90, text.strip())
    longest = said_when(
        datetime(2026, 9, 30, 15, tzinfo=ZoneInfo("Europe/Madrid")), path.stem.rpartition(".")[2]
    )
    filled = re.sub(r"\{(when|until)\}", longest, filled)
    assert len(re.sub(r"\{\w+\}", "x" * 12, filled)) <= 2 * 153


def test_what_goes_to_a_desk_is_for_the_family() -> None:
    assert TO_THE_DESK <= FAMILY


def places(path: Path) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(path.read_text(encoding="utf-8")) if name}


@pytest.mark.parametrize(
    "path", [p for p in MESSAGES if not p.stem.endswith(".en")], ids=lambda path: path.name
)
def test_a_translated_message_tells_what_the_english_one_tells(path: Path) -> None:
    english = path.with_name(f"{path.stem.rpartition('.')[0]}.en.txt")
    assert places(path) == places(english)
    assert path.read_text(encoding="utf-8").count("\n\n") == english.read_text(encoding="utf-8").count("\n\n")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "medium"),
    [
        *((k, m) for k in sorted(FAMILY) for m in ("email", "sms")),
        *((k, "desk") for k in sorted(TO_THE_DESK)),
        *((k, PAPER) for k in sorted(ON_PAPER)),
    ],
)
def test_a_message_to_the_family_does_not_tell_a_stranger_what_it_is_about(
    kind: MessageKind, medium: str, language: str
) -> None:
    text = (Path(web_dir()) / "messages" / f"{kind}.{medium}.{language}.txt").read_text(encoding="utf-8")
    assert NEVER_IN[language].findall(text.lower()) == []
    brings_none = kind is MessageKind.NOT_TAKING_PLACE or (kind, medium) == (MessageKind.REMINDER, PAPER)
    assert ("{link}" in text) is not brings_none
