"""Bodies of states by kind and country: which phrases and names mean the same government, ministry, court or army.

Rules: everything that is called the government, the authorities, the regime or the officials of one country is its
government, whoever heads it; only where an article sets two leaders' administrations of one country against each other
are they two. Its ministries, parliaments, courts, army, police, embassies and opposition are bodies of their own. A
seat of power (the Kremlin, Downing Street) and a capital stay entities of their own, with the country. A definite
phrase without owner ("the ministry") is the last body of its kind that was named before it, else the next one, else,
for governments, parliaments, armies and oppositions, the one of the country that the article speaks of.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from transforms.body_words import BodyKind
from transforms.nominals import BodyPhrase
from transforms.scene import Reference

STATE_KINDS = frozenset(BodyKind) - {BodyKind.OTHER, BodyKind.PARTY, BodyKind.BANK}
HOME_KINDS = frozenset((BodyKind.GOVERNMENT, BodyKind.PARLIAMENT, BodyKind.ARMY, BodyKind.OPPOSITION))
LABELS = {BodyKind.OPPOSITION: "NORP"}


@dataclass(frozen=True, slots=True)
class Anchor:
    """A body as it is named somewhere: what a definite phrase can refer back to."""

    position: int
    kind: BodyKind
    noun: str
    words: frozenset[str]  # what tells it from others of its kind
    reference: Reference


class Bodies:
    """The bodies of one article."""

    def __init__(self, home: str | None) -> None:
        self.home = home
        self._anchors: list[Anchor] = []
        self._leaders: dict[str, set[str]] = {}

    def note_leader(self, country: str, leader: str) -> None:
        """Say that a government of this country is named after a leader, before any reference is made."""
        self._leaders.setdefault(country, set()).add(leader)

    def anchor(self, position: int, kind: BodyKind, noun: str, words: Iterable[str], reference: Reference) -> None:
        """Say where a body is named."""
        self._anchors.append(Anchor(position, kind, noun, frozenset(words), reference))

    def refer_owned(self, phrase: BodyPhrase, country: str, leader: str = "") -> Reference:
        """The body of a phrase whose owner is known."""
        parts = [phrase.kind.value, country]
        if phrase.kind is BodyKind.PARLIAMENT:
            parts.append(phrase.noun)
        if phrase.kind is BodyKind.GOVERNMENT and leader and len(self._leaders.get(country, ())) > 1:
            parts.append(leader)
        if phrase.kind not in (BodyKind.GOVERNMENT, BodyKind.EMBASSY, BodyKind.OPPOSITION):
            parts.extend(phrase.topic)
        return Reference(":".join(parts), country[:2] or None)

    def refer_definite(self, phrase: BodyPhrase, *, named: bool) -> Reference | None:
        """The body of a phrase without owner. `named`: the model took it for a name ("the Senate")."""
        found = self._find(phrase)
        if found is not None:
            return replace(found.reference, nominal=not phrase.topic)
        if self.home and phrase.kind in STATE_KINDS and (named or phrase.kind in HOME_KINDS):
            return replace(self.refer_owned(phrase, self.home), nominal=not phrase.topic)
        return None

    def _find(self, phrase: BodyPhrase) -> Anchor | None:
        """The last fitting body before a phrase, else the first one after it."""
        fitting = [anchor for anchor in self._anchors if _fits(phrase, anchor)]
        if phrase.kind is BodyKind.GOVERNMENT and any(a.reference.country == self.home for a in fitting):
            fitting = [anchor for anchor in fitting if self._is_near_or_home(phrase, anchor)]
        before = [anchor for anchor in fitting if anchor.position < phrase.noun_start]
        if before:
            return max(before, key=lambda anchor: anchor.position)
        after = fitting if phrase.kind in STATE_KINDS else []
        return min(after, key=lambda anchor: anchor.position, default=None)

    def _is_near_or_home(self, phrase: BodyPhrase, anchor: Anchor) -> bool:
        """Far from its name, "the government" is that of the country the article speaks of."""
        return anchor.reference.country == self.home or 0 < phrase.noun_start - anchor.position < 250


def _fits(phrase: BodyPhrase, anchor: Anchor) -> bool:
    if phrase.kind is not anchor.kind or not anchor.words.issuperset(phrase.topic):
        return False
    if phrase.kind is BodyKind.PARLIAMENT:
        return phrase.noun == anchor.noun or (phrase.noun in ("parliament", "legislature", "parlamento", "parlement"))
    return phrase.kind is not BodyKind.OTHER or phrase.noun == anchor.noun or phrase.noun in anchor.words
