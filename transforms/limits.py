"""The limits on hostile input: how large, how compressed, how many bytes, before it is parsed, and how long a text."""

from dataclasses import dataclass

from schemas.errors import ArticleError

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of reading, in bytes unless said otherwise; what is over one becomes a dead letter that names it."""

    document_bytes: int = 10 * MEGABYTE  # one article, as read: a text file, a JSON line, a page, a table's row
    feed_bytes: int = 20 * MEGABYTE  # a feed or a JSON object that wraps articles, which are parsed as a whole
    decompressed_bytes: int = 50_000 * MEGABYTE  # one input file, unpacked
    compression_ratio: int = 200  # unpacked over packed; real text stays under 30
    ratio_free_bytes: int = 50 * MEGABYTE  # unpacked bytes under which the ratio is not looked at
    row_group_bytes: int = 1_000 * MEGABYTE  # one row group of a Parquet file, unpacked
    text_characters: int = 1_000_000  # characters of an article's text, a long novel: two minutes of the models

    def check(self, name: str, size: int, what: str) -> None:
        """Raise ArticleError `too_large` where `size` is over the limit called `name`."""
        limit = getattr(self, name)
        if size > limit:
            unit = name.rpartition("_")[2]
            message = f"{what} has over {limit:,} {unit}, the limit {name}; split it or leave it out"
            raise ArticleError("too_large", message)


DEFAULT_LIMITS = Limits()
