"""Tidy what the model marked: spans without possessives and stray quotes, split names joined, joined places parted.

A mention that names a body is often marked in pieces ("United States" + "House of Representatives", "Democratic" +
"Party"), and a place with its country as one piece ("Vienna, Austria"). All of it is done on spans: the result is
again sorted, without overlap, and the exact text of its place. Tidying tidy mentions changes nothing (but for chains of
unfinished names, "Group of" + "Group of" + …, which no article has).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from schemas.article import Label, Mention
from transforms.acronyms import widen_long_forms
from transforms.date_text import weekday_names
from transforms.gazetteer import WORD, fold
from transforms.split_names import join_split_names

NAMED = frozenset({Label.PERSON, Label.ORG, Label.LOC, Label.NORP, Label.FAC, Label.PRODUCT, Label.MISC})
BODIES = frozenset({Label.ORG, Label.MISC, Label.NORP, Label.FAC})
JOINABLE = BODIES | {Label.LOC, Label.PRODUCT}
# A mention with one of these is the rest of a body's name when a country, a nationality or a party stands before.
BODY_NOUNS = frozenset(
    "government parliament congress senate house representatives assembly ministry department court party army navy "
    "military police embassy consulate council commission committee agency bureau office administration union "
    "federation league association front movement forces force guard guards guardsmen corps marines marine cabinet "
    "university bank board service services authority foundation institute academy airlines airways war times post "
    "journal telecom radio television tv media group company corporation newspaper network chronicle tribune herald "
    "gazette club charity society centre center centres centers school college fund coalition alliance church exchange "
    "eximbank secretariat railways "
    "gobierno parlamento congreso senado asamblea ministerio partido tribunal corte governo congresso assembleia "
    "gouvernement parlement assemblee ministere parti regierung ministerium partei".split()
)
# … and the rest of a facility's name when a place stands before.
FACILITY_NOUNS = frozenset(
    "airport aerodrome port harbour harbor bridge dam road street avenue highway bypass interchange roundabout stadium "
    "hospital clinic museum palace prison mosque cathedral hotel mall market square tower terminal station "
    "plaza shopping temple".split()
)
# What may be called after a person: "Kenyatta" + "University"; no administration, cabinet or army is.
NAMED_AFTER = frozenset("university college school group foundation institute centre center hospital airport".split())
PLACE_NOUNS = frozenset("ocean gulf sea peninsula republic".split())  # the rest of a place's name after a nationality
_LEADING = re.compile(r"(?:[\s\"“”‘’'«»„(\[,;:–—-]|['’]s\b)+|s (?=[A-Z])")
_TRAILING = re.compile(r"(?:['’]s|[\s\"“”‘’'«»„(\[,;:–—-])+\Z")
_FULL_STOP = re.compile(r"(?<![A-Z])(?<!\bSt)(?<!\bJr)(?<!\bSr)(?<!\bInc)(?<!\bCo)(?<!\bLtd)(?<!\bCorp)\.\Z")
_INITIALS = re.compile(r"(?:\b[A-Z]\.)+[A-Z]\Z")  # "D.C" before "."
_PLACE_COMMA = re.compile(r",[ \u00a0](?!D\.?C\b)")
_DISTRICT = re.compile(r"D\.?C\.?")
_OF_A_PEOPLE = re.compile(r" of [A-Z]\w+(?:an|ese|ish|ab|ai|i|ic|ch|sh)\Z")  # "Organization of American"
_UNFINISHED = re.compile(r"(?:\A|[ \u00a0])(?:of|for|the|and|de|del|do|da|dos|du|des|der|für)\Z", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{1,3}|IV")


def tidy_mentions(text: str, mentions: Iterable[Mention]) -> tuple[Mention, ...]:
    """The mentions trimmed, places parted and bodies joined, in text order."""
    parted = (part for mention in mentions for part in _part(text, mention))
    trimmed = [mention for mention in (_trim(text, part) for part in parted) if mention is not None]
    return tuple(join_split_names(text, widen_long_forms(text, _join(text, trimmed))))


def words_of(text: str) -> list[str]:
    """The folded words of a name, acronyms with dots as one word.

    >>> words_of("U.S. House")
    ['us', 'house']
    """
    undotted = re.sub(r"\b(?:\w\.){2,}", lambda match: match.group().replace(".", "") + " ", text)
    return [folded for word in WORD.findall(undotted) if (folded := fold(word))]


def _trim(text: str, mention: Mention) -> Mention | None:
    start, end = mention.start_char, mention.end_char
    if mention.label in NAMED:
        leading = _LEADING.match(text, start, end)
        start = leading.end() if leading else start
        trailing = _TRAILING.search(text, start, end)
        end = trailing.start() if trailing else end
        end -= bool(_FULL_STOP.search(text[start:end]))
        end += text[end : end + 1] == "." and _INITIALS.search(text[start:end]) is not None
        if start >= end or not WORD.search(text, start, end):
            return None
    is_day = mention.label == Label.MISC and text[start:end].casefold() in weekday_names("und")
    return _at(text, mention, start, end, str(Label.DATE) if is_day else None)


def _at(text: str, mention: Mention, start: int, end: int, label: str | None = None) -> Mention:
    if (start, end) == (mention.start_char, mention.end_char) and label in (None, mention.label):
        return mention
    return replace(mention, text=text[start:end], start_char=start, end_char=end, label=label or mention.label)


def _part(text: str, mention: Mention) -> Iterator[Mention]:
    """The places of "Vienna, Austria", each alone."""
    start = mention.start_char
    if mention.label == Label.LOC:
        for comma in _PLACE_COMMA.finditer(text, mention.start_char, mention.end_char):
            if comma.start() > start and comma.end() < mention.end_char:
                yield _at(text, mention, start, comma.start())
                start = comma.end()
    yield _at(text, mention, start, mention.end_char)


def _join(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """Pieces of one body's name as one mention; what joined may belong to the piece before it too."""
    joined: list[Mention] = []
    for mention in mentions:
        while joined and _belong(text, joined[-1], mention):
            first = joined.pop()
            score = min(first.score, mention.score)
            mention = replace(_at(text, first, first.start_char, mention.end_char, _joint_label(first, mention)),
                              score=score)
        joined.append(mention)
    return joined


