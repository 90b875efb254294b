"""Infer the day of writing from a text that does not state it: absolute dates and weekdays that must agree.

A wire report names the day it writes by its weekday alone: *criticized on Friday*. An absolute date elsewhere anchors
the week, but only if the report ties it to a weekday that agrees (*voted Thursday … the 10th of January of 2019*) and
every other weekday fits between that day and the lead's. Anything less is left undated: a date of something else is
worse than none.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from transforms.date_text import TextDate, TextWeekday, find_dates, find_weekdays

LEAD_CHARS = 700  # the lead is in the first paragraphs
MAX_CLAUSE_CHARS = 1_000  # how far back a weekday's verb is looked for
MAX_GAP = 3  # days from the anchoring date to the lead's weekday; beyond, the weekday could as well be the one before
MAX_ANCHOR_DAYS = 31  # a dateline without a year takes the year of a full date at most so long before it

_SENTENCE_BREAK = re.compile(r"(?<=[a-zà-öø-ÿ0-9)\"”»’][.!?])[\"”»’)]*\s+(?=[\"“«‘(]?[A-ZÀ-ÖØ-Þ0-9])|\n+")
_NOT_PAST_BEFORE = re.compile(
    r"\b(?:next|until|till|by|before|after|last|previous|following|coming|from|through|this coming|each|every|since|to"
    r"|próximo|próxima|hasta(?: el)?|pasado|antes del?|desde(?: el)?|cada|para el|até(?: a| o)?|próximo|passada|desde"
    r"|prochain|jusqu'à|jusqu’à|avant|depuis|d'ici|chaque|bis(?: zum)?|nächsten?|kommenden?|letzten?|vor|seit|jeden"
    r"|prossimo|fino a|entro|scorso|dal|ogni)\s*$",
    re.IGNORECASE,
)
_NOT_PAST_AFTER = re.compile(
    r"^\s*(?:next|last|próximo|que viene|pasad[oa]|passad[oa]|que vem|prochain|dernier|prossimo|scorso|scorsa)\b",
    re.IGNORECASE,
)
_FUTURE = re.compile(
    r"\b(?:will|shall|would|scheduled|expected|set to|due to|plans? to|planned|upcoming|going to|to be held"
    r"|está previst[oa]|se espera|prevista|previsto|va a|vai|deve|deverá|será|serán|serão|irá|sera|seront|prévue?|doit"
    r"|wird|werden|soll|sollen|sarà|saranno|dovrà)\b",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"\b(?:anniversary|aniversario|aniversário|anniversaire|jahrestag|born|nacid[oa]|nascid[oa]|née?|geboren)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<![\d.,$€£-])(?:19|20)\d{2}(?![\d.,-]\d|\d)")
_TODAY = {
    "en": (r"today", r"yesterday"),
    "es": (r"hoy", r"ayer"),
    "pt": (r"hoje", r"ontem"),
    "fr": (r"aujourd['’]hui", r"hier"),
    "de": (r"heute", r"gestern"),
    "it": (r"oggi", r"ieri"),
    "nl": (r"vandaag", r"gisteren"),
    "ca": (r"avui", r"ahir"),
    "ro": (r"astăzi", r"ieri"),
}


@dataclass(frozen=True, slots=True)
class InferredDate:
    """A day of writing and the exact words that gave it away."""

    day: date
    evidence: str


def infer_date(text: str, *, language: str = "und") -> InferredDate | None:
    """The day a report was written on, as its running text tells it; None where it does not, or not beyond doubt."""
    found = find_dates(text, language=language)
    return _infer_from_today(text, found, language) or _infer_from_weekdays(text, found, language)


def anchor_year(yearless: TextDate, text: str, *, language: str = "und") -> date | None:
    """The day of a dateline without a year, if exactly one full date in the text is shortly before it (or on it).

    Dates to come, those of years ago, and those before the latest year that the text names tell nothing of it: the
    third anniversary of a day is told on that day too.
    """
    latest, sentences = _latest_year(text), list(_sentences(text))
    candidates = set()
    for item in find_dates(text, language=language):
        day = item.resolve() if item.year else None
        if day is None or day.year < latest or not _tells_past(text[slice(*_span_at(sentences, item.start))]):
            continue
        for year in (day.year, day.year + 1):
            candidate = yearless.resolve(year)
            if candidate and 0 <= (candidate - day).days <= MAX_ANCHOR_DAYS:
                candidates.add(candidate)
    return candidates.pop() if len(candidates) == 1 else None


def _infer_from_today(text: str, found: list[TextDate], language: str) -> InferredDate | None:
    """`today, 5 July 2012`; `hier, jeudi 16 août 2012`."""
    today, yesterday = _TODAY.get(language.split("-")[0], _TODAY["en"])
    marked = re.compile(rf"\b(?:(?P<today>{today})|{yesterday})[ \t]*[,(]?[ \t]*\Z", re.IGNORECASE)
    days: dict[date, str] = {}
    for item in found:
        day = item.resolve() if item.year else None
        match = marked.search(text, max(0, item.start - 30), item.start)
        if day and match:
            end = item.end + (text[item.end : item.end + 1] == ")")
            days[day if match.group("today") else day + timedelta(days=1)] = text[match.start() : end]
    if len(days) != 1:
        return None
    day, evidence = days.popitem()
    return InferredDate(day, evidence) if day.year >= _latest_year(text) else None


def _infer_from_weekdays(text: str, found: list[TextDate], language: str) -> InferredDate | None:
    if not any(item.year for item in found):
        return None
    sentences = list(_sentences(text))
    anchor = _find_anchor(text, found, sentences)
    if anchor is None or anchor[1].year < _latest_year(text):
        return None
    item, day = anchor
    weekdays = [
        weekday
        for weekday in find_weekdays(text, language=language)
        if not _is_dated(weekday, found) and _is_past(text, weekday, sentences)
    ]
    in_lead = [weekday for weekday in weekdays if weekday.start < LEAD_CHARS]
    if not in_lead or not _agrees(item, day, weekdays, sentences):
        return None
    gap = (in_lead[0].weekday - day.weekday()) % 7
    offsets = {(weekday.weekday - day.weekday()) % 7 for weekday in weekdays}
    if gap > MAX_GAP or max(offsets) > gap:
        return None
    return InferredDate(day + timedelta(days=gap), text[item.start : item.end])


def _find_anchor(text: str, found: list[TextDate], sentences: list[tuple[int, int]]) -> tuple[TextDate, date] | None:
    """The latest full date of the text that is told as past."""
    dated = [(item, item.resolve()) for item in found if item.year]
    if any(day is None for _, day in dated):
        return None  # a date that its own weekday contradicts: nothing here can be trusted
    spans = {item: _span_at(sentences, item.start) for item, _ in dated}
    told = {span: _tells_past(text[slice(*span)]) for span in set(spans.values())}  # some are long
    past = [(item, day) for item, day in dated if day and told[spans[item]]]
    return max(past, key=lambda pair: pair[1], default=None)


def _tells_past(sentence: str) -> bool:
    return not (_FUTURE.search(sentence) or _LONG_AGO.search(sentence))


def _agrees(item: TextDate, day: date, weekdays: list[TextWeekday], sentences: list[tuple[int, int]]) -> bool:
    """Whether the sentence of the date names the date's own weekday."""
    start, end = _span_at(sentences, item.start)
    beside = [weekday.weekday for weekday in weekdays if start <= weekday.start < end]
    return day.weekday() in beside


