"""What people in the news are called by instead of by name: offices and callings, in the languages served.

Folded (`transforms.gazetteer.fold`). "~" marks who leads a state: "the Venezuelan leader" may be any of them; "!" marks
offices of a state, whose holder belongs to a country.
"""

from functools import lru_cache

# in English, folded: who is told by whose relative he or she is, "Ann Lee's brother"
FAMILY = "mother father brother sister wife husband son daughter fiancee".split()
_OFFICES: dict[str, str] = {
    "en": (
        "~!president ~!premier ~!chancellor ~!king ~!queen ~!emperor ~!sultan ~!emir ~!monarch ~!dictator ~!ruler "
        "~leader !minister !secretary !governor !senator !congressman !congresswoman !representative !speaker !mayor "
        "!judge !justice !prosecutor !ambassador !prince !princess !lawmaker !sheriff !deputy !commissioner !general "
        "!admiral !colonel !commander !inspector !constable !superintendent !envoy !diplomat pope pontiff archbishop "
        "bishop cardinal chairman chairwoman chairperson chair director spokesman spokeswoman spokesperson candidate "
        "nominee politician attorney lawyer founder professor author activist journalist reporter economist "
        "scientist researcher analyst actor actress singer artist coach manager ceo executive dissident tycoon "
        "oligarch billionaire veteran runner player striker champion officer chief head"
    ),
    "es": (
        "~!presidente ~!presidenta ~!canciller ~!rey ~!reina ~lider ~!mandatario ~!mandataria ~dirigente !ministro "
        "!ministra !gobernador !gobernadora !senador !senadora !diputado !diputada !alcalde !alcaldesa !juez !jueza "
        "!fiscal !embajador !embajadora !general papa arzobispo obispo cardenal director directora portavoz vocero "
        "vocera candidato candidata abogado abogada"
    ),
    "pt": (
        "~!presidente ~!presidenta ~!chanceler ~!rei ~!rainha ~lider !ministro !ministra !governador !governadora "
        "!senador !senadora !deputado !deputada !prefeito !prefeita !juiz !juiza !procurador !embaixador !general papa "
        "arcebispo bispo cardeal diretor diretora porta-voz candidato candidata advogado advogada"
    ),
    "fr": (
        "~!president ~!presidente ~!chancelier ~!chanceliere ~!roi ~!reine ~dirigeant ~leader !ministre !gouverneur "
        "!senateur !senatrice !depute !deputee !maire !juge !procureur !ambassadeur !general pape archeveque eveque "
        "cardinal directeur directrice porte-parole candidat candidate avocat avocate"
    ),
    "de": (
        "~!prasident ~!prasidentin ~!bundesprasident ~!kanzler ~!kanzlerin ~!bundeskanzler ~!bundeskanzlerin ~!konig "
        "~!konigin ~!regierungschef ~!regierungschefin ~!staatschef ~!ministerprasident ~!ministerprasidentin "
        "!minister !ministerin !aussenminister !aussenministerin !burgermeister !burgermeisterin !richter !richterin "
        "!botschafter !general papst erzbischof bischof kardinal direktor direktorin sprecher sprecherin kandidat "
        "kandidatin"
    ),
}
# Words beside an office that make it another office: "the president" is not the vice president.
CHANGING = frozenset(
    "vice deputy former ex late then next future incoming elect interim acting designate assistant under shadow "
    "vicepresidente expresidente ancien ancienne ehemaliger ehemalige fruherer fruhere antiguo exministro".split()
)
PLAIN_WORDS = frozenset(
    "the of and for a an new current sitting incumbent long time longtime our its his her their".split()
)
_SAME = {
    "premier": ("prime", "minister"), "pontiff": ("pope",), "papa": ("pope",), "chairwoman": ("chairman",),
    "chairperson": ("chairman",), "chair": ("chairman",), "spokeswoman": ("spokesman",), "spokesperson": ("spokesman",),
    "presidenta": ("presidente",), "defense": ("defence",), "monarch": ("queen",),
}


@lru_cache(maxsize=8)
def office_nouns(language: str) -> frozenset[str]:
    """The nouns of a language; English besides, because titles are quoted."""
    return frozenset(word.lstrip("~!") for word in _words(language))


@lru_cache(maxsize=8)
def leading_nouns(language: str) -> frozenset[str]:
    """What the leader of a state may be called."""
    return frozenset(word.lstrip("~!") for word in _words(language) if word.startswith("~")) | {"prime"}


@lru_cache(maxsize=8)
def state_nouns(language: str) -> frozenset[str]:
    """The offices of a state."""
    return frozenset(word.lstrip("~!") for word in _words(language) if "!" in word)


def _words(language: str) -> list[str]:
    return [*_OFFICES["en"].split(), *(_OFFICES[language].split() if language in _OFFICES else ())]


def plain_words(words: tuple[str, ...]) -> frozenset[str]:
    """The words that tell an office, in one spelling.

    >>> sorted(plain_words(("the", "new", "premier")))
    ['minister', 'prime']
    """
    return frozenset(same for word in words if word not in PLAIN_WORDS for same in _SAME.get(word, (word,)))
