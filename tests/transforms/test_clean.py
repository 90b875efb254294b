from itertools import pairwise

import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article
from schemas.errors import ArticleError
from tests.data_folder import find_data, read_rows
from transforms.clean import CleanArticles, clean_article, hash_content, restore_text
from transforms.junk import find_junk
from transforms.junk_phrases import AGENCIES, Reason

FIRST = "The minister of Examplia resigned on Monday after a long dispute over the budget, her office said."
SECOND = "“I have done what I could,” she told reporters. Her deputy will take over until parliament meets in March."
THIRD = "The opposition called it a victory and asked for new elections in the capital and the provinces."


def article(*lines: str, gap: str = "\n\n", **fields: object) -> Article:
    return Article("id", gap.join(lines), "file.txt", **fields)


def removed(cleaned: Article) -> list[tuple[str, str]]:
    return [(part.reason, part.text.strip()) for part in cleaned.removed]


# One line a case, between two real paragraphs.
MIDDLE = [
    (Reason.RELATED, "RELATED Examplia sanctions neighbours over alleged $2.4B fraud scheme"),
    (Reason.RELATED, "READ MORE: Who is who in the new cabinet"),
    (Reason.RELATED, "Also Read:Budget talks fail again"),
    (Reason.RELATED, "ALSO READ  Five things to know about the budget"),
    (Reason.RELATED, "See also: The dispute in pictures"),
    (Reason.RELATED, "» Related stories: The budget, explained"),
    (Reason.RELATED, "Lea también: La ministra renuncia tras la disputa"),
    (Reason.RELATED, "Te puede interesar: Claves de la crisis"),
    (Reason.RELATED, "LEIA TAMBÉM: Ministra renuncia após disputa"),
    (Reason.RELATED, "Leia mais sobre a crise no governo"),
    (Reason.RELATED, "À LIRE AUSSI Budget : ce qui change"),
    (Reason.RELATED, "Lire aussi : La ministre démissionne"),
    (Reason.RELATED, "Lesen Sie auch: Die Ministerin tritt zurück"),
    (Reason.RELATED, "Mehr zum Thema"),
    (Reason.RELATED, "Leggi anche: La ministra si dimette"),
    (Reason.RELATED, "Lees ook: Minister stapt op"),
    (Reason.SHARE, "Share this on Facebook, Twitter and WhatsApp"),
    (Reason.SHARE, "Follow us on Instagram"),
    (Reason.SHARE, "Síguenos en Facebook y Twitter"),
    (Reason.SHARE, "Compartilhe no WhatsApp"),
    (Reason.SHARE, "Suivez-nous sur Facebook"),
    (Reason.SHARE, "Folgen Sie uns auf Instagram!"),
    (Reason.SUBSCRIPTION, "Subscribe Now to get 66% OFF"),
    (Reason.SUBSCRIPTION, "Sign up for our daily newsletter"),
    (Reason.SUBSCRIPTION, "Suscríbete a nuestro boletín"),
    (Reason.SUBSCRIPTION, "Jetzt abonnieren: der Newsletter am Morgen"),
    (Reason.CAPTION, "The minister leaves her office on Monday. Photo: Jane Doe/Example News"),
    (Reason.CAPTION, "La ministra sale de su despacho. Foto: Juana Pérez"),
    (Reason.CAPTION, "The cathedral at night (Image: J. Doe)"),
    (Reason.CREDIT, "j.doe@example.com"),
    (Reason.WIKI_MARKUP, "██ Party of Examplia - 203 seats"),
    (Reason.CREDIT, "Photo by Jane Doe"),
    (Reason.CREDIT, "FILE PHOTO: The minister arrives at parliament"),
    (Reason.CREDIT, "© Jane Doe/Example News"),
    (Reason.WIKI_MARKUP, "File:The minister (cropped).jpg"),
    (Reason.COPYRIGHT, "Copyright 2019 Example News. All rights reserved."),
    (Reason.COPYRIGHT, "© 2019 Agencia Ejemplo. Todos los derechos reservados"),
    (Reason.COOKIE, "We use cookies to improve your experience. Accept cookies"),
    (Reason.COOKIE, "Utilizamos cookies para mejorar su experiencia"),
    (Reason.ADVERTISEMENT, "Advertisement"),
    (Reason.ADVERTISEMENT, "ADVERTISEMENT"),
    (Reason.ADVERTISEMENT, "Story continues below advertisement"),
    (Reason.ADVERTISEMENT, "PUBLICIDAD"),
    (Reason.ADVERTISEMENT, "Continua após a publicidade"),
    (Reason.ADVERTISEMENT, "Publicité"),
    (Reason.ADVERTISEMENT, "Anzeige"),
    (Reason.LINK, "https://news.example/related/12345"),
    (Reason.PULL_QUOTE, "—The minister, in her letter"),
    (Reason.DATE_LINE, "Updated: January 11, 2019 5:36 pm"),
]

