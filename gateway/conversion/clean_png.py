"""PNG cleaned: 8 bit grey or RGB, upright, without alpha, and without text, time or EXIF chunks.

What is that already, and nothing besides, keeps its compressed picture; everything else is written anew, without
loss but for what eight bits and an opaque picture cannot hold.
"""

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from gateway.conversion.color import CONVERTED, NO_COLOR, color_facts, in_a_space_of_dicom
from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError
from gateway.conversion.exif import read_exif, turned_exif
from gateway.conversion.icc import profile_of_primaries, whole_profile
from gateway.conversion.orientation import TURNS
from gateway.conversion.picture import CleanPicture, check_pixels, derivation_text
from gateway.conversion.pixel_aspect import aspect_of_png, upright
from gateway.conversion.png_layout import SIGNATURE, PngLayout, icc_profile, plain_stream, read_png_layout
from gateway.conversion.recoding import Pixels
from gateway.conversion.showing import as_png, png_with_color
from inference.errors import UnsupportedPicture
from inference.formats.decoding import DECODER_ERRORS
from inference.formats.samples import opaque, with_scaled_key
from inference.structure import check_transfer


def clean_png(data: bytes, max_pixels: int) -> CleanPicture:
    """A PNG as 8 bit grey or RGB, upright and opaque, with its samples at hand. Raises PictureError."""
    layout = read_png_layout(data)
    check_pixels(layout.rows, layout.columns, max_pixels)
    exif = read_exif(layout.content(data, b"eXIf") or b"")
    bare = b"".join([SIGNATURE, *(data[c.start : c.end] for c in layout.coded())])
    flat = opaque(_opened(bare, layout))
    turn = TURNS.get(exif.orientation)
    stored = np.asarray(flat.image)
    pixels, icc, was_converted = _colored(stored if turn is None else turn.pixels(stored), layout, data)
    plain = plain_stream(layout, data) if turn is None and not was_converted else None
    is_grey = pixels.ndim == 2
    is_srgb = not is_grey and layout.content(data, b"sRGB") is not None
    stream = png_with_color(plain or as_png(pixels), icc, srgb=is_srgb)
    return CleanPicture(
        media_type="image/png",
        stream=stream,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples=1 if is_grey else 3,
        photometric_interpretation="MONOCHROME2" if is_grey else "RGB",
        derived=flat.was_transparent or was_converted or layout.bit_depth == 16,
        derivation=_derivation(layout, exif.orientation, flat.was_transparent, was_converted),
        native=pixels.tobytes(),
        pixel_aspect=upright(aspect_of_png(layout, data), turn),
        color=NO_COLOR if is_grey else color_facts(icc, srgb=is_srgb),
        exif=turned_exif(exif, rows=layout.rows, columns=layout.columns),
    )


def _opened(bare: bytes, layout: PngLayout) -> Image.Image:
    try:
        # The class itself, not Image.open: the bound on pixels is ours, checked before.
        image = PngImageFile(io.BytesIO(bare))
        image.load()
    except DECODER_ERRORS as error:
        raise DamagedPictureError("the PNG cannot be decoded whole") from error
    if image.size != (layout.columns, layout.rows):
        raise DamagedPictureError("the PNG's picture is not of the size its header says")
    with_scaled_key(image, layout.bit_depth)
    return image


def _colored(pixels: Pixels, layout: PngLayout, data: bytes) -> tuple[Pixels, bytes | None, bool]:
    """The pixels with the profile that holds for them, and whether they were converted for it.

    Coding-independent code points go before a profile, as the specification has it (11.3.2).
    """
    points = layout.content(data, b"cICP") or b""
    try:
        check_transfer(points)
    except UnsupportedPicture as error:
        raise UnsupportedCodingError(str(error)) from error
    if pixels.ndim == 2:
        return pixels, None, False
    if points and (profile := profile_of_primaries(points[0])) is not None:
        return pixels, profile, False
    frames, icc, was_converted = in_a_space_of_dicom(pixels[np.newaxis], whole_profile(icc_profile(layout, data)))
    return frames[0], icc, was_converted


def _derivation(layout: PngLayout, orientation: int, was_transparent: bool, was_converted: bool) -> str:
    steps = []
    if layout.bit_depth == 16:
        steps.append("16 bits per sample reduced to 8")
    if was_transparent:
        steps.append("transparent pixels laid over white")
    if was_converted:
        steps.append(CONVERTED)
    if orientation in TURNS:
        steps.append(f"{TURNS[orientation].words} as EXIF orientation {orientation} says")
    return derivation_text(steps)
