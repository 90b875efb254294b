"""Find the stretches of a text that are not the article: links, prompts, credits, tails, notices, wiki remains.

Every line is scored by cues that have to come together: its wording (`transforms.junk_phrases`), its shape (a label and
a colon, capitals, no closing stop, length, quotation marks) and its position (first or last lines, beside other junk).
A line that reaches THRESHOLD is junk. Brackets and the stretch after a line's last sentence are scored in the same way,
as lines of their own. Only the article itself is looked at.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import pairwise

from transforms import junk_phrases as phrases
from transforms.dateline import HEAD_LINES, is_date_line, is_stamp
from transforms.junk_phrases import Reason

THRESHOLD = 1.0
STRONG, WEAK = 0.8, 0.5
LONG_WORDS = 45  # lines longer than this are paragraphs
SHORT_WORDS = 12
TAIL_LINES = 3
CAPTION_WORDS = 40
CREDIT_NAME_WORDS = 8
CREDIT_CHARS = 120  # a closing credit is no longer
PARAGRAPH_CHARS = 600  # longer lines are never junk as a whole

_TOKEN = re.compile(r"\w+(?:['’-]\w+)*|©|\(c\)", re.IGNORECASE)
_MARKER = re.compile(r"^\s*(?:[:|»>→›…]|[-–—](?=\s|$)|\.{2,}|[!.]*$)")
_STOP = re.compile(r"[.!?…。！？][\"”’»'“)\]]*$|[\"”»]$")
_BRACKETS = re.compile(r"\([^()\n]{3,300}\)|\[[^\[\]\n]{3,300}\]")
_SENTENCE_END = re.compile(r"[.!?…][\"”’»')\]]*(?=\s*\S)")
_WIKI_LANGUAGE = re.compile(r"\(\([a-z]{2,3}\)\)[^\W\d_]+ language: ?\u200d?")
_WIKI_SPEAKER = re.compile(r"^\(\((?:[A-Z]{2,5}|Wikinews)\)\)[ \t]*:?[ \t]*")
_WIKI_FILE = re.compile(
    r"^(?:File|Image|Archivo|Fichier|Datei|Ficheiro|Imagem):.{1,150}\.(?:jpe?g|png|svg|gif|webm|ogv)$", re.IGNORECASE
)
_LINK = re.compile(r"^\W*(?:https?://|www\.)\S+\W*$|^\[(PHOTO|IMAGE|VIDEO)\]\S+\[/\1\]$", re.I)
_LEGEND = re.compile(r"^[\u2580-\u259f\u25a0]{1,3}\s")  # of a map or chart: `██ Labour Party - 203 seats`
_ADDRESS = re.compile(r"^\W*[\w.+-]+@[\w-]+(?:\.[\w-]+)+\W*$")
_PULL_QUOTE = re.compile(r"^—(?=[A-ZÀ-ÖØ-Þ])")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_CREDIT_NAME = re.compile(r"^[©@]?\s*[\w'’@«\"“.&/()\[\]-]")
# What makes a sentence of a line that begins like a label: "Sponsored by Sen. Ann Lee, the bill would ban …"
_CLAUSE = re.compile(
    r", (?:the|a|an|his|her|its|it|he|she|they)\b|\b(?:said|says|told|would|has|had|was|were|must)\b"
)
_SPOKEN_OF = frozenset({Reason.CREDIT, Reason.COOKIE})


@dataclass(frozen=True, slots=True)
class JunkSpan:
    """A stretch [start, end) of the text that is not the article."""

    start: int
    end: int
    reason: Reason


@dataclass(frozen=True)
class Line:
    """One line with something on it: its stripped content at [start, end) and its place among the others."""

    content: str
    start: int
    index: int
    count: int

    @property
    def end(self) -> int:
        """Where the content ends in the text."""
        return self.start + len(self.content)

    @cached_property
    def tokens(self) -> list[re.Match[str]]:
        """Words of the content, as matches."""
        return list(_TOKEN.finditer(self.content))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Case-folded words of the content."""
        return tuple(token.group().casefold().replace("’", "'") for token in self.tokens)

    @cached_property
    def stops(self) -> bool:
        """Whether the content closes as a sentence does."""
        return bool(_STOP.search(self.content))

    @property
    def in_tail(self) -> bool:
        """Whether it is among the last lines."""
        return self.index >= self.count - TAIL_LINES

    @property
    def is_title_like(self) -> bool:
        """Whether it could be a headline, a caption or a label: short and without a stop."""
        return not self.stops and len(self.words) <= 30


