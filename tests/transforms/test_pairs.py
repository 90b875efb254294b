"""Which questions an article raises: who may hold a stance, on whom, and in which words."""

from collections.abc import Sequence
from dataclasses import replace
from time import process_time

import pytest

from schemas.article import Article, Entity, Label, Mention
from transforms.pairs import MAX_NAMES, MAX_PAIRS, Pairs, find_pairs
from transforms.questions import MAX_PASSAGE
from transforms.quotations import find_quotations
from transforms.roles import is_state
from transforms.sentences import split_sentences
from transforms.speakers import find_speakers
from transforms.subject_pronouns import find_subject_pronouns


def article(text: str, *names: tuple[str, str] | tuple[str, str, str]) -> Article:
    """An article whose entities are (name, label, *aliases), each mentioned wherever its name or an alias stands."""
    entities = tuple(Entity(name, label) for name, label, *_ in names)
    mentions: list[Mention] = []
    for number, (name, label, *aliases) in enumerate(names):
        for surface in sorted((name, *aliases), key=len, reverse=True):
            at = text.find(surface)
            while at >= 0:
                if not any(m.start_char < at + len(surface) and at < m.end_char for m in mentions):
                    mentions.append(Mention(surface, at, at + len(surface), label, 0.9, number))
                at = text.find(surface, at + 1)
    mentions.sort(key=lambda mention: mention.start_char)
    return Article("a", text, "s", language="en", mentions=tuple(mentions), entities=entities)


def asked(found: Article) -> list[tuple[str | None, str, str]]:
    names = [entity.name for entity in found.entities]
    return [(None if pair.holder is None else names[pair.holder], names[pair.target], pair.via)
            for pair in find_pairs(found).asked]


PERU, CHILE, OAS = ("Peru", Label.LOC), ("Chile", Label.LOC), ("OAS", Label.ORG)
KARL = ("Otto Karl", Label.PERSON, "Karl")
MAYOR = ("Ana Ruiz", Label.PERSON, "Ruiz")


def test_the_name_before_is_asked_about_the_one_after() -> None:
    assert asked(article("Peru condemned the OAS.", PERU, OAS)) == [("Peru", "OAS", "named")]


@pytest.mark.parametrize(
    "text", ["Peru was condemned by the OAS.", "Peru, which the OAS condemned, left.", "Peru has failed, the OAS said.",
             "In a report on Peru, experts of the OAS found fault."]
)  # fmt: skip
def test_the_name_after_is_asked_about_the_one_before_where_the_words_let_it_act(text: str) -> None:
    assert ("OAS", "Peru", "named") in asked(article(text, PERU, OAS))


def test_names_in_different_sentences_are_not() -> None:
    found = article("Peru held a vote.\nThe OAS met on Friday.", PERU, OAS)
    assert {(holder, target) for holder, target, _ in asked(found)} <= {(None, "Peru"), (None, "OAS")}


def test_members_of_a_list_are_not_asked_about_each_other() -> None:
    found = asked(article("Peru, Chile and Brazil condemned the OAS.", PERU, CHILE, ("Brazil", Label.LOC), OAS))
    assert {("Peru", "OAS"), ("Chile", "OAS"), ("Brazil", "OAS")} <= {pair[:2] for pair in found}
    assert not any("OAS" not in pair for pair in found)


def test_a_place_that_says_where_is_no_party() -> None:
    found = asked(article("Ana Ruiz praised the OAS in Peru.", MAYOR, OAS, PERU))
    assert not any("Peru" in pair for pair in found)
    assert is_state("Venezuela")
    assert is_state("the United States")
    assert is_state("The Gambia")
    assert not is_state("Springfield Gardens")


def test_a_nationality_before_a_noun_is_no_party() -> None:
    found = asked(article("Peruvian farmers thanked the OAS.", ("Peruvian", Label.NORP), OAS))
    assert not any("Peruvian" in pair for pair in found)
    found = asked(article("Peruvians thanked the OAS.", ("Peruvians", Label.NORP), OAS))
    assert ("Peruvians", "OAS", "named") in found
    found = asked(article("The Peruvian opposition condemned the OAS.", ("Peruvian opposition", Label.NORP), OAS))
    assert ("Peruvian opposition", "OAS", "named") in found
    found = asked(article("South Korean farmers thanked the OAS.", ("South Korean", Label.NORP), OAS))
    assert not any("South Korean" in pair for pair in found)