TAIL = [
    (Reason.SHARE, "Sharing is caring!"),
    (Reason.AGENCY, "(Reporting by Jane Doe; editing by John Roe)"),
    (Reason.AGENCY, "Reporting by Jane Doe in Exampleville; Editing by John Roe"),
    (Reason.AGENCY, "Additional reporting by Jane Doe."),
    (Reason.AGENCY, "(Com informações da Agência Exemplo)"),
    (Reason.AGENCY, "Associated writer Jane Doe contributed to this report."),
    (Reason.SHARE, "Follow us on Twitter and Facebook."),
    (Reason.COPYRIGHT, "All rights reserved."),
]

REAL = [
    "Sponsored by Sen. Jane Doe, the bill would ban the sale of such weapons to the young.",
    "Written by Ann Lee, the musical was seen in London by thousands.",
    "In a statement, Getty Images said it had filed suit against the firm.",
    "Companies must ask users before they use cookies, the regulator said.",
    "Related companies said they would follow the ruling, although three of them have appealed to the court.",
    "Read more than any president before him, the book became a bestseller within days of its release.",
    "Also present were the ministers of finance and defence, who did not speak to reporters.",
    "Subscribers to the service lost access for two days, the company said in a statement.",
    "Follow us, the rebels told the villagers, and you will be safe.",
    "Sources close to the minister said that she had been asked to leave.",
    "Photo sharing services have been blocked since Friday, users in three cities said.",
    "The image: a child running from the flames, a picture that went around the world within hours.",
    "Sharing power with the opposition is no option, he said.",
    "Copyright law will be changed next year, the government announced on Monday.",
    "Share prices fell by 3% after the announcement.",
    "Advertising revenue dropped by a third, the broadcaster said in its report.",
    "Watch groups said that 12 people had been killed.",
    "“Read more, watch less,” the minister told the pupils.",
    "Editing by hand took the team about three years, and the first version was never shown in public.",
    "Les anciens billets seront retirés",
    "Lee Jae-myung won the vote",
    "Image problems",
    "What the government says",
    "The ruling, reported by local media on Sunday, came as a surprise to many [also] abroad.",
    "He joined the party (related to the former ruling bloc) in 1998 and left it two years later.",
]


@pytest.mark.parametrize(("reason", "line"), MIDDLE)
def test_junk_between_paragraphs_goes(reason: str, line: str) -> None:
    cleaned = clean_article(article(FIRST, SECOND, line, THIRD, FIRST, SECOND, THIRD))
    assert removed(cleaned) == [(reason, line)]
    assert cleaned.text == "\n\n".join([FIRST, SECOND, THIRD, FIRST, SECOND, THIRD])


@pytest.mark.parametrize(("reason", "line"), TAIL)
def test_junk_at_the_end_goes_on_its_own_line(reason: str, line: str) -> None:
    cleaned = clean_article(article(FIRST, SECOND, THIRD, line))
    assert removed(cleaned) == [(reason, line)]
    assert cleaned.text == "\n\n".join([FIRST, SECOND, THIRD])


@pytest.mark.parametrize("glue", ["", " "])
@pytest.mark.parametrize(("reason", "line"), TAIL)
def test_junk_at_the_end_goes_when_glued_to_the_last_sentence(reason: str, line: str, glue: str) -> None:
    cleaned = clean_article(article(FIRST, SECOND, THIRD + glue + line))
    assert removed(cleaned) == [(reason, line)]
    assert cleaned.text == "\n\n".join([FIRST, SECOND, THIRD])


@pytest.mark.parametrize("line", REAL)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_real_lines_stay_wherever_they_stand(line: str, place: int) -> None:
    lines = [FIRST, SECOND, THIRD]
    lines.insert(place, line)
    assert clean_article(article(*lines)).removed == ()


def test_a_list_of_sources_goes_with_its_links() -> None:
    sources = [
        "Sources",
        'Jane Doe. "Minister resigns" — Example News, January 11, 2019',
        '"Budget dispute ends" — Example Post, January 10, 2019',
        "External links",
        "Official website of the ministry",
    ]
    cleaned = clean_article(article(FIRST, SECOND, THIRD, *sources))
    assert [reason for reason, _ in removed(cleaned)] == [Reason.SOURCES] * 5
    assert cleaned.text == "\n\n".join([FIRST, SECOND, THIRD])


def test_a_heading_named_sources_above_a_report_stays() -> None:
    assert clean_article(article(FIRST, SECOND, "Sources", THIRD)).removed == ()


def test_headlines_under_a_related_heading_go() -> None:
    cleaned = clean_article(
        article(FIRST, "ALSO READ:", "Minister under pressure to resign", "Budget talks fail once again", SECOND)
    )
    assert cleaned.text == "\n\n".join([FIRST, SECOND])


def test_a_teaser_with_its_date_goes_and_does_not_date_the_article() -> None:
    cleaned = clean_article(
        article(FIRST, SECOND, THIRD, FIRST, THIRD, "Inflation expected to rise again", "11 Jul 2018", SECOND)
    )
    assert removed(cleaned) == [("related", "Inflation expected to rise again"), ("related", "11 Jul 2018")]


