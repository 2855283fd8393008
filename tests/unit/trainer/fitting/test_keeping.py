"""Rows kept in memory come back as they were, or halved where that was asked for."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from trainer.fitting.keeping import Column, kept_bytes

SAMPLES = arrays(np.uint8, (2, 3, 2, 2), elements=st.integers(0, 255))


@given(SAMPLES)
def test_samples_of_a_picture_take_a_byte_each_and_come_back_exactly(samples: np.ndarray) -> None:
    pictures = torch.from_numpy(samples).float() / 255
    column = Column(2, pictures, halved=False)
    column.put(pictures)
    assert torch.equal(column.take(torch.tensor([1, 0])), pictures.flip(0))
    assert kept_bytes(pictures, halved=False) == 12


def test_a_later_batch_that_is_no_picture_is_kept_exactly_too() -> None:
    first, second = torch.zeros(1, 3, 2, 2), torch.rand(1, 3, 2, 2) - 0.5
    column = Column(2, first, halved=False)
    column.put(first)
    column.put(second)
    assert torch.equal(column.take(torch.tensor([0, 1])), torch.cat([first, second]))


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16, torch.int64])
def test_features_come_back_exactly_and_in_their_format(kind: torch.dtype) -> None:
    features = (torch.randn(3, 7) * 100).to(kind)
    column = Column(3, features, halved=False)
    column.put(features[:2])
    column.put(features[2:])
    found = column.take(torch.tensor([2, 0]))
    assert torch.equal(found, features[[2, 0]])
    assert found.dtype == kind


def test_halved_features_are_close_and_take_half() -> None:
    features = torch.randn(3, 7)
    column = Column(3, features, halved=True)
    column.put(features)
    found = column.take(torch.arange(3))
    assert found.dtype == torch.float32
    assert torch.allclose(found, features, rtol=1e-3)
    assert kept_bytes(features, halved=True) == 14
