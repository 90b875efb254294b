"""Near-duplicates: precision and recall on rewrites made from real articles, and on different stories of one topic.

    python -m benchmarks.duplicates DATA [--pairs 300] [--seed 1]

DATA is a folder with `articles/wikinews` and `articles/worldwide_newswire`. Duplicates are rewrites as newspapers make
them of wire copy: another headline, paragraphs cut from the tail or the middle, a name updated, a lead of their own.
The others are pairs that share a topic and must stay two stories: the two halves of one long article, a follow-up that
repeats some background paragraphs, and the corpora's own closest neighbours (but for the very same words, which occur).
"""

import argparse
import gzip
import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from math import log, sqrt
from pathlib import Path

from transforms.deduplicate import StoryInput, assign_stories, words_of

DAY = date(2019, 1, 11)
NAMES = ("Elena Marchetti", "Tomas Okafor", "Ingrid Solheim", "Rafael Quintero", "Mei-Ling Tan", "Samuel Abernathy")
HEADLINES = ("What we know so far", "Officials respond after a day of tension", "Latest: the story in brief")
LEADS = ("Our correspondent reports from the scene.", "This story has been updated throughout.", "(Agencies)")

Article = tuple[str, str]  # headline, text
Pair = tuple[Article, Article]


def load_articles(data: Path) -> list[Article]:
    """The corpora's articles of at least 120 words, headline and text, in a fixed order."""
    articles = []
    for name in ("wikinews/en", "wikinews/fr", "worldwide_newswire/en"):
        with gzip.open(data / "articles" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        articles += [(row.get("title") or "", row["body"]) for row in rows if len(words_of(row["body"])) >= 120]
    return articles


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a text; of one without breaks, its sentences."""
    found = [paragraph for paragraph in re.split(r"\n\s*\n|\n", text) if paragraph.strip()]
    return found if len(found) > 3 else re.split(r"(?<=[.!?])\s+", text)


def cut_tail(article: Article, chance: random.Random) -> Article:
    """The beginning of an article: a third to nine tenths of its paragraphs, under another headline."""
    paragraphs = paragraphs_of(article[1])
    kept = max(1, round(len(paragraphs) * chance.uniform(0.34, 0.9)))
    return chance.choice(HEADLINES), "\n\n".join(paragraphs[:kept])


def cut_middle(article: Article, chance: random.Random) -> Article:
    """An article without a third of its paragraphs, and with a line of the newspaper's own."""
    paragraphs = paragraphs_of(article[1])
    kept = sorted(chance.sample(range(len(paragraphs)), max(1, round(len(paragraphs) * 0.67))))
    return chance.choice(HEADLINES), "\n\n".join([chance.choice(LEADS), *(paragraphs[at] for at in kept)])


def update_name(article: Article, chance: random.Random) -> Article:
    """An article in which its most frequent name of two words is another one, everywhere."""
    names = Counter(re.findall(r"\b[A-Z][a-z]+ [A-Z][a-z]+\b", article[1]))
    name = names.most_common(1)[0][0] if names else words_of(article[1])[0]
    return chance.choice(HEADLINES), article[1].replace(name, chance.choice(NAMES))


def rewrite_all(article: Article, chance: random.Random) -> Article:
    """All of it: a name updated, the tail cut, a line of its own in front."""
    headline, text = cut_tail(update_name(article, chance), chance)
    return headline, f"{chance.choice(LEADS)}\n\n{text}"


REWRITES: tuple[Callable[[Article, random.Random], Article], ...] = (cut_tail, cut_middle, update_name, rewrite_all)


def rewrites(articles: Sequence[Article], chance: random.Random) -> Iterator[tuple[str, Pair]]:
    """Endless (kind, pair) of an article and a copy of it that still has 40 words."""
    while True:
        article, rewrite = chance.choice(articles), chance.choice(REWRITES)
        copy = rewrite(article, chance)
        if len(words_of(copy[1])) >= 40:
            yield rewrite.__name__, (article, copy)


def halves(articles: Sequence[Article], chance: random.Random) -> Iterator[Pair]:
    """Endless pairs of the two halves of a long article: one event, no sentence in common."""
    long = [article for article in articles if len(paragraphs_of(article[1])) >= 6]
    while True:
        headline, text = chance.choice(long)
        paragraphs = paragraphs_of(text)
        middle = len(paragraphs) // 2
        yield (headline, "\n\n".join(paragraphs[:middle])), (headline, "\n\n".join(paragraphs[middle:]))


def follow_ups(articles: Sequence[Article], chance: random.Random) -> Iterator[Pair]:
    """Endless pairs of a story and a later one whose last quarter is the first one's background, word for word."""
    long = [article for article in articles if len(paragraphs_of(article[1])) >= 8]
    while True:
        headline, text = chance.choice(long)
        paragraphs = paragraphs_of(text)
        third = len(paragraphs) // 3
        background = chance.sample(paragraphs[:third], max(1, third // 2))
        first, second = paragraphs[: 2 * third], [*paragraphs[2 * third :], *background]
        if sum(map(len, background)) < 0.35 * sum(map(len, second)):
            yield (headline, "\n\n".join(first)), (headline, "\n\n".join(second))


def neighbours(articles: Sequence[Article], _: random.Random) -> Iterator[Pair]:
    """The pairs of different articles with the closest words (TF-IDF cosine), closest first."""
    counts = [Counter(words_of(text)) for _, text in articles]
    spread = Counter(word for count in counts for word in count)
    postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for row, count in enumerate(counts):
        weights = {word: number * log(len(articles) / spread[word]) for word, number in count.items()}
        length = sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        for word, weight in weights.items():
            if spread[word] < len(articles) // 10:
                postings[word].append((row, weight / length))
    scores: Counter[tuple[int, int]] = Counter()
    for found in postings.values():
        for at, (row, weight) in enumerate(found):
            for other, other_weight in found[at + 1 :]:
                scores[row, other] += weight * other_weight
    for (row, other), _ in sorted(scores.items(), key=lambda item: (-item[1], item[0])):
        if words_of(articles[row][1]) != words_of(articles[other][1]):
            yield articles[row], articles[other]


TOPICS: tuple[Callable[[Sequence[Article], random.Random], Iterator[Pair]], ...] = (halves, follow_ups, neighbours)


def are_one_story(pair: Pair) -> bool:
    """Whether the story columns would put the two articles together."""
    records = [StoryInput(str(at), "VE", DAY, None, *article) for at, article in enumerate(pair)]
    return assign_stories(records)["1"].duplicate_of == "0"


def main() -> None:
    """Print precision and recall, and where the mistakes are."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--pairs", type=int, default=300, help="of each of the two sorts")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    articles, chance = load_articles(given.data), random.Random(given.seed)
    found, total = Counter[str](), Counter[str]()
    rewritten = rewrites(articles, chance)
    for kind, pair in (next(rewritten) for _ in range(given.pairs)):
        total[kind] += 1
        found[kind] += are_one_story(pair)
    for topic in TOPICS:
        pairs = topic(articles, chance)
        for _ in range(given.pairs // len(TOPICS)):
            total[topic.__name__] += 1
            found[topic.__name__] += are_one_story(next(pairs))
    wrong = sum(found[topic.__name__] for topic in TOPICS)
    right = sum(found.values()) - wrong
    print(f"precision {right / max(1, right + wrong):.4f}  recall {right / given.pairs:.4f}")
    for kind in total:
        print(f"{kind:12} together: {found[kind]} of {total[kind]}")


if __name__ == "__main__":
    main()
