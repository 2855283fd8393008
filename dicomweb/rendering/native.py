"""Uncompressed samples of one frame as a picture of 8 bits (PS3.5 8.2, PS3.3 C.7.6.3.1)."""

from typing import Final, cast

import numpy as np
import numpy.typing as npt
from PIL import Image

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.grey import Samples, shown, stored_values
from dicomweb.rendering.image_facts import ImageFacts, LookUpTable
from dicomweb.rendering.parameters import VoiWindow

_COLOURS: Final = frozenset({"RGB", "YBR_FULL", "YBR_RCT", "YBR_ICT"})


def native_picture(data: bytes, facts: ImageFacts, window: VoiWindow | None) -> Image.Image:
    """The picture of one native frame, mode L or RGB.

    Raises:
        NotRenderableError: a layout that is not shown here, or fewer samples than the header says.
    """
    if facts.photometric_interpretation == "YBR_FULL_422" and facts.samples == 3:
        return _half_chrominance(data, facts)
    return picture_of(_samples(data, facts), facts, window)


def picture_of(samples: Samples, facts: ImageFacts, window: VoiWindow | None) -> Image.Image:
    """The picture of decoded samples, shape (rows, columns) or (rows, columns, 3).

    Raises:
        NotRenderableError: the photometric interpretation does not fit them.
    """
    if samples.ndim == 2:
        if facts.palette is not None:
            return Image.fromarray(_palette_colours(samples, facts))
        return Image.fromarray(shown(samples, facts, window))
    picture = Image.fromarray(_eight_bits(samples, facts))
    if facts.photometric_interpretation not in _COLOURS:
        raise NotRenderableError(f"{facts.photometric_interpretation[:16]} is not shown here")
    if facts.photometric_interpretation == "YBR_FULL":
        return Image.frombytes("YCbCr", picture.size, picture.tobytes()).convert("RGB")
    return picture


def _samples(data: bytes, facts: ImageFacts) -> Samples:
    count = facts.rows * facts.columns * facts.samples
    if facts.samples not in (1, 3) or facts.bits_allocated not in (1, 8, 16):
        raise NotRenderableError("samples of this kind are not shown here")
    if facts.bits_allocated == 1:
        return _bits(data, facts, count)
    dtype = np.dtype(np.uint8) if facts.bits_allocated == 8 else np.dtype("<u2")
    if len(data) < count * dtype.itemsize:
        raise NotRenderableError("the frame is shorter than the header says")
    flat = cast("Samples", np.frombuffer(data, dtype, count))
    if facts.samples == 1:
        return flat.reshape(facts.rows, facts.columns)
    if facts.by_plane:
        planes = flat.reshape(3, facts.rows, facts.columns)
        return cast("Samples", np.ascontiguousarray(planes.transpose(1, 2, 0)))
    return flat.reshape(facts.rows, facts.columns, 3)


def _bits(data: bytes, facts: ImageFacts, count: int) -> npt.NDArray[np.uint8]:
    if facts.samples != 1 or len(data) * 8 < count:
        raise NotRenderableError("the frame is shorter than the header says")
    bits = np.unpackbits(np.frombuffer(data, np.uint8), count=count, bitorder="little")
    return bits.reshape(facts.rows, facts.columns)


def _eight_bits(samples: Samples, facts: ImageFacts) -> npt.NDArray[np.uint8]:
    """Colour samples of 16 bits by their upper 8."""
    if samples.dtype == np.uint8:
        return cast("npt.NDArray[np.uint8]", samples)
    return (samples >> max(min(facts.bits_stored, 16) - 8, 0)).astype(np.uint8)


def _palette_colours(indexes: Samples, facts: ImageFacts) -> npt.NDArray[np.uint8]:
    assert facts.palette is not None
    patterns = 256 if indexes.dtype == np.uint8 else 65_536
    stored = stored_values(facts, patterns)
    return np.stack([_palette_column(table, stored) for table in facts.palette], axis=-1)[indexes]


def _palette_column(table: LookUpTable, stored: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
    entries = table.entries[np.clip(stored - table.first, 0, table.entries.size - 1)]
    return (entries >> max(table.bits - 8, 0)).astype(np.uint8)


def _half_chrominance(data: bytes, facts: ImageFacts) -> Image.Image:
    """YBR_FULL_422 as two brightnesses and the two colours they share (PS3.3 C.7.6.3.1.2)."""
    pairs = facts.rows * facts.columns // 2
    if facts.columns % 2 or facts.bits_allocated != 8 or len(data) < pairs * 4:
        raise NotRenderableError("the frame is shorter than the header says")
    quads = np.frombuffer(data, np.uint8, pairs * 4).reshape(pairs, 4)
    pixels = quads[:, [0, 2, 3, 1, 2, 3]]
    return Image.frombytes("YCbCr", (facts.columns, facts.rows), pixels.tobytes()).convert("RGB")
