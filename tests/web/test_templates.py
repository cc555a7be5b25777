import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from contact_service.pages.rendering import render, web_dir
from tests.web.contexts import SAMPLES
from tests.web.samples import Context
from web import extract

TEMPLATES = web_dir() / "templates"
PARTS = {
    "base.html",
    "mark.html",
    "icons.html",
    "plan_changes.html",
    "policy_read.html",
    "words.html",
    "forms.html",
    "if_they_can.html",
    "busy.html",
    "choice.html",
}
PARTS |= {
    "details_fields.html",
    "order_fields.html",
    "merge.html",
    "exceptions.html",
    "owed_chart.html",
    "own_calendars.html",
    "series_rows.html",
    "staff/child_layout.html",
}
PARTS |= {"staff/layout.html", "staff/seal.html", "family/layout.html", "family/helpline.html"}
PARTS |= {"family/switch.html", "family/aloud.html", "family/check_words.html", "family/room_words.html"}
HOSTILE = "<script>alert(1)</script>\"'&"


class Page(HTMLParser):
    """The tags of one page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def pages() -> list[tuple[str, Page]]:
    return [(name, Page(render(template, context))) for name, (template, context) in SAMPLES.items()]


def test_every_template_has_a_sample() -> None:
    files = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html")}
    assert files - PARTS == {template for template, _ in SAMPLES.values()}


@pytest.mark.parametrize("name", SAMPLES)
def test_nothing_runs_or_is_styled_inside_a_page(name: str) -> None:
    template, context = SAMPLES[name]
    for tag, attributes in Page(render(template, context)).tags:
        assert tag != "style"
        assert "style" not in attributes, attributes
        assert not [given for given in attributes if given.startswith("on")], attributes
        if tag == "script" and "src" not in attributes:
            assert attributes["type"] == "application/json"


@pytest.mark.parametrize("name", SAMPLES)
def test_page_has_one_heading_a_language_and_a_title(name: str) -> None:
    template, context = SAMPLES[name]
    text = render(template, context)
    tags = Page(text).tags
    assert [tag for tag, _ in tags].count("h1") == 1
    assert dict(tags)["html"]["lang"] == "en"
    assert dict(tags)["html"]["dir"] == "ltr"
    assert re.search(r"<title>[^<]*\S[^<]* \u2013 Family Visits</title>", text)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_post_form_carries_the_token(name: str) -> None:
    template, context = SAMPLES[name]
    text = render(template, context)
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
    # Whoever holds a link's secret proves by it that they mean it; no session and no cookie of theirs is used.
    proofs = (f'name="csrf" value="{context.get("csrf")}"', '<input type="hidden" name="secret"')
    assert all(any(proof in form for proof in proofs) for form in forms)


def test_every_class_of_the_design_system_exists() -> None:
    css = (web_dir() / "vendor" / "govuk.css").read_text(encoding="utf-8")
    known = set(re.findall(r"\.(govuk-[\w-]+)", css))
    used = {
        one
        for _, page in pages()
        for _, attributes in page.tags
        for one in (attributes.get("class") or "").split()
        if one.startswith("govuk-")
    }
    assert used - known == set()


def test_every_own_class_exists() -> None:
    css = (web_dir() / "static" / "app.css").read_text(encoding="utf-8")
    known = set(re.findall(r"\.([a-z][\w-]+)", css)) | {"room--child", "picks", "pick"}
    used = {
        one
        for _, page in pages()
        for _, attributes in page.tags
        for one in (attributes.get("class") or "").split()
        if not one.startswith("govuk-")
    }
    assert used - known == set()


def test_ids_are_unique_on_each_page() -> None:
    for name, page in pages():
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert sorted(ids, key=str) == sorted(set(ids), key=str), name


def test_errors_point_at_fields_that_exist() -> None:
    for name, page in pages():
        ids = {attributes.get("id") for _, attributes in page.tags}
        links = [a.get("href") or "" for tag, a in page.tags if tag == "a"]
        assert {link[1:] for link in links if link.startswith("#")} <= ids, name


@pytest.mark.parametrize("missing", ["heading", "who", "next_url", "help"])
def test_a_value_that_is_not_given_stops_the_page(missing: str) -> None:
    template, context = SAMPLES["landing"]
    with pytest.raises(UndefinedError, match=missing):
        render(template, {key: value for key, value in context.items() if key != missing})


@pytest.mark.parametrize("name", SAMPLES)
def test_hostile_words_stay_words(name: str) -> None:
    template, context = SAMPLES[name]
    text = render(template, poisoned(context))
    assert "<script>alert" not in text
    assert 'alert(1)</script>"' not in text
    assert {given for _, a in Page(text).tags for given in a} == {
        given for _, a in Page(render(template, context)).tags for given in a
    }


def poisoned(value: Context) -> Context:
    """The same context with something nasty after every free text."""
    free = {
        "name",
        "text",
        "title",
        "heading",
        "reason",
        "who",
        "you",
        "visit_supervisor",
        "said",
        "note",
        "barred",
    }

    def change(key: str, old: object) -> object:
        if isinstance(old, dict):
            return {k: change(k, v) for k, v in old.items()}
        if isinstance(old, list):
            return [change(key, one) for one in old]
        return old + HOSTILE if isinstance(old, str) and key in free else old

    return {key: change(key, old) for key, old in value.items()}


def test_times_are_shown_in_the_zone_of_the_reader() -> None:
    template, context = SAMPLES["landing"]
    assert "Tuesday 24 November, 16:00" in render(template, context, zone="Europe/London")
    assert "Tuesday 24 November, 17:00" in render(template, context, zone="Europe/Berlin")


def test_a_language_written_from_right_to_left_turns_the_page() -> None:
    template, context = SAMPLES["landing"]
    assert '<html lang="ar" dir="rtl"' in render(template, context, locale="ar")


def test_translators_get_every_text() -> None:
    assert extract.TEMPLATE.read_bytes() == extract.text()


def test_no_text_escapes_the_catalogue() -> None:
    bare = re.compile(r">\s*([A-Za-z][A-Za-z ,.?!’']{3,})\s*<")
    for path in TEMPLATES.rglob("*.html"):
        source = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        found = [text for text in bare.findall(re.sub(r"\{[{%].*?[%}]\}", "", source)) if text.strip()]
        assert found == [], Path(path).name


def test_own_style_knows_no_left_and_right() -> None:
    css = (web_dir() / "static" / "app.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    physical = r"\b(left|right)\b|(margin|padding|border)-(top|bottom)|[^-]\b(width|height):"
    assert re.findall(physical, re.sub(r"@media[^{]*", "", css)) == []
    assert "[hidden] { display: none !important; }" in css
