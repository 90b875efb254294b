"""`dateline query` and `dateline tables` as commands, and the ready-made questions."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner, Result

from pipeline.answer import print_table, to_cell
from pipeline.commands_query import is_name, parse_values, register
from pipeline.query import ask, open_dataset
from pipeline.questions import load_questions
from schemas.errors import DatasetError, UsageError
from tests.sample_dataset import SAMPLE, write_sample

app = typer.Typer()
register(app)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sample(tmp_path_factory.mktemp("sample"))


def dateline(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows(*arguments: str | Path) -> list[dict[str, Any]]:
    result = dateline("query", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return list(json.loads(result.stdout))


def test_who_is_against_finds_a_name_whatever_its_accents_and_case(sample: Path) -> None:
    for name in ("Nicolás Maduro", "NICOLAS MADURO", "maduro", " The President "):
        found = rows("who-is-against", "--target", name, "--data", sample)
        assert [(row["holder"], row["against_stories"], row["favor_stories"]) for row in found] == [
            ("Lima Group", 2, 0),  # three articles, of which one is a copy
            ("(the article itself)", 1, 0),
        ]
    assert found[0]["evidence"] == "The Lima Group condemned Maduro."
    assert (found[0]["first_day"], found[0]["last_day"]) == ("2019-01-10", "2019-02-03")
    assert rows("who-is-against", "--target", "Madur", "--data", sample) == []


def test_since_until_country_and_limit(sample: Path) -> None:
    def ask_with(*more: str) -> list[str]:
        return [row["holder"] for row in rows("who-is-against", "--target", "Maduro", "--data", sample, *more)]

    assert ask_with("--since", "2019-02-01") == ["Lima Group"]
    assert ask_with("--until=2019-01-10") == ["Lima Group"]
    assert ask_with("--country", "no") == []
    assert ask_with("--limit", "1") == ["Lima Group"]


def test_who_supports(sample: Path) -> None:
    found = rows("who-supports", "--target", "Maduro", "--data", sample)
    assert [(row["holder"], row["favor_stories"]) for row in found] == [("Cuba", 2)]


def test_country_day_lists_a_story_once_with_its_sides(sample: Path) -> None:
    found = rows("country-day", "--country", "ve", "--date", "2019-01-10", "--data", sample)
    assert [(row["headline"], row["copies"]) for row in found] == [("Headline 1", 1)]
    assert found[0]["actors"] == ["Nicolás Maduro", "Lima Group", "Cuba"]
    assert found[0]["sides"] == ["Lima Group > Nicolás Maduro: against"]
    assert [row["headline"] for row in rows("country-day", "--country=VE", "--date=2019-01-11", "--data", sample)] == [
        "Headline 2"
    ]


def test_stance_over_time(sample: Path) -> None:
    found = rows("stance-over-time", "--target", "maduro", "--data", sample)
    assert [(row["period"], row["favor"], row["against"], row["balance"]) for row in found] == [
        ("2019-01-01", 2, 2, 0.0),
        ("2019-02-01", 0, 1, -1.0),
    ]
    found = rows("stance-over-time", "--target", "maduro", "--holder", "cuba", "--by", "day", "--data", sample)
    assert [(row["period"], row["favor"]) for row in found] == [("2019-01-10", 1), ("2019-01-11", 1)]


def test_trending_entities_compare_two_stretches_that_end_where_the_data_ends(sample: Path) -> None:
    found = rows("trending-entities", "--days", "1", "--until", "2019-01-10", "--data", sample)
    assert {(row["name"], row["stories_now"], row["stories_before"]) for row in found} == {
        ("Nicolás Maduro", 3, 0), ("Lima Group", 3, 0), ("Cuba", 3, 0)
    }
    assert rows("trending-entities", "--days", "1", "--until", "2019-01-10", "--label", "norp", "--data", sample) == []
    assert rows("trending-entities", "--data", sample)[0]["stories_now"] == 1  # seven days up to 2019-02-03


def test_most_contested(sample: Path) -> None:
    (found,) = rows("most-contested", "--data", sample)
    assert (found["target"], found["holders_in_favor"], found["holders_against"]) == ("Nicolás Maduro", 1, 1)
    assert found["contest"] == 1.0


def test_dataset_health(sample: Path) -> None:
    counts = {row["measure"]: row["count"] for row in rows("dataset-health", "--data", sample)}
    assert counts["articles"] == len(SAMPLE)
    assert counts["stories (copies counted once)"] == len(SAMPLE) - 1
    assert (counts["no date"], counts["no country (ZZ)"], counts["flag no_date"]) == (2, 1, 1)
    assert counts["dead letter parse: empty_text"] == 2


def test_every_question_runs_on_an_empty_dataset(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    for question in load_questions().values():
        required = [item for item in question.parameters if item.required]
        needed = {item.name: "2019-01-01" if item.type == "date" else "VE" for item in required}
        with open_dataset(str(tmp_path)) as connection:
            table = ask(connection, question.sql, question.bind(needed)).read_all()
        assert all(row.get("count", 0) == 0 for row in table.to_pylist())


def test_every_question_is_documented() -> None:
    names = ["country-day", "dataset-health", "most-contested", "stance-over-time", "trending-entities",
             "who-is-against", "who-supports"]
    questions = load_questions()
    assert list(questions) == names
    for question in questions.values():
        assert question.title.endswith(".")
        assert question.description
        assert question.parameters
        assert all(item.help and item.type in ("text", "date", "integer") for item in question.parameters)


def test_list_needs_no_dataset_and_shows_a_question() -> None:
    shown = dateline("query", "--list").stdout
    assert all(name in shown for name in load_questions())
    assert dateline("query", "country-day", "--list").stdout == load_questions()["country-day"].sql


def test_formats_say_the_same(sample: Path, tmp_path: Path) -> None:
    sql = "SELECT article_id, country, date, flags, published_at FROM articles ORDER BY article_id"
    as_json = rows(sql, "--data", sample)
    as_csv = list(csv.DictReader(io.StringIO(dateline("query", sql, "--data", sample, "--format", "csv").stdout)))
    output = tmp_path / "it's.parquet"
    dateline("query", sql, "--data", sample, "--format", "parquet", "--output", output)
    table = pq.read_table(output)
    assert [row["country"] for row in as_csv] == [row["country"] for row in as_json] == table["country"].to_pylist()
    assert as_csv[4]["country"] == "NA"
    assert [row["date"] or None for row in as_csv] == [row["date"] for row in as_json]
    assert table.schema.field("date").type == pa.date32()
    assert json.loads(as_csv[5]["flags"]) == as_json[5]["flags"] == table["flags"].to_pylist()[5] == ["no_date"]
    assert table["published_at"].to_pylist()[4] == SAMPLE[4].published_at


def test_a_failing_answer_leaves_the_old_file(sample: Path, tmp_path: Path) -> None:
    output = tmp_path / "answer.csv"
    output.write_text("old")
    sql = "SELECT CAST(headline AS INTEGER) FROM articles"
    with pytest.raises(UsageError, match="Conversion Error"):
        dateline("query", sql, "--data", sample, "--format", "csv", "--output", output)
    assert output.read_text() == "old"
    assert list(tmp_path.iterdir()) == [output]
    dateline("query", "SELECT 1 AS one", "--data", sample, "--format", "csv", "--output", output)
    assert output.read_text() == "one\n1\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["who-is-agianst"], r"no question is called 'who-is-agianst' \(did you mean who-is-against\?\)"),
        (["who-is-against"], "needs --target"),
        (["who-is-against", "--target", "x", "--sinec", "2019-01-01"], r"no --sinec \(did you mean since\?\)"),
        (["who-is-against", "--target", "x", "--since", "yesterday"], "expected a day such as 2019-01-11"),
        (["who-is-against", "--target", "x", "--limit", "many"], "expected a whole number"),
        (["who-is-against", "--target", "x", "--limit", "-1"], "expected a whole number"),
        (["stance-over-time", "--target", "x", "--by", "decade"], "expected one of day, week, month, year"),
        (["who-is-against", "--target"], "--target needs a value"),
        (["who-is-against", "--target", "x", "--target", "y"], "given twice"),
        (["SELECT", "1"], "did not expect '1'"),
        (["SELECT 1", "--format", "xml"], "expected table, csv, json, parquet"),
        (["SELECT 1", "--format", "parquet"], "needs --output"),
        (["SELECT 1", "--output", "x.csv"], "a table is for the screen"),
        (["SELECT 1", "--format", "csv", "--output", "no/such/folder/x.csv"], "there is no folder"),
        ([], "needs SQL or the name"),
    ],
)
def test_wrong_usage_is_said(sample: Path, arguments: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        dateline("query", *arguments, "--data", sample)


def test_without_a_dataset() -> None:
    with pytest.raises(UsageError, match="needs --data OUT"):
        dateline("query", "SELECT 1")
    with pytest.raises(DatasetError, match="no such folder"):
        dateline("query", "SELECT 1", "--data", "no-such-folder")


@pytest.mark.parametrize("hostile", ["x' OR 1=1 --", "'; DROP VIEW articles; --", "$target", '"', "%", "\x00", "\\"])
def test_hostile_values_find_nothing(sample: Path, hostile: str) -> None:
    assert rows("who-is-against", "--target", hostile, "--data", sample) == []


def test_names_and_values() -> None:
    assert [is_name(text) for text in ("who-is-against", "top10", "SELECT 1", "from x", "", "a--b", "Who")] == [
        True, True, False, False, False, False, False
    ]
    assert parse_values(["--a", "1", "--b=x=y", "--c="]) == {"a": "1", "b": "x=y", "c": ""}


def test_a_table_obeys_no_control_characters_or_markup(sample: Path) -> None:
    sql = "SELECT headline FROM articles WHERE date = '2019-02-03'"
    assert "[red]Not markup[/red] [31m" in dateline("query", sql, "--data", sample).stdout
    assert to_cell("a\x1b[2Jb\nc\x9bd") == "a[2Jb cd"
    assert to_cell([1.0, None, {"a": 0.123456}]) == "1; ; a=0.1235"
    assert len(to_cell("x" * 10_000)) == 300


def test_a_wide_answer_is_shown_row_by_row_and_a_long_one_is_cut() -> None:
    wide = pa.table({f"column_{number}": [number] for number in range(40)})
    shown = io.StringIO()
    print_table(wide.to_reader(), Console(file=shown, width=80))
    assert "row 1" in shown.getvalue()
    assert "column_39  39" in shown.getvalue()
    shown = io.StringIO()
    print_table(pa.table({"n": list(range(1000))}).to_reader(), Console(file=shown, width=80))
    assert len(shown.getvalue().splitlines()) == 101


def test_tables_counts_from_the_footers(sample: Path) -> None:
    result = json.loads(dateline("tables", sample, "--format", "json").stdout)
    assert (result["rows"], result["files"], result["undated"]) == (len(SAMPLE), 7, 2)
    assert (result["first_day"], result["last_day"]) == ("2019-01-10", "2019-02-03")
    assert dict(result["countries"]) == {"VE": 5, "NO": 1, "NA": 1, "ZZ": 1}
    columns = {column["name"]: column for column in result["columns"]}
    assert (columns["article_id"]["nulls"], columns["headline"]["nulls"], columns["byline"]["nulls"]) == (0, 1, 8)
    assert (columns["stances"]["items"], columns["mentions"]["items"], columns["flags"]["items"]) == (9, 7, 1)
    assert (columns["removed"]["items"], columns["countries"]["items"]) == (0, 8)
    assert result["bytes"] == sum(path.stat().st_size for path in sample.glob("articles/*/*/*.parquet"))


def test_tables_for_the_eye_and_empty(sample: Path, tmp_path: Path) -> None:
    shown = dateline("tables", sample).stdout
    assert "8 articles in 7 files" in shown
    assert "2019-01-10 to 2019-02-03; 2 without a date" in shown
    (tmp_path / "articles").mkdir()
    assert "0 articles in 0 files" in dateline("tables", tmp_path).stdout
    with pytest.raises(DatasetError, match="no such folder"):
        dateline("tables", tmp_path / "nowhere")


@pytest.mark.parametrize("arguments", [("query", "SELECT 1", "--data"), ("tables",)])
def test_an_object_store_is_called_as_it_was_written(arguments: tuple[str, ...]) -> None:
    with pytest.raises(DatasetError, match="s3://bucket/out is not a local folder"):
        dateline(*arguments, "s3://bucket/out")
