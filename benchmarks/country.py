"""Which country a story is about, against annotated toponyms and against the publisher's country.

    python -m benchmarks.country DATA [--without-ner] [--json FILE]

DATA holds `country/geovirus` and `country/tr_news`, whose toponyms a person has put into countries, and
`articles/worldwide_newswire`. For the first two an article is right when its country is the one (or one of those) with
the most toponyms: a proxy, for a story can be about a country that it seldom names. For the third, the share of
articles that are put into their publisher's country is printed by country: local papers write of abroad too, so the
disagreements are there to be read, not to become none.
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from schemas.article import Article, Document
from schemas.errors import ArticleError
from transforms.clean import clean_article
from transforms.gazetteer import Kind, load_gazetteer
from transforms.language import detect_language
from transforms.locate import UNKNOWN, locate_article
from transforms.parse import parse_document
from transforms.recognize import recognize_mentions, shared_ner_model

TOPONYMS = ("geovirus", "tr_news")
BATCH = 32
Row = dict[str, Any]


def read_rows(path: Path) -> list[Row]:
    """The rows of a gzipped JSON Lines file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def locate_rows(rows: Sequence[Row], *, with_ner: bool) -> list[tuple[Row, Article]]:
    """Each row that has a text, with its located article."""
    cleaned = []
    for row in rows:
        payload = json.dumps({name: row[name] for name in ("title", "url", "date", "body") if row.get(name)})
        try:
            document = Document(str(row["id"]), "application/json", payload.encode())
            cleaned.append((row, detect_language(clean_article(parse_document(document)))))
        except ArticleError:
            continue  # nothing but junk: no country to find
    articles = [article for _, article in cleaned]
    if with_ner:
        model = shared_ner_model(None)
        batches = (articles[start : start + BATCH] for start in range(0, len(articles), BATCH))
        articles = [article for batch in batches for article in recognize_mentions(batch, model)]
    return [(row, locate_article(article)) for (row, _), article in zip(cleaned, articles, strict=True)]


def most_toponyms(row: Row) -> set[str]:
    """The countries with the most annotated toponyms; names of countries that the data leaves without a code count."""
    votes: Counter[str] = Counter()
    for toponym in row["toponyms"]:
        code = toponym.get("country_iso2") or _code_of(toponym.get("country") or "")
        if code:
            votes[code] += 1
    return {code for code, count in votes.items() if count == max(votes.values())}


def _code_of(country: str) -> str | None:
    senses = load_gazetteer().lookup(country)
    return next((sense.code for sense in senses if sense.kind is Kind.COUNTRY), None)


def measure_toponyms(name: str, located: Sequence[tuple[Row, Article]]) -> Row:
    """Agreement with the most frequent country of the toponyms; prints the others."""
    right = total = unknown = 0
    for row, article in located:
        wanted = most_toponyms(row)
        total += bool(wanted)
        right += article.country in wanted
        if wanted and article.country not in wanted:
            unknown += article.country == UNKNOWN
            print(f"{name} {row['id']}: {article.country} for {'/'.join(sorted(wanted))} ({_shares(article)})")
    return {"articles": total, "agreement": round(right / total, 4), "unknown": unknown}


def measure_publishers(located: Sequence[tuple[Row, Article]]) -> Row:
    """Agreement with the publisher's country, by country; prints the others with the beginning of their text."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    beside: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row, article in located:
        if not (wanted := row["country_source"]):
            continue
        total[wanted] += 1
        right[wanted] += article.country == wanted
        if article.country != wanted:
            beside[wanted][article.country] += 1
            print(f"newswire {row['id']}: {article.country} for {wanted} ({_shares(article)}) | {article.text[:90]!r}")
    by_country = {
        code: {"articles": count, "agreement": round(right[code] / count, 4), "others": dict(beside[code])}
        for code, count in sorted(total.items())
    }
    whole = round(right.total() / total.total(), 4)
    return {"articles": total.total(), "agreement": whole, "by_country": by_country}


def _shares(article: Article) -> str:
    return ", ".join(f"{share.code} {share.share:.2f}" for share in article.countries[:4])


def main() -> None:
    """Locate all three sets and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that holds country/ and articles/")
    parser.add_argument("--without-ner", action="store_true", help="do without the labels of the NER model")
    parser.add_argument("--json", type=Path, help="write the figures to this file as well")
    given = parser.parse_args()
    figures: Row = {}
    for name in TOPONYMS:
        rows = read_rows(given.data / "country" / name / "all.jsonl.gz")
        figures[name] = measure_toponyms(name, locate_rows(rows, with_ner=not given.without_ner))
    rows = read_rows(given.data / "articles" / "worldwide_newswire" / "en.jsonl.gz")
    figures["worldwide_newswire"] = measure_publishers(locate_rows(rows, with_ner=not given.without_ner))
    for name, values in figures.items():
        by_country = values.get("by_country", {})
        print(name, json.dumps({key: value for key, value in values.items() if key != "by_country"}))
        for code, row in by_country.items():
            print("  ", code, json.dumps(row))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
