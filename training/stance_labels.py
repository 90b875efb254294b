"""Stance labels of our own: questions that the pipeline asked of real news, each read and answered one by one.

They were answered by large language models under written guidelines, in one pass: favor for praise, backing, thanks,
help, recognition; against for criticism, accusation, blame, lawsuits, sanctions, attacks, arrests; neutral for all
else and wherever a fair reader would hesitate; the direction counts. No person checked them. Two readers of that kind
who answered the same 137 questions apart agreed on 95% of them (Cohen's kappa 0.89).

The public sets hold sentences that were chosen because they take sides; in running news most pairs of names take none,
and a model that never saw that states too much. `stance_labels.jsonl` has one question a line: the article (`id` in the
Worldwide English Newswire articles of Shan et al. 2023, whose text is not part of the project), the passage's place in
its body, holder (null: the passage's own voice) and target in the passage, and the label. `before` stands before the
passage where the pipeline puts the speaker of a quotation there. A question was drawn by what the weights of its day
made of it (`drawn`: they stated a stance, came near to one, or said neutral), so the labels' shares are not those of
news. Four more files are for training alone: `stance_labels_wikinews.jsonl` of English Wikinews (2019 to 2021),
`stance_labels_newsmtsc.jsonl` of the sentences of NewsMTSC, which ask for a holder here, `stance_labels_gmb.jsonl`
of the Groningen Meaning Bank's (Voice of America news; Bos et al. 2017), and `stance_labels_dse.jsonl` of the sentences
of directed sentiment (Park, Pan and Joo 2021): other pairs of names than the crowd was asked about, both directions.
Two readers agreed on 91.5% of 200 of their questions (kappa 0.87), on 94.7% of 300 that were answered later (0.89), and
on 95.7% of 300 pairs of the last two files (0.90). Of these two files 4,036 pairs were read twice, as the first reading
was hasty (what was not listed as a stance was filled in as neutral): 96.9% had the same answers, and the second stand.
"""

import json
import pathlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from models.stance import Question
from training.jsonl import read_jsonl
from training.ner_data import detokenise
from training.stance_data import Row, crop

# How many questions of each kind the pipeline had to draw from, in 840 articles: a labelled one stands for so many.
QUESTIONS = {"stated": 1748, "near": 3685, "neutral": 27203}
LABELLED = pathlib.Path(__file__).with_name("stance_labels.jsonl")
LABELLED_WIKINEWS = LABELLED.with_name("stance_labels_wikinews.jsonl")
LABELLED_NEWSMTSC = LABELLED.with_name("stance_labels_newsmtsc.jsonl")
LABELLED_DSE = LABELLED.with_name("stance_labels_dse.jsonl")
LABELLED_GMB = LABELLED.with_name("stance_labels_gmb.jsonl")
DATASET = "answered"


def read_labels(articles: pathlib.Path, part: str, labelled: pathlib.Path = LABELLED) -> Iterator[Row]:
    """The labelled questions of one part (`train` or `dev`, by article), with the text that they stand for.

    `articles` is the JSON Lines file of what `labelled` names (`id`, and `body`, or `text` or `tokens` of single
    sentences). Raises KeyError where one is missing.
    """
    bodies = {row["id"]: body_of(row) for row in read_jsonl(articles)}
    for number, line in enumerate(labelled.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        if row["part"] == part:
            text = row["before"] + bodies[row["id"]][row["start"] : row["end"]]
            holder = None if row["holder"] is None else tuple(row["holder"])
            question = Question(text, holder, tuple(row["target"]))
            yield Row(crop(question), row["label"], DATASET, f"{labelled.stem}-{number}")


def body_of(row: Mapping[str, Any]) -> str:
    """The text that the places of a label point into."""
    return str(row.get("body") or row.get("text") or detokenise(row["tokens"])[0])


def read_weights(part: str, labelled: pathlib.Path = LABELLED) -> list[float]:
    """For each question of a part, in the order of `read_labels`, how many of running news it stands for."""
    rows = (json.loads(line) for line in labelled.read_text(encoding="utf-8").splitlines())
    kinds = [row["drawn"] for row in rows if row["part"] == part]
    drawn = Counter(kinds)  # of this part alone: what is drawn for training must not move what dev measures
    return [QUESTIONS[kind] / drawn[kind] for kind in kinds]
