"""What the gazetteer's builder collects: names and their senses, and the facts written by hand."""

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from transforms.gazetteer import Kind, fold_name

FACTS = Path(__file__).parent / "gazetteer_facts"
LANGUAGES = ("en", "es", "pt", "fr", "de", "it")


class Names:
    """Senses by key, as the file packs them, and which keys are acronyms."""

    def __init__(self) -> None:
        self.senses: defaultdict[str, dict[str, None]] = defaultdict(dict)
        self.languages: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        self.not_acronyms: set[str] = set()

    def add(self, name: str, packed: str, language: str = "") -> None:
        """Add one sense of a name; senses of countries and demonyms collect the languages they are used in."""
        key = fold_name(name)
        if len(key) < 2:
            return
        if not name.replace(".", "").isupper() or len(key) > 6:
            self.not_acronyms.add(key)
        self.senses[key].setdefault(packed)
        self.languages[key, packed].add(language)

    def has(self, name: str, *kinds: Kind, code: str = "") -> bool:
        """Whether a name has a sense of one of these kinds (in one country)."""
        senses = self.senses.get(fold_name(name), ())
        return any(packed[2] in kinds and packed.startswith(code) for packed in senses)

    def is_demonym(self, name: str, language: str) -> bool:
        """Whether a language uses a name as a demonym."""
        key = fold_name(name)
        senses = (packed for packed in self.senses.get(key, ()) if packed[2] == Kind.DEMONYM)
        return any(self.languages[key, packed] & {"", language} for packed in senses)

    def pack(self) -> dict[str, str]:
        """Keys to packed senses: `^` first for acronyms, senses joined by `|`, sorted."""
        rows = {}
        for key, senses in sorted(self.senses.items()):
            packed = "|".join(sorted(self._with_languages(key, sense) for sense in senses))
            rows[key] = packed if key in self.not_acronyms else "^" + packed
        return rows

    def _with_languages(self, key: str, packed: str) -> str:
        languages = self.languages[key, packed]
        if "" in languages or languages >= set(LANGUAGES):
            return packed
        separator = ":" if packed[2] in (Kind.CITY, Kind.CAPITAL) else ""
        return packed + separator + " ".join(sorted(languages))


def facts(name: str) -> Iterator[str]:
    """The lines of a facts file without comments and blanks."""
    for line in (FACTS / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.strip()


def ambiguous(label: str) -> list[str]:
    """The keys of ambiguous.txt under a label; words with a capital that follow each other are read singly."""
    listed = next(line.partition(": ")[2] for line in facts("ambiguous.txt") if line.startswith(f"{label}:"))
    return sorted({fold_name(word) for word in listed.split()})


def country_information() -> Iterator[tuple[str, str | None, str | None]]:
    """(code, demonym, capital) of every file of the package countryinfo that has a code."""
    import countryinfo

    for path in sorted((Path(countryinfo.__file__).parent / "data").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        code = data.get("ISO", {}).get("alpha2")
        capital = data.get("capital")
        if code and code not in ("CS", "AN"):
            yield code, data.get("demonym"), capital if isinstance(capital, str) else None
