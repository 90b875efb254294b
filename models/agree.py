"""One name, one type: doubtful mentions take the label that the same name has elsewhere in the text.

A model reads window by window, so a name may be a person in one sentence and a body in the next. Every mention votes
for its label with its score; a full name votes for its last word as a person too. Only mentions that the model was
not sure of are changed, for a sure one may well be another thing of the same name (Jordan, Washington).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from models.mentions import SCORE_DIGITS
from schemas.article import Label, Mention

SURE = 0.9  # dev: 0.7 gives 0.3 F1 less over whole articles, 1.1 the same
FULL_NAME = 0.7
NAMED = frozenset({Label.PERSON, Label.ORG, Label.LOC, Label.NORP, Label.FAC, Label.PRODUCT, Label.MISC})
Votes = dict[str, dict[str, list[float]]]  # scores by name and label


def agree_on_labels(mentions: Sequence[Mention]) -> Iterator[Mention]:
    """The mentions of one text, doubtful ones under the label with the most votes for their words.

    A changed mention has the mean score of the votes that changed it.
    """
    votes = _count_votes(mentions)
    for mention in mentions:
        if mention.label not in NAMED or mention.score >= SURE:
            yield mention
            continue
        by_label = votes[mention.text]
        best = max(sorted(by_label), key=lambda label: sum(by_label[label]))
        scores = by_label[best]
        if best == mention.label or sum(scores) <= sum(by_label[mention.label]):
            yield mention
        else:
            yield replace(mention, label=best, score=round(sum(scores) / len(scores), SCORE_DIGITS))


def _count_votes(mentions: Iterable[Mention]) -> Votes:
    votes: Votes = defaultdict(lambda: defaultdict(list))
    for mention in mentions:
        if mention.label in NAMED:
            votes[mention.text][mention.label].append(mention.score)
        if mention.label == Label.PERSON and " " in mention.text and mention.score >= FULL_NAME:
            votes[mention.text.rsplit(" ", 1)[1]][mention.label].append(mention.score)
    return votes
