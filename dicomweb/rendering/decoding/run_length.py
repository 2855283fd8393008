"""DICOM's own run length coding (PS3.5 annex G): PackBits, one segment for each byte of a pixel."""

import struct
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from dicomweb.rendering.errors import NotRenderableError

_HEADER: Final = struct.Struct("<16I")


def run_length_samples(
    data: bytes, rows: int, columns: int, samples: int, bits_allocated: int
) -> npt.NDArray[np.uint8] | npt.NDArray[np.uint16]:
    """Samples of one frame, shape (rows, columns) or (rows, columns, 3).

    Raises:
        NotRenderableError: not the segments that the header asks for, or one too short.
    """
    item_bytes = bits_allocated // 8
    if len(data) < _HEADER.size or samples not in (1, 3) or item_bytes not in (1, 2):
        raise NotRenderableError("the frame is no run length coding of such samples")
    count, *offsets = _HEADER.unpack_from(data)
    ends = [*offsets[1:count], len(data)]
    if count != samples * item_bytes or not all(_HEADER.size <= a <= b for a, b in zip(offsets, ends, strict=False)):
        raise NotRenderableError("the run length segments do not fit the header")
    planes = [_plane(data[start:end], rows * columns) for start, end in zip(offsets, ends, strict=False)]
    if item_bytes == 2:  # the more significant byte first
        wide: list[npt.NDArray[np.uint16]] = [
            (high.astype(np.uint16) << np.uint16(8)) | low for high, low in zip(planes[::2], planes[1::2], strict=True)
        ]
        return _joined_wide(wide, rows, columns)
    pixels = planes[0] if samples == 1 else np.stack(planes, axis=-1)
    return pixels.reshape((rows, columns) if samples == 1 else (rows, columns, 3))


def _joined_wide(planes: list[npt.NDArray[np.uint16]], rows: int, columns: int) -> npt.NDArray[np.uint16]:
    if len(planes) == 1:
        return planes[0].reshape(rows, columns)
    return np.stack(planes, axis=-1).reshape(rows, columns, 3)


def _plane(segment: bytes, length: int) -> npt.NDArray[np.uint8]:
    """One line as far as Pillow's decoder is concerned, so that runs over the edge of a row do no harm."""
    try:
        line = Image.frombytes("L", (length, 1), segment, "packbits", "L")
    except (ValueError, OSError) as error:
        raise NotRenderableError("a run length segment cannot be decoded") from error
    return np.asarray(line).reshape(-1)
