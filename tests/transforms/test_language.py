import apache_beam as beam
import pytest
from apache_beam.testing.util import assert_that, equal_to

from schemas.article import Article
from tests.data_folder import find_data, read_rows
from transforms.language import DETECTED_LANGUAGES, SERVED_LANGUAGES, DetectLanguages, detect_language, load_detector

TEXTS = {
    "en": "The minister resigned on Monday after a long dispute over the budget, her office said.",
    "pt": "A ministra renunciou nesta segunda-feira após uma longa disputa sobre o orçamento, informou o gabinete.",
    "es": "La ministra renunció el lunes tras una larga disputa sobre el presupuesto, informó su despacho.",
    "fr": "La ministre a démissionné lundi après un long différend sur le budget, a indiqué son cabinet.",
    "de": "Die Ministerin ist am Montag nach einem langen Streit über den Haushalt zurückgetreten, sagte ihr Büro.",
    "it": "La ministra si è dimessa lunedì dopo una lunga disputa sul bilancio, ha fatto sapere il suo ufficio.",
    "nl": "De minister is maandag na een lang conflict over de begroting afgetreden, meldt haar kantoor.",
    "ca": "La ministra va dimitir dilluns després d'una llarga disputa pel pressupost, segons el seu despatx.",
    "pl": "Minister podała się w poniedziałek do dymisji po długim sporze o budżet, poinformowało jej biuro.",
    "sv": "Ministern avgick på måndagen efter en lång tvist om budgeten, meddelar hennes kansli.",
    "ru": "Министр подала в отставку в понедельник после долгого спора о бюджете, сообщили в её ведомстве.",
    "uk": "Міністерка подала у відставку в понеділок після тривалої суперечки про бюджет, повідомили у відомстві.",
    "ar": "استقالت الوزيرة يوم الاثنين بعد خلاف طويل حول الميزانية، حسبما قال مكتبها.",
    "zh": "部长在长期的预算争端之后于周一辞职，她的办公室表示。",
    "ja": "大臣は予算をめぐる長い対立の末、月曜日に辞任したと事務所が発表した。",
    "ko": "장관은 예산을 둘러싼 오랜 갈등 끝에 월요일 사임했다고 사무실이 밝혔다.",
    "hi": "बजट पर लंबे विवाद के बाद मंत्री ने सोमवार को इस्तीफ़ा दे दिया, उनके कार्यालय ने कहा।",
    "el": "Η υπουργός παραιτήθηκε τη Δευτέρα μετά από μακρά διαμάχη για τον προϋπολογισμό.",
    "he": "השרה התפטרה ביום שני לאחר מחלוקת ארוכה על התקציב, נמסר מלשכתה.",
    "tr": "Bakan, bütçe konusundaki uzun anlaşmazlığın ardından pazartesi günü istifa etti.",
}


@pytest.mark.parametrize("language", TEXTS)
def test_languages_are_told(language: str) -> None:
    told = detect_language(Article("id", TEXTS[language], "file.txt"))
    assert told.language == language
    assert 0.5 < told.language_score <= 1
    assert told.flags == (() if language in SERVED_LANGUAGES else ("unsupported_language",))


@pytest.mark.parametrize("text", ["", "12345", "?!", "🙂 🙂", " \n"])
def test_no_letters_no_language(text: str) -> None:
    told = detect_language(Article("id", text, "file.txt"))
    assert (told.language, told.language_score, told.flags) == ("und", 0.0, ("unsupported_language",))


def test_the_headline_stands_in_for_a_missing_text() -> None:
    assert detect_language(Article("id", "", "file.txt", headline=TEXTS["es"])).language == "es"


def test_told_the_same_again_and_in_another_order() -> None:
    first = {language: detect_language(Article("id", text, "file.txt")) for language, text in TEXTS.items()}
    load_detector.cache_clear()
    again = {language: detect_language(Article("id", TEXTS[language], "file.txt")) for language in reversed(TEXTS)}
    assert again == first


def test_every_language_can_be_loaded() -> None:
    assert len(set(DETECTED_LANGUAGES)) == len(DETECTED_LANGUAGES)
    load_detector()


@pytest.mark.parametrize("language", ["en", "fr"])
def test_collected_articles_are_told(language: str) -> None:
    rows = read_rows(find_data(f"articles/wikinews/{language}.jsonl.gz"))
    told = [detect_language(Article("id", row["body"], "file.txt")).language for row in rows]
    assert told.count(language) >= 0.99 * len(told)


def test_detect_languages_in_a_pipeline() -> None:
    with beam.Pipeline() as pipeline:
        tried = pipeline | beam.Create([Article("id", TEXTS["pt"], "file.txt")]) | DetectLanguages()
        assert_that(tried.articles | beam.Map(lambda told: told.language), equal_to(["pt"]))
