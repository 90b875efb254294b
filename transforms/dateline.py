"""Find the dateline: where, and often when and by whom, a report was filed (`CARACAS, Jan. 11 (Reuters) — …`)."""

import re

from transforms.date_text import TextDate, find_dates, find_weekdays
from transforms.junk_phrases import AGENCIES, words

HEAD_LINES = 5  # a line that is only a date stands among the first lines, or is the last
MAX_CHARS = 90
MAX_DATE_LINE_CHARS = 60
MAX_PLACE_WORDS = 5
MIN_REPORT_WORDS = 6

_SEPARATOR = re.compile(r"\.\s?[-–—]+\s?|\s+[-–—]{1,2}\s+|\s*—\s*|\s*–\s+|(?<=[\d)])\s*:\s+")
_STAMP_WORDS = re.compile(
    r"^(?:published|posted|updated|last updated|first published|date|publicado|publicada|actualizado|atualizado"
    r"|publié|mis à jour|veröffentlicht|aktualisiert|pubblicato|gepubliceerd|stand)\b"
    r"(?:\s+(?:on|at|el|em|le|am|il))?\s*:?\s*",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"[\s,|@·•-]*(?:at|à|às|a las|um)?\s*\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:[A-Z]{2,4}|Uhr|Z)?\W*$",
    re.IGNORECASE,
)
_PLACE_WORD = re.compile(r"^[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’.-]*$|^&$")
_OPENERS = words("on in at as after when while for by since em am im")
_LINKING = words("and of the de del la las los el al di da do dos das du am im an der den y e et und sur")


def find_date_lines(text: str) -> list[str]:
    """The lines that are nothing but a date, stamps apart: among the first lines, or the last line."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    ends = lines[:HEAD_LINES] + lines[max(HEAD_LINES, len(lines) - 1) :]
    return [line for line in ends if is_date_line(line)]


def is_stamp(line: str) -> bool:
    """Whether a line is a labelled date: `Published on 11 January 2019`, `Updated: July 18, 2022 5:36 pm`."""
    return len(line) <= MAX_CHARS and bool(_STAMP_WORDS.match(line)) and is_date_line(_STAMP_WORDS.sub("", line))


def is_date_line(line: str) -> bool:
    """Whether a line says a full date and nothing else but for its weekday and a time."""
    if len(line) > MAX_DATE_LINE_CHARS or not any(map(str.isdigit, line)):
        return False
    found = find_dates(line)
    if len(found) != 1 or found[0].year is None:
        return False
    rest = line[: found[0].start] + _TIME.sub("", line[found[0].end :])
    for weekday in reversed(list(find_weekdays(rest))):
        rest = rest[: weekday.start] + rest[weekday.end :]
    return not re.search(r"\w", rest)


def find_dateline(text: str) -> str | None:
    """The raw dateline that opens the text, without its closing dash; else the line that is only a date, if any."""
    lines = [line.strip() for line in text.split("\n", 2 * HEAD_LINES) if line.strip()]
    date_line = lines[0] if lines and is_date_line(lines[0]) else None
    first = lines[1] if date_line and len(lines) > 1 else lines[0] if lines else ""
    for match in _SEPARATOR.finditer(first, 0, MAX_CHARS + 5):
        head, report = first[: match.start()].rstrip(), first[match.end() :]
        if is_dateline(head, report, dash=match.group()):
            abbreviated = match.group().startswith(". ") and head[-1].isalpha()  # `ANAHEIM, Calif. -- …`
            return _extend(first, match) or (head + "." if abbreviated else head)
    return date_line or next(iter(find_date_lines(text)), None)


def is_dateline(head: str, report: str, *, dash: str) -> bool:
    """Whether `head` before a dash is a dateline (place, date, agency) and what comes after it a report."""
    if not 3 <= len(head) <= MAX_CHARS or len(report.split()) < MIN_REPORT_WORDS or not re.match(r"\W*[\w]", report):
        return False
    dates = find_dates(head)
    agency = re.search(r"\(([^()]{2,30})\)\s*$|^\(([^()]{2,30})\)", head)
    named = bool(agency) and _is_agency((agency.group(1) or agency.group(2)) if agency else "")
    place = _without(head, dates)
    names = [word.strip(",;") for word in place.replace("/", " ").split() if word.strip(",;")]
    if names and names[0].casefold() in _OPENERS:
        return False  # `On Thursday, the Court of Justice (ECJ) – …`
    if not all(_PLACE_WORD.match(word) or word in _LINKING for word in names):
        closes = bool(dates) and head.rstrip(" ).").endswith(head[dates[-1].start : dates[-1].end])
        return closes and len(names) <= MAX_PLACE_WORDS  # `afrol News, 27 January`
    if not names:
        return bool(dates) or named
    if dates or named:
        return len(names) <= MAX_PLACE_WORDS + 3
    capitals = all(word.isupper() for word in names if word not in _LINKING)
    return len(names) <= (MAX_PLACE_WORDS if capitals else 3) and ":" not in dash and bool(re.search(r"[.!?]", report))


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
