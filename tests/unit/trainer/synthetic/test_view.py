"""The light of a scene is as soft as light in a room."""

import math
from dataclasses import replace

import numpy as np

from trainer.synthetic.anatomy.body import Cone, Part
from trainer.synthetic.anatomy.view import MOST_BLIND, Framing, any_light, seen


def test_a_blind_is_rare_and_faint() -> None:
    blinds = np.array([any_light(np.random.default_rng(seed)).blind for seed in range(1500)])
    assert 0 < (blinds > 0).mean() < 0.04
    assert blinds.max() <= MOST_BLIND <= 0.12


def test_the_bands_of_a_blind_have_no_edges() -> None:
    """Light of the strongest blind against the same light without it: little more or less, and nowhere a step."""
    flat = Part("wall", (Cone(0, -400, 500, 0, 400, 500),), 1, 200)
    framing = Framing(flat, 0, 0, 0.5, 0.5, 0, 120)
    bare = replace(any_light(np.random.default_rng(1)), way=0.3, slant=0.3, falloff=0.0, blind=0.0)
    banded = replace(bare, blind=MOST_BLIND)
    # The bands' width is drawn before the light's unevenness: that is met by both in its mean alone.
    for seed in range(6):
        without, under = (
            seen(framing, light, np.random.default_rng(seed), (200, 200)).on_body for light in (bare, banded)
        )
        uneven = float(np.log(without).std())
        assert float(np.log(under).std()) < math.hypot(uneven, MOST_BLIND)
        assert float(np.abs(np.diff(under / without, axis=1)).max()) < 0.03
