"""Brightness of grey samples: modality, window, presentation, as one table over all stored values (PS3.4 N.2)."""

from typing import Final

import numpy as np
import numpy.typing as npt

from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.image_facts import ImageFacts, LookUpTable
from dicomweb.rendering.parameters import VoiWindow, WindowFunction

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
Table = npt.NDArray[np.uint8]
_STORED_VALUES: Final = 65_536
_MOST_BITS: Final = 16
_FAR: Final = float(1 << 31)
"""Beyond every table: values are cut off there before they become integers."""
_CHUNK_SAMPLES: Final = 1 << 20


def shown(raw: Samples, facts: ImageFacts, window: VoiWindow | None) -> Table:
    """Brightness 0 to 255 of each sample.

    Without a window of the request's or the header's, 8 stored bits are shown as they are, and more are stretched from
    the darkest to the brightest value there is.

    Args:
        raw: samples as they lie in the file, bits above the high bit included; shape (rows, columns).
        facts: of the header.
        window: the request's, before the header's.
    """
    return brightness(raw, facts, window)[raw]


def brightness(raw: Samples, facts: ImageFacts, window: VoiWindow | None) -> Table:
    """The table that `shown` looks up, for each pattern of bits that samples of this size can have."""
    stored = stored_values(facts, 256 if raw.dtype == np.uint8 else _STORED_VALUES)
    modality = modality_values(stored, facts)
    window = window or (None if facts.voi else facts.window)
    if window is not None:
        level = windowed(modality, window)
    elif facts.voi is not None:
        level = look_up(modality, facts.voi)
    else:
        level = _stretched(modality, *_range(raw, stored, modality, facts))
    if (facts.photometric_interpretation == "MONOCHROME1") != facts.inverse:
        level = 1.0 - level
    return np.rint(level * 255.0).astype(np.uint8)


def stored_values(facts: ImageFacts, count: int) -> npt.NDArray[np.int32]:
    """The stored value of each pattern of bits: those above and below are cut off, the sign is extended.

    Raises:
        NotRenderableError: the high bit lies outside a sample.
    """
    if not 0 <= facts.high_bit < _MOST_BITS:
        raise NotRenderableError("the header's high bit lies outside a sample")
    patterns = np.arange(count, dtype=np.int32)
    bits = min(max(facts.bits_stored, 1), _MOST_BITS)
    values = (patterns >> max(facts.high_bit - bits + 1, 0)) & ((1 << bits) - 1)
    return np.where(values >> (bits - 1) != 0, values - (1 << bits), values) if facts.signed else values


def modality_values(stored: npt.NDArray[np.int32], facts: ImageFacts) -> npt.NDArray[np.float64]:
    """Modality values of stored ones (PS3.3 C.11.1)."""
    if facts.modality is not None:
        return _entries(stored, facts.modality).astype(np.float64)
    return stored.astype(np.float64) * facts.slope + facts.intercept


def windowed(values: npt.NDArray[np.float64], window: VoiWindow) -> npt.NDArray[np.float64]:
    """Levels 0 to 1 (PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2)."""
    if window.function is WindowFunction.SIGMOID:
        exponent = np.clip(-4.0 * (values - window.center) / window.width, -60.0, 60.0)
        return 1.0 / (1.0 + np.exp(exponent))
    if window.function is WindowFunction.LINEAR_EXACT:
        return np.clip((values - window.center) / window.width + 0.5, 0.0, 1.0)
    if window.width == 1:
        return (values > window.center - 0.5).astype(np.float64)
    return np.clip((values - (window.center - 0.5)) / (window.width - 1.0) + 0.5, 0.0, 1.0)


def look_up(values: npt.NDArray[np.float64], table: LookUpTable) -> npt.NDArray[np.float64]:
    """Levels 0 to 1 of a VOI LUT."""
    return _entries(np.clip(values, -_FAR, _FAR).astype(np.int64), table) / float((1 << table.bits) - 1)


def _entries(values: npt.NDArray[np.int32] | npt.NDArray[np.int64], table: LookUpTable) -> npt.NDArray[np.uint16]:
    entries: npt.NDArray[np.uint16] = table.entries[np.clip(values - table.first, 0, table.entries.size - 1)]
    return entries


def _stretched(values: npt.NDArray[np.float64], lowest: float, highest: float) -> npt.NDArray[np.float64]:
    return np.clip((values - lowest) / max(highest - lowest, 1e-9), 0.0, 1.0)


def _range(
    raw: Samples,
    stored: npt.NDArray[np.int32],
    modality: npt.NDArray[np.float64],
    facts: ImageFacts,
) -> tuple[float, float]:
    """The modality values that become black and white."""
    if facts.bits_stored <= 8 and facts.modality is None:
        ends = modality_values(np.array([stored.min(), stored.max()], np.int32), facts)
        return float(ends.min()), float(ends.max())
    present = np.zeros(stored.size, bool)
    flat = raw.reshape(-1)
    for start in range(0, flat.size, _CHUNK_SAMPLES):
        present[flat[start : start + _CHUNK_SAMPLES]] = True
    if facts.padding is not None:
        present &= (stored != facts.padding) & (stored & 0xFFFF != facts.padding)
    found = modality[present] if present.any() else modality
    return float(found.min()), float(found.max())
