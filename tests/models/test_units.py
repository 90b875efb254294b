import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.folder import WEIGHTS
from models.units import build_units

tokenizers = pytest.importorskip("tokenizers")


@pytest.fixture(scope="module")
def tokenizer():
    return tokenizers.Tokenizer.from_file(str(WEIGHTS / "ner-e5-small" / "tokenizer.json"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maduro’s government", ["Maduro", "’", "s", "government"]),
        ("(OAS)", ["(", "OAS", ")"]),
        ("João Lourenço", ["João", "Lourenço"]),
        ("caf\u0065\u0301 Ünal", ["cafe\u0301", "Ünal"]),
        ("l’État d'Ivoire", ["l", "’", "État", "d", "'", "Ivoire"]),
    ],
)
def test_units_are_words_and_marks(tokenizer, text, expected):
    encoding = tokenizer.encode(text, add_special_tokens=False)
    assert [text[u.start : u.end] for u in build_units(text, encoding.offsets)] == expected


@given(st.text(max_size=300))
def test_units_are_ordered_disjoint_and_never_begin_or_end_in_space(tokenizer, text):
    encoding = tokenizer.encode(text, add_special_tokens=False)
    units = build_units(text, encoding.offsets)
    at = 0
    for unit in units:
        assert at <= unit.start < unit.end <= len(text)
        assert not text[unit.start].isspace()
        assert not text[unit.end - 1].isspace()
        at = unit.end
