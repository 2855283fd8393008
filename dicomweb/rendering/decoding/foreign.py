"""Decoding what needs a large decoder: JPEG 2000, JPEG-LS, video. Called in the process of `worker` only."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image, Jpeg2KImagePlugin

from dicomweb.rendering.decoding.demuxers import demuxer_of
from dicomweb.rendering.decoding.errors import UndecodableError
from dicomweb.rendering.decoding.job import Coding, Job

Samples = npt.NDArray[np.uint8] | npt.NDArray[np.uint16]
_SIZ: Final = b"\xff\x4f\xff\x51"
_PRECISION_OFFSET: Final = 42
_CLOSED: Final = {"protocol_whitelist": "none"}
"""The bytes at hand and nothing else: no file, no socket."""
_DEPTHS: Final = {"L": 8, "RGB": 8, "I;16": 16}


def decoded(job: Job) -> Samples:
    """Samples as stored, shape (rows, columns) or (rows, columns, 3).

    Raises:
        UndecodableError: they cannot be decoded. A decoder may raise anything else as well.
    """
    return _DECODERS[job.coding](job)


def _jpeg_2000(job: Job) -> Samples:
    """Pillow fills 8 or 16 bits whatever the precision, and shifts signed samples up: both are taken back."""
    start = job.data.find(_SIZ)
    if start < 0 or len(job.data) < start + _PRECISION_OFFSET + 1:
        raise UndecodableError("no JPEG 2000 codestream")
    said = job.data[start + _PRECISION_OFFSET]
    precision, signed = (said & 0x7F) + 1, bool(said & 0x80)
    picture = _reduced(job)
    if picture.mode not in _DEPTHS:
        raise UndecodableError("neither grey nor three colours")
    if picture.mode == "RGB":
        return np.asarray(picture, np.uint8)
    values = np.asarray(picture).astype(np.uint16) >> np.uint16(max(_DEPTHS[picture.mode] - precision, 0))
    if signed:
        values -= np.uint16(1 << (precision - 1))
    return values if precision > 8 or signed else values.astype(np.uint8)


def _reduced(job: Job) -> Image.Image:
    levels = job.reduction.bit_length() - 1
    if levels > 0:
        try:
            picture = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(job.data))
            picture.reduce = levels
            picture.load()
        except (OSError, ValueError):
            pass  # the stream has fewer levels of resolution
        else:
            return picture
    picture = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(job.data))
    picture.load()
    return picture


def _jpeg_ls(job: Job) -> Samples:
    import jpeg_ls  # noqa: PLC0415 - loaded in this process when first needed

    samples: Samples = jpeg_ls.decode(np.frombuffer(job.data, np.uint8))
    if samples.ndim not in (2, 3) or samples.shape[2:] not in ((), (3,)):
        raise UndecodableError("neither grey nor three colours")
    return samples


def _first_of_video(job: Job) -> Samples:
    import av  # noqa: PLC0415 - loaded in this process when first needed

    demuxer = demuxer_of(job.data)
    options = {**_CLOSED, "format_whitelist": demuxer, **({"enable_drefs": "0"} if demuxer == "mov" else {})}
    with av.open(BytesIO(job.data), mode="r", format=demuxer, options=options) as container:
        container.streams.video[0].thread_count = 1  # threads wait for each other, in damaged streams for ever
        for frame in container.decode(video=0):
            return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    raise UndecodableError("the video holds no frame")


_DECODERS: Final[Mapping[Coding, Callable[[Job], Samples]]] = {
    Coding.JPEG_2000: _jpeg_2000,
    Coding.JPEG_LS: _jpeg_ls,
    Coding.VIDEO: _first_of_video,
}
