"""What a photo's file says of itself before anything is decoded: its camera and moment, and how many frames it has."""

from dataclasses import dataclass

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.exif import read_exif
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.jpeg_layout import read_layout
from gateway.conversion.jpeg_markers import exif_of
from gateway.conversion.png_layout import read_png_layout
from inference.errors import PictureError
from inference.formats.decoding import layout_of
from inference.formats.sniffing import sniff


@dataclass(frozen=True, slots=True)
class Glance:
    """What `clean_picture` will say of the same file, if it takes it; positions in `exif` are of the stored picture."""

    exif: ExifFacts
    frames: int = 1


def glance(data: bytes) -> Glance:
    """Look at a photo's structure alone. Raises conversion's PictureError."""
    try:
        name = sniff(data)
        if name == "jpeg":
            return Glance(read_exif(exif_of(read_layout(data), data)))
        if name == "png":
            return Glance(read_exif(read_png_layout(data).content(data, b"eXIf") or b""))
        layout = layout_of(name, data)
    except PictureError as error:
        raise DamagedPictureError(str(error)) from error
    return Glance(read_exif(layout.exif), layout.frames)
