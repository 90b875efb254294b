import pytest

from pipeline.tally import tell_apart


@pytest.mark.parametrize(
    ("name", "country", "shown"),
    [
        ("the government", "NA", "the government (NA)"),
        ("The ministry", "VE", "The ministry (VE)"),
        ("the opposition", None, "the opposition"),
        ("The Guardian", "GB", "The Guardian"),
        ("Nicolás Maduro", "VE", "Nicolás Maduro"),
    ],
)
def test_phrases_say_whose_they_are_beside_other_articles(name: str, country: str | None, shown: str) -> None:
    assert tell_apart({"name": name, "country": country}) == shown
