"""Known bodies that the model left out: unions of states and their organs, by the gazetteer's names for them.

A small model is unsure of long names ("Organization of American States"), and what it is unsure of it leaves out. The
names of such bodies stand for nothing else, so they count wherever they are written, as mentions with the score 1. The
gazetteer's list of what belongs to no one country has other names too (seas, peoples, cups, French fries): those that
are not called by what they are as a body are left alone.
"""

import re
from collections.abc import Sequence

from schemas.article import Label, Mention
from transforms.gazetteer import Found, Kind
from transforms.nominals import Places

SHORTEST = 5  # letters of a name: shorter ones are acronyms, which other bodies share
# In the folded main name of a body of several countries, or of none.
_BODY = re.compile(
    r"^(?!soviet union$).*\b(?:union|commission|commissioner|parliament|assembly|council|court|bank|nations"
    r"|organi[sz]ation|fund|agency|programme|community|committee|cooperation|association|league|group|g7|g20|forum"
    r"|commonwealth|authority|market|alliance|amnesty|watch|medecins|islamic state|qaeda|unicef|unesco|mercosur|alba"
    r"|brics|europol|interpol|fifa|uefa)\b"
)


def add_known_bodies(text: str, mentions: Sequence[Mention], places: Places) -> list[Mention]:
    """The mentions, in text order, with the known bodies that none of them reaches beyond or cuts in two."""
    known = [found for found in places.founds if _is_body(text, found)]
    added = [found for found in known if all(_is_free(found, mention) for mention in mentions)]
    kept = [mention for mention in mentions if not any(_holds(found, mention) for found in added)]
    new = [
        Mention(text[found.start_char : found.end_char], found.start_char, found.end_char, str(Label.ORG), 1.0)
        for found in added
    ]
    return sorted([*kept, *new], key=lambda mention: mention.start_char)


def _is_body(text: str, found: Found) -> bool:
    name = text[found.start_char : found.end_char]
    only = all(sense.kind is Kind.BLOC and _BODY.search(sense.canonical) for sense in found.senses)
    return only and len(name) >= SHORTEST and not name.isupper() and name[0].isupper()


def _holds(found: Found, mention: Mention) -> bool:
    return found.start_char <= mention.start_char and mention.end_char <= found.end_char


def _is_free(found: Found, mention: Mention) -> bool:
    """Whether a known body may stand beside a mention or in its place."""
    apart = mention.end_char <= found.start_char or found.end_char <= mention.start_char
    same = (mention.start_char, mention.end_char) == (found.start_char, found.end_char)
    return apart or (_holds(found, mention) and not same)
