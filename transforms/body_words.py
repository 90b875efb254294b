"""What bodies of a state and other organisations are called in the languages served, and the small words around them.

Everything is folded (`transforms.gazetteer.fold`). A kind says what a noun stands for; two names of one kind and one
country are one body (government) or one body where their other words agree (ministries, courts, parliaments).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class BodyKind(StrEnum):
    """What a body is; its value begins the key of the entity."""

    GOVERNMENT = "government"
    MINISTRY = "ministry"
    PARLIAMENT = "parliament"
    ARMY = "army"
    POLICE = "police"
    COURT = "court"
    EMBASSY = "embassy"
    OPPOSITION = "opposition"
    PARTY = "party"
    BANK = "bank"
    OTHER = "other"  # "the university": refers to the last name with this very noun


# language: kind: nouns. A noun with "+" needs an owner: "Israeli forces" is a body, "the forces" may be any.
NOUNS: dict[str, dict[BodyKind, str]] = {
    "en": {
        BodyKind.GOVERNMENT: "government administration regime authorities cabinet junta +officials",
        BodyKind.MINISTRY: "ministry department",
        BodyKind.PARLIAMENT: "parliament congress legislature senate assembly",
        BodyKind.ARMY: "army military navy +troops +forces +soldiers",
        BodyKind.POLICE: "police",
        BodyKind.COURT: "court",
        BodyKind.EMBASSY: "embassy consulate",
        BodyKind.OPPOSITION: "opposition",
        BodyKind.PARTY: "party",
        BodyKind.OTHER: (
            "university hospital church union council committee board commission federation league association agency "
            "foundation bank institute club airline company ministry corporation society coalition alliance bureau "
            "tribunal prosecutors office website newspaper magazine broadcaster firm charity paper site network "
            "operator group party manufacturer startup"
        ),
    },
    "es": {
        BodyKind.GOVERNMENT: "gobierno regimen autoridades +funcionarios",
        BodyKind.MINISTRY: "ministerio cancilleria",
        BodyKind.PARLIAMENT: "parlamento congreso senado asamblea",
        BodyKind.ARMY: "ejercito +tropas +fuerzas +militares",
        BodyKind.POLICE: "policia",
        BodyKind.COURT: "tribunal corte",
        BodyKind.EMBASSY: "embajada consulado",
        BodyKind.OPPOSITION: "oposicion",
        BodyKind.PARTY: "partido",
        BodyKind.OTHER: "universidad hospital iglesia union consejo comision federacion asociacion banco empresa",
    },
    "pt": {
        BodyKind.GOVERNMENT: "governo regime autoridades",
        BodyKind.MINISTRY: "ministerio",
        BodyKind.PARLIAMENT: "parlamento congresso senado assembleia",
        BodyKind.ARMY: "exercito +tropas +forcas",
        BodyKind.POLICE: "policia",
        BodyKind.COURT: "tribunal corte",
        BodyKind.EMBASSY: "embaixada consulado",
        BodyKind.OPPOSITION: "oposicao",
        BodyKind.PARTY: "partido",
        BodyKind.OTHER: "universidade hospital igreja uniao conselho comissao federacao associacao banco empresa",
    },
    "fr": {
        BodyKind.GOVERNMENT: "gouvernement regime autorites",
        BodyKind.MINISTRY: "ministere",
        BodyKind.PARLIAMENT: "parlement congres senat assemblee",
        BodyKind.ARMY: "armee +troupes +forces",
        BodyKind.POLICE: "police",
        BodyKind.COURT: "tribunal cour",
        BodyKind.EMBASSY: "ambassade consulat",
        BodyKind.OPPOSITION: "opposition",
        BodyKind.PARTY: "parti",
        BodyKind.OTHER: "universite hopital eglise union conseil commission federation association banque entreprise",
    },
    "de": {
        BodyKind.GOVERNMENT: "regierung regime behorden",
        BodyKind.MINISTRY: "ministerium aussenministerium innenministerium verteidigungsministerium",
        BodyKind.PARLIAMENT: "parlament kongress senat nationalversammlung",
        BodyKind.ARMY: "armee militar +truppen +streitkrafte",
        BodyKind.POLICE: "polizei",
        BodyKind.COURT: "gericht",
        BodyKind.EMBASSY: "botschaft konsulat",
        BodyKind.OPPOSITION: "opposition",
        BodyKind.PARTY: "partei",
        BodyKind.OTHER: "universitat krankenhaus kirche union rat kommission bank firma unternehmen",
    },
}
# Articles, prepositions before an owner or a topic, and possessives that stand for "the" ("its government").
ARTICLES: dict[str, str] = {
    "en": "the", "es": "el la los las", "pt": "o a os as", "fr": "le la les l", "de": "der die das den dem des",
}
OF: dict[str, str] = {
    "en": "of", "es": "de del", "pt": "de do da dos das", "fr": "de du des d", "de": "von in",
}
POSSESSIVES: dict[str, str] = {
    "en": "his her its their", "es": "su", "pt": "seu sua", "fr": "son sa leur", "de": "seine ihre seiner ihrer",
}
# Words that end the way to the left of a noun: what is before them does not own it.
STOPS = frozenset(
    "a an and or but nor of in on at to for from by with as that which who is are was were be been has have "
    "had do does did will would can could may might must said says say told this these those some any no "
    "other another local city state provincial regional municipal town county self former previous next all "
    "many several both each every one two three if when while than then not between against over after "
    "before since until about into near un una unos unas y e o u en con por para que se es son era fue este "
    "esta um uma em com por na no nas nos une et ou dans avec pour qui que est sont ein eine einer einem "
    "einen und oder in mit fur von zu ist sind war".split()
)
# Words that tell nothing of which body it is.
LOOSE_WORDS = frozenset(
    "federal central union national new current own interim ruling governing elected democratic outgoing incoming "
    "present caretaker transitional coalition affairs the of and for de del la los las do da dos das du des "
    "et y e state".split()
)
# Words in small letters that tell one body from another of its kind; other adjectives ("the embattled army") do not.
TELLING_WORDS = frozenset(
    "supreme constitutional high appeals appeal criminal district secret riot military border traffic air "
    "coast electoral lower upper human rights health intelligence emergencies antitrust democratic "
    "republican conservative liberal labour communist socialist green supremo suprema constitucional militar "
    "electoral constitutionnel supreme".split()
)
# What a government may stand before and not act: in "the government shutdown" the article belongs to the shutdown.
# None is a verb besides: "the government funds clinics" is its deed.
THINGS_OF_GOVERNMENT = frozenset(
    "bond bonds borrowing building buildings contract contractors data debt funding jobs loan loans money revenue "
    "revenues securities shutdown shutdowns spending statistics subsidies subsidy".split()
)
TOPIC_SPELLINGS = {"defense": "defence", "foreign": "foreign", "exteriores": "foreign", "external": "foreign"}


@dataclass(frozen=True, slots=True)
class BodyNoun:
    """A noun's kind, and whether it names a body only with an owner."""

    kind: BodyKind
    needs_owner: bool


@lru_cache(maxsize=8)
def body_nouns(language: str) -> dict[str, BodyNoun]:
    """The nouns of a language (English where there is no list)."""
    found: dict[str, BodyNoun] = {}
    for kind, nouns in NOUNS.get(language, NOUNS["en"]).items():
        for noun in nouns.split():
            found.setdefault(noun.lstrip("+"), BodyNoun(kind, noun.startswith("+")))
    return found
