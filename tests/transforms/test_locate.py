import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to
from hypothesis import given
from hypothesis import strategies as st

from schemas.article import Article, FoundDate, Mention
from tests.data_folder import find_data, read_rows
from transforms.clean import clean_article
from transforms.evidence import gather_evidence
from transforms.gazetteer import load_gazetteer
from transforms.language import detect_language
from transforms.locate import LocateArticles, locate_article
from transforms.publisher import find_publisher_country, is_world_publisher


def locate(text: str, headline: str | None = None, language: str = "en", **fields: object) -> Article:
    return locate_article(Article("id", text, "file.txt", headline=headline, language=language, **fields))


def labelled(text: str, **labels: str) -> tuple[Mention, ...]:
    """A mention for the first place of each name (`_` for spaces), with its label."""
    names = {name.replace("_", " "): label for name, label in labels.items()}
    found = [Mention(n, text.index(n), text.index(n) + len(n), label, 1.0) for n, label in names.items()]
    return tuple(sorted(found, key=lambda mention: mention.start_char))


@pytest.mark.parametrize(
    ("text", "country"),
    [
        # countries, demonyms, capitals, cities, subdivisions, governments, leaders
        ("The minister resigned in Venezuela on Monday after the vote.", "VE"),
        ("Norwegian police arrested two men on Monday after the vote in the Norwegian parliament.", "NO"),
        ("Officials in Windhoek said the Namibian parliament would meet in Windhoek on Monday.", "NA"),
        ("Fire crews in Rotterdam said the harbour at Rotterdam was safe, Dutch media reported.", "NL"),
        ("Farmers in Guangdong and Hubei lost their rice, officials of Guangdong said.", "CN"),
        ("The Kremlin said on Monday that the Duma would vote again.", "RU"),
        ("Angela Merkel told the Bundestag on Monday that it would vote again.", "DE"),
        # a name of several places
        ("Voters in Atlanta, Georgia, queued for hours; the governor of Georgia spoke in Atlanta.", "US"),
        ("The president of Georgia spoke in Tbilisi; Georgian opposition parties left parliament.", "GE"),
        ("The mayor of Paris, Texas, said Paris would rebuild the school. Texas will pay for it.", "US"),
        ("EDMONTON, Ky. (WXYZ) - Police in Edmonton arrested two men. Edmonton schools were closed.", "US"),
        ("Police in London arrested two men on Monday. London schools were closed, London police said.", "GB"),
        # Washington the government, and words that are towns
        ("Washington warned Tehran on Monday, and Iran's foreign ministry in Tehran answered at once.", "IR"),
        ("The City Council met on Monday. Rest assured, the Mission Bank said, nothing was lost.", "ZZ"),
        # blocs are no country
        ("NATO and the European Union met the United Nations and the African Union on Monday.", "ZZ"),
        ("Nothing in this text says where any of it took place, and nobody in it has a country.", "ZZ"),
    ],
)
def test_the_country_of_a_story(text: str, country: str) -> None:
    assert locate(text).country == country


@pytest.mark.parametrize(
    ("language", "text", "country"),
    [
        ("es", "El gobierno colombiano anunció en Bogotá que los ministros colombianos renunciarán.", "CO"),
        ("pt", "O governo brasileiro anunciou em Brasília que os ministros brasileiros vão renunciar.", "BR"),
        ("fr", "Le gouvernement sénégalais a annoncé à Dakar que les ministres sénégalais démissionnent.", "SN"),
        ("de", "Die österreichische Regierung teilte in Wien mit, dass Österreich nicht zustimmen werde.", "AT"),
        ("it", "Il governo italiano ha annunciato a Roma che i ministri italiani si dimetteranno.", "IT"),
    ],
)
def test_other_languages(language: str, text: str, country: str) -> None:
    assert locate(text, language=language).country == country


def test_the_country_that_a_headline_names_first_is_the_one_that_acts() -> None:
    text = "The United Kingdom and the United States disagreed on Monday. The United States and Britain will meet."
    assert locate(text, "UK urges US to waive immunity").country == "GB"
    assert locate(text, "US urges UK to waive immunity").country == "US"


