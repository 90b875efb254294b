from schemas.article import Article, Label, Mention
from transforms.resolve import resolve_entities


def read(text: str, *names: tuple[str, str], headline: str | None = None) -> Article:
    """An article of this text whose names (text, label) are marked wherever they stand, the longer ones first."""
    taken: list[Mention] = []
    for name, label in sorted(names, key=lambda pair: -len(pair[0])):
        start = text.find(name)
        while start >= 0:
            end = start + len(name)
            if all(end <= m.start_char or m.end_char <= start for m in taken):
                taken.append(Mention(name, start, end, label, 0.9))
            start = text.find(name, end)
    taken.sort(key=lambda mention: mention.start_char)
    return resolve_entities(
        Article("id", text, "test", headline=headline, language="en", mentions=tuple(taken))
    )


def named(article: Article, form: str) -> set[str]:
    """The names of the entities that mentions with this text refer to."""
    return {article.entities[m.entity].name for m in article.mentions if m.text == form and m.entity >= 0}


def test_a_surname_names_the_person_named_in_full() -> None:
    text = "Ines Morabela spoke. Later Morabela left."
    article = read(text, ("Ines Morabela", Label.PERSON), ("Morabela", Label.PERSON))

    (entity,) = article.entities
    assert (entity.name, entity.aliases, entity.mentions) == ("Ines Morabela", ("Morabela",), 2)


def test_dates_and_money_refer_to_nothing() -> None:
    article = read("On Monday it paid $5.", ("Monday", Label.DATE), ("$5", Label.MONEY))

    assert [mention.entity for mention in article.mentions] == [-1, -1]
    assert article.entities == ()


def test_an_acronym_is_the_name_it_stands_for() -> None:
    article = read(
        "The Harbour Pilots Association (HPA) met. HPA members voted.",
        ("Harbour Pilots Association", Label.ORG), ("HPA", Label.ORG),
    )

    assert named(article, "HPA") == {"Harbour Pilots Association"}


def test_an_acronym_after_a_part_of_a_body_stands_for_the_whole() -> None:
    body = ("Organization of American States", Label.ORG)
    part = ("Permanent Council of the Organization of American States", Label.ORG)
    article = read(
        "The Organization of American States objected. The Permanent Council of the Organization of American States, "
        "known as the OAS, met. The OAS voted.",
        body, part, ("OAS", Label.ORG),
    )

    assert named(article, "OAS") == {body[0]}
    assert named(article, part[0]) == {part[0]}


def test_a_ministry_takes_in_its_noun_and_is_the_one_named_with_its_country() -> None:
    article = read(
        "Venezuela objected, the country’s Foreign Affairs ministry said. The Venezuelan Foreign Affairs ministry "
        "thanked others.",
        ("Venezuela", Label.LOC), ("Foreign Affairs", Label.ORG), ("Venezuelan Foreign Affairs ministry", Label.ORG),
    )

    assert named(article, "Foreign Affairs ministry") == {"Venezuelan Foreign Affairs ministry"}


def test_the_district_belongs_to_the_capital_and_initials_keep_their_last_stop() -> None:
    article = read(
        "The U.S envoy, from a Washington, D.C.-based group, left for Mexico City.",
        ("U.S", Label.LOC), ("Washington", Label.LOC), ("D.C", Label.LOC),
    )

    assert [(m.text, article.entities[m.entity].country) for m in article.mentions] == [
        ("U.S", "US"), ("Washington, D.C.", "US")
    ]


def test_a_surname_tells_a_leader_only_where_the_article_speaks_of_his_country() -> None:
    abroad = read("In Multan the mother, Anwar, wept. Pakistan followed the case.", ("Anwar", Label.PERSON))
    at_home = read("In Kuala Lumpur Anwar promised Malaysia new schools.", ("Anwar", Label.PERSON))

    assert [entity.country for entity in abroad.entities] == [None]
    assert [entity.country for entity in at_home.entities] == ["MY"]


def test_people_belong_where_their_office_or_their_town_is() -> None:
    article = read(
        "United States Federal District Judge Michael Urbanek sentenced Ohio man James Fielding. Steve Scalen of "
        "Louisiana agreed.",
        ("United States", Label.LOC), ("Michael Urbanek", Label.PERSON), ("Ohio", Label.LOC),
        ("James Fielding", Label.PERSON), ("Steve Scalen", Label.PERSON), ("Louisiana", Label.LOC),
    )

    assert {e.name: e.country for e in article.entities if e.label == Label.PERSON} == {
        "Michael Urbanek": "US", "James Fielding": "US", "Steve Scalen": "US"
    }


