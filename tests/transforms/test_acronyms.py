import pytest

from schemas.article import Label
from tests.transforms.test_resolve import named, read
from transforms.acronyms import long_form_start


@pytest.mark.parametrize(
    ("before", "acronym", "long_form"),
    [
        ("by a team from University College London", "UCL", "University College London"),
        ("the Saudi Fund for Development", "SFD", "Saudi Fund for Development"),
        ("at the Lebanese-Egyptian Business Association", "LEBA", "Lebanese-Egyptian Business Association"),
        ("said Notes from Poland", "NFP", "Notes from Poland"),
        ("of the Bureau of Investigation", "BOI", "Bureau of Investigation"),
        ("he met. United Nations", "MUN", None),
        ("London", "UCL", None),
    ],
)
def test_a_long_form_reaches_as_far_as_its_letters(before: str, acronym: str, long_form: str | None) -> None:
    start = long_form_start(before, len(before), acronym)

    assert (None if start is None else before[start:]) == long_form


def test_names_marked_in_pieces_are_whole_before_their_acronym() -> None:
    article = read(
        "A team of University College London (UCL) met. UCL and the Saudi Fund for Development (SFD) signed.",
        ("University College", Label.ORG), ("London", Label.LOC), ("UCL", Label.ORG),
        ("Fund for Development", Label.ORG), ("SFD", Label.ORG),
    )

    assert named(article, "UCL") == {"University College London"}
    assert named(article, "SFD") == {"Saudi Fund for Development"}


def test_letters_in_brackets_are_a_persons_where_they_are_the_initials() -> None:
    article = read(
        "President Andrés Manuel López Obrador (AMLO) met Ana Marín (PRI). AMLO left.",
        ("Andrés Manuel López Obrador", Label.PERSON), ("AMLO", Label.ORG),
        ("Ana Marín", Label.PERSON), ("PRI", Label.ORG),
    )

    assert named(article, "AMLO") == {"Andrés Manuel López Obrador"}
    assert named(article, "PRI") == {"PRI"}


def test_a_weekday_is_a_date_whatever_the_model_took_it_for() -> None:
    article = read("On Monday evening the court met.", ("Monday", Label.MISC))

    assert [mention.label for mention in article.mentions if mention.text == "Monday"] == [Label.DATE]


def test_a_ministry_ends_before_the_next_office() -> None:
    article = read(
        "On behalf of the Iraqi Ministry of Finance, the Ambassador of Iraq signed. The Ministry of Trade, Industry "
        "and Tourism of Colombia agreed.",
        ("Iraq", Label.LOC), ("Colombia", Label.LOC),
    )

    names = {entity.name for entity in article.entities}
    assert "Iraqi Ministry of Finance" in names
    assert "Ministry of Trade, Industry and Tourism of Colombia" in names
