"""Roles: whether a mention, where it stands, can hold a stance or be the target of one.

People, bodies and groups can do both; a place acts only as a state, and not
where it merely says where (`in Peru`) or whose (`Peru’s El Comercio`). A nationality before a noun (`Venezuelan oil`)
describes and does neither, and so does a name before an office (`US Ambassador`, `House Speaker Ann Lee`). Whose
relative, lawyer or critic speaks or acts (`Ann Lee’s daughter`) holds nothing by that.
"""

import re
from functools import lru_cache

from schemas.article import Article, Label, Mention
from transforms.gazetteer import Kind, fold, load_gazetteer
from transforms.office_words import FAMILY, office_nouns

ACTORS = frozenset({Label.PERSON, Label.ORG, Label.NORP})
STATES = frozenset({Kind.COUNTRY, Kind.REGION, Kind.CAPITAL, Kind.GOVERNMENT})
WHERE = re.compile(
    r"\b(?:in|at|near|within|across|inside|outside|throughout|into|around|north|south|east|west|en|em|no|na|dans|au|aux"
    r"|bei)\s+(?:the\s+)?$",
    re.IGNORECASE,
)
FROM_WHERE = re.compile(
    r"\b(?:from|of|through|over|via|leave|left|de|del|da|do|aus|von|du|based)\s+(?:the\s+)?$", re.IGNORECASE
)
POSSESSIVE = re.compile(r"['’]s?\s+\w")
_KIN = (rf"(?:ex-|half-|step-?|grand)?(?:{'|'.join(FAMILY)}|widow|fianc(?:e|ée?)|uncle|aunt|cousin|nephew|niece|"
        r"girlfriend|boyfriend)s?|parents|family|relatives")
_OTHERS = "critics?|opponents?|rivals?|enem(?:y|ies)|accusers?|victims?|killers?|lawyers?|attorneys?"
# after a name: "Ann Lee's daughter", "Ann Lee's late ex-husband", "Ann Lee's critics"
RELATIVE = re.compile(rf"['’]s?\s+(?:[\w-]+\s+){{0,2}}(?:{_KIN}|{_OTHERS})\b")
RELATIVE_OF = re.compile(rf"\b(?:{_KIN}|{_OTHERS})\s+of\s+(?:the\s+)?$")  # before it
NOUN_AFTER = re.compile(r"[ \u00a0][^\W\d_]")
# "the US Seventh Fleet said", which no mention covers; "Peru Friday condemned"
CAPITAL_AFTER = re.compile(r"[ \u00a0](?!(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b)[A-Z]\w")
NAME_AFTER = re.compile(r"[ \u00a0]([^\W\d_][\w-]*)")


def can_hold(article: Article, mention: Mention) -> bool:
    """Whether the mention can be the holder of a stance."""
    if _names_office(article, mention) or RELATIVE.match(article.text, mention.end_char):
        return False
    if RELATIVE_OF.search(_before(article, mention)):
        return False
    if mention.label == Label.LOC or article.entities[mention.entity].label == Label.LOC:
        owns = any(after.match(article.text, mention.end_char) for after in (POSSESSIVE, CAPITAL_AFTER))
        return _is_acting_state(article, mention) and not owns
    if article.entities[mention.entity].label == Label.NORP:
        return not _describes(article, mention)
    return article.entities[mention.entity].label in ACTORS


def can_be_target(article: Article, mention: Mention) -> bool:
    """Whether the mention can be the target of a stance."""
    label = article.entities[mention.entity].label
    if _names_office(article, mention):
        return False
    if label == Label.LOC:
        return is_state(mention.text) and not WHERE.search(_before(article, mention))
    if label == Label.NORP:
        return not _describes(article, mention)
    return label in ACTORS


def _is_acting_state(article: Article, mention: Mention) -> bool:
    before = _before(article, mention)
    return is_state(mention.text) and not WHERE.search(before) and not FROM_WHERE.search(before)


def _before(article: Article, mention: Mention) -> str:
    return article.text[max(0, mention.start_char - 24) : mention.start_char]


def _describes(article: Article, mention: Mention) -> bool:
    """Whether a nationality or party is an adjective: singular, a noun after it, not within ("Greek opposition")."""
    *first, last = mention.text.split()
    if last.endswith("s") or (first and last.islower()):
        return False
    return bool(NOUN_AFTER.match(article.text, mention.end_char))


def _names_office(article: Article, mention: Mention) -> bool:
    """ "US" in "US Ambassador to Germany", "House" in "House Speaker Ann Lee": whose officer somebody is."""
    after = NAME_AFTER.match(article.text, mention.end_char)
    return after is not None and fold(after[1]) in office_nouns(article.language)


@lru_cache(maxsize=1 << 12)
def is_state(name: str) -> bool:
    """Whether a place's name is that of a country, a well-known region or a capital, which can act."""
    return any(sense.kind in STATES for sense in load_gazetteer().lookup(re.sub(r"^[Tt]he ", "", name)))