def test_a_short_name_is_an_alias() -> None:
    assert ("Ana Ruiz", "OAS", "alias") in asked(article("Ruiz condemned the OAS.", MAYOR, OAS))


def test_a_pronoun_holds_what_its_person_holds() -> None:
    found = asked(article("Ana Ruiz spoke for an hour. She also blamed the OAS for the crisis.", MAYOR, OAS))
    assert ("Ana Ruiz", "OAS", "pronoun") in found


def test_a_pronoun_in_a_quotation_is_left_alone() -> None:
    text = "“They failed and he left,” said Ruiz, and she meant it."
    assert [text[start:end] for start, end in find_subject_pronouns(text, (0, len(text)), "en")] == ["she"]


def test_a_quotation_that_runs_on_has_the_speaker_of_the_sentence_before() -> None:
    text = "“We have tried everything,” said Ana Ruiz. “The OAS has betrayed us all.”"
    found = article(text, MAYOR, OAS)
    pair = next(pair for pair in find_pairs(found).asked if pair.holder == 0)
    assert pair.question.text == "Ana Ruiz said: “The OAS has betrayed us all.”"
    assert pair.question.text[slice(*pair.question.target)] == "OAS"
    assert found.text[slice(*pair.evidence)] == "“The OAS has betrayed us all.”"


def test_a_paragraph_of_quotation_goes_on_with_the_last_speaker() -> None:
    text = "“It is over,” said Ana Ruiz. “We are done.\n“The OAS has betrayed us all,” and so on."
    found = article(text, MAYOR, OAS)
    speakers = find_speakers(found, split_sentences(text))
    assert 0 in {speech.speaker for speech in speakers.values()}


def test_the_articles_own_voice_is_asked_where_one_name_stands_alone_and_nobody_speaks() -> None:
    assert asked(article("Ana Ruiz failed her city.", MAYOR)) == [(None, "Ana Ruiz", "named")]
    assert asked(article("“Ana Ruiz failed her city.”", MAYOR)) == []


def test_a_sentence_of_many_names_is_asked_about_the_nearest_and_the_rest_is_counted() -> None:
    names = [(f"Group{chr(65 + i)}", Label.ORG) for i in range(12)]
    found = find_pairs(article(" spoke of ".join(name for name, _ in names) + ".", *names))
    assert isinstance(found, Pairs)
    assert len(found.asked) == MAX_PAIRS
    assert found.cut == 12 * 11 // 2 - MAX_PAIRS


def test_thousands_of_names_in_one_sentence_take_no_cubic_time() -> None:
    text = "Peru said Chile and " * 1500  # took many minutes; found by fuzzing
    starts = [(at, at + len(name), number) for number, name in enumerate(("Peru", "Chile"))
              for at in range(0 if name == "Peru" else 10, len(text), 20)]
    mentions = tuple(Mention(text[slice(*span)], *span, Label.LOC, 0.9, entity) for *span, entity in sorted(starts))
    entities = (Entity("Peru", Label.LOC), Entity("Chile", Label.LOC))
    began = process_time()
    found = find_pairs(Article("a", text, "s", language="en", mentions=mentions, entities=entities))
    assert process_time() - began < 10
    assert 0 < len(found.asked) <= MAX_PAIRS
    assert found.cut >= len(mentions) - MAX_NAMES


@pytest.mark.parametrize("gap", [10, 100, 340, 2000])
def test_a_long_sentence_is_cut_around_its_pair(gap: int) -> None:
    text = "word " * 300 + "Peru blamed " + "x " * gap + "the OAS" + " word" * 300 + "."
    assert bool(find_pairs(article(text, PERU, OAS)).asked) == (gap < MAX_PASSAGE / 2)
    for pair in find_pairs(article(text, PERU, OAS)).asked:
        question = pair.question
        assert question.holder is not None
        assert {question.text[slice(*question.holder)], question.text[slice(*question.target)]} == {"Peru", "OAS"}
        assert len(question.text) <= MAX_PASSAGE + 2


