"""docs/record.md names every column, field and view that there is."""

import re
from pathlib import Path

import pyarrow as pa

from pipeline.query import VIEWS
from schemas.record import DEAD_LETTER_SCHEMA, PARTITION_SCHEMA, RECORD_SCHEMA, SCHEMA_VERSION

PAGE = (Path(__file__).parents[2] / "docs" / "record.md").read_text(encoding="utf-8")
SECTIONS = {heading.strip("# "): body for heading, body in re.findall(r"^(##+ .+)\n((?:(?!##).*\n)*)", PAGE, re.M)}


def documented(section: str) -> list[str]:
    """The names in the first column of a section's table."""
    first_cells = [line.split("|")[1] for line in SECTIONS[section].splitlines() if line.startswith("| `")]
    return [name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)]


def test_every_column_is_documented_in_its_order() -> None:
    assert documented("Columns") == PARTITION_SCHEMA.names + RECORD_SCHEMA.names
    assert f"version {SCHEMA_VERSION};" in PAGE


def test_every_field_of_every_list_is_documented() -> None:
    for field in RECORD_SCHEMA:
        if pa.types.is_list(field.type) and pa.types.is_struct(field.type.value_type):
            assert documented(field.name) == [inner.name for inner in field.type.value_type]


def test_views_and_dead_letters_are_documented() -> None:
    assert tuple(documented("Views of `dateline query`")) == VIEWS
    assert documented("Dead letters") == DEAD_LETTER_SCHEMA.names
