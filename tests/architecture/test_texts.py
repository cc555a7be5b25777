"""Every event has words, every message has a file, and no message says what it must not."""

import re
import string
from pathlib import Path

import pytest

from contact_service.audit.events import DISPLAY, EventType
from contact_service.notifications.message import BY_TEXT, ON_PAPER, PAPER, TO_THE_DESK, MessageKind
from contact_service.pages.rendering import web_dir

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
LANGUAGES = {"en"}
GSM = set(string.ascii_letters + string.digits + " \n@!\"#%&'()*+,-./:;<=>?_")


def test_every_event_has_words_of_its_own() -> None:
    assert set(DISPLAY) == set(EventType)
    assert len(set(DISPLAY.values())) == len(DISPLAY)


def test_every_message_has_a_file_for_each_language_and_no_file_is_without_message() -> None:
    wanted = {f"{kind}.email.{language}.txt" for kind in MessageKind for language in LANGUAGES}
    wanted |= {f"{kind}.sms.{language}.txt" for kind in BY_TEXT for language in LANGUAGES}
    wanted |= {f"{kind}.desk.en.txt" for kind in TO_THE_DESK}
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
    filled = re.sub(r"\{(when|until)\}", "Wednesday 30 September, 15:00 (CEST)", filled)
    assert len(re.sub(r"\{\w+\}", "x" * 12, filled)) <= 2 * 153


def test_what_goes_to_a_desk_is_for_the_family() -> None:
    assert TO_THE_DESK <= FAMILY


@pytest.mark.parametrize(
    ("kind", "medium"),
    [
        *((k, m) for k in sorted(FAMILY) for m in ("email", "sms")),
        *((k, "desk") for k in sorted(TO_THE_DESK)),
        *((k, PAPER) for k in sorted(ON_PAPER)),
    ],
)
def test_a_message_to_the_family_does_not_tell_a_stranger_what_it_is_about(
    kind: MessageKind, medium: str
) -> None:
    text = (Path(web_dir()) / "messages" / f"{kind}.{medium}.en.txt").read_text(encoding="utf-8")
    assert NEVER.findall(text.lower()) == []
    brings_none = kind is MessageKind.NOT_TAKING_PLACE or (kind, medium) == (MessageKind.REMINDER, PAPER)
    assert ("{link}" in text) is not brings_none
