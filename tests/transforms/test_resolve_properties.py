"""What holds of every resolved article, whatever its text and whatever the model marked."""

import re
import time
from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article, Label, Mention
from transforms.resolve import resolve_entities

WORDS = (
    "the The government Government ministry Ministry of Foreign Affairs president President prime minister Maduro "
    "Nicolás Maduro's Trump Ivanka Donald Venezuelan Venezuela Venezuela’s Kenya Kenyan Georgia U.S. US United States "
    "House Senate Parliament Court Supreme police Police army its their country's Democratic Party Republicans (OAS) "
    "Organization American , . ; and said in Queen Elizabeth II Jr. office authorities administration Harbour Union "
    "New York Times Caracas Texas governor 's \n"
).split(" ")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join) | st.text(max_size=80)
LANGUAGES = st.sampled_from(["en", "es", "pt", "fr", "de", "und"])


@st.composite
def articles(draw: st.DrawFn) -> Article:
    text = draw(TEXTS)
    words = [match.span() for match in re.finditer(r"\w+", text)]  # the model marks whole words
    cuts = sorted(draw(st.sets(st.integers(0, len(words)), max_size=24)))
    labels = st.sampled_from(list(Label))
    mentions = tuple(
        Mention(text[words[first][0] : words[last - 1][1]], words[first][0], words[last - 1][1], str(draw(labels)), 0.5)
        for first, last in pairwise(cuts) if draw(st.booleans())
    )
    return Article("id", text, "test", headline=draw(TEXTS), language=draw(LANGUAGES), mentions=mentions)


@given(articles())
@settings(max_examples=400, deadline=None)
def test_offsets_entities_and_counts_hold(article: Article) -> None:
    resolved = resolve_entities(article)

    assert all(resolved.text[m.start_char : m.end_char] == m.text for m in resolved.mentions)
    assert all(first.end_char <= second.start_char for first, second in pairwise(resolved.mentions))
    counts = Counter(mention.entity for mention in resolved.mentions if mention.entity >= 0)
    assert counts == Counter({place: entity.mentions for place, entity in enumerate(resolved.entities)})
    assert all((m.entity == -1) == (m.label in (Label.DATE, Label.MONEY)) for m in resolved.mentions)
    assert all(0 <= entity.salience <= 1 and entity.name not in entity.aliases for entity in resolved.entities)
    assert [e.salience for e in resolved.entities] == sorted((e.salience for e in resolved.entities), reverse=True)


@given(articles())
@settings(max_examples=400, deadline=None)
def test_resolving_twice_is_resolving_once(article: Article) -> None:
    once = resolve_entities(article)

    assert resolve_entities(once) == once


def test_long_texts_take_linear_time() -> None:
    sentence = "Ines Morabela told the government and the ministry that the president of the court had met Morabela. "
    found = [i for i in range(len(sentence)) if sentence.startswith("Morabela", i)]

    def seconds(times: int) -> float:
        mentions = tuple(
            Mention("Morabela", n * len(sentence) + at, n * len(sentence) + at + 8, Label.PERSON, 0.9)
            for n in range(times) for at in found
        )
        article = Article("id", sentence * times, "test", language="en", mentions=mentions)
        start = time.process_time()
        resolve_entities(article)
        return time.process_time() - start

    seconds(50)
    assert seconds(1600) < 12 * seconds(400) + 0.2
