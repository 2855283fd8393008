"""Random fields made in the frequency domain, and plain gradients."""

import math

import numpy as np
from PIL import Image

from trainer.faults.c.pixels import Pixels, Plane, Size, resized_plane


def cloud(
    rng: np.random.Generator,
    size: Size,
    coarsest_px: float,
    finest_px: float = 8.0,
    slope: float = 2.0,
) -> Plane:
    """Noise of zero mean and unit deviation whose amplitude falls as frequency**-slope beyond 1 / `coarsest_px`.

    Nothing finer than about two `finest_px` is in it; the coarser that is, the cheaper.
    """
    step = max(finest_px, 1.0)
    grid = (max(4, math.ceil(size[0] / step)), max(4, math.ceil(size[1] / step)))
    field = filtered_noise(rng, grid, step / max(coarsest_px, 2 * step), slope)
    return field if grid == size else resized_plane(field, size)


def filtered_noise(rng: np.random.Generator, size: Size, knee: float, slope: float, stretch: float = 1.0) -> Plane:
    """Noise of unit deviation: flat up to `knee` (cycles per pixel), then frequency**-slope.

    `stretch` above 1 draws it out along the rows.
    """
    width, height = size
    spectrum = np.fft.rfft2(rng.standard_normal((height, width), dtype=np.float32))
    across = np.fft.rfftfreq(width).astype(np.float32) * np.float32(stretch)
    down = np.fft.fftfreq(height).astype(np.float32)
    squared = (across[None, :] ** 2 + down[:, None] ** 2) / np.float32(knee * knee)
    field = np.fft.irfft2(spectrum * (1 + squared) ** np.float32(-slope / 2), (height, width)).astype(np.float32)
    field -= field.mean()
    return np.asarray(field / np.float32(max(float(field.std()), 1e-6)), dtype=np.float32)


def slope_across(size: Size, angle: float) -> Plane:
    """A plain gradient of -1..1 over the frame, rising along `angle` (radians)."""
    x, y = axes(size)
    run = x * np.float32(math.cos(angle)) + y * np.float32(math.sin(angle))
    return np.asarray(run / max(float(np.abs(run).max()), 1e-6), dtype=np.float32)


def axes(size: Size, centre: tuple[float, float] = (0.5, 0.5)) -> tuple[Plane, Plane]:
    """x [1, columns] and y [rows, 1] in short sides, 0 at `centre` (shares of the frame)."""
    width, height = size
    unit = float(min(size))
    x = (np.arange(width, dtype=np.float32) - np.float32(centre[0] * width)) / np.float32(unit)
    y = (np.arange(height, dtype=np.float32) - np.float32(centre[1] * height)) / np.float32(unit)
    return x[None, :], y[:, None]


def around(size: Size, centre: tuple[float, float], radius: float) -> Plane:
    """A round glow: 1 at `centre` (shares of the frame), e**-1 at `radius` (short sides)."""
    x, y = axes(size, centre)
    across = np.exp(-((x / np.float32(radius)) ** 2))
    down = np.exp(-((y / np.float32(radius)) ** 2))
    return np.asarray(across * down, dtype=np.float32)


def smooth(value: Plane, low: float, high: float) -> Plane:
    """0 below `low`, 1 above `high`, smooth between."""
    share = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), dtype=np.float32)


def bent(photo: Image.Image, reach_px: float, cells: int, rng: np.random.Generator) -> Image.Image:
    """The photo warped by up to about `reach_px` on a net of `cells` x `cells`; its frame stays in place."""
    across = np.linspace(0, photo.width, cells + 1)
    down = np.linspace(0, photo.height, cells + 1)
    move = np.zeros((cells + 1, cells + 1, 2))
    move[1:-1, 1:-1] = rng.uniform(-reach_px, reach_px, (cells - 1, cells - 1, 2))
    net = np.stack(np.meshgrid(across, down), axis=-1) + move
    mesh = []
    for row in range(cells):
        for column in range(cells):
            box = (int(across[column]), int(down[row]), int(across[column + 1]), int(down[row + 1]))
            corners = (net[row, column], net[row + 1, column], net[row + 1, column + 1], net[row, column + 1])
            mesh.append((box, tuple(float(value) for corner in corners for value in corner)))
    return photo.transform(photo.size, Image.Transform.MESH, mesh, Image.Resampling.BILINEAR)


def ramp(plane: Plane, colours: Pixels) -> Pixels:
    """Colours [stops, RGB] laid evenly over the values 0..1 of a plane."""
    stops = np.linspace(0, 1, len(colours))
    table = np.stack([np.interp(np.linspace(0, 1, 256), stops, colours[:, channel]) for channel in range(3)], axis=-1)
    return np.asarray(table.astype(np.float32)[(np.clip(plane, 0, 1) * 255).astype(np.uint8)], dtype=np.float32)