def test_every_question_quotes_its_article() -> None:
    text = "Ana Ruiz, the mayor, thanked Chile and Peru. She told the OAS: “Peru helped us.”"
    found = article(text, MAYOR, CHILE, PERU, OAS)
    for pair in find_pairs(found).asked:
        names = {m.text for m in found.mentions if m.entity == pair.target}
        assert pair.question.text[slice(*pair.question.target)] in names
        assert pair.evidence in split_sentences(text)


@pytest.mark.parametrize(
    ("text", "inside"),
    [("He said “no” and left", ["no"]), ('"a" or "b"', ["a", "b"]), ("«Non», dit-il", ["Non"]),
     ("“open\nnext", ["open"]), ("none", [])],
)  # fmt: skip
def test_quotations(text: str, inside: Sequence[str]) -> None:
    assert [text[start:end] for start, end in find_quotations(text)] == list(inside)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Velasco has wrecked the harbour and ruined its workers.", True),
        ("Velasco claimed that the ballot was stolen.", False),
        ("Velasco favoured open borders.", False),
        ("I was glad to see Velasco go.", False),
    ],
)
def test_the_articles_own_voice_is_not_what_others_say_or_think(text: str, own: bool) -> None:
    assert asked(article(text, ("Velasco", Label.PERSON))) == ([(None, "Velasco", "named")] if own else [])


def test_the_place_of_the_dateline_takes_no_side() -> None:
    found = article("CAIRO - 7 July 2022: Peru condemned the OAS.", ("CAIRO", Label.LOC), PERU, OAS)
    filed = replace(found, dateline="CAIRO - 7 July 2022")

    assert "CAIRO" in {holder for holder, _, _ in asked(found)}
    assert {holder for holder, _, _ in asked(filed)} == {"Peru"}


def questions(found: Article, holder: int, target: int) -> list[str]:
    """What is asked about a pair, the two in brackets."""
    told = []
    for pair in find_pairs(found).asked:
        if (pair.holder, pair.target) == (holder, target):
            marks = [(place, mark) for span, ends in ((pair.question.holder, "[]"), (pair.question.target, "<>"))
                     if span for place, mark in zip(span, ends, strict=True)]
            text = pair.question.text
            for place, mark in sorted(marks, reverse=True):
                text = text[:place] + mark + text[place:]
            told.append(text)
    return told


def test_a_quotation_is_asked_of_its_speaker_alone() -> None:
    text = "“The whole crisis was made by Peru and nobody else,” Ana Ruiz of the OAS told Chile."
    found = article(text, MAYOR, PERU, OAS, CHILE)
    assert questions(found, 0, 1) == ["[Ana Ruiz] said: “The whole crisis was made by <Peru> and nobody else,”"]
    assert not any(names in (("OAS", "Peru"), ("Chile", "Peru"), ("Peru", "OAS")) for *names, _ in asked(found))


def test_a_word_in_quotation_marks_is_no_speech() -> None:
    found = article("Ana Ruiz told the OAS of the “Peru plan” on Friday.", MAYOR, OAS, PERU)
    assert ("OAS", "Peru", "named") in asked(found)


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“We will not stop until they go,” Ana Ruiz of the OAS added.", "Ana Ruiz"),
        ("Speaking to the OAS, Ana Ruiz said: “We will not stop until they go.”", "Ana Ruiz"),
        ("“We will not stop until they go,” according to the OAS.", "OAS"),
        ("Ana Ruiz met Chile. “We will not stop until they go,” she said.", "Ana Ruiz"),
        ("“We will not stop until they go” hung on the wall.", None),
    ],
)
def test_who_speaks(text: str, speaker: str | None) -> None:
    found = article(text, MAYOR, OAS, CHILE)
    (speech,) = find_speakers(found, split_sentences(text)).values()
    assert speaker == (None if speech.speaker is None else found.entities[speech.speaker].name)


