"""Where the words of messages are: a file per kind, channel and language."""

from collections.abc import Iterable
from pathlib import Path

from contact_service.notifications.message import MessageKind, Text
from contact_service.texts import ENGLISH


def text_of(texts: Path, kind: MessageKind, medium: str, spoken: Iterable[str]) -> Text:
    """The text in the first language of ``spoken`` (primary tags) that has a file in ``texts``, else in English."""
    found = (tag for tag in spoken if (texts / f"{kind}.{medium}.{tag}.txt").exists())
    language = next(found, ENGLISH)
    read = (texts / f"{kind}.{medium}.{language}.txt").read_text(encoding="utf-8")
    return Text(language=language, text=read)
