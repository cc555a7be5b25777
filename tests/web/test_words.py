"""Family pages are easy to read: LIX at most 25, ARI at most 4, sentences of at most 15 words, kind words."""

import html
import json
import re

import pytest

from contact_service.pages.rendering import render
from tests.web.contexts import SAMPLES

FAMILY = [name for name, (template, _) in SAMPLES.items() if template.startswith("family/")]
UNKIND = r"\b(contact|placement|no-show|birth parent|removed|failed|session|appointment|recording device)\b"


def sentences(name: str) -> list[str]:
    """What a reader of the page may meet, sentence by sentence, also what its script may say."""
    template, context = SAMPLES[name]
    text = render(template, context)
    said = [
        word for block in re.findall(r'id="words">(.*?)</script>', text, re.DOTALL) for word in spoken(block)
    ]
    body = re.sub(r"<(script|style|head|svg|title).*?</\1>", " ", text, flags=re.DOTALL)
    blocks = re.split(
        r"</?(?:p|li|h1|h2|h3|button|a|div|span|b|br|dt|dd|small|figcaption|noscript|footer)\b[^>]*>", body
    )
    plain = [html.unescape(re.sub(r"<[^>]+>", " ", block)) for block in blocks] + said
    parts = [part.strip() for block in plain for part in re.split(r"(?<=[.?!:])\s+", " ".join(block.split()))]
    return [part for part in parts if re.search(r"[A-Za-z]{2}", part)]


def spoken(block: str) -> list[str]:
    return [str(value) for value in json.loads(block).values()]


def words(sentence: str) -> list[str]:
    return re.findall(r"[A-Za-z’']+", sentence)


@pytest.mark.parametrize("name", FAMILY)
def test_sentences_are_short(name: str) -> None:
    assert [sentence for sentence in sentences(name) if len(words(sentence)) > 15] == []


@pytest.mark.parametrize("name", FAMILY)
def test_text_is_easy(name: str) -> None:
    found = sentences(name)
    all_words = [word for sentence in found for word in words(sentence)]
    long = [word for word in all_words if len(word) > 6]
    lix = len(all_words) / len(found) + 100 * len(long) / len(all_words)
    ari = 4.71 * sum(map(len, all_words)) / len(all_words) + 0.5 * len(all_words) / len(found) - 21.43
    assert lix <= 25, (lix, sorted(set(long)))
    assert ari <= 4, ari


@pytest.mark.parametrize("name", FAMILY)
def test_words_are_kind(name: str) -> None:
    assert [sentence for sentence in sentences(name) if re.search(UNKIND, sentence, re.IGNORECASE)] == []


def test_the_child_reads_ten_words_at_most() -> None:
    assert [sentence for sentence in sentences("child-room") if len(words(sentence)) > 10] == []


@pytest.mark.parametrize("name", FAMILY)
def test_a_person_to_call_stands_on_every_page(name: str) -> None:
    template, context = SAMPLES[name]
    assert 'href="tel:01632960123"' in render(template, context)
