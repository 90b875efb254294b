"""The identity of an article: a hash of its canonical URL, or of its headline and text where it has none.

Two addresses of one page are one article: scheme, default port, `www.`-less case of the host, fragment, trailing slash
and tracking parameters do not count.
"""

import unicodedata
from hashlib import blake2b
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

WEB_SCHEMES = ("http", "https")
DEFAULT_PORTS = (80, 443)
# Parameters that say where a reader came from, not what is read.
TRACKING_PREFIXES = ("utm_", "pk_", "mtm_", "at_", "ns_", "wt_", "__twitter", "hsa_")
_TRACKING_WORDS = """
    fbclid gclid dclid msclkid yclid igshid mc_cid mc_eid ref ref_src ref_url referrer cmpid cmp ito ocid smid smtyp
    ncid sref share taid xtor wtrid srnd guccounter guce_referrer guce_referrer_sig soc_src soc_trk feature_id
    mkt_tok oly_anon_id oly_enc_id vero_id _ga _gl s_cid icid partner rss feedtype feedname outputtype amp
"""
TRACKING_NAMES = frozenset(_TRACKING_WORDS.split())
_SAFE = "/:@!$&'()*+,;=~-._"


def canonical_url(url: str) -> str | None:
    """The URL that every address of the same page shares; None for what is no web address.

    Lower-case host without user and default port, no fragment, no tracking parameters, the others sorted, `http` for
    `https`, no trailing slash, percent escapes written one way. Applying it twice gives the same.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in WEB_SCHEMES or not host or any(map(str.isspace, host)):
        return None
    place = f"[{host}]" if ":" in host else host
    if port not in (None, *DEFAULT_PORTS):
        place += f":{port}"
    path = quote(unquote(parts.path, errors="surrogateescape"), safe=_SAFE, errors="surrogateescape").rstrip("/")
    pairs = parse_qsl(parts.query, keep_blank_values=True, errors="surrogateescape", max_num_fields=None)
    query = urlencode(sorted(pair for pair in pairs if not _is_tracking(pair[0])), errors="surrogateescape")
    return f"http://{place}{path}" + (f"?{query}" if query else "")


def _is_tracking(name: str) -> bool:
    lowered = name.lower()
    return lowered in TRACKING_NAMES or lowered.startswith(TRACKING_PREFIXES)


def _names_page(address: str) -> bool:
    """Whether a URL is more than a site's: what many articles state names none of them."""
    parts = urlsplit(address)
    return bool(parts.path.strip("/") or parts.query)


def make_article_id(*, url: str | None, headline: str | None, text: str) -> str:
    """32 hexadecimal digits (BLAKE2b, 16 bytes) of the canonical URL, or of headline and text (NFC, spaces folded).

    A URL of a whole site, without path and query, is no article's.
    """
    address = canonical_url(url) if url else None
    if address and not _names_page(address):
        address = None
    content = f"url\n{address}" if address else f"text\n{_fold(headline or '')}\n{_fold(text)}"
    return blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _fold(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
