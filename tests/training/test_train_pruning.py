"""The probe that tells which pieces go on: what it learns, and where its mark stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
pytest.importorskip("transformers", reason="training needs the train extra (transformers)")


def test_a_probe_learns_what_the_whole_model_says_of_a_piece():
    from training.train_pruning import fit_probe

    states = torch.randn(12000, 10, generator=torch.Generator().manual_seed(1)) * 4 + 2
    named = torch.sigmoid(states[:, 3] - 2)
    weight, bias = fit_probe(states[:10000], named[:10000], seed=2)
    found = torch.sigmoid(states[10000:] @ weight + bias)
    assert torch.corrcoef(torch.stack([found, named[10000:]]))[0, 1] > 0.97


@given(
    scores=st.lists(st.floats(-9, 9, width=32), min_size=1, max_size=80),
    keep=st.sampled_from([0.5, 0.9, 0.998, 1.0]),
    seed=st.integers(0, 9),
)
def test_at_least_the_agreed_share_of_the_names_goes_on(scores, keep, seed):
    from training.train_pruning import find_mark

    found = torch.tensor(scores)
    named = torch.rand(len(scores), generator=torch.Generator().manual_seed(seed))
    inside = named >= 0.5
    if not inside.any():
        with pytest.raises(ValueError, match="more --rows"):
            find_mark(found, named, keep)
        return
    mark = find_mark(found, named, keep)
    assert (found[inside] >= mark).sum() >= keep * inside.sum() - 1e-6
    assert mark in scores
