"""HTML to the parts of an article: trafilatura for the body, JSON-LD and meta tags for what the page says of itself."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.article import FoundDate
from schemas.errors import ArticleError
from transforms.encoding import normalize_characters
from transforms.fields import Json, Linked, to_text
from transforms.page_dates import MAX_SEARCHED_CHARS, find_page_dates

ARTICLE_TYPES = ("article", "posting", "report", "newsarticle")
MIN_BODY_CHARS = 200  # a shorter extraction gives way to the body that JSON-LD states
MAX_LD_DEPTH = 6
MAX_SITE_WORDS = 5
MAX_ELEMENTS = 50_000  # of one page: what extracts text is slower than linear in them
MAX_TITLE_CHARS = 1_000  # longer ones are no headlines, and are left as they are
_TAG = re.compile(
    r"</?(?:p|br|div|span|a|h[1-6]|ul|ol|li|figure|strong|em|b|i|img|blockquote|table|section)\b[^<>]*>", re.I
)
_PAGE = re.compile(r"<(?:html|body|head)\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d{2,6}|#x[0-9a-f]{2,5}|amp|quot|nbsp|[lr][sd]quo|[mn]dash|hellip|apos|[lg]t);", re.I)
_HEADLINE_MARK = re.compile(r"\s+(?:[|·•»–—]|-{1,2}|::)\s+")
_BLOCK_NAMES = """
    p div br h1 h2 h3 h4 h5 h6 li ul ol blockquote section article table tr figure figcaption header footer hr pre
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_HIDDEN = ("script", "style", "noscript", "template", "iframe", "form", "button", "svg")
_BLOCK_TAG = re.compile(rf"<(?:{'|'.join(_BLOCK_NAMES.split())}|html|body|td)\b", re.IGNORECASE)
_SITE = re.compile(r"https?://[^/?#]*/?(?:#.*)?")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says: `text` is its body, paragraphs set apart by a blank line; dates best first."""

    text: str
    headline: str | None = None
    byline: str | None = None
    publisher: str | None = None
    url: str | None = None
    found_dates: tuple[FoundDate, ...] = ()


def read_page(markup: str, *, url: str | None = None) -> Page:
    """The article on a page; `url` is where it was found, where that is known. Nothing is fetched.

    Raises:
        ArticleError: `no_article_text` where the page has no body, `nested_too_deep`, `invalid_html`.
    """
    import trafilatura
    from lxml import etree

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports every page without a body as an error
    try:
        tree = trafilatura.load_html(normalize_characters(markup).text)
        if tree is None:
            raise ArticleError("no_article_text", "the page is empty or no HTML; expected an article's page")
        elements = sum(1 for _ in tree.iter())
        if elements > MAX_ELEMENTS:
            message = f"the page has {elements:,} elements, over MAX_ELEMENTS ({MAX_ELEMENTS:,}); is it a list?"
            raise ArticleError("too_large", message)
        return _read_tree(tree, url, searched=len(markup) <= MAX_SEARCHED_CHARS)
    except RecursionError:
        raise ArticleError("nested_too_deep", "the HTML is nested too deeply to be an article") from None
    except (etree.LxmlError, ValueError) as error:
        raise ArticleError("invalid_html", f"the HTML cannot be read: {error}") from error


def _read_tree(tree: Any, url: str | None, *, searched: bool) -> Page:
    linked = list(_linked_data(tree))
    metas = _metas(tree)
    publisher = _first(metas, "og:site_name", "application-name") or _of_linked(linked, "publisher")
    url = _page_url(tree, metas, fetched=url) or url
    dates = find_page_dates(tree, linked, metas, searched=searched)
    headline = _headline(tree, linked, metas, publisher)
    page = Page(
        text=_without_headline(_body(tree, linked), headline),
        headline=headline,
        byline=_of_linked(linked, "author") or _first(metas, "author", "article:author", "parsely-author", "byl"),
        publisher=publisher,
        url=url,
        found_dates=dates,
    )
    if not page.text:
        raise ArticleError("no_article_text", "no article's body is on the page; is it a list, a form or a video?")
    return page


def _body(tree: Any, linked: Linked) -> str:
    """trafilatura's body, or the body that JSON-LD states where the page hides nearly all of it."""
    import trafilatura

    document: Any = trafilatura.bare_extraction(tree, include_comments=False, include_tables=False)
    lines = (document.text or "").splitlines() if document else []
    text = "\n\n".join(line.strip() for line in lines if line.strip())
    if len(text) < MIN_BODY_CHARS:
        stated = strip_markup(_of_linked(linked, "articleBody") or "")
        return stated if len(stated) > len(text) else text
    return text


def _without_headline(text: str, headline: str | None) -> str:
    """The body without the headline as its first paragraph."""
    first, _, rest = text.partition("\n\n")
    return rest if headline and rest and fold_words(first) == fold_words(headline) else text


def fold_words(text: str) -> str:
    """A text's words in lower case, to compare headlines by."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _linked_data(tree: Any) -> Iterator[Mapping[str, Json]]:
    """The JSON-LD objects that describe an article, in the page's order."""
    for script in tree.iterfind(".//script[@type]"):
        if script.get("type", "").strip().lower() == "application/ld+json" and script.text:
            try:
                value = json.loads(script.text.strip().strip(";"), strict=False)
            except (ValueError, RecursionError):
                continue  # a page's broken metadata is no reason to lose its article
            yield from _articles_in(value, MAX_LD_DEPTH)