def _belong(text: str, first: Mention, second: Mention) -> bool:
    between = text[first.end_char : second.start_char]
    if first.label == second.label == Label.PERSON:
        return between in (", ", " ") and _SUFFIX.fullmatch(second.text) is not None
    if first.text == "Washington" and between in (", ", " ") and _DISTRICT.fullmatch(second.text):
        return True
    if between not in (" ", "\u00a0"):
        return False
    if first.label == Label.PERSON:
        return second.label in (Label.ORG, Label.FAC) and _is_named_after(second)
    if not {first.label, second.label} <= JOINABLE:
        return False
    if _UNFINISHED.search(first.text) or first.label == second.label in (Label.MISC, Label.PRODUCT):
        return True
    if not second.text[:1].isupper() or first.label not in (Label.LOC, Label.NORP, Label.ORG):
        return False
    if first.label == Label.ORG and _OF_A_PEOPLE.search(first.text):
        return second.label == Label.ORG or second.text == "States"
    if second.label == Label.LOC:
        return first.label != Label.ORG and _is_place_noun(second)
    if second.label == Label.MISC:
        return first.label == Label.LOC
    if first.label == Label.LOC and _is_facility(second):
        return True
    return second.label in BODIES and not BODY_NOUNS.isdisjoint(_folded(second))


def _joint_label(first: Mention, second: Mention) -> str:
    if first.label == second.label or second.label == Label.MISC or _UNFINISHED.search(first.text):
        return second.label if second.label == Label.MISC else first.label
    return second.label if _is_facility(second) or _is_place_noun(second) else str(Label.ORG)


def _is_named_after(mention: Mention) -> bool:
    words = _folded(mention)
    return mention.text[:1].isupper() and bool(words) and words[-1] in NAMED_AFTER


def _is_place_noun(mention: Mention) -> bool:
    words = _folded(mention)
    return mention.label == Label.LOC and len(words) == 1 and words[0] in PLACE_NOUNS


def _is_facility(mention: Mention) -> bool:
    words = _folded(mention)
    return mention.label == Label.FAC and not FACILITY_NOUNS.isdisjoint(words) and BODY_NOUNS.isdisjoint(words)


def _folded(mention: Mention) -> list[str]:
    return [fold(word) for word in WORD.findall(mention.text)]
