"""A lesion made a little smaller by drawing the skin in around it: nothing is cut out, so nothing has to be made up."""

import numpy as np
from PIL import Image

_CELLS = 20


def drawn_in(photo: Image.Image, x: float, y: float, share: float) -> Image.Image:
    """The photo with what is at `x`, `y` (pixels) at `share` (0.7..1) of its sides; its frame stays in place."""
    across, down = np.linspace(0, photo.width, _CELLS + 1), np.linspace(0, photo.height, _CELLS + 1)
    wide, high = _hold(across, x, photo.width), _hold(down, y, photo.height)
    more = (1 / share - 1) * high[:, None] * wide[None, :]
    from_x = across[None, :] + (across - x)[None, :] * more
    from_y = down[:, None] + (down - y)[:, None] * more
    net = np.stack([from_x, from_y], axis=-1)
    mesh = []
    for row in range(_CELLS):
        for column in range(_CELLS):
            box = (int(across[column]), int(down[row]), int(across[column + 1]), int(down[row + 1]))
            corners = (net[row, column], net[row + 1, column], net[row + 1, column + 1], net[row, column + 1])
            mesh.append((box, tuple(float(value) for corner in corners for value in corner)))
    return photo.transform(photo.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC)


def _hold(
    places: np.ndarray[tuple[int], np.dtype[np.float64]], middle: float, length: int
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """1 at the middle, 0 at both ends, smooth; so flat that no part is folded over another."""
    reach = np.where(places < middle, middle, length - middle)
    return np.asarray((1 - np.clip((places - middle) / np.maximum(reach, 1.0), -1, 1) ** 2) ** 2)
