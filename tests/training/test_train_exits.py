"""The heads of early exits: what they learn, and where they may be taken."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
pytest.importorskip("transformers", reason="training needs the train extra (transformers)")


def test_a_head_learns_the_probabilities_of_the_whole_model():
    from training.train_exits import NEUTRAL, fit_head, neutral_of

    chance = torch.Generator().manual_seed(1)
    features = torch.randn(600, 12, generator=chance) * 5 + 3
    wanted = torch.softmax(torch.stack([features[:, 0] - 3, features[:, 1] - 3, features[:, 2] - 3], -1) / 2, -1)
    head = fit_head(features[:400], wanted[:400], seed=2)
    assert np.corrcoef(neutral_of(head, features[400:]), wanted[400:, NEUTRAL].numpy())[0, 1] > 0.9


@given(
    neutral=st.lists(st.floats(0, 1, width=32), min_size=1, max_size=60),
    keep=st.sampled_from([0.5, 0.9, 0.99, 1.0]),
    seed=st.integers(0, 9),
)
def test_at_most_the_agreed_share_of_the_stated_leaves_early(neutral, keep, seed):
    from training.train_exits import find_mark

    scores = np.array(neutral, np.float32)
    stated = np.random.default_rng(seed).random(len(scores)) < 0.7
    if not stated.any():
        with pytest.raises(ValueError, match="more --questions"):
            find_mark(scores, stated, keep)
        return
    mark = np.float32(find_mark(scores, stated, keep))
    assert (scores[stated] >= mark).sum() <= (1 - keep) * stated.sum() + 1e-9