def find_junk(text: str) -> list[JunkSpan]:
    """The junk of `text`: disjoint spans in order, without the white space around them."""
    lines = _split_lines(text)
    whole: dict[int, Reason] = {}
    for line in lines:
        reason = _judge_line(line, beside_junk=line.index - 1 in whole)
        if reason:
            whole[line.index] = reason
    _judge_neighbours(lines, whole)
    spans = [JunkSpan(lines[index].start, lines[index].end, reason) for index, reason in whole.items()]
    for line in lines:
        if line.index not in whole:
            spans.extend(_find_inside(line))
    return sorted(spans, key=lambda span: span.start)


def _split_lines(text: str) -> list[Line]:
    found = [(match.start(), match.group().strip()) for match in re.finditer(r"[^\n\r\u2028\u2029]+", text)]
    kept = [(text.index(content, start), content) for start, content in found if content]
    return [Line(content, start, index, len(kept)) for index, (start, content) in enumerate(kept)]


def _judge_line(line: Line, *, beside_junk: bool) -> Reason | None:
    """The reason for which the whole line goes, or None."""
    if _LINK.match(line.content):
        return Reason.LINK
    if _WIKI_FILE.match(line.content) or _LEGEND.match(line.content):
        return Reason.WIKI_MARKUP
    if _ADDRESS.match(line.content):
        return Reason.CREDIT
    if is_stamp(line.content):
        return Reason.DATE_LINE
    if len(line.content) > PARAGRAPH_CHARS:
        return None
    if len(line.words) <= LONG_WORDS * 2:
        scores = score_line(line, beside_junk=beside_junk)
        if scores:
            best = max(scores, key=lambda reason: scores[reason])
            if scores[best] >= THRESHOLD:
                unsigned = best is Reason.COPYRIGHT and line.content[0] == "©" and not _YEAR.search(line.content)
                return Reason.CREDIT if unsigned else best
    return Reason.CAPTION if _is_caption(line) else None


def score_line(line: Line, *, beside_junk: bool = False) -> dict[Reason, float]:
    """How strongly the wording, shape and position of `line` speak for each reason that its wording suggests."""
    scores: dict[Reason, float] = {}
    for reason, weight, length in _opening_cues(line.words):
        label = _label_score(line, length)
        bare_word = weight == WEAK and line.content[-1] == "." and length == len(line.words)
        if weight > WEAK or (label > 0 and not bare_word):
            scores[reason] = max(scores.get(reason, 0.0), weight + label - _sentence_score(line, length))
    for reason, position in _within_cues(line.words):
        first_stop = _SENTENCE_END.search(line.content)
        if reason in _SPOKEN_OF and line.stops and _CLAUSE.search(line.content):
            continue  # "In a statement, Getty Images said it had filed suit."
        if first_stop is None or first_stop.start() > line.tokens[position].start():
            scores[reason] = max(scores.get(reason, 0.0), STRONG)
    if scores:
        context = _context_score(line, beside_junk=beside_junk)
        scores = {reason: score + context for reason, score in scores.items()}
        if Reason.SHARE in scores and not phrases.PLATFORMS.isdisjoint(line.words):
            scores[Reason.SHARE] += 0.2
        if Reason.COPYRIGHT in scores and _YEAR.search(line.content):
            scores[Reason.COPYRIGHT] += 0.2
    return scores


