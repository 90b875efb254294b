"""Find the dateline: where, and often when and by whom, a report was filed (`CARACAS, Jan. 11 (Reuters) — …`)."""

import re

from transforms.date_text import TextDate, find_dates, find_weekdays
from transforms.junk_phrases import AGENCIES

HEAD_LINES = 5  # a line that is only a date stands among the first lines, or is the last
MAX_CHARS = 90
MAX_PLACE_WORDS = 5
MIN_REPORT_WORDS = 6

_SEPARATOR = re.compile(r"\.\s?[-–—]+\s?|\s+[-–—]{1,2}\s+|\s*—\s*|\s*–\s+|(?<=[\d)])\s*:\s+")
_STAMP_WORDS = re.compile(
    r"^(?:published|posted|updated|last updated|first published|date|publicado|publicada|actualizado|atualizado"
    r"|publié|mis à jour|veröffentlicht|aktualisiert|pubblicato|gepubliceerd|stand)\b(?:\s+(?:on|at|el|em|le|am|il))?\s*:?\s*",
    re.IGNORECASE,
)
_TIME = re.compile(r"[\s,|@·•-]*(?:at|à|às|a las|um)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4}|Uhr|Z)?\W*$", re.I)
_PLACE_WORD = re.compile(r"^[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.-]*$|^&$")
_LINKING = frozenset("and of the de del la las los el al di da do dos das du am im an der den y e et und sur".split())


def find_date_lines(text: str) -> list[tuple[int, int]]:
    """[start, end) of lines that are nothing but a date: among the first lines, or the last line."""
    lines = [match for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    if len(lines) < 2:
        return []
    ends = {*range(HEAD_LINES), len(lines) - 1}
    return [
        _strip(match)
        for index, match in enumerate(lines)
        if len(match.group()) <= 90
        and (index in ends or _STAMP_WORDS.match(match.group().strip()))
        and is_date_line(match.group())
    ]


def is_date_line(line: str) -> bool:
    """Whether a line says a full date and nothing else (but for a weekday, a time, or `Published:`)."""
    line = _STAMP_WORDS.sub("", line.strip())
    found = find_dates(line[:60]) if len(line) <= 60 else []
    if len(found) != 1 or found[0].year is None:
        return False
    rest = line[: found[0].start] + _TIME.sub("", line[found[0].end :])
    for weekday in reversed(list(find_weekdays(rest))):
        rest = rest[: weekday.start] + rest[weekday.end :]
    return not re.search(r"\w", rest)


def find_dateline(text: str) -> str | None:
    """The raw dateline that opens the text (without its closing dash), or None."""
    first = text.lstrip().split("\n", 1)[0]
    for match in _SEPARATOR.finditer(first, 0, MAX_CHARS + 5):
        head, report = first[: match.start()].rstrip(), first[match.end() :]
        if is_dateline(head, report, dash=match.group()):
            abbreviated = match.group().startswith(". ") and head[-1].isalpha()  # `ANAHEIM, Calif. -- …`
            return _extend(first, match) or (head + "." if abbreviated else head)
    return None


def is_dateline(head: str, report: str, *, dash: str) -> bool:
    """Whether `head` before a dash is a dateline: a place, a date or an agency, and the sentence after it a report's."""
    if not 3 <= len(head) <= MAX_CHARS or len(report.split()) < MIN_REPORT_WORDS or not re.match(r"\W*[\w]", report):
        return False
    dates = find_dates(head)
    agency = re.search(r"\(([^()]{2,30})\)\s*$|^\(([^()]{2,30})\)", head)
    named = bool(agency) and _is_agency((agency.group(1) or agency.group(2)) if agency else "")
    place = _without(head, dates)
    words = [word.strip(",;/") for word in place.replace("/", " ").split()]
    words = [word for word in words if word]
    if not all(_PLACE_WORD.match(word) or word in _LINKING for word in words):
        return bool(dates) and len(words) <= MAX_PLACE_WORDS and head.rstrip(" ).").endswith(_last_digits(head, dates))
    if not words:
        return bool(dates) or named
    if dates or named:
        return len(words) <= MAX_PLACE_WORDS + 3
    capitals = all(word.isupper() for word in words if word not in _LINKING)
    return len(words) <= (MAX_PLACE_WORDS if capitals else 3) and ":" not in dash and bool(re.search(r"[.!?]", report))


def _last_digits(head: str, dates: list[TextDate]) -> str:
    return head[dates[-1].start : dates[-1].end]


def _is_agency(name: str) -> bool:
    first = re.split(r"[\s/,]+", name.casefold().strip())[0]
    return first in AGENCIES or name.isupper()


def _without(head: str, dates: list[TextDate]) -> str:
    for found in reversed(dates):
        head = head[: found.start] + " " + head[found.end :]
    head = re.sub(r"\([^()]*\)", " ", head)
    return re.sub(r"\b(?:19|20)\d\d\b|[.,:;]+(?=\s|$)", " ", head)


def _extend(first: str, match: re.Match[str]) -> str | None:
    """The longer dateline of `2 juillet 2012. - Québec - …` and `CAIRO – 26 July 2022: …`, or None."""
    second = _SEPARATOR.search(first, match.end(), match.end() + 40)
    if second is None:
        return None
    between = first[match.end() : second.start()].strip()
    places = all(_PLACE_WORD.match(word.strip(",")) for word in between.split())
    fits = (places and len(between.split()) <= 3) or is_date_line(between)
    return first[: second.start()].rstrip() if between and fits else None


def _strip(match: re.Match[str]) -> tuple[int, int]:
    line = match.group()
    start = match.start() + len(line) - len(line.lstrip())
    return start, start + len(line.strip())
