"""What is known of a photo without looking at it: gaps in what is said of it, and the shape of its file.

None of this shows skin. Where it tells labels apart, a model may learn it instead of the skin, and fail in use.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from PIL.JpegImagePlugin import JpegImageFile, get_sampling

from inference.errors import PictureError
from inference.picture import picture_size, sniff_format
from trainer.photos.errors import BadLabels
from trainer.photos.photo import LabelledPhoto

_MOST_BYTES = 64 * 2**20
_BINS = 8


@dataclass(frozen=True, slots=True)
class Traits:
    """One photo's: sides in pixels, and what its JPEG coding tells, all 0 for a PNG.

    `luma`, `chroma`: mean divisor of the quantisation tables, 1..255, the larger the coarser (ITU-T T.81 B.2.4.1);
    `sampling`: how colour was thinned out, 0..2, -1 where it was in no usual way; `progressive`: 0 or 1.
    """

    photo: LabelledPhoto
    size_bytes: int
    width: int
    height: int
    luma: float = 0.0
    chroma: float = 0.0
    sampling: int = 0
    progressive: int = 0


def traits_of(photo: LabelledPhoto) -> Traits:
    """Read a photo's file, without decoding it. Raises BadLabels where it cannot be read."""
    try:
        with photo.path.open("rb") as file:
            data = file.read(_MOST_BYTES)
        width, height = picture_size(data)
        if sniff_format(data) != "jpeg":
            return Traits(photo, len(data), width, height)
        jpeg = JpegImageFile(io.BytesIO(data))
    except (OSError, PictureError, SyntaxError, ValueError) as error:
        raise BadLabels(f"{photo.name} cannot be read") from error
    means = [sum(table) / len(table) for _, table in sorted(jpeg.quantization.items())]
    return Traits(
        photo, len(data), width, height,
        luma=means[0], chroma=means[-1], sampling=get_sampling(jpeg), progressive=int("progressive" in jpeg.info),
    )  # fmt: skip


Measure = Callable[[Traits], float]

MISSING: Mapping[str, Measure] = MappingProxyType({
    "sex": lambda traits: float(traits.photo.sex is None),
    "age": lambda traits: float(traits.photo.age is None),
    "body site": lambda traits: float(traits.photo.body_site is None),
    "skin type": lambda traits: float(traits.photo.fitzpatrick is None),
})  # fmt: skip
"""Facts of a patient, and whether one is missing: 1, or 0 where it is said."""

_RESOLUTION: tuple[Measure, ...] = (lambda traits: traits.width * traits.height, lambda traits: min(_sides(traits)))
_ASPECT: tuple[Measure, ...] = (lambda traits: round(math.log(traits.width / traits.height), 3),)
_FILE_SIZE: tuple[Measure, ...] = (
    lambda traits: traits.size_bytes,
    lambda traits: traits.size_bytes / (traits.width * traits.height),
)
_JPEG: tuple[Measure, ...] = (
    lambda traits: traits.luma,
    lambda traits: traits.chroma,
    lambda traits: traits.sampling,
    lambda traits: traits.progressive,
)

GROUPS: Mapping[str, tuple[Measure, ...]] = MappingProxyType({
    **{f"missing {name}": (measure,) for name, measure in MISSING.items()},
    "missing metadata": tuple(MISSING.values()),
    "resolution": _RESOLUTION,
    "aspect": _ASPECT,
    "file size": _FILE_SIZE,
    "JPEG quality": _JPEG,
    "everything": (*MISSING.values(), *_RESOLUTION, *_ASPECT, *_FILE_SIZE, *_JPEG),
})  # fmt: skip
"""Groups of measures, each asked on its own what it gives away."""


def indicators(traits: Sequence[Traits], measures: Sequence[Measure]) -> NDArray[np.float32]:
    """Which values the measures have: 0 or 1, float32 [N, F], a column for each value, or for each eighth of many."""
    return np.concatenate([_columns(np.array([measure(each) for each in traits])) for measure in measures], axis=1)


def _columns(values: NDArray[np.float64]) -> NDArray[np.float32]:
    edges = np.unique(values)
    if len(edges) > _BINS:
        edges = np.unique(np.quantile(values, np.arange(_BINS) / _BINS, method="lower"))
    bins = np.searchsorted(edges, values, side="right") - 1
    return np.asarray(bins[:, None] == np.arange(len(edges)), dtype=np.float32)


def _sides(traits: Traits) -> tuple[int, int]:
    return traits.width, traits.height
