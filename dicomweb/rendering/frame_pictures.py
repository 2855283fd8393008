"""One stored frame as a picture of 8 bits, whatever its coding (PS3.5 annex A)."""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from PIL import Image, JpegImagePlugin

from dicomweb.rendering.decoding.job import Job
from dicomweb.rendering.decoding.jpeg import check_scans, held_bytes, tell_colours
from dicomweb.rendering.decoding.pool import DecoderPool
from dicomweb.rendering.decoding.run_length import run_length_samples
from dicomweb.rendering.decoding.syntaxes import FOREIGN, JPEG, RUN_LENGTH
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.grey import Samples
from dicomweb.rendering.image_facts import ImageFacts
from dicomweb.rendering.native import native_picture, picture_of
from dicomweb.rendering.parameters import VoiWindow
from dicomweb.transfer_syntaxes import NATIVE

_DECODER_ERRORS: Final = (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True, eq=False)
class FramePicture:
    """A picture of mode L or RGB, reduced where its coding could do that; `profile` is what its coding embeds."""

    image: Image.Image
    profile: bytes | None = None


def is_renderable(transfer_syntax_uid: str) -> bool:
    """Whether frames of this syntax can be made pictures here."""
    return transfer_syntax_uid in NATIVE or transfer_syntax_uid in {*JPEG, *FOREIGN, RUN_LENGTH}


def frame_picture(
    data: bytes,
    transfer_syntax_uid: str,
    facts: ImageFacts,
    *,
    window: VoiWindow | None,
    reduction: int,
    pool: DecoderPool,
    max_bytes: int,
) -> FramePicture:
    """The picture of a frame.

    Args:
        data: the frame as it is stored.
        transfer_syntax_uid: of the instance.
        facts: of the header; the coded picture must have the size they say.
        window: before the header's; for grey pictures.
        reduction: by how much both edges may be divided while decoding.
        pool: decodes what needs a large decoder.
        max_bytes: most bytes of decoded samples.

    Raises:
        NotRenderableError: it cannot be decoded, or is not what the header says.
    """
    if facts.palette is not None:
        reduction = 1  # indexes have no means between them
    if _decoded_bytes(data, transfer_syntax_uid, facts, reduction) > max_bytes:
        raise NotRenderableError("decoded the frame is too large")
    if transfer_syntax_uid in NATIVE:
        return FramePicture(native_picture(data, facts, window))
    if transfer_syntax_uid in JPEG:
        return _jpeg_picture(data, facts, window, reduction)
    if transfer_syntax_uid == RUN_LENGTH:
        samples: Samples = run_length_samples(data, facts.rows, facts.columns, facts.samples, facts.bits_allocated)
        return FramePicture(picture_of(samples, facts, window))
    if transfer_syntax_uid not in FOREIGN:
        raise NotRenderableError("pixel data of this transfer syntax is not shown here")
    samples = pool.decode(Job(FOREIGN[transfer_syntax_uid], data, reduction))
    _check_size((samples.shape[1], samples.shape[0]), facts, reduction)
    return FramePicture(picture_of(samples, facts, window))


def _decoded_bytes(data: bytes, transfer_syntax_uid: str, facts: ImageFacts, reduction: int) -> int:
    """Most bytes that decoding takes: a reduction makes the result smaller, and nothing that is held beside it."""
    whole = facts.rows * facts.columns * 3 * (2 if facts.bits_allocated > 8 else 1)
    if transfer_syntax_uid not in JPEG:
        return whole
    return whole // reduction**2 + held_bytes(data, facts.rows, facts.columns)


def _check_size(size: tuple[int, int], facts: ImageFacts, reduction: int) -> None:
    """The size the header says, or what a decoder makes of it by dividing and rounding up."""
    sizes = {(-(-facts.columns // factor), -(-facts.rows // factor)) for factor in (1, reduction)}
    if size not in sizes:
        raise NotRenderableError("the coded picture has another size than the header says")


def _jpeg_picture(data: bytes, facts: ImageFacts, window: VoiWindow | None, reduction: int) -> FramePicture:
    check_scans(data)
    try:
        with JpegImagePlugin.JpegImageFile(BytesIO(data)) as picture:
            _check_size(picture.size, facts, 1)
            if picture.mode not in ("L", "RGB"):
                raise NotRenderableError("the coded picture is neither grey nor of three colours")
            if reduction > 1:
                picture.draft(picture.mode, (facts.columns // reduction, facts.rows // reduction))
            tell_colours(picture, data, facts.photometric_interpretation)
            picture.load()
            profile: bytes | None = picture.info.get("icc_profile")
            return FramePicture(_looked_up(picture.copy(), facts, window), profile)
    except _DECODER_ERRORS as error:
        if isinstance(error, NotRenderableError):
            raise
        raise NotRenderableError("the coded picture cannot be decoded") from error


def _looked_up(picture: Image.Image, facts: ImageFacts, window: VoiWindow | None) -> Image.Image:
    if picture.mode == "RGB" or (facts.shows_as_stored and window is None):
        return picture
    return picture_of(np.asarray(picture), facts, window)
