"""The names that newsrooms, feeds and crawlers give to an article's fields, and how their values become text."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from schemas.article import FoundDate
from schemas.errors import UsageError

Json: TypeAlias = Any  # what json.loads gives: the one place where a value's type is not known

Linked: TypeAlias = list[Mapping[str, Json]]  # the JSON-LD objects that describe an article

# Names are compared without case, `_`, `-` and spaces; the first that holds something wins.
NAMES: Mapping[str, tuple[str, ...]] = {
    "text": (
        "text", "body", "articlebody", "fulltext", "maintext", "articletext", "bodytext", "contenttext", "plaintext",
        "cleanedtext", "storytext", "content", "article", "story", "contenthtml", "bodyhtml", "html", "rawhtml",
        "contentencoded", "contents", "texto", "texte", "description", "summary", "abstract",
    ),
    "headline": (
        "headline", "title", "articletitle", "head", "name", "webtitle", "titulo", "título", "titre", "titel",
        "headlinemain",
    ),
    "url": (
        "url", "link", "articleurl", "canonicalurl", "weburl", "permalink", "sourceurl", "uri", "href",
        "documentidentifier", "externalurl", "pageurl", "guid",
    ),
    "publisher": (
        "publisher", "publication", "sitename", "sourcename", "source", "outlet", "newspaper", "domain", "site",
        "publishername", "sourcedomain", "feedtitle", "provider", "media",
    ),
    "byline": (
        "byline", "author", "authors", "authorname", "creator", "dccreator", "reporter", "writer", "autor", "auteur",
    ),
    "dateline": ("dateline",),
    "date": (
        "datepublished", "publishedat", "published", "publisheddate", "publishdate", "pubdate", "publicationdate",
        "publicationtime", "publishedtime", "publishedon", "publisheddatetime", "firstpublished",
        "firstpublicationdate", "webpublicationdate", "datepublish", "pubtime", "publishtime", "issued", "dcdate",
        "date", "datetime", "timestamp", "articledate", "storydate", "fecha", "data", "datum", "createdat",
        "datecreated", "created", "displaydate",
    ),
    "changed": ("updated", "updatedat", "dateupdated", "modified", "datemodified", "lastmodified", "modifiedat"),
    "collected": (
        "crawldate", "crawledat", "fetchedat", "datecrawl", "datedownload", "collectedat", "retrievedat", "accessed",
    ),
}  # fmt: skip
# A teaser is a body only where there is no body.
TEASERS = ("description", "summary", "abstract")
_PARTS = ("text", "value", "main", "name", "content", "rendered", "$date", "html", "title", "url", "href")
MAX_PARTS = 5_000  # paragraphs of one body


def fold_name(name: str) -> str:
    """A field name without case and separators: `article_body`, `articleBody` and `Article-Body` are one."""
    return name.casefold().translate({ord(mark): None for mark in "_- :."})


def has_text(value: Mapping[str, Json]) -> bool:
    """Whether an object has a body of its own (a teaser or a title does not make an article of a wrapper)."""
    names = {name for name in NAMES["text"] if name not in TEASERS}
    return any(fold_name(key) in names and isinstance(inner, str) and inner.strip() for key, inner in value.items())


def check_fields(fields: Mapping[str, str]) -> None:
    """Raise UsageError where `fields` maps something that is no field of an article."""
    wrong = sorted(set(fields) - set(NAMES))
    if wrong:
        raise UsageError(f"no field is called {wrong[0]!r}; the fields are {', '.join(NAMES)}")


class Fields:
    """One object's fields by their common names; `mapped` names some of them by a path: `{"text": "story.body"}`."""

    def __init__(self, value: Mapping[str, Json], mapped: Mapping[str, str]) -> None:
        check_fields(mapped)
        self._mapped = mapped
        self._value = value
        self._folded: dict[str, Json] = {}
        for key, inner in value.items():
            self._folded.setdefault(fold_name(key), inner)

    def keys(self) -> Iterable[str]:
        """The names that the object has."""
        return self._value.keys()

    def text_of(self, field: str) -> str | None:
        """The first value of `field` that holds text, None where there is none."""
        return next((text for _, text in self._texts(field)), None)

    def dates(self, prefix: str) -> tuple[FoundDate, ...]:
        """Every date field, best first; `prefix` starts the origins: `json:datepublished`."""
        kinds = (("date", ""), ("changed", "modified:"), ("collected", "crawl:"))
        return tuple(
            FoundDate(text, f"{prefix}:{kind}{name}")
            for field, kind in kinds
            for name, text in self._texts(field)
            if any(map(str.isdigit, text))
        )

    def _texts(self, field: str) -> Iterator[tuple[str, str]]:
        if field in self._mapped:
            path = self._mapped[field]
            named = [(path, self._at(path))]
        else:
            named = [(name, self._folded.get(name)) for name in NAMES[field]]
        separator = "\n\n" if field == "text" else ", "
        for name, inner in named:
            text = to_text(inner, separator=separator)
            if text:
                yield name, text

    def _at(self, path: str) -> Json:
        """The value at a path: the key itself, or keys joined by dots (`items.0.text` goes into lists)."""
        if path in self._value:
            return self._value[path]
        inner: Json = self._value
        for key in path.split("."):
            if isinstance(inner, Mapping):
                inner = inner.get(key)
            elif isinstance(inner, list) and key.isdigit() and int(key) < len(inner):
                inner = inner[int(key)]
            else:
                return None
        return inner


def to_text(value: Json, *, separator: str, depth: int = 4) -> str:
    """A field's value as text: strings and numbers as they are, lists joined, of an object its part that holds text."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or value is None or depth == 0:
        return ""
    if isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, list):
        parts = (to_text(part, separator=separator, depth=depth - 1) for part in value[:MAX_PARTS])
        return separator.join(part for part in parts if part)
    if isinstance(value, Mapping):
        parts = (to_text(value.get(name), separator=separator, depth=depth - 1) for name in _PARTS)
        return next((part for part in parts if part), "")
    return ""