def _label_score(line: Line, length: int) -> float:
    """Whether the opening `length` words are set off as a label: by a colon or the like, or by capitals."""
    label_end = line.tokens[length - 1].end()
    label, rest = line.content[:label_end], line.content[label_end:]
    letters = [character for character in label if character.isalpha()]
    capitals = len(letters) >= 4 and all(character.isupper() for character in letters)
    score = 0.4 if _MARKER.match(rest) else 0.0
    return score + (0.3 if capitals and not (rest.strip() and rest.isupper()) else 0.0)


def _sentence_score(line: Line, length: int) -> float:
    """How much it reads on as a sentence: `Copyright law will be changed.` does, `Photo by Jane Doe.` does not."""
    goes_on = length < len(line.tokens) and line.tokens[length].group()[0].islower()
    tells = _CLAUSE.search(line.content, line.tokens[length - 1].end()) is not None
    return 0.3 if (goes_on or tells) and line.stops else 0.0


def _context_score(line: Line, *, beside_junk: bool) -> float:
    score = 0.0 if line.stops else 0.2
    score += 0.1 if len(line.words) <= SHORT_WORDS else 0.0
    score += 0.2 if line.in_tail or beside_junk else 0.0
    score -= 0.4 if len(line.words) > LONG_WORDS else 0.0
    score -= 0.6 if line.content[0] in "\"“«„‘'" else 0.0
    return score


def _is_caption(line: Line) -> bool:
    """Whether the line is a caption closed by a credit (`The procession. Image: Genium.`), not a marked paragraph."""
    credit = _find_credit(line)
    if credit is None or len(line.words) > CAPTION_WORDS:
        return False
    before = line.content[:credit].rstrip(" ([|–—-")
    sentences = len(_SENTENCE_END.findall(before)) + bool(before)
    bracketed = line.content[credit] in "(["
    return sentences <= 1 and not (bracketed and _STOP.search(before))


def _find_credit(line: Line) -> int | None:
    """Where a closing credit (`Photo: Name`, `(Image: Name)`) begins in the line, or None."""
    if ":" not in line.content and "©" not in line.content:
        return None
    for match in _credit_pattern().finditer(line.content, max(0, len(line.content) - CREDIT_CHARS)):
        name = line.content[match.end() :].strip(" .)]")
        if name and len(name.split()) <= CREDIT_NAME_WORDS and _looks_like_name(name):
            return match.start()
    return None


def _looks_like_name(name: str) -> bool:
    words = name.split()
    capital = sum(not word[0].islower() for word in words)
    return capital * 2 > len(words) and bool(_CREDIT_NAME.match(name))


def _judge_neighbours(lines: list[Line], whole: dict[int, Reason]) -> None:
    """Judge lines by the junk that they stand beside: lists under headings, teasers, doubled captions."""
    _take_source_lists(lines, whole)
    for line in lines:
        if line.index in whole:
            _take_links_after(lines, whole, line)
            _take_teaser_before(lines, whole, line)
    for above, line, below in zip(lines, lines[1:], [*lines[2:], None], strict=False):
        if _is_attribution(above, line, below):
            whole.setdefault(line.index, Reason.PULL_QUOTE)
        if below and _dates_teaser(line) and above.is_title_like:
            whole.setdefault(above.index, Reason.RELATED)
            whole.setdefault(line.index, Reason.RELATED)
    for first, second in pairwise(lines):
        if first.content == second.content and first.is_title_like and len(first.words) >= 3:
            whole.setdefault(first.index, Reason.CAPTION)
            whole.setdefault(second.index, Reason.CAPTION)


def _is_attribution(above: Line, line: Line, below: Line | None) -> bool:
    """Whether `—Name` signs a pull quote; lists and dialogues have dashes on several lines."""
    dashes = above.content[0] == "—" or (below is not None and below.content[0] == "—")
    return bool(_PULL_QUOTE.match(line.content)) and line.is_title_like and not dashes


