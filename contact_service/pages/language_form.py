"""Languages as forms take them and pages say them: by name where Unicode's tables have one, else by tag."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import zip_longest

from babel import Locale
from pydantic import BaseModel, Field

from contact_service.errors import BadInput
from contact_service.pages.people_words import FLUENCIES
from contact_service.pages.rendering import say
from contact_service.people.language import Language, LanguageLevel, LanguageMode, clean_tag

FREE_ROWS = 2
# Signed languages that Unicode's tables of names leave out; tags of RFC 5646, section 4.1.2.
_SIGNED = {
    "bfi": "British Sign Language",
    "isg": "Irish Sign Language",
    "ase": "American Sign Language",
    "gsg": "German Sign Language",
    "pso": "Polish Sign Language",
}


class LanguageFields(BaseModel):
    """The rows of a form about languages; the three lists go together, and a row without a language is empty."""

    language: list[str] = Field(default_factory=list, max_length=30)
    mode: list[str] = Field(default_factory=list, max_length=30)
    fluency: list[str] = Field(default_factory=list, max_length=30)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    known = {tag.replace("_", "-"): name for tag, name in Locale("en").languages.items()}
    return known | _SIGNED


@lru_cache(maxsize=1)
def _tags() -> dict[str, str]:
    return {name.casefold(): tag for tag, name in _names().items()}


def language_name(tag: str) -> str:
    """The language's name in English with what is special about it, or the tag itself."""
    primary, _, special = tag.partition("-")
    name = _names().get(tag) or _names().get(primary)
    if name is None:
        return tag
    return name if tag in _names() or not special else f"{name} ({special})"


def languages_read(form: LanguageFields) -> tuple[Language, ...]:
    """The languages of the form; raises ``BadInput`` at the row that cannot be read."""
    rows = zip_longest(form.language, form.mode, form.fluency, fillvalue="")
    return tuple(_read(number, *row) for number, row in enumerate(rows, 1) if row[0])


def _read(number: int, typed: str, mode: str, fluency: str) -> Language:
    try:
        tag = _tags().get(typed.casefold()) or clean_tag(typed)
    except BadInput:
        raise BadInput(
            "We do not know this language. Write its name in English, like Polish, or its tag, like pl.",
            f"language-{number}",
        ) from None
    if mode not in set(LanguageMode) or fluency not in set(LanguageLevel):
        raise BadInput("Choose whether it is spoken or signed, and how well.", f"fluency-{number}")
    return Language(tag=tag, mode=LanguageMode(mode), level=LanguageLevel(fluency))


def typed_languages(languages: Iterable[Language]) -> LanguageFields:
    """Languages as a form shows them before anything is typed."""
    known = list(languages)
    return LanguageFields(
        language=[language_name(one.tag) for one in known],
        mode=[one.mode.value for one in known],
        fluency=[one.level.value for one in known],
    )


def rows_shown(form: LanguageFields) -> list[dict[str, str]]:
    """The rows of the form as typed, and empty ones below."""
    rows = [row for row in zip_longest(form.language, form.mode, form.fluency, fillvalue="") if row[0]]
    rows += [("", LanguageMode.SPOKEN.value, LanguageLevel.GOOD.value)] * FREE_ROWS
    return [{"language": language, "mode": mode, "fluency": fluency} for language, mode, fluency in rows]


def languages_shown(languages: Sequence[Language]) -> list[str]:
    """Each language in a line of its own, with how well; that it is spoken goes without saying."""
    return [
        say(
            "{language}, signed: {fluency}",
            language=language_name(one.tag),
            fluency=say(FLUENCIES[one.level]),
        )
        if one.mode is LanguageMode.SIGNED
        else f"{language_name(one.tag)}: {say(FLUENCIES[one.level])}"
        for one in languages
    ]