def test_a_pronoun_is_asked_about_by_name() -> None:
    found = article("Ana Ruiz spoke for an hour. She also blamed the OAS.", MAYOR, OAS)
    assert questions(found, 0, 1) == ["[Ana Ruiz] also blamed the <OAS>."]


def test_a_pronoun_can_be_the_target() -> None:
    found = article("Ana Ruiz spoke for an hour. The OAS blamed her for the crisis.", MAYOR, OAS)
    assert questions(found, 1, 0) == ["The [OAS] blamed <Ana Ruiz> for the crisis."]
    found = article("Ana Ruiz spoke for an hour. The OAS blamed her country.", MAYOR, OAS)
    assert questions(found, 1, 0) == []
    found = article("Ana Ruiz spoke for an hour. She was praised by the OAS.", MAYOR, OAS)
    assert questions(found, 1, 0) == ["<Ana Ruiz> was praised by the [OAS]."]
    found = article("Ana Ruiz left. “She has never told us the truth,” the OAS said.", MAYOR, OAS)
    assert questions(found, 1, 0) == ["[OAS] said: “<Ana Ruiz> has never told us the truth,”"]


def test_of_several_mentions_the_name_before_the_target_is_asked_about() -> None:
    text = "Ruiz is a critic of Peru, and its allies say that Ruiz lied."
    assert questions(article(text, MAYOR, PERU), 0, 1) == [
        "[Ruiz] is a critic of <Peru>, and its allies say that Ruiz lied."]


@pytest.mark.parametrize("text", ["OAS director Ana Ruiz left.", "Ana Ruiz, director of the OAS, left.",
                                  "Ana Ruiz of the OAS left.", "The OAS’s former chief Ana Ruiz left."])  # fmt: skip
def test_who_belongs_to_a_body_is_not_asked_about_it(text: str) -> None:
    assert not {("Ana Ruiz", "OAS"), ("OAS", "Ana Ruiz")} & {pair[:2] for pair in asked(article(text, MAYOR, OAS))}


def test_a_country_before_an_office_is_no_party() -> None:
    found = asked(article("Peru Ambassador Ana Ruiz condemned the OAS.", PERU, MAYOR, OAS))
    assert not any("Peru" in pair for pair in found)
    assert ("Ana Ruiz", "OAS", "named") in found


def test_events_places_and_products_are_no_targets() -> None:
    names = (("Expo", Label.MISC), ("Gate Bridge", Label.FAC), ("Vax 3", Label.PRODUCT))
    found = article("Peru praised Expo, Gate Bridge, Vax 3 and thanked the OAS.", PERU, OAS, *names)
    assert {target for _, target, _ in asked(found)} == {"OAS"}


def test_a_body_before_its_officer_is_no_party() -> None:
    found = asked(article("OAS director Ana Ruiz condemned Peru.", OAS, MAYOR, PERU))
    assert not any("OAS" in pair for pair in found)
    assert ("Ana Ruiz", "Peru", "named") in found


def test_a_nationality_in_a_description_does_not_speak() -> None:
    text = "“We will not stop until they go,” Ana Ruiz, the Peruvian face of it, said."
    found = article(text, MAYOR, ("Peruvian", Label.NORP))
    (speech,) = find_speakers(found, split_sentences(text)).values()
    assert speech.speaker == 0


def test_a_body_is_marked_with_its_owner_unless_that_is_the_other_party() -> None:
    text = "Venezuelan President Nicolas Maduro’s government criticized the OAS."
    found = find_pairs(article(text, ("Nicolas Maduro", Label.PERSON), ("government", Label.ORG), OAS)).asked

    marked = {
        (pair.holder, pair.target): pair.question.text[slice(*pair.question.holder or ())] for pair in found
    }
    assert marked[1, 2] == "Venezuelan President Nicolas Maduro’s government"
    assert marked[0, 2] == "Nicolas Maduro"
    assert all(len(pair.question.text) == len(text) for pair in found)


def test_a_him_is_nobody_of_an_earlier_sentence_where_somebody_is_named_beside_it() -> None:
    mayor, judge, palace = ("Juan Ruiz", Label.PERSON, "Ruiz"), ("Otto Karl", Label.PERSON), ("White House", Label.ORG)
    text = 'Otto Karl read the transcript. "Ruiz\'s White House staff want him to resign," said Ana Li.'
    found = asked(article(text, mayor, judge, palace, ("Ana Li", Label.PERSON)))

    assert {target for holder, target, _ in found if holder == "White House"} == {"Juan Ruiz"}


