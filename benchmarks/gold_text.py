"""Score country, date and cleaning of hand-annotated articles."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.clean_date import FOUND_SHARE, junk_positions, removed_positions
from benchmarks.gold_articles import Annotated
from schemas.article import Article
from transforms.clean import restore_text
from transforms.encoding import normalize_characters


@dataclass(slots=True)
class Score:
    """Counts by name, and a line for every miss."""

    figures: dict[str, Any]
    misses: list[str] = field(default_factory=list)


def score_countries(examples: Sequence[Annotated], articles: Sequence[Article]) -> Score:
    """The one country: right, another that a fair reader accepts, or wrong; and all countries of the story."""
    score = Score({"articles": len(examples), "right": 0, "acceptable": 0, "wrong": 0})
    involved = found = 0
    for example, article in zip(examples, articles, strict=True):
        gold = example.gold
        if article.country == gold["country"]:
            outcome = "right"
        else:
            outcome = "acceptable" if article.country in gold["country_ok"] else "wrong"
            wanted = "/".join((gold["country"], *gold["country_ok"]))
            shares = ", ".join(f"{share.code} {share.share:.2f}" for share in article.countries[:4])
            score.misses.append(f"{example.name}: {outcome}, {article.country} for {wanted} ({shares})")
        score.figures[outcome] += 1
        codes = {share.code for share in article.countries}
        involved += len(gold["countries_involved"])
        found += len(codes & set(gold["countries_involved"]))
    score.figures["right_or_acceptable"] = share_of(len(examples) - score.figures["wrong"], len(examples))
    score.figures["countries_involved_found"] = share_of(found, involved)
    return score


def score_dates(examples: Sequence[Annotated], articles: Sequence[Article], field_name: str) -> Score:
    """Days against the gold field: right, wrong, missing (gold knows the day), and knowingly undated."""
    score = Score({"articles": len(examples), "datable": 0, "right": 0, "wrong": 0, "missing": 0})
    for example, article in zip(examples, articles, strict=True):
        wanted = example.gold[field_name]
        told = article.date.isoformat() if article.date else None
        score.figures["datable"] += wanted is not None
        if told == wanted:
            score.figures["right"] += told is not None
            continue
        outcome = "missing" if told is None else "wrong"
        score.figures[outcome] += 1
        evidence = f"{article.date_source}: {article.date_evidence!r}" if told else "no evidence"
        score.misses.append(f"{example.name}: {outcome}, {told} for {wanted} ({evidence})")
    score.figures["right_of_datable"] = share_of(score.figures["right"], score.figures["datable"])
    return score


def score_junk(examples: Sequence[Annotated], articles: Sequence[Article]) -> Score:
    """Junk lines found, and characters (white space apart) taken out that are the article's own."""
    score = Score({"lines": 0, "found": 0, "real_characters": 0, "real_characters_removed": 0})
    for example, article in zip(examples, articles, strict=True):
        text, removed = restore_text(article), removed_positions(article)
        junk = tuple(normalize_characters(line).text for line in example.gold["boilerplate"])
        everywhere: set[int] = set()
        for line, positions in zip(junk, junk_positions(text, junk), strict=True):
            everywhere |= positions
            score.figures["lines"] += 1
            if len(positions & removed) >= FOUND_SHARE * len(positions):
                score.figures["found"] += 1
            else:
                score.misses.append(f"{example.name}: missed {line!r}")
        lost = sorted(removed - everywhere)
        score.figures["real_characters"] += sum(not c.isspace() for c in text) - len(everywhere)
        score.figures["real_characters_removed"] += len(lost)
        if lost:
            score.misses.append(f"{example.name}: removed {''.join(text[position] for position in lost)!r}")
    figures = score.figures
    figures["removed_share"] = share_of(figures["real_characters_removed"], figures["real_characters"])
    return score


def share_of(part: int, whole: int) -> float:
    """A share rounded to four digits; 0 of nothing."""
    return round(part / whole, 4) if whole else 0.0
