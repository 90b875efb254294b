"""Which names inside one article are names of the same thing: full and short forms, initials, surnames.

Names come as tuples of folded words in text order; the answer is, for each, the key of the thing it names (the fullest
form among the names of that thing). A short form that fits two things goes to the one named last before it only where
the other was not named close by; else it stays a thing of its own: a wrong merge costs more than a missed one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from transforms.titles import GENERATIONS, NUMERALS, SUFFIXES

Words = tuple[str, ...]
SMALL_WORDS = frozenset(
    "of the and for in on to a an at de la el los las del y e do da dos das du des et le les der die das und fur von "
    "van di della".split()
)

PARTS = frozenset(
    "committee subcommittee commission court department press hospital school office agency bureau police "
    "council board stadium museum branch division unit reserve court institute foundation academy".split()
)


def link_people(names: Sequence[Words]) -> list[Words]:
    """For each person's name (titles off), the fullest name of that person."""
    return _link(names, _same_person, _person_fits)


def link_bodies(names: Sequence[Words]) -> list[Words]:
    """For each name of an organisation, work or place, the fullest name of that thing."""
    return _link(names, _same_body, _body_fits)


def _link(
    names: Sequence[Words], same: Callable[[Words, Words], bool], fits: Callable[[Words, Words], int]
) -> list[Words]:
    """Join full forms first, longest first; then give each short form to what it fits best and nearest."""
    first: dict[Words, int] = {}
    for position, name in enumerate(names):
        first.setdefault(name, position)
    chief: dict[Words, Words] = {}
    for name in sorted(first, key=lambda name: (-len(name), first[name])):
        if len(name) > 1:
            matches = list(dict.fromkeys(chief[other] for other in chief if same(name, other)))
            chief[name] = matches[0] if len(matches) == 1 else name
    chiefs = list(dict.fromkeys(chief.values()))
    fitting: dict[Words, list[Words]] = {name: _fitting(name, chiefs, fits) for name in first if len(name) == 1}
    return _by_nearness(names, chief, fitting)


def _fitting(name: Words, chiefs: Iterable[Words], fits: Callable[[Words, Words], int]) -> list[Words]:
    ranked: defaultdict[int, list[Words]] = defaultdict(list)
    for chief in chiefs:
        if rank := fits(name, chief):
            ranked[rank].append(chief)
    return ranked[max(ranked)] if ranked else []


def _by_nearness(names: Sequence[Words], chief: dict[Words, Words], fitting: dict[Words, list[Words]]) -> list[Words]:
    last: dict[Words, int] = {}
    answer = []
    for position, name in enumerate(names):
        found = chief.get(name) or _choose(name, fitting.get(name, []), last, position)
        answer.append(found)
        last[found] = position
    return answer


def _choose(name: Words, candidates: list[Words], last: dict[Words, int], position: int) -> Words:
    """The one candidate, or of several the one named before when the others were not, or not lately."""
    if len(candidates) == 1:
        return candidates[0]
    before = sorted((candidate for candidate in candidates if candidate in last), key=lambda c: -last[c])
    if len(before) == 1 or (len(before) > 1 and position - last[before[1]] > 8 > position - last[before[0]]):
        return before[0]
    return name


def _same_person(short: Words, long: Words) -> bool:
    """Two names of two words or more: one inside the other, or the same first and last with fewer between."""
    if (short[-1] in GENERATIONS) != (long[-1] in GENERATIONS):
        return False  # father and son
    if _inside(short, long) or _inside(long, short):
        return True
    return _like(short[0], long[0]) and short[-1] == long[-1] and _subsequence(short[1:-1], long[1:-1])


def _like(one: str, other: str) -> bool:
    """The same word, or an initial of it."""
    return one == other or (min(len(one), len(other)) == 1 and one[:1] == other[:1])


def _subsequence(short: Words, long: Words) -> bool:
    rest = iter(long if len(long) >= len(short) else short)
    return all(any(_like(word, other) for other in rest) for word in (short if len(long) >= len(short) else long))


def _inside(short: Words, long: Words) -> bool:
    size = len(short)
    return any(long[start : start + size] == short for start in range(len(long) - size + 1))


def _person_fits(name: Words, chief: Words) -> int:
    """3 for a surname, 2 for the surname before it ("Nicolás Maduro Moros"), 1 for a given name."""
    word = name[0]
    words = tuple(part for part in chief if part not in SUFFIXES and part not in NUMERALS)
    if word not in words:
        return 0
    if word == words[-1]:
        return 2 if chief[-1] in GENERATIONS else 3  # a surname alone is the father's
    return 2 if word != words[0] else 1


def _same_body(short: Words, long: Words) -> bool:
    """The beginning or the end of a longer name, or the same words but for the small ones.

    A part of a body ("House Intelligence Committee", "Harvard University Press") is not the body.
    """
    if len(short) < len(long):
        part = long[-1] in PARTS and short[-1] not in SMALL_WORDS
        return long[-len(short) :] == short or (long[: len(short)] == short and not part)
    return tuple(w for w in short if w not in SMALL_WORDS) == tuple(w for w in long if w not in SMALL_WORDS)


def _body_fits(name: Words, chief: Words) -> int:
    """3 for an acronym of the name or what stands before its "of" ("House"), 2 for its first word, 1 for its last."""
    word = name[0]
    if is_acronym(word, chief) or stands_before_of(word, chief):
        return 3
    return 2 if word == chief[0] else 1 if word == chief[-1] else 0


def stands_before_of(word: str, name: Words) -> bool:
    """Whether a name may be called by a word that its "of" follows: the "House" of the "House of Representatives"."""
    return (word, "of") in pairwise(name)


def is_acronym(word: str, name: Words) -> bool:
    """Whether the letters of a word are the initials of a name, small words counted or not.

    >>> is_acronym("oas", ("organization", "of", "american", "states"))
    True
    """
    if not 2 <= len(word) <= 8 or len(name) < 2:
        return False
    initials = "".join(part[0] for part in name)
    return word in (initials, "".join(part[0] for part in name if part not in SMALL_WORDS))
