"""Show: one record as a person reads it: text with the mentions in colour, entities, stances with their evidence."""

import unicodedata
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from pipeline.answer import to_cell
from pipeline.query import ask, find_parts, open_dataset
from schemas.errors import DatasetError, UsageError

LABEL_STYLES = {
    "PERSON": "bold magenta",
    "ORG": "bold cyan",
    "LOC": "bold green",
    "NORP": "green",
    "FAC": "yellow",
    "PRODUCT": "yellow",
    "MISC": "yellow",
    "DATE": "blue",
    "MONEY": "blue",
}
STANCE_STYLES = {"favor": "bold green", "against": "bold red", "neutral": "dim"}
ENTITIES, STANCES = 15, 20
Record = dict[str, Any]


def show_article(root: str, article: str | None, console: Console) -> None:
    """Print one record of a dataset: the one whose id starts with `article`, or the first."""
    record = find_record(root, article)
    console.print(Rule(Text(to_cell(record["headline"]) or "(no headline)"), style="bold"))
    console.print(_about(record))
    console.print(Rule(style="dim"))
    console.print(highlight(record))
    console.print(_legend(record))
    tables = {"Removed": _removed(record), "Entities": _entities(record), "Stances": _stances(record)}
    for heading, table in tables.items():
        if table.row_count:
            console.print(Rule(heading, align="left", style="dim"))
            console.print(table)


def find_record(root: str, article: str | None) -> Record:
    """A record as a dictionary; UsageError for an id that no article or more than one has."""
    parts = find_parts(root)
    if not parts:
        raise DatasetError(f"{root} holds no articles yet; `dateline run ARTICLES {root}` brings some")
    if article is None:
        folder = parts[0].parent
        country, day = (part.partition("=")[2] for part in (folder.parent.name, folder.name))
        where = "country = $country AND date IS NOT DISTINCT FROM TRY_CAST($day AS DATE)"
        values = {"country": country, "day": day}
    else:
        where, values = "starts_with(article_id, $article)", {"article": article}
    with open_dataset(root) as connection:
        sql = f"SELECT * FROM articles WHERE {where} ORDER BY article_id LIMIT 2"
        rows: pa.Table = ask(connection, sql, values).read_all()
    found: list[Record] = rows.to_pylist()
    if not found:
        listing = f'dateline query "SELECT article_id, headline FROM articles" --data {root}'
        raise UsageError(f"--article {article}: no article's id starts so; `{listing}` lists them")
    if article is not None and len(found) > 1:
        raise UsageError(f"--article {article}: more than one article's id starts so; give more of it")
    return found[0]


def highlight(record: Record) -> Text:
    """The text with every mention in its label's colour."""
    text = Text(_printable(record["text"]))
    for mention in record["mentions"]:
        text.stylize(LABEL_STYLES.get(mention["label"], "bold"), mention["start_char"], mention["end_char"])
    return text


def _printable(text: str) -> str:
    """The text with nothing in it that a terminal obeys; every character keeps its place, so that offsets hold."""
    return "".join(
        character if character == "\n" or unicodedata.category(character) != "Cc" else " " for character in text
    )


def _about(record: Record) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in _facts(record).items():
        if value:
            table.add_row(name, Text(value))
    return table


def _facts(record: Record) -> dict[str, str]:
    countries = ", ".join(f"{item['code']} {item['share']:.0%}" for item in record["countries"][:6])
    published = record["published_at"]
    how = [f"from {record['date_source']}", repr(record["date_evidence"]) if record["date_evidence"] else ""]
    day = f"{record['date'] or 'unknown'} ({', '.join(part for part in how if part)})"
    original = record["duplicate_of"]
    return {
        "article": record["article_id"],
        "url": to_cell(record["url"]),
        "publisher": to_cell(record["publisher"]),
        "byline": to_cell(record["byline"]),
        "dateline": to_cell(record["dateline"]),
        "country": f"{record['country']} (sure: {record['country_score']:.2f}; {countries or 'no country named'})",
        "date": to_cell(day) + (f", {published:%H:%M} UTC" if published else ""),
        "language": f"{record['language']} (sure: {record['language_score']:.2f})",
        "story": f"a near-duplicate of {original}" if original else "",
        "flags": ", ".join(record["flags"]),
        "source": to_cell(record["source_uri"]),
        "read by": f"{record['ner_model']} ({record['tokens']} tokens, {record['windows']} windows), "
        f"{record['stance_model']}",
    }


def _legend(record: Record) -> Text:
    labels = {mention["label"] for mention in record["mentions"]}
    used = [(f"{label} ", style) for label, style in LABEL_STYLES.items() if label in labels]
    return Text.assemble(("\n" if used else ""), *used)


def _removed(record: Record) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for removed in record["removed"]:
        if removed["text"].strip():
            table.add_row(removed["reason"], to_cell(removed["text"].strip()))
    return table


def _entities(record: Record) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("name", "label", "country", "mentions", "salience", "also called"):
        table.add_column(heading, justify="right" if heading in ("mentions", "salience") else "left", overflow="fold")
    ranked = sorted(record["entities"], key=lambda entity: -entity["salience"])
    for entity in ranked[:ENTITIES]:
        label = Text(entity["label"], LABEL_STYLES.get(entity["label"], "bold"))
        counts = (str(entity["mentions"]), f"{entity['salience']:.2f}")
        name, aliases = Text(to_cell(entity["name"])), Text(to_cell(entity["aliases"]))
        table.add_row(name, label, entity["country"], *counts, aliases)
    if len(ranked) > ENTITIES:
        table.add_row(Text(f"{len(ranked) - ENTITIES} more", "dim"))
    return table


def _stances(record: Record) -> Table:
    """The stances that say something first, the surest at the top."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("who", "stands", "towards", "sure", "evidence"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("stands", "sure"))
    ranked = sorted(record["stances"], key=lambda stance: (stance["stance"] == "neutral", -stance["score"]))
    for stance in ranked[:STANCES]:
        holder = to_cell(stance["holder_name"]) or "(the article)"
        via = "" if stance["via"] == "named" else f" ({stance['via']})"
        evidence = record["text"][stance["evidence_start"] : stance["evidence_end"]]
        table.add_row(
            Text(holder + via),
            Text(stance["stance"], STANCE_STYLES[stance["stance"]]),
            Text(to_cell(stance["target_name"])),
            f"{stance['score']:.2f}",
            Text(to_cell(evidence), "italic"),
        )
    if len(ranked) > STANCES:
        table.add_row(Text(f"{len(ranked) - STANCES} more", "dim"))
    return table