def test_a_him_with_nobody_beside_it_goes_back() -> None:
    text = "Otto Karl read the transcript. The White House attacked him."
    found = asked(article(text, ("Otto Karl", Label.PERSON), ("White House", Label.ORG)))

    assert {target for holder, target, _ in found if holder == "White House"} == {"Otto Karl"}


def test_a_lone_surname_that_two_bear_is_not_asked_of_either() -> None:
    joe, hunter, lone = ("Joe Biden", Label.PERSON), ("Hunter Biden", Label.PERSON), ("Biden", Label.PERSON)
    text = "Joe Biden spoke of Biden and the OAS, and Hunter Biden criticised Joe Biden."
    found = {(holder, target) for holder, target, _ in asked(article(text, joe, hunter, lone, OAS))}

    assert not {("Joe Biden", "Biden"), ("Biden", "Joe Biden"), ("Hunter Biden", "Biden")} & found
    assert {("Joe Biden", "OAS"), ("Hunter Biden", "Joe Biden")} <= found


@pytest.mark.parametrize(
    "text",
    ["Ruiz’s daughter criticised Peru.", "Ana Ruiz's late husband thanked the OAS of Peru.",
     "Ruiz’s ex-wife criticised Peru.", "Ruiz’s 12-year-old stepson criticised Peru.",
     "The wife of Ana Ruiz criticised Peru.", "Ruiz’s critics blamed Peru.", "Ruiz’s lawyer accused Peru.",
     "“Peru has become a disgrace to us all,” Ruiz’s brother said on Friday."],
)
def test_whose_relative_acts_holds_nothing_by_that(text: str) -> None:
    assert not [holder for holder, _, _ in asked(article(text, MAYOR, PERU)) if holder == "Ana Ruiz"]
    assert asked(article("Ruiz’s party criticised Peru.", MAYOR, PERU))


@pytest.mark.parametrize("text", ["Juan Ruiz spoke for an hour. Otto Karl blamed himself for the crisis.",
                                  "Juan Ruiz spoke for an hour. Otto Karl praised Himalayan farmers."])  # fmt: skip
def test_himself_is_not_him(text: str) -> None:
    found = asked(article(text, ("Juan Ruiz", Label.PERSON), ("Otto Karl", Label.PERSON)))
    assert ("Otto Karl", "Juan Ruiz") not in {pair[:2] for pair in found}


@pytest.mark.parametrize(("text", "pairs"), [
    ("Condemned by Peru, Chile and the OAS, Ana Ruiz resigned.", {"Peru", "Chile", "OAS"}),
    ("Backed by the OAS, Ana Ruiz left.", {"OAS"}),
])  # fmt: skip
def test_a_comma_alone_makes_no_list(text: str, pairs: set[str]) -> None:
    found = asked(article(text, PERU, CHILE, OAS, MAYOR))
    assert {holder for holder, target, _ in found if target == "Ana Ruiz"} == pairs


def test_the_next_sentences_verb_does_not_turn_a_pair() -> None:
    found = asked(article("The mob hated Peru and jeered Ana Ruiz. He said no.", PERU, MAYOR))
    assert ("Ana Ruiz", "Peru") not in {pair[:2] for pair in found}


@pytest.mark.parametrize("text", ["Chile met. He Qinghua praised the OAS.", "Peru Seventh Fleet condemned the OAS.",
                                  "Peru spoke. It was reported that the OAS failed."])
def test_what_is_no_subject_holds_nothing(text: str) -> None:
    found = article(text, ("He Qinghua", Label.PERSON), PERU, CHILE, OAS, KARL)
    assert {holder for holder, target, _ in asked(found) if target == "OAS"} <= {"He Qinghua", None}


def test_a_day_after_a_country_leaves_it_a_party() -> None:
    assert ("Peru", "OAS", "named") in asked(article("Peru Friday condemned the OAS.", PERU, OAS))
