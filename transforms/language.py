"""detect_language: tell an article's language from the beginning of its text.

lingua decides among the languages of the news that reach us, non-Latin scripts among them so that they are told for
what they are. Its small models (trigrams) are used: on 400 characters they are as good as the large ones, at a
twentieth of the time and a tenth of the memory.
"""

from dataclasses import replace
from functools import cache

import apache_beam as beam
from lingua import IsoCode639_1, Language, LanguageDetector, LanguageDetectorBuilder

from schemas.article import Article, add_flags
from transforms.try_map import Tried, TryMap

# Latin-script languages that the bundled NER model is used for. It is trained on English and Portuguese news; it serves
# the others zero-shot, on the strength of a multilingual encoder. (lingua does not know Galician: it says `pt` or `es`.
# A language given by other means is judged by the same list.)
# fmt: off
SERVED_LANGUAGES = frozenset({
    "en", "pt", "es", "fr", "de", "it", "nl", "ca", "gl", "ro", "pl", "sv", "da", "nb", "nn", "no",
    "cs", "hr", "hu", "fi", "tr", "id", "eu",
})
DETECTED_LANGUAGES = (
    "en", "pt", "es", "fr", "de", "it", "nl", "ca", "ro", "pl", "sv", "da", "nb", "nn", "cs", "hr", "hu", "fi", "tr",
    "id", "eu", "vi", "sw", "ru", "uk", "bg", "sr", "el", "ar", "fa", "he", "hi", "bn", "ur", "th", "zh", "ja", "ko",
)
# fmt: on
PREFIX_CHARS = 400
SCORE_DIGITS = 3  # the last digits of lingua's sums are noise
UNKNOWN_LANGUAGE = "und"


def detect_language(article: Article) -> Article:
    """Tell the language from the first PREFIX_CHARS of the text (the headline, where there is no text to speak of).

    Reads: text, headline, flags. Sets: language (BCP 47, `und` where nothing can be told), language_score (0 to 1),
    flags (`unsupported_language` outside SERVED_LANGUAGES).
    """
    language, score = tell_language(article.text[:PREFIX_CHARS] or article.headline or "")
    served = language in SERVED_LANGUAGES
    flags = article.flags if served else add_flags(article.flags, "unsupported_language")
    return replace(article, language=language, language_score=score, flags=flags)


def tell_language(text: str) -> tuple[str, float]:
    """The likeliest language of a text and its share of the likelihood; (`und`, 0.0) where there are no letters."""
    values = load_detector().compute_language_confidence_values(text) if any(map(str.isalpha, text)) else []
    score = round(values[0].value, SCORE_DIGITS) if values else 0.0
    if score == 0.0:
        return UNKNOWN_LANGUAGE, 0.0
    best = min(_code(value.language) for value in values if round(value.value, SCORE_DIGITS) == score)
    return best, score


def _code(language: Language) -> str:
    return language.iso_code_639_1.name.lower()


@cache
def load_detector() -> LanguageDetector:
    """The detector, built at first use in a process."""
    languages = [Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())) for code in DETECTED_LANGUAGES]
    return LanguageDetectorBuilder.from_languages(*languages).with_low_accuracy_mode().build()


class DetectLanguages(beam.PTransform):
    """Tell the language of every article."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Articles with their language, and dead letters of step `language`."""
        return articles | "Detect" >> TryMap("language", detect_language)
