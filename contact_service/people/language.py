"""A language that somebody speaks or signs, and how well.  Tags are BCP 47 (RFC 5646, section 2.1)."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from contact_service.errors import BadInput

# language, extended language, script, region, variants; without extensions and private use, which say nothing here.
_TAG = re.compile(
    r"([a-z]{2,3})((?:-[a-z]{3}){0,3})(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?((?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*)"
)
LONGEST_TAG = 35


class LanguageMode(StrEnum):
    """Whether a language is spoken or signed."""

    SPOKEN = "spoken"
    SIGNED = "signed"


class LanguageLevel(StrEnum):
    """How well somebody gets on in a language."""

    NATIVE = "native"
    GOOD = "good"
    SOME = "some"
    NEEDS_INTERPRETER = "needs_interpreter"


@dataclass(frozen=True, kw_only=True)
class Language:
    """One language of one person."""

    tag: str
    mode: LanguageMode = LanguageMode.SPOKEN
    level: LanguageLevel = LanguageLevel.NATIVE

    @property
    def primary(self) -> str:
        """The language without script, region and variant: who speaks de-AT understands de."""
        return self.tag.partition("-")[0]


_AT_HOME = (LanguageLevel.NATIVE, LanguageLevel.GOOD)


def at_home_in(languages: Iterable[Language]) -> frozenset[str]:
    """The primary tags of the languages in which somebody can take part without help."""
    return frozenset(one.primary for one in languages if one.level in _AT_HOME)


def read_by(languages: Iterable[Language]) -> list[str]:
    """In what somebody is written to, by primary tag: what they are at home in, then what they speak some of.

    Nobody is written to in a language for which they need an interpreter, or that they sign.
    """
    spoken = [one for one in languages if one.mode is LanguageMode.SPOKEN]
    known = [one for one in spoken if one.level is not LanguageLevel.NEEDS_INTERPRETER]
    known.sort(key=lambda one: one.level not in _AT_HOME)
    return list(dict.fromkeys(one.primary for one in known))


def clean_tag(text: str) -> str:
    """The tag in the case that RFC 5646, section 2.1.1 recommends; raises ``BadInput`` for what is none."""
    found = _TAG.fullmatch(text.strip().lower()) if len(text) <= LONGEST_TAG else None
    if found is None:
        raise BadInput("Write the language as a tag, like en, pl or bfi for British Sign Language.", "tag")
    language, extended, script, region, variants = (part or "" for part in found.groups())
    return f"{language}{extended}{script.title()}{region.upper()}{variants}"


def from_plain(plain: Mapping[str, str]) -> Language:
    """A language as it was sealed."""
    return Language(tag=plain["tag"], mode=LanguageMode(plain["mode"]), level=LanguageLevel(plain["level"]))
