"""Titles: the words before a person's name that are no part of it, and what offices are called.

Everything is in folded form (`transforms.gazetteer.fold`): no accents, no capitals.
"""

from collections.abc import Sequence

# Left off a name in comparisons and in the name of the entity.
HONORIFICS = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame madam madame mme mlle monsieur m messrs lord lady baroness baron "
    "count countess don dona senor senora senorita sr sra srta dra lic ing doctor doctora senhor senhora herr frau "
    "signor signora signore dott monsenor monsignor maulana mufti ayatollah haji hajji sheikh shaikh sheik imam rabbi "
    "rev reverend fr father sister brother archbishop bishop cardinal pastor".split()
)
OFFICES = frozenset(
    "president premier chancellor minister secretary governor gov senator sen congressman congresswoman representative "
    "rep speaker mayor judge justice attorney prosecutor ambassador envoy commissioner chairman chairwoman chairperson "
    "director general gen colonel col major maj captain capt lieutenant lt sergeant sgt corporal admiral adm commander "
    "cmdr marshal brigadier brig officer inspector detective constable sheriff chief deputy vice prime leader "
    "candidate former ex then interim acting spokesman spokeswoman spokesperson foreign defense defence finance "
    "interior health "
    "superintendent supt agent coach analyst activist lawyer presidente presidenta ministro ministra primer primera "
    "gobernador gobernadora senador senadora diputado diputada alcalde alcaldesa canciller general juez jueza fiscal "
    "governador governadora prefeito prefeita deputado deputada primeiro primeira juiz juiza ex-presidente ministre "
    "senateur senatrice depute deputee maire juge premier premiere chancelier chanceliere prasident prasidentin "
    "bundeskanzler bundeskanzlerin kanzler kanzlerin ministerprasident ministerprasidentin minister ministerin "
    "aussenminister aussenministerin burgermeister burgermeisterin presidentessa".split()
)
# Part of the name as news writes it ("Pope Francis"), but not of its key: "Francis" is the same man.
REGNAL = frozenset(
    "king queen prince princess pope emperor empress sultan emir tsar saint st papa rey reina rei rainha roi reine "
    "konig konigin papst pape duke duchess".split()
)
GENERATIONS = frozenset("jr sr jnr snr".split())
SUFFIXES = GENERATIONS | frozenset("esq phd md mp mep kc qc cbe obe".split())
NUMERALS = frozenset(("ii", "iii", "iv"))  # part of a monarch's name
TITLES = HONORIFICS | OFFICES | REGNAL


def strip_titles(words: Sequence[str]) -> tuple[str, ...]:
    """The folded words of a person's name without titles before it and suffixes after it; never empty of a name.

    >>> strip_titles(["president", "donald", "trump", "jr"])
    ('donald', 'trump')
    """
    start, end = 0, len(words)
    while start < end - 1 and words[start] in TITLES:
        start += 1
    while end > start + 1 and words[end - 1] in SUFFIXES:
        end -= 1
    return tuple(words[start:end])
