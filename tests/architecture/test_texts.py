"""Every event has words, every message has a file, and no message says what it must not."""

import re
import string
from pathlib import Path

import pytest

from contact_service.audit.events import DISPLAY, EventType
from contact_service.notifications.message import MessageKind
from contact_service.pages.rendering import web_dir

MESSAGES = sorted((Path(web_dir()) / "messages").glob("*.txt"))
PLACES = {"answers", "days", "from_on", "help_name", "help_phone", "link", "minutes", "name", "reason"}
PLACES |= {"state", "until", "when"}
FAMILY = {MessageKind.INVITATION, MessageKind.NOT_TAKING_PLACE}
NEVER = re.compile(
    r"contact|placement|foster|court|order|case|social worker|child|mother|father|surname|restriction|\bcare\b"
)
LANGUAGES = {"en"}


def test_every_event_has_words_of_its_own() -> None:
    assert set(DISPLAY) == set(EventType)
    assert len(set(DISPLAY.values())) == len(DISPLAY)


def test_every_message_has_a_file_for_each_language_and_no_file_is_without_message() -> None:
    wanted = {f"{kind}.email.{language}.txt" for kind in MessageKind for language in LANGUAGES}
    assert {path.name for path in MESSAGES} == wanted


@pytest.mark.parametrize("path", MESSAGES, ids=lambda path: path.name)
def test_a_message_has_a_subject_and_only_known_places(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    assert re.fullmatch(r"Subject: [^\n{}]+", subject)
    assert body.strip()
    assert {name for _, name, _, _ in string.Formatter().parse(text) if name} <= PLACES


@pytest.mark.parametrize("kind", sorted(FAMILY))
def test_a_message_to_the_family_does_not_tell_a_stranger_what_it_is_about(kind: MessageKind) -> None:
    text = (Path(web_dir()) / "messages" / f"{kind}.email.en.txt").read_text(encoding="utf-8")
    assert NEVER.findall(text.lower()) == []
    assert ("{link}" in text) is (kind is MessageKind.INVITATION)
