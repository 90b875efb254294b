"""People of one article: one key a person, what they are called by, and the country they belong to."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from schemas.article import Mention
from transforms.aliases import Words, link_people
from transforms.mentions import words_of
from transforms.nominals import Owner
from transforms.offices import OfficePhrase, OfficeReader, Title, choose_person, is_of_state
from transforms.scene import Reference, Scene
from transforms.titles import GENERATIONS, NUMERALS, REGNAL, TITLES, strip_titles


class People:
    """The persons that the mentions of an article name, by key."""

    def __init__(self, scene: Scene, mentions: Sequence[Mention]) -> None:
        self._scene = scene
        self.mentions = list(mentions)
        written = [tuple(words_of(mention.text)) for mention in self.mentions]
        self.words = _tell_generations(written)
        self.keys = [self._key(name) for name in _leave_crowned(written, self.words, link_people(self.words))]
        self._join_leaders()
        self.titles: dict[str, list[Title]] = {}
        self.leaders = {key: leader[1] for key in set(self.keys) if (leader := scene.leader(_name(key)))}

    def _key(self, name: Words) -> str:
        leader = self._scene.leader(name)
        return "person:" + (leader[0] if leader else " ".join(name))

    def _join_leaders(self) -> None:
        """A surname that tells a leader is his only where no other person of that name was named in full."""
        full = {self.keys[i] for i, words in enumerate(self.words) if len(words) > 1}
        for i, words in enumerate(self.words):
            if len(words) == 1 and self.keys[i] not in full:
                others = {key for key in full if _name(key)[-1] == words[-1]}
                if len(others) > 1:
                    self.keys[i] = "person:" + words[0]

    def read_titles(self, reader: OfficeReader) -> None:
        """Find with which titles each person is introduced."""
        titles: defaultdict[str, list[Title]] = defaultdict(list)
        following = 1 << 60
        for mention, key in zip(reversed(self.mentions), reversed(self.keys), strict=True):
            titles[key].extend(reader.introductions(mention, following))
            following = mention.start_char
        self.titles = {key: known[::-1] for key, known in titles.items() if known}

    def surnames(self) -> dict[str, str]:
        """The persons named in full, by their last word."""
        return {words[-1]: key for words, key in zip(self.words, self.keys, strict=True) if len(words) > 1}

    def find_by_surname(self, words: Words) -> str | None:
        """The one person whose name ends in these words, or who is known by them."""
        leader = self._scene.leader(words)
        if leader and "person:" + leader[0] in self.keys:
            return "person:" + leader[0]
        keys = {key for key in self.keys if _name(key)[-len(words) :] == words}
        return keys.pop() if len(keys) == 1 else None

    def country(self, key: str) -> str | None:
        """The country a person stands for: a leader's, that of the title, else of a state office the home country."""
        if key in self.leaders:
            return self.leaders[key]
        titles = self.titles.get(key, ())
        owners = [title.owner.country[:2] for title in titles if title.owner]
        if owners:
            return max(owners, key=lambda code: (owners.count(code), -owners.index(code)))
        return self._scene.home if is_of_state(titles, self._scene.language) else None

    def government_of(self, owner: Owner) -> tuple[str, str] | None:
        """(country, leader's key) of a government that is named after a person."""
        key = self.find_by_surname(owner.person)
        leader = self._scene.leader(owner.person)
        country = self.country(key) if key else leader[1] if leader else None
        return (country, key or "person:" + " ".join(owner.person)) if country else None

    def refer_offices(self, phrases: Iterable[OfficePhrase]) -> list[tuple[int, int, Reference]]:
        """(start, end, person) of each title that stands for a person of this article."""
        leaders = {key: code for key, code in self.leaders.items() if self._scene.in_office(" ".join(_name(key)))}
        mentioned = [(mention.start_char, key) for mention, key in zip(self.mentions, self.keys, strict=True)]
        found = []
        for phrase in phrases:
            key = choose_person(phrase, self.titles, leaders, mentioned, self._scene.language)
            if key is not None:
                found.append((phrase.start_char, phrase.end_char, Reference(key, nominal=True)))
        return found


def is_title(mention: Mention) -> bool:
    """Whether a mention of a person is a title alone: "the Pope", "Prime Minister"."""
    return all(word in TITLES or word in ("the", "of", "state") for word in words_of(mention.text))


def _name(key: str) -> Words:
    return tuple(key.removeprefix("person:").split())


def _tell_generations(written: Sequence[Words]) -> list[Words]:
    """The names without titles; a "Jr" stays where the article has the same name without it, the father's."""
    names = [tuple(strip_titles(words)) for words in written]
    plain = {name for words, name in zip(written, names, strict=True)
             if len(name) > 1 and words[-1] not in GENERATIONS}
    return [(*name, words[-1]) if words and words[-1] in GENERATIONS and _has_namesake(name, plain) else name
            for words, name in zip(written, names, strict=True)]


def _has_namesake(name: Words, plain: Iterable[Words]) -> bool:
    return any(other[-1] == name[-1] and (len(name) == 1 or other[0] == name[0]) for other in plain)


def _leave_crowned(written: Sequence[Words], names: Sequence[Words], chiefs: Sequence[Words]) -> list[Words]:
    """The names that others are short for; a prince's or pope's alone ("Prince Andrew") is nobody's given name."""
    crowned = {name for words, name in zip(written, names, strict=True)
               if len(name) == 1 and len(words) > 1 and words[0] in REGNAL}
    titled = {chief for words, name, chief in zip(written, names, chiefs, strict=True)
              if len(name) > 1 and not REGNAL.isdisjoint(words[:-1])}
    return [name if name in crowned and chief not in titled and NUMERALS.isdisjoint(chief) else chief
            for name, chief in zip(names, chiefs, strict=True)]
