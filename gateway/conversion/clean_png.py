"""PNG cleaned: 8 bit grey or RGB, upright, without alpha, and without text, time or EXIF chunks.

What is that already keeps its compressed picture; everything else is written anew, without loss but for what
eight bits and an opaque picture cannot hold.
"""

import io

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from gateway.conversion.color import NO_COLOR, color_facts
from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.exif import read_exif, turned_exif
from gateway.conversion.icc import whole_profile
from gateway.conversion.orientation import TURNS
from gateway.conversion.picture import CleanPicture, check_pixels, derivation_text
from gateway.conversion.pixel_aspect import aspect_of_png, upright
from gateway.conversion.png_layout import GREY, RGB, SIGNATURE, PngLayout, icc_profile, read_png_layout
from gateway.conversion.showing import as_png, png_with_color
from inference.formats.samples import opaque


def clean_png(data: bytes, max_pixels: int) -> CleanPicture:
    """A PNG as 8 bit grey or RGB, upright and opaque, with its samples at hand. Raises PictureError."""
    layout = read_png_layout(data)
    check_pixels(layout.rows, layout.columns, max_pixels)
    exif = read_exif(layout.content(data, b"eXIf") or b"")
    bare = b"".join([SIGNATURE, *(data[c.start : c.end] for c in layout.coded())])
    flat = opaque(_opened(bare, layout))
    turn = TURNS.get(exif.orientation)
    stored = np.asarray(flat.image)
    pixels = stored if turn is None else turn.pixels(stored)
    is_kept = turn is None and _is_plain(layout, data)
    icc = whole_profile(icc_profile(layout, data))
    is_srgb = layout.content(data, b"sRGB") is not None
    stream = png_with_color(bare if is_kept else as_png(pixels), icc, srgb=is_srgb)
    is_grey = pixels.ndim == 2
    return CleanPicture(
        media_type="image/png",
        stream=stream,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples=1 if is_grey else 3,
        photometric_interpretation="MONOCHROME2" if is_grey else "RGB",
        derived=flat.was_transparent or layout.bit_depth == 16,
        derivation=_derivation(layout, exif.orientation, was_transparent=flat.was_transparent),
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
    except (OSError, SyntaxError, ValueError) as error:
        raise DamagedPictureError("the PNG cannot be decoded whole") from error
    if image.size != (layout.columns, layout.rows):
        raise DamagedPictureError("the PNG's picture is not of the size its header says")
    return image


def _is_plain(layout: PngLayout, data: bytes) -> bool:
    is_opaque = layout.content(data, b"tRNS") is None
    return layout.bit_depth == 8 and layout.color_type in {GREY, RGB} and is_opaque


def _derivation(layout: PngLayout, orientation: int, *, was_transparent: bool) -> str:
    steps = []
    if layout.bit_depth == 16:
        steps.append("16 bits per sample reduced to 8")
    if was_transparent:
        steps.append("transparent pixels laid over white")
    if orientation in TURNS:
        steps.append(f"{TURNS[orientation].words} as EXIF orientation {orientation} says")
    return derivation_text(steps)
