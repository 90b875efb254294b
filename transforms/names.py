"""Names of countries, peoples, places, organisations and works: their keys, by the gazetteer's facts and by linking."""

from collections import Counter
from collections.abc import Sequence

from schemas.article import Label, Mention
from transforms.aliases import SMALL_WORDS, Words, link_bodies
from transforms.gazetteer import Found, Kind, Sense
from transforms.mentions import words_of
from transforms.scene import Reference, Scene

BODY_KINDS = (Kind.BLOC, Kind.GOVERNMENT, Kind.INSTITUTION, Kind.MEDIA)
STATE_WORDS = frozenset(
    "republic kingdom state commonwealth federal democratic of the people s islamic bolivarian".split()
)
PLACE_WORDS = frozenset("state city province region town county district department".split())
ADJECTIVES = {
    "democratic": "democrat", "kurdish": "kurd", "jewish": "jew", "tories": "tory", "islamic": "muslim",
    "moslem": "muslim", "moslems": "muslim", "scottish": "scot", "catalonian": "catalan",
}


class Names:
    """Refers the mentions that are no persons and no phrases."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def by_fact(self, mention: Mention) -> Reference | None:
        """Countries, nationalities, known bodies and places, by the gazetteer; None for other names."""
        senses = self._lookup(mention)
        if mention.label == Label.PERSON or not senses:
            return self._by_official_name(mention) if mention.label in (Label.LOC, Label.ORG) else None
        kinds: dict[Kind, Sense] = {}
        for sense in senses:
            kinds.setdefault(sense.kind, sense)
        for kind in BODY_KINDS:
            if kind in kinds:
                body = kinds[kind]
                country = None if body.code == "ZZ" or kind is Kind.MEDIA else body.code
                return Reference(f"body:{body.canonical}", country)
        if mention.label not in (Label.LOC, Label.ORG, Label.NORP):
            return None
        return self._country_or_place(mention, senses)

    def _lookup(self, mention: Mention) -> tuple[Sense, ...]:
        name = mention.text.removeprefix("the ").removeprefix("The ")
        return self._scene.gazetteer.lookup(name, language=self._scene.language)

    def _country_or_place(self, mention: Mention, senses: Sequence[Sense]) -> Reference | None:
        found = Found("", mention.start_char, mention.end_char, tuple(senses))
        sense = self._scene.places.settle(found)
        if sense is None:
            return None
        if sense.kind is Kind.DEMONYM:
            return Reference(f"people:{sense.code}", sense.code)
        if sense.kind is Kind.COUNTRY:
            return Reference(f"country:{sense.code}", sense.code)
        return None if mention.label == Label.NORP else Reference("place:" + " ".join(_place(mention)), sense.code)

    def _by_official_name(self, mention: Mention) -> Reference | None:
        """ "Slovak Republic", "Republic of Kenya": a state word and a country or nationality."""
        words = words_of(mention.text)
        rest = [word for word in words if word not in STATE_WORDS]
        if len(rest) != 1 or len(words) < 2 or words[0] == "state":
            return None
        senses = self._scene.gazetteer.lookup(rest[0].capitalize(), language=self._scene.language)
        codes = {sense.code for sense in senses if sense.kind in (Kind.COUNTRY, Kind.DEMONYM)}
        return Reference(f"country:{next(iter(codes))}", next(iter(codes))) if len(codes) == 1 else None

    def link(self, mentions: Sequence[Mention], surnames: dict[str, str]) -> list[Reference]:
        """References of the mentions that no fact explains; `surnames` tells the persons named in full."""
        names = [name_words(mention.text) for mention in mentions]
        bodies = [i for i, mention in enumerate(mentions) if mention.label in (Label.ORG, Label.FAC)]
        linked = dict(zip(bodies, link_bodies([names[i] for i in bodies]), strict=True))
        parties = {name[0] for name in linked.values() if len(name) == 2 and name[1] == "party"}
        answer = []
        for i, mention in enumerate(mentions):
            if len(names[i]) == 1 and names[i][0] in surnames and mention.label != Label.LOC:
                answer.append(Reference(surnames[names[i][0]]))
            elif i in linked:
                answer.append(Reference("name:" + " ".join(linked[i])))
            else:
                answer.append(self._other(mention, names[i], parties))
        return self._agree(mentions, names, answer)

    def _other(self, mention: Mention, name: Words, parties: set[str]) -> Reference:
        if mention.label == Label.NORP:
            return _group(name, parties)
        if mention.label == Label.LOC:
            return Reference("place:" + " ".join(_place(mention)))
        return Reference("name:" + " ".join(name))

    def _agree(self, mentions: Sequence[Mention], names: Sequence[Words], found: list[Reference]) -> list[Reference]:
        """One name with several labels is one thing: that of most of its mentions."""
        votes: dict[Words, Counter[Reference]] = {}
        for name, reference in zip(names, found, strict=True):
            votes.setdefault(name, Counter())[reference] += 1
        chosen = {name: max(counter.items(), key=lambda item: item[1])[0] for name, counter in votes.items()}
        return [
            reference if mention.label == Label.NORP or reference.key.startswith("person:") else chosen[name]
            for mention, name, reference in zip(mentions, names, found, strict=True)
        ]


def name_words(text: str) -> Words:
    """The folded words of a name without the article before it."""
    words = words_of(text)
    while len(words) > 1 and words[0] in SMALL_WORDS:
        words = words[1:]
    return tuple(words)


def _place(mention: Mention) -> Words:
    words = name_words(mention.text)
    return words[2:] if len(words) > 2 and words[0] in PLACE_WORDS and words[1] == "of" else words


def _group(name: Words, parties: set[str]) -> Reference:
    """Groups of people, in the singular; members of a party are the party where the article names it."""
    word = name[-1]
    adjective = next((adjective for adjective, noun in ADJECTIVES.items() if noun == word.removesuffix("s")), word)
    for form in (word, word.removesuffix("s"), adjective):
        if form in parties:
            return Reference(f"name:{form} party")
    stem = ADJECTIVES.get(word) or word.removesuffix("s")
    return Reference("group:" + " ".join((*name[:-1], ADJECTIVES.get(stem, stem))))