def _is_dated(weekday: TextWeekday, found: list[TextDate]) -> bool:
    """Whether the weekday belongs to a date (`Thursday, January 10`): then it says nothing of the day of writing."""
    following = bisect_right(found, weekday.start, key=lambda item: item.start - 12)  # dates are in order and apart
    return any(weekday.start < item.end for item in found[max(0, following - 4) : following])


def _is_past(text: str, weekday: TextWeekday, sentences: list[tuple[int, int]]) -> bool:
    """Whether a weekday can be the day of writing or one just before: not `next Friday`, not `will … on Friday`."""
    return not (
        _NOT_PAST_BEFORE.search(text, max(0, weekday.start - 20), weekday.start)
        or _NOT_PAST_AFTER.match(text[weekday.end : weekday.end + 15])
        or _FUTURE.search(_clause(text, weekday, sentences))
    )


def _clause(text: str, weekday: TextWeekday, sentences: list[tuple[int, int]]) -> str:
    """The words before the weekday in its sentence, back to the last comma: where its verb stands."""
    start, _ = _span_at(sentences, weekday.start)
    before = text[max(start, weekday.start - MAX_CLAUSE_CHARS) : weekday.start]
    return re.split(r"[,;:—]", before)[-1]


def _span_at(sentences: list[tuple[int, int]], position: int) -> tuple[int, int]:
    return sentences[bisect_right(sentences, position, key=lambda span: span[0]) - 1]


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SENTENCE_BREAK.finditer(text):
        if match.end() > start:
            yield start, match.end()
        start = match.end()
    if start < len(text):
        yield start, len(text)


def _latest_year(text: str) -> int:
    return max((int(match.group()) for match in _YEAR.finditer(text)), default=0)
