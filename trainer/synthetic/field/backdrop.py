"""What lies behind a body part that does not fill the frame: cloth, a table, a wall, out of focus."""

import numpy as np

from trainer.synthetic.colour import Picture
from trainer.synthetic.noise import Field, octaves


def put_before_backdrop(picture: Picture, rng: np.random.Generator, keep: tuple[float, float]) -> None:
    """Cut the skin along a curved edge, in place; the point `keep` (shares of the frame) stays skin."""
    height, width = picture.shape[:2]
    behind = _behind(rng, width, height)
    skin = _edge(rng, width, height, keep)[..., None]
    picture *= skin
    picture += behind * (1 - skin)


def _behind(rng: np.random.Generator, width: int, height: int) -> Picture:
    colour = rng.uniform(0.01, 0.7) * rng.uniform(0.5, 1.0, 3)
    soft = octaves(rng, (width, height), width / 2, width / 10)
    shade = np.clip(1 + 0.35 * soft, 0.1, 2)[..., None]
    return np.asarray(shade * colour, dtype=np.float32)


def _edge(rng: np.random.Generator, width: int, height: int, keep: tuple[float, float]) -> Field:
    """1 on skin, 0 behind, with the skin darkening into its edge."""
    angle = rng.uniform(0, 2 * np.pi)
    x = (np.arange(width, dtype=np.float32) / width - keep[0])[None, :]
    y = (np.arange(height, dtype=np.float32) / height - keep[1])[:, None]
    out = np.cos(angle) * x + np.sin(angle) * y
    along = np.cos(angle) * y - np.sin(angle) * x
    border = rng.uniform(0.22, 0.45) + rng.uniform(-0.5, 0.5) * along * along
    return np.asarray(np.clip((border - out) * 60, 0, 1), dtype=np.float32)
