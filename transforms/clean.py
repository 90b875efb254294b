"""clean: take what is not the article out of its text, keep it, and find the dateline.

`clean_article` moves junk (see `transforms.junk`) from `text` to `removed`; `restore_text` puts it back to the letter.
"""

from dataclasses import replace
from hashlib import blake2b

import apache_beam as beam

from schemas.article import Article, Removed, add_flags
from schemas.errors import ArticleError
from transforms.dateline import find_dateline
from transforms.junk import JunkSpan, find_junk
from transforms.junk_phrases import Reason
from transforms.try_map import Tried, TryMap

TOO_SHORT_WORDS = 30  # fewer say too little for entities, stances and a country to be trusted
_CLOSING_MARKS = tuple(".,;:!?)")


def clean_article(article: Article) -> Article:
    """Take junk lines and stretches out of the text, find the dateline, and hash what is left.

    Reads: text, removed, headline, dateline, flags. Sets: text, removed, dateline, content_hash, flags.
    A labelled stamp (`Updated: …`) goes out as reason `date_line`; a dateline stays in the text, even one that is only
    a date, for it is the report's own. Cleaning an article again gives the same article.

    Raises:
        ArticleError: `empty_text` when nothing is left.
    """
    original = restore_text(article)
    text, removed = remove_spans(original, find_junk(original))
    if not text.strip():
        raise ArticleError(
            "empty_text", f"no text is left of {len(original)} characters after cleaning; expected an article's body"
        )
    dateline = article.dateline or find_dateline(text)
    flags = add_flags(article.flags, "too_short") if len(text.split()) < TOO_SHORT_WORDS else article.flags
    return replace(
        article,
        text=text,
        removed=removed,
        dateline=dateline,
        content_hash=hash_content(article.headline, text),
        flags=flags,
    )


def restore_text(article: Article) -> str:
    """The text as it was before cleaning, to the letter."""
    text = article.text
    for removed in reversed(article.removed):
        text = text[: removed.at_char] + removed.text + text[removed.at_char :]
    return text


def hash_content(headline: str | None, text: str) -> str:
    """32 hexadecimal digits (BLAKE2b) of the headline and the cleaned text."""
    content = f"{headline or ''}\n{text}".encode("utf-8", "surrogatepass")
    return blake2b(content, digest_size=16).hexdigest()


def remove_spans(text: str, spans: list[JunkSpan]) -> tuple[str, tuple[Removed, ...]]:
    """Take disjoint, ordered spans out of `text`, each with the white space that it would leave behind."""
    kept: list[str] = []
    removed: list[Removed] = []
    position = length = 0
    for start, end, reason in _widen(text, spans):
        kept.append(text[position:start])
        length += start - position
        removed.append(Removed(text[start:end], reason.value, length))
        position = end
    return "".join([*kept, text[position:]]), tuple(removed)


def _widen(text: str, spans: list[JunkSpan]) -> list[tuple[int, int, Reason]]:
    """Spans with white space added: neighbours meet, ends of the text go bare, and between paragraphs one gap stays."""
    widened: list[tuple[int, int, Reason]] = []
    for group in _group(text, spans):
        before = len(text[: group[0].start].rstrip())
        after = len(text) - len(text[group[-1].end :].lstrip())
        gap_before, gap_after = text[before : group[0].start], text[group[-1].end : after]
        at_edge = before == 0 or after == len(text)
        closing = text[group[-1].end : group[-1].end + 1] in _CLOSING_MARKS
        drop_before = at_edge or closing or (bool(gap_after) and gap_before.count("\n") <= gap_after.count("\n"))
        drop_after = at_edge or (bool(gap_before) and not drop_before)
        starts = [before if drop_before else group[0].start, *(span.start for span in group[1:])]
        ends = [*starts[1:], after if drop_after else group[-1].end]
        widened.extend((start, end, span.reason) for start, end, span in zip(starts, ends, group, strict=True))
    return widened


def _group(text: str, spans: list[JunkSpan]) -> list[list[JunkSpan]]:
    """Spans with nothing but white space between them, together."""
    groups: list[list[JunkSpan]] = []
    for span in spans:
        if groups and not text[groups[-1][-1].end : span.start].strip():
            groups[-1].append(span)
        else:
            groups.append([span])
    return groups


class CleanArticles(beam.PTransform):
    """Clean every article; those with nothing left become dead letters."""

    def expand(self, articles: beam.PCollection[Article]) -> Tried:
        """Cleaned articles, and dead letters of step `clean`."""
        return articles | "Clean" >> TryMap("clean", clean_article)
