"""Pronouns: the person that a subject pronoun most plausibly stands for."""

from schemas.article import Article, Label

REACH = 500  # characters back
SINGULAR = frozenset({"he", "she", "il", "elle", "él", "ella", "ele", "ela", "er"})


def find_antecedent(article: Article, position: int, pronoun: str) -> int | None:
    """The last person that begins a sentence before `position`, where it is the only one in reach; else None."""
    if pronoun.lower() not in SINGULAR:
        return None
    people = [m.entity for m in article.mentions if m.entity >= 0 and m.label == Label.PERSON
              and position - REACH <= m.start_char < position]
    return people[-1] if people and len(set(people[-2:])) == 1 else None
