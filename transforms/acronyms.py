"""Acronyms in brackets: "People's Protection Units (YPG)", "the Organization …, or OAS", "Notes from Poland (NFP)".

Two things are read here: how far to the left the long form of an acronym reaches, where the model marked only its last
words (the initials rule of Schwartz and Hearst 2003, "A simple algorithm for identifying abbreviation definitions in
biomedical text", kept to the first letters of words), and which mention another one in brackets is a second name of.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from schemas.article import Label, Mention
from transforms.aliases import SMALL_WORDS
from transforms.gazetteer import fold
from transforms.scene import Reference

OTHER_NAME = frozenset(("or", "or the", "known as", "known as the", "also known as", "o", "ou", "oder", "kurz"))
LONGEST_ACRONYM = 8
LONGEST_WORD = 20
SMALL = SMALL_WORDS | {"from", "with", "by", "against"}
_IN_BRACKETS = re.compile(r"[ \u00a0]\([\"“'‘]?([A-Z][A-Z&]{1,7})[\"”'’]?[),;]")
_BETWEEN = re.compile(r"[ \u00a0\-–&]*|, ")
_WORD = re.compile(r"[^\W_][\w.'’]*")
_PARTS = frozenset({Label.ORG, Label.MISC, Label.LOC, Label.NORP, Label.FAC, Label.PRODUCT})


def widen_long_forms(text: str, mentions: Sequence[Mention]) -> list[Mention]:
    """The mentions; those before an acronym in brackets reach as far as its letters tell and take in what is there."""
    widened: list[Mention] = []
    for mention in mentions:
        acronym = _IN_BRACKETS.match(text, mention.end_char) if mention.label in _PARTS else None
        start = long_form_start(text, mention.end_char, acronym.group(1)) if acronym else None
        if start is None or start >= mention.start_char:
            widened.append(mention)
            continue
        score = mention.score
        while widened and widened[-1].start_char >= start and widened[-1].label in _PARTS:
            score = min(score, widened.pop().score)
        if widened and widened[-1].end_char > start:
            widened.append(mention)  # it would cut a name in two
            continue
        label = str(Label.ORG) if mention.label in (Label.LOC, Label.NORP) else mention.label
        widened.append(Mention(text[start : mention.end_char], start, mention.end_char, label, score))
    return widened


def long_form_start(text: str, end: int, acronym: str) -> int | None:
    """Where the words begin that end at `end` and whose first letters spell the acronym; None when they do not.

    >>> text = "the team of University College London (UCL)"
    >>> text[long_form_start(text, text.index(" (UCL"), "UCL"):][:25]
    'University College London'
    """
    words = list(_WORD.finditer(text, max(0, end - LONGEST_WORD * 2 * len(acronym)), end))
    if not words or words[-1].end() != end:
        return None
    letters = fold(acronym.replace("&", ""))
    found = (_spell(text, words, end, letters, small_count=small_count) for small_count in (False, True))
    return next((start for start in found if start is not None), None)


def _spell(text: str, words: Sequence[re.Match[str]], end: int, letters: str, *, small_count: bool) -> int | None:
    """Where the words begin that spell the letters, from the right; with `small_count`, "for" and the like do too."""
    for word in reversed(words):
        if not _BETWEEN.fullmatch(text, word.end(), end):
            return None
        end = word.start()
        is_small = word.group() in SMALL
        if is_small and not small_count:
            continue
        if not (is_small or word.group()[0].isupper()) or fold(word.group())[:1] != letters[-1]:
            return None
        letters = letters[:-1]
        if not letters:
            return None if is_small else end
    return None


def join_other_names(
    text: str, found: list[tuple[Mention, Reference | None]]
) -> list[tuple[Mention, Reference | None]]:
    """What stands in brackets after a name, or after "known as", is another name of the same."""
    same: dict[str, str] = {}
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for mention, reference in found:
        if reference:
            forms[reference.key].add(mention.text)
    for (first, one), (second, other) in pairwise(found):
        if one and other and one.key != other.key and _is_other_name(text, first, second):
            if any(first.text.endswith(f" {form}") for form in forms[other.key]):
                continue  # "the Council of the Organization …, known as the OAS": of the whole, which is named in full
            same.setdefault(other.key, same.get(one.key, one.key))
    if not same:
        return found
    return [
        (mention, replace(reference, key=same.get(reference.key, reference.key)) if reference else None)
        for mention, reference in found
    ]


def _is_other_name(text: str, first: Mention, second: Mention) -> bool:
    between = text[first.end_char : second.start_char]
    if not second.text.rstrip("s").isupper() or len(second.text) > LONGEST_ACRONYM:
        return False
    if Label.PERSON in (first.label, second.label) and not _is_persons(first, second):
        return False
    if between.strip(" \u00a0(\"“'‘") == "" and "(" in between:
        return text[second.end_char : second.end_char + 2].lstrip("\"”'’")[:1] in (")", ",", ";")
    return fold(between).strip(" ,\"“'‘") in OTHER_NAME


def _is_persons(first: Mention, second: Mention) -> bool:
    """ "Andrés Manuel López Obrador (AMLO)": the letters are the person's."""
    initials = "".join(fold(word.group())[:1] for word in _WORD.finditer(first.text))
    return first.label == Label.PERSON and initials == fold(second.text)