def test_the_house_is_the_house_of_representatives_and_not_its_committee() -> None:
    text = (
        "The United States House of Representatives voted. The chairman of the House Intelligence Committee spoke. "
        "The House has voted twice."
    )
    whole, committee = "United States House of Representatives", "House Intelligence Committee"
    article = read(text, (whole, Label.ORG), (committee, Label.ORG), ("House", Label.ORG))

    assert named(article, "House") == {whole}
    assert named(article, committee) == {committee}


def test_a_first_word_that_two_known_bodies_share_names_neither() -> None:
    text = (
        "The Organization of American States met the Organization of Islamic Cooperation. The Organization voted."
    )
    names = ("Organization of American States", "Organization of Islamic Cooperation", "Organization")
    article = read(text, *((name, Label.ORG) for name in names))

    assert named(article, "Organization") == {"Organization"}


def test_father_and_son_are_two() -> None:
    article = read("Donald Trump Jr. said that his father Donald Trump won. Trump smiled.",
                   ("Donald Trump Jr.", Label.PERSON), ("Donald Trump", Label.PERSON), ("Trump", Label.PERSON))
    assert {entity.name: entity.mentions for entity in article.entities} == {"Donald Trump": 2, "Donald Trump Jr.": 1}
    article = read("Robert Downey Jr. spoke. Downey left.",
                   ("Robert Downey Jr.", Label.PERSON), ("Downey", Label.PERSON))
    assert [entity.name for entity in article.entities] == ["Robert Downey Jr."]


def test_a_prince_is_nobodys_given_name() -> None:
    article = read("Prince Andrew spoke to Andrew Lownie. Lownie left.",
                   ("Prince Andrew", Label.PERSON), ("Andrew Lownie", Label.PERSON), ("Lownie", Label.PERSON))
    assert {entity.name: entity.mentions for entity in article.entities} == {"Andrew Lownie": 2, "Prince Andrew": 1}
    article = read("King Salman bin Abdulaziz met the envoy. King Salman left.",
                   ("King Salman bin Abdulaziz", Label.PERSON), ("King Salman", Label.PERSON))
    assert len(article.entities) == 1


def test_a_part_of_a_word_in_the_headline_weighs_nothing() -> None:
    names = ("Niger", Label.LOC), ("Peru", Label.LOC)
    article = read("Filler. " * 200 + "Niger met Peru.", *names, headline="Nigeria votes today")
    assert {entity.salience for entity in article.entities} == {0.5}


def test_a_shutdown_is_not_the_government_and_officials_are() -> None:
    article = read(
        "Norway spends more. The current government shutdown hurts; the government debt grows. The government met, "
        "and Norwegian government officials spoke.",
        ("Norway", Label.LOC),
    )

    (government,) = (entity for entity in article.entities if entity.label == Label.ORG)
    places = [article.text[m.start_char : m.end_char] for m in article.mentions if m.label == Label.ORG]
    assert places == ["The government", "Norwegian government"], government


def test_a_government_that_funds_or_ends_a_paragraph_is_one() -> None:
    article = read(
        "Norway voted. The government funds clinics; the government contracts two firms. All praise the government\n"
        "Money is short.",
        ("Norway", Label.LOC),
    )

    assert [m.text for m in article.mentions if m.label == Label.ORG] == ["The government", *["the government"] * 2]


def test_the_opposition_of_a_party_is_the_party() -> None:
    article = read(
        "Samoa voted. The opposition National Party rejected the bill. The opposition Tuesday met, and the Samoan "
        "opposition said no.",
        ("Samoa", Label.LOC), ("National Party", Label.ORG),
    )

    assert [m.text for m in article.mentions if m.label == Label.NORP] == ["The opposition", "Samoan opposition"]


def test_a_board_is_the_one_named_before() -> None:
    article = read(
        "The Fair Rent Board ruled on Monday. Tenants cheered when the board spoke.", ("Fair Rent Board", Label.ORG)
    )

    assert named(article, "the board") == {"Fair Rent Board"}
