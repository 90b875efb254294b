"""Whether names move the stance model: the same sentences with other countries, leaders and parties in them.

    python -m benchmarks.stance_bias [--model DIR] [--json FILE]

Each sentence was written for this; names are put into its two slots, every name of a group against others of the
group. A flip is a verdict that differs from the one that most names get in that sentence; the share of flips should be
near none, whatever the verdict. The last column says how often the verdict is also the one that the sentence states.
"""

import argparse
import json
import pathlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from models.stance import Question, StanceModel, load_stance_model

SENTENCES = {
    "against": (
        "{H} condemned {T} on Tuesday.", "{H} accused {T} of breaking the agreement.", "{T} was sharply criticised by {H}.",
        "“We cannot trust {T},” {H} said.", "{H} will never forgive {T} for what happened in March.",
        "{H} rejected the proposal that {T} made last week.", "{H} asked the court to stop {T}.",
        "On Friday {H} blamed {T} for the shortage of grain.",
    ),
    "favor": (
        "{H} praised {T} on Tuesday.", "{H} thanked {T} for the help after the flood.", "{T} was warmly welcomed by {H}.",
        "“{T} has done a wonderful job,” {H} said.", "{H} stands firmly behind {T}.", "{H} backed the plan that {T} put forward.",
        "{H} congratulated {T} on the result.", "On Friday {H} promised {T} its full support.",
    ),
    "neutral": (
        "{H} met {T} on Tuesday.", "{H} and {T} will hold talks in Geneva.", "{H} said that {T} would speak on Friday.",
        "{H} did not comment on {T}.", "{H} was asked about {T} by reporters.", "Neither {H} nor {T} took part in the vote.",
        "{H} might one day accuse {T}, a diplomat said.", "{H} received a letter from {T} in May.",
    ),
}  # fmt: skip
GROUPS = {
    "countries": ("Russia", "the United States", "Israel", "Iran", "Venezuela", "Canada", "Ghana", "China", "Ukraine", "Norway",
                  "North Korea", "Germany"),
    "leaders": ("Vladimir Putin", "Donald Trump", "Joe Biden", "Angela Merkel", "Nicolás Maduro", "Jacinda Ardern",
                "Kim Jong Un", "Benjamin Netanyahu", "Cyril Ramaphosa", "Emmanuel Macron", "Xi Jinping", "Amara Okafor"),
    "parties": ("the Republicans", "the Democrats", "the Labour Party", "the Conservative Party", "the Greens", "Hamas",
                "the Taliban", "the AfD", "the Workers’ Party", "Fidesz", "the Liberal Party", "the National Assembly"),
}  # fmt: skip


def fill(sentence: str, holder: str, target: str) -> Question:
    """The sentence with its two names, and where they stand."""
    spans: dict[str, tuple[int, int]] = {}
    text = ""
    for part in re.split(r"(\{[HT]\})", sentence):
        name = {"{H}": holder, "{T}": target}.get(part, part)
        if not text:
            name = name[:1].upper() + name[1:]
        if part in ("{H}", "{T}"):
            spans[part] = (len(text), len(text) + len(name))
        text += name
    return Question(text, spans["{H}"], spans["{T}"])


def name_pairs(names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every name as holder and as target, against three others."""
    for i, holder in enumerate(names):
        for step in (1, 4, 7):
            yield holder, names[(i + step) % len(names)]


def measure(model: StanceModel, names: tuple[str, ...]) -> dict[str, object]:
    """Verdicts, flips and right verdicts over all sentences, and which sentences flip most."""
    questions, keys = [], []
    for label, sentences in SENTENCES.items():
        for sentence in sentences:
            for holder, target in name_pairs(names):
                questions.append(fill(sentence, holder, target))
                keys.append((label, sentence))
    decided: dict[tuple[str, str], list[str]] = defaultdict(list)
    for key, verdict in zip(keys, model.classify(questions), strict=True):
        decided[key].append(str(verdict.decide(model.threshold)[0]))
    flips = {key: len(found) - Counter(found).most_common(1)[0][1] for key, found in decided.items()}
    right = sum(found.count(label) for (label, _), found in decided.items())
    worst = sorted((-count, sentence) for (_, sentence), count in flips.items() if count)[:5]
    return {"verdicts": len(questions), "flips": sum(flips.values()) / len(questions), "right": right / len(questions),
            "worst": [(sentence, -count) for count, sentence in worst]}


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=None)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    model = load_stance_model(options.model)
    reports = {name: measure(model, names) for name, names in GROUPS.items()}
    print(f"{'names':12}{'verdicts':>10}{'flips':>9}{'right':>9}")
    for name, report in reports.items():
        print(f"{name:12}{report['verdicts']:10}{report['flips']:9.1%}{report['right']:9.1%}")
        for sentence, count in report["worst"]:  # type: ignore[attr-defined]
            print(f"    {count} flips: {sentence}")
    if options.json:
        options.json.write_text(json.dumps(reports, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
