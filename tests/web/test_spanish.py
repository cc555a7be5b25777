"""Every text that a family can meet is there in every language, says the same, and no page is in two languages."""

import ast
import html
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from babel.messages.pofile import read_po

from contact_service.errors import BadInput, Conflict, IllegalMove, LinkReplaced, NotFound, TooManyRequests
from contact_service.pages import errors
from contact_service.pages.rendering import has_words, render, translations, web_dir
from contact_service.policy import joining
from contact_service.texts import ENGLISH, LANGUAGES
from tests.web.contexts import SAMPLES
from web.extract import MARKS, PACKAGE, catalogue

OTHERS = [tag for tag in LANGUAGES if tag != ENGLISH]
FAMILY = [name for name, (template, _) in SAMPLES.items() if template.startswith("family/")]
# Where families are, and what only staff read there.
TEMPLATES = ("templates/family/", "templates/base.html")
MODULES = ("family", "company", "questions", "door", "choices", "guests")
OF_STAFF = {"Emergency access"}
MET = (NotFound, IllegalMove, Conflict, TooManyRequests, LinkReplaced)


def po(language: str) -> dict[Any, Any]:
    path = web_dir() / "locale" / language / "LC_MESSAGES" / "contact.po"
    with path.open("rb") as source:
        return {one.id: one for one in read_po(source, locale=language) if one.id}


def said_in(module: str) -> Iterator[str]:
    """The marked texts of a module of pages, methods such as ``guest.say`` among them."""
    path = PACKAGE / "pages" / f"{module}.py"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in MARKS and isinstance(node.args[0].value, str):
                yield node.args[0].value


def met_by_families() -> set[Any]:
    """Every msgid of a page behind a link, of a refusal at its door, and of an error that can happen there."""
    found: set[Any] = set()
    for message in catalogue():
        if message.id and any(path.startswith(TEMPLATES) for path, _ in message.locations):
            found.add(message.id)
    for module in MODULES:
        found |= set(said_in(module))
    refusals = (PACKAGE / "policy" / "joining.py").read_text(encoding="utf-8").split("def may_watch")[1]
    found |= set(
        re.findall(r'N_\("([^"]*(?:call us\.|questions first\.|not open yet\.|is over\.))"\)', refusals)
    )
    found |= {str(kind()) for kind in MET}
    for kind in (*MET, Exception, BadInput):
        shown = errors.TABLE.get(kind) or errors.TABLE[Conflict]
        found |= {shown.title, *shown.do}
    return (found | {errors._BUSY, errors._BROKEN, errors._INVALID}) - OF_STAFF


def places(text: str) -> set[str]:
    named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    return named | set(re.findall(r"%\(\w+\)[sd]", text))


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_that_families_meet_is_translated_with_the_same_places(language: str) -> None:
    written = {key if isinstance(key, str) else tuple(key): one.string for key, one in po(language).items()}
    wanted = met_by_families()
    assert len(wanted) > 180
    missing = {text for text in wanted if not (written.get(text) or "")}
    assert missing == set()
    for text, said in written.items():
        for english, other in zip(
            [text] if isinstance(text, str) else text, [said] if isinstance(said, str) else said, strict=True
        ):
            assert places(english) == places(other), english


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_of_a_text_that_is_gone_goes_too(language: str) -> None:
    every = {one.id if isinstance(one.id, str) else tuple(one.id) for one in catalogue() if one.id}
    assert {key for key in po(language) if key not in every} == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_refusal_at_the_door_has_words_in_every_language(language: str) -> None:
    assert joining._JOINING
    assert has_words("This visit cannot go ahead now. Please call us.", language)
    assert not has_words("Only the visit supervisor of this visit lets people in.", language)


def seen(text: str) -> set[str]:
    """The sentences of a page that are no names, numbers or addresses."""
    body = re.sub(
        r"<(style|head|svg|title).*?</\1>|<nav class=\"tongues\".*?</nav>", " ", text, flags=re.DOTALL
    )
    parts = re.split(r"<[^>]*>|\\u003c|[\"{}]|&#34;", html.unescape(body))
    return {" ".join(part.split()) for part in parts if re.search(r"[A-Za-z]{3}", part)}


@pytest.mark.parametrize("name", FAMILY)
@pytest.mark.parametrize("language", OTHERS)
def test_a_page_says_it_is_in_a_language_and_no_text_of_its_template_stays_english(
    name: str, language: str
) -> None:
    template, context = SAMPLES[name]
    page = render(template, context, locale=language)
    assert f'<html lang="{language}"' in page
    texts = {one.id for one in catalogue() if isinstance(one.id, str) and has_words(one.id, language)}
    same = {text for text in texts if translations(language).gettext(text) == text}
    given = html.unescape(str(context))
    left = {part for part in seen(page) & texts if part not in same and part not in given}
    assert left == set()


@pytest.mark.parametrize("language", OTHERS)
def test_a_child_and_a_parent_read_no_word_of_the_trade(language: str) -> None:
    trade = re.compile(
        r"contacto|acogida|acogimiento|tribunal|juez|expediente|adopci|tutel|servicios sociales|sesión|"
        r"madre biológica|padre biológico",
        re.IGNORECASE,
    )
    assert [one.string for one in po(language).values() if trade.search(str(one.string))] == []
