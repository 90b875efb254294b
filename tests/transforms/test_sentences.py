import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.sentences import split_sentences


def sentences(text):
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["Mr. Smith met George W. Bush in the U.S. on Jan. 5.", "He said no.", "They left."],
        ["“We won,” he said.", "“It is over.”", "She left."],
        ["Inflation rose 2.4 percent to $1.5 billion.", "The bank, No. 5 in size, declined to comment."],
        ["The U.S. Senate voted.", "The bill goes to the U.S.", "The House waits."],
        ["Did he go?", "Yes!", "He left…", "And then?"],
        ["El Sr. García dijo: «No.»", "El presidente rió."],
        ["Sen. Collins and Gen. Milley spoke.", "He sat.", "On Dec. 3 they met."],
        ["He founded Amazon.com.", "Peru condemned the OAS."],
        ["They met at 5 p.m.", "Peru left.", "They had a Plan B.", "The OAS met."],
        ["George W. Bush and I. A. Richards met the U.N. Security Council."],
        ["Yahoo! said on Monday that it agreed."],
        ["M. Macron a répondu.", "« Non. »", "Il est parti."],
    ],
)
def test_sentences_end_where_a_reader_ends_them(expected):
    assert sentences(" ".join(expected)) == expected


def test_a_line_is_never_joined_to_the_next():
    found = sentences("RELATED U.S. sanctions\n\nMaduro spoke.\r\nHe left")
    assert found == ["RELATED U.S. sanctions", "Maduro spoke.", "He left"]


@given(st.text(max_size=400))
def test_sentences_are_in_order_and_cover_everything_but_space(text):
    at = 0
    for start, end in split_sentences(text):
        assert text[at:start].strip() == ""
        assert start < end
        assert text[start:end] == text[start:end].strip()
        at = end
    assert text[at:].strip() == ""


def test_a_very_long_text_takes_linear_time():
    began = time.process_time()
    split_sentences("Mr. A. said no. " * 20_000 + "." * 50_000 + "\"" * 50_000)
    assert time.process_time() - began < 10
