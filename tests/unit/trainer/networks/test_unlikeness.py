"""What lies outside of the features that are known is unlike them."""

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import torch

from trainer.networks.unlikeness import UNKNOWN_FROM, Unlikeness

KNOWN = 8
"""Dimensions that known features lie in, of 64."""


def features(count: int, seed: int, dimensions: int = KNOWN) -> torch.Tensor:
    drawn = torch.Generator().manual_seed(seed)
    within = torch.zeros(count, 64)
    within[:, :dimensions] = torch.randn(count, dimensions, generator=drawn)
    return within + 0.05 * torch.randn(count, 64, generator=drawn) + 3


def unlikeness() -> Unlikeness:
    return Unlikeness(features(200, 0), features(100, 1))


def test_few_known_pictures_are_called_unknown_and_strange_ones_are() -> None:
    told = unlikeness()
    assert float((told(features(2000, 2)) >= UNKNOWN_FROM).float().mean()) < 0.08
    assert bool((told(features(100, 3, dimensions=64)) >= UNKNOWN_FROM).all())


def test_it_lies_within_0_and_1_however_far_away_a_picture_is() -> None:
    told = unlikeness()(torch.cat([features(5, 4), features(5, 5) * 1e6, torch.zeros(1, 64)]))
    assert bool(((told >= 0) & (told <= 1)).all())


def test_it_grows_with_the_way_out_of_what_is_known() -> None:
    away = torch.zeros(4, 64)
    away[:, 60] = torch.tensor([0.0, 0.5, 1.0, 2.0])
    told = unlikeness()(features(1, 6) + away)
    assert told.tolist() == sorted(told.tolist())


def test_a_handful_of_photos_is_enough_to_begin_with() -> None:
    told = Unlikeness(features(4, 0), features(2, 1))(features(3, 2))
    assert bool(torch.isfinite(told).all())


def test_photos_that_are_all_the_same_leave_no_edge_and_no_fault() -> None:
    same = torch.ones(6, 64)
    told = Unlikeness(same, same)(torch.cat([same, same + 1]))
    assert bool(torch.isfinite(told).all())