def test_a_person_who_bears_the_name_of_a_place_is_no_place() -> None:
    text = (
        "Georgia Stevens skates in Red Deer, Alberta. Georgia began at the age of four, and Georgia has won since. "
        "Georgia was named the champion of Alberta, and Georgia trains in Edmonton."
    )
    mentions = labelled(text, Georgia_Stevens="PERSON", Red_Deer="LOC", Alberta="LOC", Edmonton="LOC")
    assert locate(text, mentions=mentions).country == "CA"


def test_a_surname_is_a_leaders_only_where_nobody_else_bears_it() -> None:
    text = "Valerie Taylor said the fire was large. Taylor called the police in Kentucky, and Taylor left for Kentucky."
    found = locate(text, mentions=labelled(text, Valerie_Taylor="PERSON", Kentucky="LOC"))
    assert [share.code for share in found.countries] == ["US"]
    text = "President Charles Taylor of Liberia said Taylor would stay in Monrovia."
    assert locate(text, mentions=labelled(text, Charles_Taylor="PERSON")).country == "LR"


def test_a_leader_out_of_office_weighs_less() -> None:
    text = "Barack Obama spoke on Monday."
    now, later = (
        gather_evidence(Article("id", text, "f", language="en", found_dates=(FoundDate(day, "json:date"),)))
        for day in ("2012-05-01", "2021-05-01")
    )
    assert now[0].weight > later[0].weight > 0


def test_shares_add_up_and_every_country_is_there() -> None:
    found = locate("Turkey and Greece met in Ankara. Turkish and Greek ministers will meet again in Cyprus.")
    assert {share.code for share in found.countries} == {"TR", "GR", "CY"}
    assert sum(share.share for share in found.countries) == pytest.approx(1, abs=0.001)
    assert found.countries[0].mentions == 3


def test_dateline_and_publisher_are_kept_apart_from_the_story() -> None:
    text = "CAIRO — Sudan’s government and the Sudanese army said on Monday that Khartoum and all of Sudan were calm."
    found = locate(text, dateline="CAIRO", url="https://www.namibian.com.na/story")
    assert (found.country, found.dateline_country, found.publisher_country) == ("SD", "EG", "NA")


def test_a_publisher_tips_the_scales_but_those_of_the_whole_world_do_not() -> None:
    text = "Peru and Chile signed the treaty on Monday. Chile and Peru had talked for years."
    assert locate(text, url="https://www.emol.com/story").country == "CL"
    assert locate(text, url="https://andina.pe/story").country == "PE"
    assert locate(text, url="https://www.reuters.com/story").country == locate(text).country


@pytest.mark.parametrize(
    ("url", "publisher", "country"),
    [
        ("https://www.bbc.co.uk/news/1", None, "GB"),
        ("https://g1.globo.com/x", None, "BR"),
        ("https://www.lemonde.fr/x", None, "FR"),
        ("https://wbko.com/x", None, "US"),
        ("https://www.kvuetv.com/x", None, "US"),
        (None, "The Guardian", "GB"),
        ("https://example.tv/x", None, None),
        ("https://example.com/x", "Example News", None),
        ("http://[", None, None),
        (None, None, None),
    ],
)
def test_publisher_country(url: str | None, publisher: str | None, country: str | None) -> None:
    assert find_publisher_country(url, publisher) == country


def test_world_publishers() -> None:
    assert is_world_publisher("https://www.reuters.com/world/1")
    assert not is_world_publisher("https://www.namibian.com.na/1")
    assert not is_world_publisher(None)


def test_wire_example_is_about_venezuela() -> None:
    text = find_data("articles/wire_example/venezuela_oas.txt").read_text("utf-8")
    assert locate_article(detect_language(clean_article(Article("id", text, "file.txt")))).country == "VE"


def test_hand_annotated_articles_are_located() -> None:
    gold = read_rows(find_data("gold/dev_gold.jsonl"))
    sources = read_rows(find_data("gold/dev_articles.jsonl"))
    right = 0
    for row, source in zip(gold, sources, strict=True):
        article = Article("id", source["body"], "f", headline=source["title"])
        found = locate_article(detect_language(clean_article(article))).country
        right += found in (row["country"], *row["country_ok"])
    assert right >= 0.95 * len(gold)


