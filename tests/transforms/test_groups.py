from schemas.article import Label
from tests.transforms.test_resolve import named, read


def test_protesters_are_one_group_by_any_of_their_nouns() -> None:
    article = read(
        "In Hong Kong protesters marched. The Demonstrators demanded a vote, and "
        "Hong Kong police watched the protesters.",
        ("Hong Kong", Label.LOC),
    )

    assert named(article, "protesters") == named(article, "Demonstrators") == {"Demonstrators"}
    (group,) = [entity for entity in article.entities if entity.label == Label.NORP]
    assert (group.country, group.mentions) == ("HK", 3)


def test_rebels_belong_to_the_nation_named_before_them_and_a_wider_name_keeps_its_noun() -> None:
    article = read(
        "Turkey armed Syrian rebels, while Houthi rebels fought on.",
        ("Turkey", Label.LOC), ("Syrian", Label.NORP), ("Houthi rebels", Label.NORP),
    )

    (rebels,) = [entity for entity in article.entities if entity.name == "rebels"]
    assert (rebels.country, rebels.mentions) == ("SY", 1)
    assert named(article, "Houthi rebels") == {"Houthi rebels"}
