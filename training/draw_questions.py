"""Draw questions that the pipeline asks of news, for a bigger model to answer (`training.distil_stance`).

    python -m training.draw_questions OUT.jsonl NEWS.jsonl.gz [NEWS…] [--without FILE…] [--sure 0.97] [--neutral 0.25]

Most questions of running news are plainly neutral. Those to which the bundled model gives at least the probability
`--sure` of neutral are drawn by the share `--neutral`; all others are kept. Articles whose questions `stance_labels`
holds out are left out, and those of `--without`. OUT has one question a line: text, holder, target.
"""

import argparse
import json
import pathlib
import random
from collections.abc import Iterator

from models.ner import NerModel, load_ner_model
from models.stance import Question, StanceModel, load_stance_model
from schemas.article import Document
from schemas.errors import ArticleError
from training.jsonl import read_jsonl
from training.stance_labels import LABELLED
from transforms.clean import clean_article
from transforms.language import detect_language
from transforms.pairs import find_pairs
from transforms.parse import parse_document
from transforms.read import read_documents
from transforms.recognize import recognize_mentions
from transforms.resolve import resolve_entities


def news_questions(document: Document, ner: NerModel) -> list[Question]:
    """What the pipeline asks about an article; nothing for one that cannot be read."""
    try:
        article = detect_language(clean_article(parse_document(document)))
    except ArticleError:
        return []
    (read,) = recognize_mentions([article], ner)
    return list(dict.fromkeys(pair.question for pair in find_pairs(resolve_entities(read)).asked))


def read_documents_without(news: pathlib.Path, left_out: frozenset[str]) -> list[Document]:
    """The articles of a JSON Lines file whose `id` is not among those."""
    found = [item for item in read_documents(str(news)) if isinstance(item, Document)]
    return [item for item in found if json.loads(item.payload).get("id") not in left_out]


def draw(
    documents: list[Document], stance: StanceModel, *, sure: float, neutral: float, seed: int
) -> Iterator[Question]:
    """The questions worth an answer, article by article."""
    ner, chance = load_ner_model(), random.Random(seed)
    for document in documents:
        questions = news_questions(document, ner)
        for question, verdict in zip(questions, stance.classify(questions), strict=True):
            if verdict.neutral < sure or chance.random() < neutral:
                yield question


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("news", type=pathlib.Path, nargs="+")
    parser.add_argument("--without", type=pathlib.Path, nargs="*", default=[], help="files with ids to leave out")
    parser.add_argument("--sure", type=float, default=0.97)
    parser.add_argument("--neutral", type=float, default=0.25)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    stance, written = load_stance_model(), 0
    left_out = frozenset(row["id"] for row in read_jsonl(LABELLED) if row["part"] == "dev")
    left_out |= {row["id"] for file in options.without for row in read_jsonl(file)}
    with options.out.open("w", encoding="utf-8") as out:
        for file in options.news:
            documents = read_documents_without(file, left_out)
            print(f"{file.name}: {len(documents)} articles", flush=True)
            for question in draw(documents, stance, sure=options.sure, neutral=options.neutral, seed=options.seed):
                row = {"text": question.text, "holder": question.holder, "target": question.target}
                out.write(json.dumps(row) + "\n")
                written += 1
    print(f"{written} questions")


if __name__ == "__main__":
    main()
