import pytest

from schemas.article import Article, Label
from tests.transforms.test_resolve import read
from transforms.pronouns import find_antecedent

PEOPLE = (
    ("Nadia Ferrolho", Label.PERSON), ("Ferrolho", Label.PERSON), ("Thomas Brandl", Label.PERSON),
    ("Brandl", Label.PERSON), ("Harbour Council", Label.ORG), ("Ostrava Works", Label.ORG), ("Kenya", Label.LOC),
    ("Queen Ulrike", Label.PERSON), ("Olu Adebari", Label.PERSON), ("Kimi Rautas", Label.PERSON),
)


def antecedent(text: str, pronoun: str) -> str | None:
    """The name of whom the last `pronoun` of the text stands for."""
    article: Article = read(text, *PEOPLE)
    index = find_antecedent(article, text.rindex(f"{pronoun} "), pronoun)
    return None if index is None else article.entities[index].name


@pytest.mark.parametrize(
    ("text", "pronoun", "name"),
    [
        ("Thomas Brandl spoke on Monday. He has also blamed the council.", "He", "Thomas Brandl"),
        ("Nadia Ferrolho met Thomas Brandl. She praised the plan.", "She", "Nadia Ferrolho"),
        ("Nadia Ferrolho met Thomas Brandl. He praised the plan.", "He", "Thomas Brandl"),
        ("Olu Adebari criticised Kimi Rautas. He called the plan absurd.", "He", "Olu Adebari"),
        ("The Harbour Council rejected the plan. It also accused Ostrava Works of lying.", "It", "Harbour Council"),
        ("Kenya recalled its envoy. It condemned the attack.", "It", "Kenya"),
        ("Thomas Brandl resigned. The rain went on. He blamed the press.", "He", "Thomas Brandl"),
        ("A letter from Olu Adebari reached Kimi Rautas. He wept.", "He", "Kimi Rautas"),
        ("The plan of Thomas Brandl failed. He was furious.", "He", "Thomas Brandl"),
        ("Thomas Brandl said that he opposes the plan.", "he", "Thomas Brandl"),
        ("Thomas Brandl spoke. Olu Adebari would visit Kenya, he said.", "he", "Thomas Brandl"),
        ("Thomas Brandl spoke. When Olu Adebari came home, he said nothing.", "he", "Olu Adebari"),
        ("The Harbour Council met. Kenya produces mangoes, it said.", "it", "Harbour Council"),
        ("Olu Adebari would visit Kenya, he said on Monday.", "he", "Olu Adebari"),
    ],
)
def test_a_pronoun_stands_for_the_last_subject_that_fits(text: str, pronoun: str, name: str) -> None:
    assert antecedent(text, pronoun) == name


@pytest.mark.parametrize(
    ("text", "pronoun"),
    [
        ("Nadia Ferrolho spoke. He laughed.", "He"),  # nobody who is a man
        ("The plan was good for Olu Adebari and Kimi Rautas. He laughed.", "He"),  # either
        ("Thomas Brandl spoke. It rained.", "It"),  # no body
        ("Shares of Ostrava Works fell. It rained.", "It"),  # not the subject
        ("Russia-Kenya trade grew. It traded at 5%.", "It"),
        ("It rained.", "It"),
        ("Thomas Brandl spoke. We laughed.", "We"),
    ],
)
def test_no_antecedent_where_it_is_not_sure(text: str, pronoun: str) -> None:
    assert antecedent(text, pronoun) is None
