"""What Dateline knows about one article, from the first byte to the finished record.

An `Article` stays whole from parse to write. Each step returns a copy with its own fields set (`dataclasses.replace`);
which step reads and sets what is said in the step's docstring. Character offsets are Unicode code points into
`Article.text`, half-open.
"""

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum


class Label(StrEnum):
    """What a mention or an entity is: OntoNotes-like types, as the worldwide newswire corpus annotates them."""

    PERSON = "PERSON"
    ORG = "ORG"
    LOC = "LOC"
    NORP = "NORP"  # nationalities, religious and political groups
    FAC = "FAC"
    PRODUCT = "PRODUCT"
    MISC = "MISC"
    DATE = "DATE"
    MONEY = "MONEY"


class Attitude(StrEnum):
    """The three answers of stance classification."""

    FAVOR = "favor"
    AGAINST = "against"
    NEUTRAL = "neutral"


class Via(StrEnum):
    """How the holder of a stance was found in the evidence."""

    NAMED = "named"
    ALIAS = "alias"
    PRONOUN = "pronoun"


class DateSource(StrEnum):
    """Where the publication date came from, most trusted first."""

    METADATA = "metadata"
    URL = "url"
    DATELINE = "dateline"
    TEXT = "text"
    FILE = "file"
    NONE = "none"


class DatePrecision(StrEnum):
    """How exactly the publication date is known; NONE when it is not."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Document:
    """One input before parsing: the bytes of exactly one article, and where they came from.

    `source_uri` names it uniquely and stably within its input (`path`, `path#line=7`, `path#record=3`, `path#row=12`).
    `media_type` is one of text/plain, text/html, application/json (one object), application/x-row+json (a table's row
    as a JSON object) or application/atom+xml (one feed entry as a JSON object). `metadata` holds what the container
    knew (a WARC record's URI and date, an HTTP charset) as sorted (name, value) pairs.
    """

    source_uri: str
    media_type: str
    payload: bytes
    metadata: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An input that could not become a record, and why.

    `error` is one line that a person can act on; `payload` is the first bytes of the input (PAYLOAD_LIMIT at most).
    """

    step: str  # read, parse, clean, … : the step's function word
    reason: str  # a short, countable, snake_case word: empty_text, invalid_json, too_large, …
    error: str
    source_uri: str
    payload: bytes = b""

    PAYLOAD_LIMIT = 4096


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as metadata gave it, unparsed: `value` verbatim, `origin` its field (`json:date`, `meta:article:…`)."""

    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A stretch that cleaning took out: put back at `at_char` of the cleaned text, it restores the original.

    Putting back goes from the last to the first; stretches with the same `at_char` keep their order in the list.
    """

    text: str
    reason: str
    at_char: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A span of `Article.text` that names something; `entity` indexes `Article.entities`; -1 is none, or not yet."""

    text: str
    start_char: int
    end_char: int
    label: str
    score: float
    entity: int = -1

    def __post_init__(self) -> None:
        if not 0 <= self.start_char < self.end_char or len(self.text) != self.end_char - self.start_char:
            raise ValueError(f"mention {self.text!r} does not fit [{self.start_char}, {self.end_char})")


@dataclass(frozen=True, slots=True)
class Entity:
    """What mentions refer to: its fullest name in the article, its other surface forms, and how much it matters."""

    name: str
    label: str
    country: str | None = None  # ISO 3166-1 alpha-2 of a country, its government or its nationals
    aliases: tuple[str, ...] = ()
    mentions: int = 0
    salience: float = 0.0  # 0 to 1; shares of position-weighted mentions


@dataclass(frozen=True, slots=True)
class Stance:
    """One piece of evidence: who stands how towards whom, in which stretch of text. `holder` None = the article."""

    holder: int | None
    holder_name: str | None
    target: int
    target_name: str
    stance: str  # Attitude
    score: float  # the probability of `stance`
    favor: float
    against: float
    neutral: float
    evidence_start: int
    evidence_end: int
    via: str  # Via


@dataclass(frozen=True, slots=True)
class CountryShare:
    """A country in the story: its share of the evidence (shares add up to 1) and its number of mentions."""

    code: str
    share: float
    mentions: int


@dataclass(frozen=True, slots=True)
class Article:
    """One article: what its source said (first block) and what each step found."""

    article_id: str
    text: str
    source_uri: str
    url: str | None = None
    publisher: str | None = None
    headline: str | None = None
    byline: str | None = None
    found_dates: tuple[FoundDate, ...] = ()  # best first, as parse found them; not stored
    # clean
    dateline: str | None = None  # raw: "CARACAS, Jan. 11 (Reuters)"; set by parse when it is a field, else by clean
    removed: tuple[Removed, ...] = ()
    content_hash: str = ""  # of headline and cleaned text
    # language
    language: str = "und"  # BCP 47
    language_score: float = 0.0
    # date
    date: dt.date | None = None
    published_at: dt.datetime | None = None  # UTC, only where a time of day is known
    date_source: str = DateSource.NONE
    date_evidence: str = ""
    date_precision: str = DatePrecision.NONE
    # recognize
    mentions: tuple[Mention, ...] = ()
    windows: int = 0
    tokens: int = 0
    ner_model: str = ""
    # resolve
    entities: tuple[Entity, ...] = ()
    # classify
    stances: tuple[Stance, ...] = ()
    stance_model: str = ""
    # locate
    country: str = "ZZ"
    country_score: float = 0.0
    countries: tuple[CountryShare, ...] = ()
    publisher_country: str | None = None
    dateline_country: str | None = None
    # any step: sorted, unique, snake_case
    flags: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.article_id:
            raise ValueError("an article needs an id")

    @property
    def partition(self) -> str:
        """The partition's folder: `country=VE/date=2019-01-11`; undated, `date=__HIVE_DEFAULT_PARTITION__`."""
        day = self.date.isoformat() if self.date else "__HIVE_DEFAULT_PARTITION__"
        return f"country={self.country}/date={day}"


def add_flags(flags: tuple[str, ...], *new: str) -> tuple[str, ...]:
    """`flags` with the new ones, sorted and without doubles."""
    return tuple(sorted({*flags, *new}))
