"""Relative position buckets are those of transformers' MPNet, and come back from the numbers of every distance."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the train extra (torch)")
transformers = pytest.importorskip("transformers", reason="training needs the train extra (transformers)")
pytest.importorskip("onnx", reason="training needs the train extra (onnx)")


def test_buckets_are_those_of_transformers():
    from transformers.models.mpnet.modeling_mpnet import MPNetEncoder

    from training.onnx_relative import buckets

    distances = np.arange(-511, 512)
    expected = MPNetEncoder.relative_position_bucket(torch.from_numpy(distances), num_buckets=32).numpy()
    np.testing.assert_array_equal(buckets(distances, 32), expected)


def test_the_numbers_of_each_bucket_come_back():
    from training.onnx_relative import buckets, by_bucket

    table = np.random.default_rng(1).normal(size=(32, 4)).astype(np.float32)
    found = by_bucket(table[buckets(np.arange(-399, 400), 32)])
    reached = sorted(set(buckets(np.arange(-399, 400), 32).tolist()))
    np.testing.assert_array_equal(found[reached], table[reached])
    assert len(reached) == 31  # none stands at no distance to the other side
