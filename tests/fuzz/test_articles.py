"""Whatever comes in: each step gives an article that holds, or says why it cannot."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article, DeadLetter, Document, FoundDate, Label, Mention
from schemas.errors import ArticleError
from tests.fuzz.effort import FUZZ
from tests.fuzz.mutate import make_mutants, read_seeds
from transforms.clean import clean_article, restore_text
from transforms.date import date_article
from transforms.date_text import LAST_DAY
from transforms.fields import NAMES
from transforms.language import detect_language
from transforms.locate import locate_article
from transforms.pairs import find_pairs
from transforms.parse import parse_document
from transforms.read import read_payload
from transforms.resolve import resolve_entities

SEEDS = read_seeds(Path(__file__).parents[2] / "examples" / "articles")
FIRST_DAY = date(1900, 1, 1)

WORDS = st.sampled_from(
    "The the president of Venezuela President Maduro Nicolás OAS (OAS) U.S. said that he opposes it, Friday on January "
    "11 2019 10th 2.30 p.m. Advertisement Read more: Photo: Getty Images RELATED Updated: July 18, 2022 — - | “ ” ’s "
    "CARACAS, (Reuters) 2019-01-11 11/01/2019 €5 $3 million e\u0301 \u202e \U0001f600 \x85 \u2028 İ ﬁ Dr. St. A. "
    '… ; : ( ) [ ] "'.split(" ")
)
LINES = st.lists(WORDS, max_size=25).map(" ".join)
TEXTS = st.one_of(st.lists(LINES, max_size=12).map("\n\n".join), st.lists(LINES, max_size=12).map("\n".join), st.text())
TAGS = st.sampled_from(
    "<p> </p> <div> </div> <article> </article> <h1> </h1> <title> </title> <br> <script> </script> <a href=x> </a> "
    "<!-- --> <html> <body> <table><tr><td> &nbsp; &#x1F600; &#0; &lt; <svg> <b <![CDATA[ ]]> <?x?> "
    "<time/datetime=99999> <meta/property=article:published_time/content=2019-01-11>".split()
)
NAMES_OF_FIELDS = st.sampled_from([name for names in NAMES.values() for name in names])
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(NAMES_OF_FIELDS, st.text()), inner, max_size=6)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES_OF_FIELDS, JSON, max_size=8).map(lambda value: json.dumps(value).encode())
MARKUP = st.lists(st.one_of(TAGS, LINES), max_size=60).map(lambda parts: " ".join(parts).encode("utf-8", "replace"))
DOCUMENTS = st.one_of(
    st.builds(Document, st.just("a.json"), st.sampled_from(["application/json", "application/atom+xml"]), OBJECTS),
    st.builds(Document, st.just("a.html"), st.just("text/html"), MARKUP),
    st.builds(
        Document,
        st.just("a.txt"),
        st.just("text/plain"),
        st.one_of(TEXTS.map(lambda t: t.encode("utf-16", "replace")), st.binary()),
    ),
)


def article_of(text: str) -> Article:
    return Article("0" * 32, text, "a.txt")


def holds(article: Article) -> bool:
    return len(article.article_id) == 32 and bool(article.text.strip()) and not {"\r", "\0"} & set(article.text)


def is_dated_within_reason(article: Article) -> bool:
    return article.date is None or FIRST_DAY <= article.date <= LAST_DAY


@FUZZ
@given(DOCUMENTS)
def test_any_document_becomes_a_dated_article_or_a_reason(document: Document) -> None:
    try:
        article = date_article(clean_article(parse_document(document)))
    except ArticleError:
        return
    assert holds(article)
    assert is_dated_within_reason(article)


@FUZZ
@given(st.integers(0, 10**9))
def test_mutants_of_files_are_read_parsed_and_dated(number: int) -> None:
    [sample] = make_mutants(SEEDS, 1, seed=number)
    found = list(read_payload(sample.content, sample.name))
    assert found
    for document in found:
        if isinstance(document, DeadLetter):
            assert document.step == "read"
            continue
        try:
            article = date_article(detect_language(clean_article(parse_document(document))))
        except ArticleError:
            continue
        assert holds(article)
        assert is_dated_within_reason(article)


@FUZZ
@given(TEXTS.filter(str.strip))
def test_cleaning_loses_nothing_and_is_done_when_it_is_done(text: str) -> None:
    try:
        cleaned = clean_article(article_of(text))
    except ArticleError:
        return
    assert restore_text(cleaned) == text
    assert clean_article(cleaned) == cleaned


@FUZZ
@given(
    TEXTS,
    st.lists(st.tuples(TEXTS, st.sampled_from(["json:date", "modified:x", "warc:date", "file"])), max_size=4),
    TEXTS,
)
def test_dates_are_real_days_with_their_evidence(text: str, stated: list[tuple[str, str]], url: str) -> None:
    found_dates = tuple(FoundDate(*pair) for pair in stated)
    dated = date_article(
        replace(article_of(text or "x"), found_dates=found_dates, url=url or None, headline=text[:50] or None)
    )
    assert is_dated_within_reason(dated)
    if dated.date_evidence:
        sources = [text, text[:50], url, *(value for value, _ in stated)]
        assert any(
            dated.date_evidence in source or dated.date_evidence in " ".join(source.split()) for source in sources
        )


@pytest.mark.parametrize("digits", [4, 20, 400])
@FUZZ
@given(st.text("0123456789-/:T.+Z ,FriJan", max_size=40))
def test_no_metadata_date_raises(digits: int, value: str) -> None:
    assert is_dated_within_reason(
        date_article(replace(article_of("x"), found_dates=(FoundDate(value + "9" * digits, "json:date"),)))
    )


@st.composite
def recognized(draw: st.DrawFn) -> Article:
    """An article with mentions anywhere in it, in order and apart, as a model might give them."""
    text = draw(TEXTS.filter(lambda text: len(text) > 5))
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=24)))
    spans = [
        span for span in zip(cuts[::2], cuts[1::2], strict=False) if text[slice(*span)].strip() == text[slice(*span)]
    ]
    labels = st.sampled_from([label.value for label in Label])
    mentions = tuple(Mention(text[start:end], start, end, draw(labels), 0.9) for start, end in spans)
    return replace(article_of(text), mentions=mentions, language="en")


@FUZZ
@given(recognized())
def test_any_mentions_resolve_pair_and_locate(article: Article) -> None:
    resolved = resolve_entities(article)
    assert all(-1 <= mention.entity < len(resolved.entities) for mention in resolved.mentions)
    for pair in find_pairs(resolved).asked:
        start, end = pair.evidence
        assert 0 <= start < end <= len(article.text)
        assert pair.holder is None or 0 <= pair.holder < len(resolved.entities)
        assert 0 <= pair.target < len(resolved.entities)
    located = locate_article(resolved)
    assert len(located.country) == 2
    assert located.country.isupper()


def test_mutants_are_the_same_ones_for_the_same_seed() -> None:
    first, again = (list(make_mutants(SEEDS, 20, seed=3)) for _ in range(2))
    assert first == again
    assert len({sample.name for sample in first}) == 20
