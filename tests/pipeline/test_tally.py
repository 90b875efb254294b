import pytest

from pipeline import tally
from pipeline.tally import Tally, tell_apart


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


def test_a_tally_has_an_end_and_keeps_the_frequent_names_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "NAMES_KEPT", 10)
    whole = Tally()
    for unit in range(50):
        one = Tally(records=1)
        one.entities.update({("OAS", "ORG"): 1, ("Maduro", "PERSON"): 1})
        one.pairs["Maduro", "against", "OAS"] += 1
        for number in range(5):
            one.entities[f"name {unit}.{number}", "PERSON"] += 1
            one.pairs[f"name {unit}.{number}", "favor", "OAS"] += 1
        whole.add(one)
    assert len(whole.entities) <= 20
    assert len(whole.pairs) <= 20
    assert whole.entities.most_common(2) == [(("OAS", "ORG"), 50), (("Maduro", "PERSON"), 50)]
    assert whole.pairs.most_common(1) == [(("Maduro", "against", "OAS"), 50)]
