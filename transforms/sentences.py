"""Sentences of a text, with exact offsets: for windows, evidence and pairs.

Newspaper text needs few rules: a sentence ends at a line's end, or at `.`, `!`, `?` or `…` (with the closing quotes
and brackets after it) before white space and something that can begin a sentence; a full stop after an initial, a
number in a list or a known abbreviation ends nothing. Latin-script languages; one pass, linear in the text.
"""

import re

# Abbreviations that a name follows, written with a capital (`Gen. Smith`); those that often end a sentence (`Inc.`)
# are not here.
TITLES = frozenset(
    "Mr Mrs Ms Dr Prof Rev Hon Gov Sen Rep Pres Gen Col Lt Maj Capt Cmdr Sgt Cpl Adm Brig Fr St Ste Mt Ft Dept Univ "
    "Messrs Mmes Supt Insp Det Const Sr Sra Srta Dra Lic Ing Arq Av Avda Exmo Exma Eng Mme Mlle Hr Dipl Sig Sigg "
    "Dott vs bzw ggf usw vgl ca".split()
)
# Abbreviations only where a number follows (`No. 5`, `Jan. 11`): otherwise they are words that end sentences.
NUMBERED = frozenset(
    "no nos vol pp fig art sec nr núm pág tel jan feb mar apr jun jul aug sep sept oct nov dec".split()
)
# Counted, not open-ended, repeats: a line of 100,000 dots must not take quadratic time.
END = re.compile(r"""[.!?…]{1,8}(?:["'”’)\]]|[ \u00a0\u202f]?»){0,4}(?=\s)|\n""")
OPENING = re.compile(r"""["'“‘«»„(\[¿¡—–\-•*\s]{0,12}""")
LAST_WORD = re.compile(r"([^\W\d_]+(?:\.[^\W\d_]+)*)\.$")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of each sentence in code points, without surrounding white space, in order."""
    sentences: list[tuple[int, int]] = []
    start = 0
    for match in END.finditer(text):
        if match.group() == "\n" or _ends(text, start, match):
            _append(sentences, text, start, match.end())
            start = match.end()
    _append(sentences, text, start, len(text))
    return sentences


def _append(sentences: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        sentences.append((start, end))


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    following = OPENING.match(text, match.end())
    at = following.end() if following else match.end()
    nxt = text[at : at + 1]
    if nxt and nxt.islower():
        return False  # "Yahoo! said", "… he added"
    if match.group()[0] != "." or match.group().startswith(".."):
        return True
    before = LAST_WORD.search(text[max(start, match.start() - 24) : match.start() + 1])
    if before is None:
        return not _is_list_number(text, start, match.start())
    word = before.group(1)
    if len(word) == 1 and word.isupper():  # an initial, "George W. Bush", but for "Plan B. The OAS met"
        return word not in "AI" and bool(nxt) and _begins_sentence(text, at)
    if word in ("a.m", "p.m"):
        return bool(nxt)
    if "." in word and max(map(len, word.split("."))) <= 2:  # U.S.: an end only before what continues no name
        return bool(nxt) and _begins_sentence(text, at)
    if word.lower() in NUMBERED:
        return not nxt.isdigit()
    return word not in TITLES or not nxt


def _is_list_number(text: str, start: int, stop: int) -> bool:
    """`3. The court …` at the start of a line: the number belongs to its item."""
    return stop - start <= 3 and text[start:stop].strip().isdigit()


STARTERS = frozenset(
    "the a an this that these those it he she they we i you in on at but and or if when while after before as there "
    "his her their its our my for with by from however meanwhile also both what who why how not no one some many "
    "most".split()
)


def _begins_sentence(text: str, at: int) -> bool:
    word = re.match(r"[^\W\d_]+", text[at : at + 20])
    return word is not None and word.group()[0].isupper() and word.group().lower() in STARTERS
