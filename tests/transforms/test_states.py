"""States: what one state's names say of each other is no stance; its parliament, parties and people are others."""

from schemas.article import Article, Entity, Label, Mention
from transforms.states import States

ENTITIES = (
    Entity("Venezuela", Label.LOC, "VE"),
    Entity("Caracas", Label.LOC, "VE"),
    Entity("Venezuela's Foreign Ministry", Label.ORG, "VE"),
    Entity("Nicolás Maduro", Label.PERSON, "VE", ("Maduro", "the president")),
    Entity("Juan Guaidó", Label.PERSON, "VE", ("opposition leader",)),
    Entity("National Assembly", Label.ORG, "VE"),
    Entity("Venezuelans", Label.NORP, "VE"),
    Entity("Peru", Label.LOC, "PE"),
    Entity("OAS", Label.ORG, None),
)
STATE, LEADER, OTHERS = (0, 1, 2), 3, (4, 5, 6, 7, 8)


def test_country_capital_and_ministries_are_one_state() -> None:
    states = States(Article("a", "text", "s", language="en", entities=ENTITIES))
    assert all(states.same(one, other) for one in STATE for other in STATE)
    assert all(states.same(one, LEADER) and states.same(LEADER, one) for one in STATE)


def test_parliament_opposition_people_and_other_countries_are_not() -> None:
    states = States(Article("a", "text", "s", language="en", entities=ENTITIES))
    assert not any(states.same(one, other) or states.same(other, one) for one in (*STATE, LEADER) for other in OTHERS)


def test_a_leader_is_called_so_by_an_alias_or_a_title() -> None:
    for text, same in (("President Ann Lee left.", True), ("Prime Minister Ann Lee left.", True),
                       ("Former president Ann Lee left.", False), ("Former Venezuelan President Ann Lee left.", False),
                       ("The former interim UK Prime Minister Ann Lee left.", False),
                       ("After the former minister fell, President Ann Lee left.", True),
                       ("Opposition leader Ann Lee left.", False),
                       ("Foreign Minister Ann Lee left.", False)):  # fmt: skip
        at = text.index("Ann")
        found = Article("a", text, "s", language="en", mentions=(Mention("Ann Lee", at, at + 7, "PERSON", 0.9, 1),),
                        entities=(Entity("Peru", Label.LOC, "PE"), Entity("Ann Lee", Label.PERSON, "PE")))
        assert States(found).same(0, 1) is same, text
