"""Where a publisher is based: by its address or its name. Weak evidence for where its stories happen."""

import re
from urllib.parse import urlsplit

from transforms.gazetteer import Kind, load_gazetteer

# Letters of countries that the whole world registers, so that they tell nothing.
SOLD_DOMAINS = frozenset(
    {"tv", "co", "io", "me", "ai", "fm", "ly", "cc", "ws", "to", "gg", "la", "eu", "tk", "ml", "ga", "cf", "gq", "sh",
     "ac", "im", "am", "nu", "st", "vc", "so", "gl", "is", "su", "ms", "vg", "tc", "bz", "cx", "mu", "pw", "sc"}
)

# Stations in the United States are called by four letters: wbko.com, wsbtv.com, kvueradio.com.
_CALL_SIGN = re.compile(r"(?:www\.)?[kw][a-z]{3}(?:tv|radio|news|fm|am)?\d{0,2}\.(?:com|org|net)")


def find_publisher_country(url: str | None, publisher: str | None) -> str | None:
    """The publisher's country (ISO 3166-1 alpha-2), or None where neither address nor name tells it."""
    host = _host(url)
    return _by_domain(host) or _by_name(publisher) or ("US" if _CALL_SIGN.fullmatch(host) else _by_ending(host))


def is_world_publisher(url: str | None) -> bool:
    """Whether the publisher reports on the whole world, so that its country says nothing about its stories."""
    known = load_gazetteer().world_publishers
    return any(domain in known for domain in _domains(_host(url)))


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").rstrip(".")
    except ValueError:  # an address that is none, such as "http://[": no reason to lose the article
        return ""


def _by_domain(host: str) -> str | None:
    known = load_gazetteer().publishers
    return next((known[domain] for domain in _domains(host) if domain in known), None)


def _domains(host: str) -> list[str]:
    """A host and the domains that it is part of, longest first."""
    labels = host.split(".")
    return [".".join(labels[cut:]) for cut in range(len(labels))]


def _by_name(publisher: str | None) -> str | None:
    name = (publisher or "").strip()
    if "." in name and " " not in name and (country := _by_domain(name.lower())):
        return country
    codes = {sense.code for sense in load_gazetteer().lookup(name.removeprefix("The ")) if sense.kind is Kind.MEDIA}
    return codes.pop() if len(codes) == 1 and "ZZ" not in codes else None


def _by_ending(host: str) -> str | None:
    ending = host.rsplit(".", 1)[-1] if "." in host else ""
    if len(ending) != 2 or not ending.isascii() or not ending.isalpha() or ending in SOLD_DOMAINS:
        return None
    return "GB" if ending == "uk" else ending.upper()
