"""Names of bodies that the model marked in two pieces: `University of` and `Ilorin`, `Group of` and `Lima`."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemas.article import Label, Mention

# A body's name does not end in one of these.
OPEN_END = re.compile(
    r"[ \u00a0](?:of|for|on|de|do|da|dos|das|du|des|del|della|für|der)(?:[ \u00a0](?:the|la|los|las|l['’]))?\Z"
)
AMOUNTS = frozenset({Label.DATE, Label.MONEY})


def join_split_names(text: str, mentions: Iterable[Mention]) -> Iterator[Mention]:
    """The mentions, in text order, with each body's name that ends in a preposition joined to the name after it.

    Where no name follows at once, the preposition is left outside.
    """
    held: Mention | None = None
    for mention in mentions:
        follows = held is not None and text[held.end_char : mention.start_char] in (" ", "\u00a0")
        if held is not None and follows and mention.label not in AMOUNTS:
            span = text[held.start_char : mention.end_char]
            yield replace(held, text=span, end_char=mention.end_char, score=min(held.score, mention.score))
            held = None
            continue
        if held is not None:
            yield _without_preposition(held)
            held = None
        if mention.label == Label.ORG and OPEN_END.search(mention.text):
            held = mention
        else:
            yield mention
    if held is not None:
        yield _without_preposition(held)


def _without_preposition(mention: Mention) -> Mention:
    kept = OPEN_END.sub("", mention.text)
    return replace(mention, text=kept, end_char=mention.start_char + len(kept))
