"""Frames of a stored video to be judged as photos: of evenly spaced ones the sharpest of each part."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Colorspace
from PIL import Image

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.video.appearance import UNSPECIFIED, Steadiness, means_bt709
from gateway.conversion.video.job import Still
from gateway.conversion.video.opening import opened, picture_stream

LOOKED_AT: Final = 5
"""Frames that are looked at for each one that is taken."""
QUALITY: Final = 95

_LOOK_WIDTH: Final = 640


def take_stills(stored: Path, frames: int, count: int) -> tuple[Still, ...]:
    """The sharpest frame of each of `count` equal parts of a video, in order; fewer for a shorter one.

    Decodes all of it, and so proves that it can be: raises DamagedPictureError where a frame is damaged, or there
    are not exactly `frames`; UnsupportedCodingError or InterlacedLater where they are not all alike.
    """
    steadiness = Steadiness(interlaced=False)
    wanted = _spread(frames, count)
    best: dict[int, tuple[float, int, VideoFrame]] = {}
    seen = 0
    with opened(stored) as container:
        for frame in container.decode(picture_stream(container)):
            steadiness.check(frame)
            part = wanted.get(seen)
            if part is not None:
                sharp = sharpness(frame)
                if part not in best or sharp > best[part][0]:
                    best[part] = (sharp, seen + 1, frame)
            seen += 1
    if seen != frames:
        raise DamagedPictureError("not every frame of the video can be decoded")
    return tuple(Still(number, _jpeg(frame)) for _, number, frame in best.values())


def _spread(frames: int, count: int) -> dict[int, int]:
    """Indexes of the frames to look at, evenly spaced, each with the part that it is in."""
    looks = min(frames, count * LOOKED_AT)
    parts = min(count, frames)
    return dict(_spread_over(frames, looks, parts))


def _spread_over(frames: int, looks: int, parts: int) -> Iterator[tuple[int, int]]:
    for look in range(looks):
        yield (2 * look + 1) * frames // (2 * looks), look * parts // looks


def sharpness(frame: VideoFrame) -> float:
    """The variance of the Laplacian of its luma, at one width for all sizes."""
    width = min(frame.width, _LOOK_WIDTH)
    height = max(3, round(frame.height * width / frame.width))
    luma = frame.to_ndarray(width=width, height=height, format="gray").astype(np.float32)
    core = luma[1:-1, 1:-1]
    laplacian = luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:] - 4 * core
    return float(laplacian.var())


def _jpeg(frame: VideoFrame) -> bytes:
    rgb = frame.to_ndarray(format="rgb24", src_colorspace=_colorspace(frame))
    made = io.BytesIO()
    Image.fromarray(rgb).save(made, "JPEG", quality=QUALITY, subsampling=0)
    return made.getvalue()


def _colorspace(frame: VideoFrame) -> int:
    said = int(frame.colorspace)
    if said != UNSPECIFIED:
        return said
    return int(Colorspace.ITU709 if means_bt709(frame.height) else Colorspace.ITU601)
