"""How well the installed pipeline reads articles that a person has annotated as a whole.

    python -m benchmarks.gold GOLD.jsonl ARTICLES.jsonl [--json FILE] [--ner-model DIR] [--stance-model DIR]

ARTICLES has id, url, date, title, body; GOLD has the same ids with country, date, entities, stance edges, neutral pairs
and boilerplate. Every article goes through the same functions as in a run. Printed are a table and every miss; the JSON
holds the same. Dates are scored twice: with all metadata, and from title and body alone.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks.gold_articles import Annotated, Timer, date_text_alone, read_annotated, run_all_steps
from benchmarks.gold_entities import EntityScore, GoldEntity, score_entities
from benchmarks.gold_stances import score_stances
from benchmarks.gold_text import Score, score_countries, score_dates, score_junk
from schemas.article import Article
from transforms.classify import shared_stance_model
from transforms.recognize import shared_ner_model

MODEL_STEPS = ("recognize", "classify")


def score_all(examples: list[Annotated], articles: list[Article], from_text: list[Article]) -> dict[str, Score]:
    """All scores by name, in the order in which they are printed."""
    return {
        "country": score_countries(examples, articles),
        "date": score_dates(examples, articles, "date"),
        "date_from_title_and_body": score_dates(examples, from_text, "date_from_text"),
        "entities": _score_entities(examples, articles),
        "stance": score_stances(examples, articles),
        "junk": score_junk(examples, articles),
    }


def _score_entities(examples: list[Annotated], articles: list[Article]) -> Score:
    total, misses = EntityScore(), []
    for example, article in zip(examples, articles, strict=True):
        rows = example.gold["entities"]
        gold = [GoldEntity(row["name"], row["type"], tuple(row["aliases"]), row["country"]) for row in rows]
        score = score_entities(gold, article.entities)
        misses += [f"{example.name}: {miss}" for miss in score.misses]
        total.add(score)
    return Score({"entities": total.gold, **total.figures()}, misses)


def measure_cost(timer: Timer, articles: int) -> dict[str, Any]:
    """Processor milliseconds an article by step, and what the steps cost beside the whole and beside each other."""
    total = sum(timer.seconds.values())
    plain = sum(seconds for step, seconds in timer.seconds.items() if step not in MODEL_STEPS)
    return {
        "milliseconds_an_article": {step: round(1000 * s / articles, 2) for step, s in timer.seconds.items()},
        "share_of_steps_without_models": round(plain / total, 4),
        "classify_over_recognize": round(timer.seconds["classify"] / timer.seconds["recognize"], 2),
    }


def print_report(scores: dict[str, Score], cost: dict[str, Any]) -> None:
    """The misses, then the figures."""
    for name, score in scores.items():
        for miss in score.misses:
            print(f"{name:9} {miss}")
    print()
    for name, figures in (*((name, score.figures) for name, score in scores.items()), ("cost", cost)):
        for figure, value in figures.items():
            print(f"{name:25} {figure:36} {json.dumps(value)}")


def main() -> None:
    """Run, score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, help="the annotations, one JSON object a line")
    parser.add_argument("articles", type=Path, help="the articles, one JSON object a line")
    parser.add_argument("--json", type=Path, help="write figures and misses to this file as well")
    parser.add_argument("--ner-model", help="a folder or hub name; the bundled model without it")
    parser.add_argument("--stance-model", help="a folder or hub name; the bundled model without it")
    parser.add_argument("--stance-threshold", type=float, help="from which probability on; the model's own without it")
    given = parser.parse_args()
    examples, timer = read_annotated(given.gold, given.articles), Timer()
    ner_model, stance_model = shared_ner_model(given.ner_model), shared_stance_model(given.stance_model)
    articles = run_all_steps(examples, ner_model, stance_model, timer, threshold=given.stance_threshold)
    scores = score_all(examples, articles, date_text_alone(examples))
    cost = measure_cost(timer, len(examples))
    print_report(scores, cost)
    if given.json:
        figures = {name: {**score.figures, "misses": score.misses} for name, score in scores.items()}
        content = {"ner_model": ner_model.name, "stance_model": stance_model.name, **figures, "cost": cost}
        given.json.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
