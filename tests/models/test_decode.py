import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decode import TagScheme, decode

SCHEME = TagScheme(("O", "B", "I", "B", "I"), ("O", "PERSON", "PERSON", "ORG", "ORG"), strict=True)


def log_probabilities(rows):
    values = np.asarray(rows, np.float32)
    return values - np.log(np.exp(values).sum(-1, keepdims=True))


def test_begin_and_inside_make_one_span():
    spans = decode(log_probabilities([[0, 9, 0, 0, 0], [0, 0, 9, 0, 0], [9, 0, 0, 0, 0]]), SCHEME, [0])
    assert [(s.start, s.end, s.label) for s in spans] == [(0, 2, "PERSON")]
    assert 0.99 < spans[0].score <= 1


def test_an_inside_that_continues_nothing_is_put_right():
    # unit 0 says I-PERSON, B-PERSON is close behind: the best possible sequence begins with B
    spans = decode(log_probabilities([[0, 8, 9, 0, 0], [0, 0, 9, 0, 0]]), SCHEME, [0])
    assert [(s.start, s.end, s.label) for s in spans] == [(0, 2, "PERSON")]


def test_no_span_crosses_a_sentence():
    rows = [[0, 9, 0, 0, 0], [0, 8, 9, 0, 0]]
    spans = decode(log_probabilities(rows), SCHEME, [0, 1])
    assert [(s.start, s.end) for s in spans] == [(0, 1), (1, 2)]


def test_labels_without_prefix_join_neighbours():
    scheme = TagScheme(("O", "P"), ("O", "LOC"))
    spans = decode(log_probabilities([[0, 5], [0, 5], [5, 0], [0, 5]]), scheme, [0])
    assert [(s.start, s.end) for s in spans] == [(0, 2), (3, 4)]


@settings(max_examples=60)
@given(st.integers(0, 2**32 - 1), st.integers(1, 25))
def test_the_decoded_sequence_is_the_best_possible_one(seed, units):
    scores = log_probabilities(np.random.default_rng(seed).normal(0, 3, (units, 5)))
    spans = decode(scores, SCHEME, [0])
    tags = np.zeros(units, int)
    for span in spans:
        tags[span.start] = 1 if span.label == "PERSON" else 3
        tags[span.start + 1 : span.end] = tags[span.start] + 1
    assert abs(scores[np.arange(units), tags].sum() - best_by_brute_force(scores)) < 1e-3


def best_by_brute_force(scores):
    """The same search written plainly, as the oracle."""
    best = {tag: scores[0][tag] for tag in (0, 1, 3)}
    for row in scores[1:]:
        best = {
            tag: row[tag] + max(total for before, total in best.items() if tag in (0, 1, 3) or before in (tag - 1, tag))
            for tag in range(5)
            if tag in (0, 1, 3) or tag in best or tag - 1 in best
        }
    return max(best.values())