def test_wiki_template_remains_go_from_inside_a_line() -> None:
    line = "She said ((es))Spanish language: \u200dno puedo más, and left."
    cleaned = clean_article(article(FIRST, line, "((WN)) Why did you leave?", SECOND))
    assert cleaned.text == "\n\n".join([FIRST, "She said no puedo más, and left.", "Why did you leave?", SECOND])


def test_a_bracketed_credit_goes_and_its_sentence_stays() -> None:
    cleaned = clean_article(
        article(FIRST, "The crowd sang until midnight. They left in peace.  (Photo: Jane Doe)", SECOND)
    )
    assert cleaned.text == "\n\n".join([FIRST, "The crowd sang until midnight. They left in peace.", SECOND])


def test_an_agency_in_brackets_goes_at_the_end_but_stays_in_the_dateline() -> None:
    cleaned = clean_article(article("(Reuters) - " + FIRST, SECOND + " (Reuters)"))
    assert cleaned.text == "\n\n".join(["(Reuters) - " + FIRST, SECOND])
    assert "reuters" in AGENCIES


@pytest.mark.parametrize("gap", ["\n", "\n\n", " \n \n", "\n\n\n"])
def test_paragraphs_stay_apart_and_ends_go_bare(gap: str) -> None:
    cleaned = clean_article(article("Advertisement", FIRST, "Advertisement", SECOND, "Advertisement", gap=gap))
    assert cleaned.text == FIRST + gap + SECOND


def test_nothing_left_is_an_article_error() -> None:
    for text in ("", " \n", "Advertisement", "Sharing is caring!\n\nFollow us on Facebook"):
        with pytest.raises(ArticleError) as caught:
            clean_article(article(text))
        assert caught.value.reason == "empty_text"


def test_a_short_text_is_flagged() -> None:
    assert clean_article(article(FIRST)).flags == ("too_short",)
    assert clean_article(article(FIRST, SECOND, THIRD)).flags == ()


def test_content_hash_is_of_headline_and_cleaned_text() -> None:
    with_junk = clean_article(article(FIRST, SECOND, "Sharing is caring!", headline="Minister resigns"))
    without = clean_article(article(FIRST, SECOND, headline="Minister resigns"))
    assert with_junk.content_hash == without.content_hash == hash_content("Minister resigns", without.text)
    assert len(without.content_hash) == 32
    assert without.content_hash != clean_article(article(FIRST, SECOND, headline="Minister stays")).content_hash


def test_cleaning_again_changes_nothing() -> None:
    cleaned = clean_article(article(FIRST, "READ MORE: The budget", SECOND, "Sharing is caring!"))
    assert clean_article(cleaned) == cleaned


LINES = st.one_of(
    st.sampled_from([FIRST, SECOND, THIRD, *REAL, "ALSO READ:", "Read more", "Sources", "11 Jul 2019", "Short title"]),
    st.sampled_from([line for _, line in MIDDLE + TAIL]),
    st.text(max_size=60),
)


@given(st.lists(st.tuples(LINES, st.sampled_from(["", " ", "\n", "\n\n", " \r\n\t", "\u2028"])), max_size=14))
def test_restored_text_is_the_original_to_the_letter(parts: list[tuple[str, str]]) -> None:
    text = "".join(line + gap for line, gap in parts)
    original = article(text)
    try:
        cleaned = clean_article(original)
    except ArticleError:
        return
    assert restore_text(cleaned) == text
    assert clean_article(cleaned) == cleaned


@given(st.text(max_size=300))
def test_junk_spans_are_ordered_and_disjoint(text: str) -> None:
    spans = find_junk(text)
    assert all(span.start < span.end <= len(text) for span in spans)
    assert all(first.end <= second.start for first, second in pairwise(spans))


@pytest.mark.parametrize(
    "name",
    ["articles/wikinews/en.jsonl.gz", "articles/wikinews/fr.jsonl.gz", "articles/worldwide_newswire/en.jsonl.gz"],
)
def test_every_collected_article_is_restored(name: str) -> None:
    for row in read_rows(find_data(name)):
        assert restore_text(clean_article(article(row["body"]))) == row["body"]


def test_hand_annotated_articles_lose_their_junk_and_nothing_else() -> None:
    from benchmarks.clean_date import junk_positions, read_examples, removed_positions

    lost = real = 0
    for example in read_examples(find_data("gold")):
        gone = removed_positions(clean_article(example.article))
        junk = junk_positions(example.article.text, example.junk)
        assert all(positions <= gone for positions in junk)
        lost += len(gone.difference(*junk))
        real += len(example.article.text)
    assert lost < real / 1000


def test_clean_articles_sends_empty_ones_to_the_dead_letters() -> None:
    full, empty = article(FIRST, SECOND, "Sharing is caring!"), article("Advertisement")
    with beam.Pipeline() as pipeline:
        tried = pipeline | beam.Create([full, empty]) | CleanArticles()
        assert_that(
            tried.articles | beam.Map(lambda done: done.text), equal_to([f"{FIRST}\n\n{SECOND}"]), label="Texts"
        )
        assert_that(
            tried.dead_letters | beam.Map(lambda dead: (dead.step, dead.reason)),
            equal_to([("clean", "empty_text")]),
            label="DeadLetters",
        )
