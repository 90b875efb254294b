"""The scores of hand-annotated articles, on articles made for it: a wrong score would steer all other work wrongly."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.gold_articles import Annotated, read_annotated
from benchmarks.gold_stances import judge, score_stances
from benchmarks.gold_text import score_countries, score_dates, score_junk
from schemas.article import Article, CountryShare, Entity, Mention, Removed, Stance
from transforms.clean import clean_article

TEXT = "Ana Lopez praised Ben Cole. Carla Dahl met Ben Cole. Ben Cole criticised Carla Dahl."
NAMES = ("Ana Lopez", "Ben Cole", "Carla Dahl")


def row(holder: int, target: int, stance: str, score: float = 0.9) -> Stance:
    sides = {side: (score if side == stance else (1 - score) / 2) for side in ("favor", "against", "neutral")}
    return Stance(holder, NAMES[holder], target, NAMES[target], stance, score, **sides, evidence_start=0,
                  evidence_end=27, via="named")  # fmt: skip


def article(*stances: Stance, names: tuple[str, ...] = NAMES, **fields: Any) -> Article:
    mentions, at = [], 0
    for sentence in TEXT.split(". "):
        for name in NAMES:
            if name in sentence and name in names:
                start = at + sentence.index(name)
                mentions.append(Mention(name, start, start + len(name), "PERSON", 1.0, names.index(name)))
        at += len(sentence) + 2
    entities = tuple(Entity(name, "PERSON", mentions=2) for name in names)
    ordered = tuple(sorted(mentions, key=lambda mention: mention.start_char))
    return Article("id", TEXT, "f", language="en", mentions=ordered, entities=entities, stances=stances, **fields)


def annotated(*edges: tuple[str, str, str], neutral: tuple[list[str], ...] = (), **gold: Any) -> Annotated:
    entities = [{"name": name, "type": "PERSON", "aliases": [], "country": None} for name in NAMES]
    stances = [
        {"holder": h, "target": t, "label": label, "strength": "explicit", "evidence": TEXT} for h, t, label in edges
    ]
    return Annotated({}, {"id": "a", "entities": entities, "stances": stances, "neutral_pairs": list(neutral), **gold})


def test_a_found_edge_counts_and_a_neutral_pair_with_a_side_is_a_false_alarm() -> None:
    example = annotated(("Ana Lopez", "Ben Cole", "favor"), neutral=(["Carla Dahl", "Ben Cole"],))
    score = score_stances([example], [article(row(0, 1, "favor"), row(2, 1, "against"))])
    assert score.figures["explicit_recall"] == 1
    assert score.figures["false_alarm_rate"] == 1
    assert [miss for miss in score.misses if "false alarm, Carla Dahl > Ben Cole" in miss]


@pytest.mark.parametrize(
    ("edge", "found", "cause"),
    [
        (("Ana Lopez", "Ben Cole", "favor"), article(row(0, 1, "neutral")), "verdict neutral"),
        (("Ana Lopez", "Ben Cole", "favor"), article(row(0, 1, "against")), "verdict opposite"),
        (("Ana Lopez", "Ben Cole", "favor"), article(), "verdict neutral"),  # asked about, no row kept
        (("Ana Lopez", "Carla Dahl", "favor"), article(), "pair not proposed"),
        (("Ana Lopez", "Ben Cole", "favor"), article(names=NAMES[1:]), "entity not found: Ana Lopez"),
    ],
)
def test_every_miss_has_its_cause(edge: tuple[str, str, str], found: Article, cause: str) -> None:
    score = score_stances([annotated(edge)], [found])
    assert score.figures["explicit_recall"] == 0
    assert score.figures["causes_of_misses"] == {f"explicit: {cause.partition(':')[0]}": 1}
    assert cause in score.misses[0]


def test_polarity_and_direction_errors() -> None:
    opposite = score_stances([annotated(("Ana Lopez", "Ben Cole", "favor"))], [article(row(0, 1, "against"))]).figures
    assert (opposite["polarity_right"], opposite["polarity_errors"], opposite["direction_errors"]) == (0, 1, 0)
    turned = score_stances([annotated(("Ana Lopez", "Ben Cole", "favor"))], [article(row(1, 0, "favor"))]).figures
    assert (turned["direction_right"], turned["direction_errors"], turned["polarity_errors"]) == (0, 1, 0)
    both = annotated(("Ana Lopez", "Ben Cole", "favor"), ("Ben Cole", "Ana Lopez", "favor"))
    assert score_stances([both], [article(row(1, 0, "favor"))]).figures["direction_errors"] == 0


def test_the_verdict_is_the_side_with_the_greater_weight() -> None:
    assert judge([row(0, 1, "favor", 0.9), row(0, 1, "against", 0.5), row(0, 1, "against", 0.5)]) == "against"
    assert judge([row(0, 1, "favor", 0.6), row(0, 1, "neutral", 0.9)]) == "favor"
    assert judge([row(0, 1, "favor", 0.6), row(0, 1, "against", 0.6)]) == "neutral"


def test_countries_dates_and_junk() -> None:
    gold = {"country": "VE", "country_ok": ["CO"], "countries_involved": ["VE", "CO"], "date": "2019-01-11"}
    example = annotated(**gold, boilerplate=["READ MORE: The crisis, explained"])
    shares = (CountryShare("VE", 1.0, 1),)
    for code, outcome in (("VE", "right"), ("CO", "acceptable"), ("US", "wrong")):
        score = score_countries([example], [article(country=code, countries=shares)])
        assert score.figures[outcome] == 1
        assert score.figures["countries_involved_found"] == 0.5
    assert score_dates([example], [article()], "date").figures["missing"] == 1
    body = f"{TEXT} {TEXT}\n\nREAD MORE: The crisis, explained\n\n{TEXT} {TEXT}"
    junk = score_junk([example], [clean_article(Article("id", body, "f"))]).figures
    assert (junk["lines"], junk["found"], junk["real_characters_removed"]) == (1, 1, 0)
    cut = Article("id", TEXT[9:], "f", removed=(Removed(TEXT[:9], "related", 0),))
    assert score_junk([annotated(**gold, boilerplate=[])], [cut]).figures["real_characters_removed"] == 8


def test_articles_are_paired_with_their_annotations_by_id(tmp_path: Path) -> None:
    gold, articles = tmp_path / "gold.jsonl", tmp_path / "articles.jsonl"
    gold.write_text('{"id": "b"}\n{"id": "a"}\n', encoding="utf-8")
    articles.write_text('{"id": "a", "body": "A"}\n{"id": "b", "body": "B", "date": "2019-01-11"}\n', encoding="utf-8")
    examples = read_annotated(gold, articles)
    assert [example.source["body"] for example in examples] == ["B", "A"]
    assert json.loads(examples[0].document(metadata=False).payload) == {"body": "B"}
    gold.write_text('{"id": "c"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"1 articles .* the first is 'c'"):
        read_annotated(gold, articles)
