"""Inflect nationality words: one base form to the forms that news writes, in the six languages served.

The rules cover the endings that demonyms have; a form too many does no harm (nobody writes it), a form that is a common
word would, so the endings are spelled out instead of stemming.
"""

# language: [(ending of the base form, endings it is replaced by)], first match wins
ENDINGS: dict[str, list[tuple[str, tuple[str, ...]]]] = {
    "es": [
        ("és", ("és", "esa", "eses", "esas")), ("án", ("án", "ana", "anes", "anas")),
        ("ín", ("ín", "ina", "ines", "inas")), ("ón", ("ón", "ona", "ones", "onas")),
        ("o", ("o", "a", "os", "as")), ("í", ("í", "íes", "ís")), ("ú", ("ú", "úes", "ús")),
        ("l", ("l", "la", "les", "las")), ("r", ("r", "ra", "res", "ras")), ("z", ("z", "ces")), ("", ("", "s")),
    ],
    "pt": [
        ("ês", ("ês", "esa", "eses", "esas")), ("alemão", ("alemão", "alemã", "alemães", "alemãs")),
        ("ão", ("ão", "ã", "ãos", "ões", "ãs")), ("ol", ("ol", "ola", "óis", "olas")),
        ("eu", ("eu", "eia", "eus", "eias")), ("o", ("o", "a", "os", "as")), ("z", ("z", "zes")), ("", ("", "s")),
    ],
    "fr": [
        ("ien", ("ien", "ienne", "iens", "iennes")), ("éen", ("éen", "éenne", "éens", "éennes")),
        ("on", ("on", "onne", "ons", "onnes")), ("grec", ("grec", "grecque", "grecs", "grecques")),
        ("turc", ("turc", "turque", "turcs", "turques")), ("s", ("s", "se", "ses")), ("e", ("e", "es")),
        ("è", ("è", "ès")), ("i", ("i", "ie", "is", "ies")), ("", ("", "e", "s", "es")),
    ],
    "de": [
        ("deutsch", ("deutsch", "deutsche", "deutscher", "deutschen", "deutsches", "deutschem")),
        ("isch", ("isch", "ische", "ischer", "ischen", "isches", "ischem")),
        ("er", ("er", "ern", "ers", "erin", "erinnen")), ("e", ("e", "en", "er", "in", "innen")),
        ("", ("", "s", "en", "in", "innen")),
    ],
    "it": [
        ("co", ("co", "ca", "chi", "ci", "che")), ("go", ("go", "ga", "ghi", "ghe")),
        ("o", ("o", "a", "i", "e")), ("ese", ("ese", "esi")), ("e", ("e", "i")),
        ("ita", ("ita", "iti", "ite")), ("ta", ("ta", "ti", "te")), ("", ("",)),
    ],
}
UNCHANGED_PLURALS = ("ese", "ish", "ch", "s", "men")


def inflect(base: str, language: str) -> tuple[str, ...]:
    """The forms of a nationality word, the base form among them.

    >>> inflect("francés", "es")
    ('francés', 'francesa', 'franceses', 'francesas')
    """
    if language == "en":
        return (base,) if base.endswith(UNCHANGED_PLURALS) else (base, base + "s")
    ending, replacements = next(row for row in ENDINGS[language] if base.endswith(row[0]))
    stem = base[: len(base) - len(ending)]
    return tuple(stem + replacement for replacement in replacements)
