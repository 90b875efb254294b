"""Names of countries, peoples, places, organisations and works: their keys, by the gazetteer's facts and by linking."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from schemas.article import Label, Mention
from transforms.aliases import SMALL_WORDS, Words, link_bodies, stands_before_of
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
# Groups that are called by their party's word, and where they are when the article speaks of that country.
PARTIES = {"democrat": "US", "republican": "US", "tory": "GB"}
STATE_NOUNS = frozenset(
    "court ministry parliament congress senate house assembly army navy marines police government "
    "federal party prosecutor prosecutors attorney customs gendarmerie legislature investigative ministerio "
    "partido parti partei".split()
)
_AMERICAN = re.compile(r"^(?:U\.S\.|US|United States) (?=[A-Z])")
_COMPANY = re.compile(
    r"(?:,? (?:Group|Holdings?|Inc|Corp|Corporation|Ltd|Limited|Co|Company|PLC|plc|LLC|AG|NV)\b\.?)+$"
)
_BEFORE_NAME = re.compile(r"^(?:[Tt]he |[\w .]{1,30}['’]s )")


class Names:
    """Refers the mentions that are no persons and no phrases."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._parties: dict[str, Reference] = {}
        self._openings: dict[str, Reference] = {}
        self._known: set[tuple[Words, Reference]] = set()  # bodies by the gazetteer's facts, which no linking sees

    def by_fact(self, mention: Mention) -> Reference | None:
        """Countries, nationalities, known bodies and places, by the gazetteer; None for other names."""
        senses = self._lookup(mention)
        if mention.label == Label.PERSON or not senses:
            return self._by_official_name(mention) if mention.label in (Label.LOC, Label.ORG) else None
        kinds: dict[Kind, Sense] = {}
        for sense in senses:
            kinds.setdefault(sense.kind, sense)
        for kind in BODY_KINDS if mention.label != Label.NORP else ():
            if kind in kinds:
                return self._body(mention, kinds[kind])
        if mention.label not in (Label.LOC, Label.ORG, Label.NORP):
            return None
        return self._country_or_place(mention, senses)

    def _body(self, mention: Mention, sense: Sense) -> Reference:
        """A known body; publishers, and ideas and events named like one, stand for no country."""
        told = sense.code != "ZZ" and sense.kind is not Kind.MEDIA and mention.label != Label.MISC
        reference = Reference(f"body:{sense.canonical}", sense.code if told else None)
        name = name_words(mention.text)
        self._note(reference.key, name)
        self._known.add((name, reference))
        return reference

    def _lookup(self, mention: Mention) -> tuple[Sense, ...]:
        name = _BEFORE_NAME.sub("", mention.text)
        forms = [name, _AMERICAN.sub("US ", name), _AMERICAN.sub("United States ", name)]
        if mention.label == Label.ORG:
            forms.append(_COMPANY.sub("", name))
        found = (self._scene.gazetteer.lookup(form, language=self._scene.language) for form in dict.fromkeys(forms))
        return next(filter(None, found), ())

    def _country_or_place(self, mention: Mention, senses: Sequence[Sense]) -> Reference | None:
        found = Found("", mention.start_char, mention.end_char, tuple(senses))
        sense = self._scene.places.settle(found)
        if sense is None:
            return None
        if sense.kind is Kind.DEMONYM:
            return Reference(f"people:{sense.code}", sense.code)
        if sense.kind is Kind.COUNTRY:
            return Reference(f"country:{sense.code}", sense.code)
        if mention.label == Label.NORP:
            return None
        return Reference("place:" + " ".join(_place(name_words(mention.text))), sense.code)

    def _by_official_name(self, mention: Mention) -> Reference | None:
        """ "Slovak Republic", "Republic of Kenya": a state word and a country or nationality."""
        words = words_of(mention.text)
        rest = [word for word in words if word not in STATE_WORDS]
        if len(rest) != 1 or len(words) < 2 or words[0] == "state":
            return None
        senses = self._scene.gazetteer.lookup(rest[0].capitalize(), language=self._scene.language)
        codes = {sense.code for sense in senses if sense.kind in (Kind.COUNTRY, Kind.DEMONYM)}
        return Reference(f"country:{next(iter(codes))}", next(iter(codes))) if len(codes) == 1 else None

    def link(self, mentions: Sequence[Mention], surnames: Mapping[str, str]) -> list[Reference]:
        """References of the mentions that no fact explains; `surnames` tells the persons named in full."""
        names = [name_words(mention.text) for mention in mentions]
        bodies = [i for i, mention in enumerate(mentions) if mention.label in (Label.ORG, Label.FAC)]
        linked = dict(zip(bodies, link_bodies([names[i] for i in bodies]), strict=True))
        for name in linked.values():
            self._note("name:" + " ".join(name), name)
        answer = []
        for i, (mention, name) in enumerate(zip(mentions, names, strict=True)):
            if len(name) == 1 and name[0] in surnames and mention.label != Label.LOC:
                answer.append(Reference(surnames[name[0]]))
            elif i in linked:
                known = self._begun_by(name)
                answer.append(known or Reference("name:" + " ".join(linked[i]), self._state_of(linked[i])))
            else:
                answer.append(self._other(mention, name))
        return self._agree(mentions, names, answer)

    def of_lone_person(self, mention: Mention) -> Reference | None:
        """The body whose name begins with this one word, which the model took for a person."""
        words = name_words(mention.text)
        return self._openings.get(words[0]) if len(words) == 1 else None

    def _begun_by(self, name: Words) -> Reference | None:
        """The one known body that a lone word is short for; None where there is none, or more than one."""
        fitting = {body for words, body in self._known if len(name) == 1 and stands_before_of(name[0], words)}
        return next(iter(fitting)) if len(fitting) == 1 else None

    def _note(self, key: str, name: Words) -> None:
        """Remember parties by the word that their members are called by, and bodies by their first word."""
        if len(name) > 1:
            reference = Reference(key, self._state_of(name))
            self._openings.setdefault(name[0], reference)
            if name[-1] == "party":
                self._parties.setdefault(name[-2], reference)

    def _state_of(self, name: Words) -> str | None:
        """The home country for bodies of a state and parties; the one that a name begins with, where it does."""
        if len(name) > 1 and name[0] == "us":
            return "US"
        own = name[:-1] if len(name) > 2 and name[-1] == "house" else name  # Penguin Random House
        return self._scene.home if not STATE_NOUNS.isdisjoint(own) else None

    def _other(self, mention: Mention, name: Words) -> Reference:
        if mention.label == Label.NORP:
            return self._group(name)
        return Reference(("place:" if mention.label == Label.LOC else "name:") + " ".join(_place(name)))

    def _group(self, name: Words) -> Reference:
        """Groups of people, in the singular; members of a party are the party where the article names it."""
        word = name[-1]
        stem = ADJECTIVES.get(word) or word.removesuffix("s")
        adjective = next((adjective for adjective, noun in ADJECTIVES.items() if noun == stem), word)
        for form in (word, stem, adjective):
            if form in self._parties:
                return self._parties[form]
        home = PARTIES.get(stem)
        country = home if home == self._scene.home else None
        return Reference("group:" + " ".join((*name[:-1], stem)), country)

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
    if len(words) > 2 and words[:2] == ["united", "states"]:
        words = ["us", *words[2:]]  # "U.S. Forest Service" is the same
    return tuple(words)


def _place(words: Words) -> Words:
    return words[2:] if len(words) > 2 and words[0] in PLACE_WORDS and words[1] == "of" else words