@given(st.text(max_size=300), st.one_of(st.none(), st.text(max_size=80)))
def test_any_text_gets_a_code(text: str, headline: str | None) -> None:
    found = locate(text or " ", headline)
    assert len(found.country) == 2
    assert 0 <= found.country_score <= 1


def test_the_gazetteer_has_what_the_record_promises() -> None:
    gazetteer = load_gazetteer()
    assert len(gazetteer) > 50_000
    for name, code in {"Namibia": "NA", "Norway": "NO", "Kosovo": "XK", "Hong Kong": "HK", "Sicily": "IT"}.items():
        assert code in {sense.code for sense in gazetteer.lookup(name, language="en")}
    assert gazetteer.short_forms["Ky"] == "US"
    assert "WA" not in gazetteer.short_forms or gazetteer.short_forms["WA"] == "US"


def test_locate_articles_locates_in_a_pipeline() -> None:
    article = Article("id", "Officials in Windhoek said the Namibian parliament would meet again.", "f", language="en")
    with beam.Pipeline() as pipeline:
        located = (pipeline | beam.Create([article]) | LocateArticles()).articles
        assert_that(located | beam.Map(lambda found: found.country), equal_to(["NA"]))


def test_a_portuguese_town_called_vila_is_not_the_capital_of_vanuatu() -> None:
    text = "O mercado municipal de Vila Clara, no sul do Brasil, reabriu na segunda-feira."
    found = locate(text, "O mercado de Vila Clara reabre depois do incêndio", "pt",
                   mentions=labelled(text, Vila_Clara="LOC", Brasil="LOC"))
    assert found.country == "BR"
    assert locate("Officials in Port Vila said that the market in Port Vila was open.").country == "VU"


@pytest.mark.parametrize(("text", "country"), [
    ("Kyiv, Poland and Hungary agreed on Monday. Kyiv said that it would pay, and Kyiv signed.", "UA"),
    ("The mayor of Vienna, Austria, spoke on Monday. Vienna will pay, Vienna said.", "AT"),
])  # fmt: skip
def test_a_capital_in_a_list_stays_its_own_countrys(text: str, country: str) -> None:
    assert locate(text).country == country


@pytest.mark.parametrize(("value", "origin", "url"), [
    ("1341360000", "json:date", None), ("1341360000000", "json:date", None),
    ("2023-11-09T03:28:35Z", "warc:date", "https://news.example/2012/05/03/obama"),
])  # fmt: skip
def test_the_years_of_a_leader_are_those_of_the_date(value: str, origin: str, url: str | None) -> None:
    found = gather_evidence(Article("id", "Barack Obama spoke.", "f", language="en", url=url,
                                    found_dates=(FoundDate(value, origin),)))
    in_office = gather_evidence(Article("id", "Barack Obama spoke.", "f", language="en",
                                        found_dates=(FoundDate("2012-05-01", "json:date"),)))
    assert found[0].weight == in_office[0].weight


def test_a_title_after_a_name_is_no_state() -> None:
    assert locate("A court in London ruled on Monday. Helena Kennedy, QC, said London would appeal.").country == "GB"
    assert locate("John Mukasa, MD, spoke on Monday in Kampala, and Kampala listened.").country == "UG"
    assert locate("Police in Gaithersburg, MD, arrested two men.").country == "US"


def test_a_country_in_what_calls_a_person_by_office_is_no_name_of_that_person() -> None:
    text = ("Malaysia’s commodities minister warned on Tuesday. Malaysia exports palm oil to China. Officials in "
            "Malaysia met traders, and Malaysia’s exports to China grew.")
    mentions = labelled(text, **{"Malaysia’s commodities minister": "PERSON"})
    assert locate(text, mentions=mentions).country == "MY"


def test_money_is_no_country() -> None:
    text = "Chile sold copper for US$17 billion, US$3 billion of it to Peru, and US$2 billion of lithium."
    found = locate(text)
    assert found.country == "CL"
    assert "US" not in {share.code for share in found.countries}