def _dates_teaser(line: Line) -> bool:
    """Whether a line below the first ones is only a date: it dates the teaser above it, not the article."""
    return line.index >= HEAD_LINES and line.content[-1].isdigit() and is_date_line(line.content)


def _take_source_lists(lines: list[Line], whole: dict[int, Reason]) -> None:
    headings = _phrase_set(phrases.SOURCE_HEADINGS)
    for line in lines[len(lines) // 3 :]:
        if line.words not in headings or line.content[-1] in ".!?":
            continue
        items = lines[line.index + 1 :]
        if items and all(item.index in whole or _is_list_item(item) or item.words in headings for item in items):
            for item in lines[line.index :]:
                whole.setdefault(item.index, Reason.SOURCES)
            return


def _is_list_item(line: Line) -> bool:
    """Whether the line is shaped as a citation or a link: a bullet, a quoted title with a date, or no sentence."""
    content = line.content
    citation = bool(_YEAR.search(content)) and any(mark in content for mark in '"“«—–') and len(line.words) <= 60
    return citation or content[0] in "•*-^·" or "http" in content or (not line.stops and len(line.words) <= 30)


def _take_links_after(lines: list[Line], whole: dict[int, Reason], line: Line) -> None:
    """Take the headlines below `ALSO READ:` alone on its line, as far as they look like headlines."""
    if whole[line.index] is not Reason.RELATED or len(line.words) > 6 or not line.content.endswith(":"):
        return
    below = []
    for item in lines[line.index + 1 : line.index + 7]:
        if not item.is_title_like or len(item.words) < 4:
            break
        below.append(item.index)
    for index in below:
        whole.setdefault(index, Reason.RELATED)


def _take_teaser_before(lines: list[Line], whole: dict[int, Reason], line: Line) -> None:
    """`Read more` or a lone credit closes what stands above it: a teaser's title, a caption."""
    closes_teaser = whole[line.index] is Reason.RELATED and len(line.words) <= 3 and not line.content.endswith(":")
    closes_caption = whole[line.index] is Reason.CREDIT and line.content.startswith("©") and not line.in_tail
    above = lines[line.index - 1] if line.index > 0 else None
    if above is None or above.index in whole or not above.is_title_like or above.index == 0:
        return
    doubled = above.index > 0 and lines[above.index - 1].content == above.content
    if closes_teaser or (closes_caption and (doubled or len(above.words) >= 5)):
        whole[above.index] = Reason.RELATED if closes_teaser else Reason.CAPTION


def _find_inside(line: Line) -> Iterator[JunkSpan]:
    """Junk inside a line that stays: template remains, marked brackets, and what is glued behind the last sentence."""
    speaker = _WIKI_SPEAKER.match(line.content)
    taken_to = speaker.end() if speaker else 0
    if speaker and taken_to < len(line.content):
        yield JunkSpan(line.start, line.start + taken_to, Reason.WIKI_MARKUP)
    for match in _WIKI_LANGUAGE.finditer(line.content):
        yield JunkSpan(line.start + match.start(), line.start + match.end(), Reason.WIKI_MARKUP)
    tail = _find_tail(line)
    limit = tail.start - line.start if tail else len(line.content)
    for match in _BRACKETS.finditer(line.content, taken_to, limit):
        reason = _judge_bracket(line, match)
        if reason:
            yield JunkSpan(line.start + match.start(), line.start + match.end(), reason)
    if tail:
        yield tail


def _judge_bracket(line: Line, match: re.Match[str]) -> Reason | None:
    """The reason for which a bracket goes: a credit, a link, or (at the article's end) an agency's tail."""
    inside = Line(match.group()[1:-1].strip(), 0, 1, 9)
    if not inside.words or (match.start() == 0 and match.end() < len(line.content)):
        return None  # `(Reuters) - …` opens a report
    closes = line.in_tail and not line.content[match.end() :].strip(" .")
    if closes and line.index == line.count - 1 and inside.content.casefold().strip(". ") in phrases.AGENCIES:
        return Reason.AGENCY
    if _find_credit(inside) == 0:
        return Reason.CREDIT
    if len(inside.words) < 2 and ":" not in inside.content:
        return None  # an editor's `[also]`
    allowed = {Reason.RELATED, Reason.CREDIT, Reason.COPYRIGHT} | ({Reason.AGENCY} if closes else set())
    scores = {reason: score for reason, score in score_line(inside).items() if reason in allowed}
    best = max(scores, key=lambda reason: scores[reason], default=None)
    return best if best and scores[best] >= THRESHOLD else None


def _find_tail(line: Line) -> JunkSpan | None:
    """A prompt, tail or credit glued behind the last sentence of one of the last lines."""
    credit = _find_credit(line)
    if credit and line.content[credit] not in "([" and _STOP.search(line.content[:credit].rstrip()):
        return JunkSpan(line.start + credit, line.end, Reason.CREDIT)
    if not line.in_tail:
        return None
    for match in _SENTENCE_END.finditer(line.content, max(0, len(line.content) - 240)):
        start = match.end() + len(line.content[match.end() :]) - len(line.content[match.end() :].lstrip())
        rest = Line(line.content[start:], line.start + start, line.index, line.count)
        reason = _judge_line(rest, beside_junk=False) if len(rest.words) <= 40 else None
        if reason and reason not in (Reason.CAPTION, Reason.PULL_QUOTE):
            return JunkSpan(rest.start, rest.end, reason)
    return None


def _opening_cues(words: tuple[str, ...]) -> Iterator[tuple[Reason, float, int]]:
    for reason, weight, phrase in _opening_index().get(words[0] if words else "", ()):
        if words[: len(phrase)] == phrase:
            yield reason, weight, len(phrase)


def _within_cues(words: tuple[str, ...]) -> Iterator[tuple[Reason, int]]:
    index = _within_index()
    for position, word in enumerate(words):
        for reason, phrase in index.get(word, ()):
            if words[position : position + len(phrase)] == phrase:
                yield reason, position


def _phrases(listing: str) -> Iterator[tuple[str, ...]]:
    for phrase in listing.split("|"):
        words = tuple(token.group().casefold() for token in _TOKEN.finditer(phrase))
        if words:
            yield words


@cache
def _phrase_set(listing: str) -> frozenset[tuple[str, ...]]:
    return frozenset(_phrases(listing))


@cache
def _opening_index() -> dict[str, list[tuple[Reason, float, tuple[str, ...]]]]:
    index: dict[str, list[tuple[Reason, float, tuple[str, ...]]]] = {}
    for weight, table in ((STRONG, phrases.OPENING_STRONG), (WEAK, phrases.OPENING_WEAK)):
        for reason, listing in table.items():
            for phrase in _phrases(listing):
                index.setdefault(phrase[0], []).append((reason, weight, phrase))
    return index


@cache
def _within_index() -> dict[str, list[tuple[Reason, tuple[str, ...]]]]:
    index: dict[str, list[tuple[Reason, tuple[str, ...]]]] = {}
    for reason, listing in phrases.WITHIN_STRONG.items():
        for phrase in _phrases(listing):
            index.setdefault(phrase[0], []).append((reason, phrase))
    return index


@cache
def _credit_pattern() -> re.Pattern[str]:
    labels = sorted((" ".join(words) for words in _phrases(phrases.CREDIT_LABELS)), key=len, reverse=True)
    return re.compile(rf"[(\[]?(?<!\w)(?:{'|'.join(map(re.escape, labels))})\s*:\s*|[(\[]?©\s*(?!\d)", re.IGNORECASE)