def _articles_in(value: Json, depth: int) -> Iterator[Mapping[str, Json]]:
    if depth == 0:
        return
    if isinstance(value, list):
        for inner in value:
            yield from _articles_in(inner, depth - 1)
    elif isinstance(value, Mapping):
        kinds = to_text(value.get("@type"), separator=" ").lower().split()
        if any(kind.endswith(ARTICLE_TYPES) for kind in kinds):
            yield value
        for name in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _articles_in(value.get(name), depth - 1)


def _of_linked(linked: Linked, name: str) -> str | None:
    return next((text for item in linked if (text := to_text(item.get(name), separator=", "))), None)


def _metas(tree: Any) -> dict[str, str]:
    """Meta tags by their lower-case name, the first of each."""
    metas: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or meta.get("itemprop") or "").strip().lower()
        content = (meta.get("content") or "").strip()
        if name and content:
            metas.setdefault(name, content)
    return metas


def _first(metas: Mapping[str, str], *names: str) -> str | None:
    found = (metas[name] for name in names if name in metas)
    return next((value for value in found if not value.startswith(("http:", "https:"))), None)


def _page_url(tree: Any, metas: Mapping[str, str], *, fetched: str | None) -> str | None:
    """The URL that a page gives itself; not its site's, which careless ones give on every page."""
    links = (link.get("href", "") for link in tree.iter("link") if link.get("rel", "").lower() == "canonical")
    urls = [url.strip() for url in (*links, metas.get("og:url", ""))]
    own = (url for url in urls if url.startswith(("http://", "https://")) and not (fetched and _SITE.fullmatch(url)))
    return next(own, None)


def _headline(tree: Any, linked: Linked, metas: Mapping[str, str], publisher: str | None) -> str | None:
    """The headline as the page shows it: its own h1 where the title agrees, else JSON-LD, OpenGraph, title."""
    heads = [" ".join(head.text_content().split()) for head in tree.iter("h1")]
    title = " ".join((tree.findtext(".//title") or "").split())
    stated = [_of_linked(linked, "headline"), metas.get("og:title"), metas.get("twitter:title"), title]
    candidates = [clean_headline(text, publisher) for text in stated if text and text.strip()]
    for head in heads:
        if len(head.split()) >= 3 and any(_agree(head, text) for text in candidates):
            return head
    return next(iter(candidates), None) or next((head for head in heads if head), None)


def _agree(head: str, text: str) -> bool:
    """Whether two headlines say the same: most words of the shorter one are in the other."""
    first, second = set(re.findall(r"\w+", head.casefold())), set(re.findall(r"\w+", text.casefold()))
    return len(first & second) >= 0.7 * max(1, min(len(first), len(second)))


def clean_headline(headline: str, publisher: str | None) -> str:
    """A headline without markup and without the site's name at its end (`… | The Daily Bugle`)."""
    text = " ".join(strip_markup(headline).split())
    marks = list(_HEADLINE_MARK.finditer(text)) if len(text) <= MAX_TITLE_CHARS else []
    while marks:
        mark = marks.pop()
        before, name = text[: mark.start()], text[mark.end() :]
        is_site = bool(publisher) and _agree(name, publisher or "")
        # Without the site's name to compare with, only a bar sets a name apart for sure, and names are short.
        is_barred = mark.group().strip() == "|" and len(name.split()) <= MAX_SITE_WORDS
        if not (is_site or is_barred) or len(before.split()) < 3:
            break
        text = before
    return text


def looks_like_markup(text: str) -> bool:
    """Whether a field that should hold text holds HTML."""
    return bool(_TAG.search(text))


def strip_markup(text: str) -> str:
    """The text of an HTML fragment, its blocks set apart by blank lines; of plain text, with entities resolved."""
    from html import unescape

    if not looks_like_markup(text):
        return unescape(text) if _ENTITY.search(text) else text
    text = normalize_characters(text).text  # else half a surrogate pair would end the text, and a control refuse it
    if not _BLOCK_TAG.search(text):
        text = text.replace("\n", "<br>")  # inline tags alone: the lines are the paragraphs
    if _PAGE.search(text):
        return read_page(text).text
    from lxml import etree
    from lxml import html as lxml_html

    try:
        tree = lxml_html.fragment_fromstring(text.replace("\0", ""), create_parent="div")
    except (etree.LxmlError, ValueError) as error:
        raise ArticleError("invalid_html", f"the HTML in a field cannot be read: {error}") from error
    return "\n\n".join(_block_texts(tree))


def _block_texts(tree: Any) -> Iterator[str]:
    """The text of each block, white space folded; walks events, so that deep nesting costs no stack."""
    from lxml import etree

    parts: list[str] = []
    hidden = 0
    for event, element in etree.iterwalk(tree, events=("start", "end", "comment", "pi")):
        is_block = element.tag in _BLOCKS
        if is_block and "".join(parts).strip():
            yield " ".join("".join(parts).split())
        if is_block:
            parts = []
        if event == "start":
            hidden += element.tag in _HIDDEN
            parts.append(element.text or "" if not hidden else "")
        else:
            hidden -= event == "end" and element.tag in _HIDDEN
            parts.append(element.tail or "" if not hidden else "")
    if "".join(parts).strip():
        yield " ".join("".join(parts).split())
