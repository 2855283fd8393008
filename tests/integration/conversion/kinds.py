"""Every kind of still picture that is taken, made on the spot: by Pillow, pillow-heif and libjpeg-turbo."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pillow_heif
from PIL import Image

from tests.unit.conversion.samples import Pixels, cmyk_jpeg, coded_jpeg, exif, jpeg, png, scene

ODD = (97, 143)
LARGE = (240, 256)


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    """The picture as a file of this Pillow format."""
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


def heic(image: Image.Image, *, more: tuple[Image.Image, ...] = (), **facts: Any) -> bytes:
    """A HEIC file; EXIF in `facts` also turns it (`irot`, `imir`), `more` are further pictures."""
    file = pillow_heif.from_pillow(image)
    for other in more:
        file.add_from_pillow(other)
    options = {"quality": facts.pop("quality", 90), "chroma": facts.pop("chroma", 444)}
    file.info.update(facts)
    target = io.BytesIO()
    file.save(target, **options)
    return target.getvalue()


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to write RGB pixels: `write(pixels, orientation, profile)`.

    `tolerance` is how far the result may be from the pixels (0: exact); `can_turn` and `can_hold_icc` say what the
    format can carry.
    """

    write: Callable[[Pixels, int, bytes | None], bytes]
    tolerance: int = 0
    can_turn: bool = True
    can_hold_icc: bool = True


def _pillow(kind: str, *, turns: bool = True, icc: bool = True, **options: Any) -> Callable[..., bytes]:
    def write(pixels: Pixels, orientation: int = 1, profile: bytes | None = None) -> bytes:
        said = dict(options)
        if turns and orientation != 1:
            # libtiff takes no EXIF block with a directory of its own
            said |= {"tiffinfo": {274: orientation}} if kind == "TIFF" else {"exif": exif(orientation)}
        if icc and profile is not None:
            said["icc_profile"] = profile
        return saved(Image.fromarray(pixels), kind, **said)

    return write


def _heic(pixels: Pixels, orientation: int = 1, profile: bytes | None = None) -> bytes:
    facts: dict[str, Any] = {"exif": exif(orientation)} if orientation != 1 else {}
    if profile:
        facts["icc_profile"] = profile
    return heic(Image.fromarray(pixels), **facts)


KINDS: dict[str, Kind] = {
    "JPEG 4:2:0": Kind(_pillow("JPEG", quality=95), 16),
    "JPEG 4:4:4 progressive": Kind(_pillow("JPEG", quality=95, subsampling="4:4:4", progressive=True), 12),
    "JPEG 4:2:2": Kind(_pillow("JPEG", quality=95, subsampling="4:2:2"), 16),
    "PNG": Kind(_pillow("PNG")),
    "HEIC": Kind(_heic, 16),
    "AVIF": Kind(_pillow("AVIF", quality=95, subsampling="4:4:4", speed=10), 12),
    "WebP": Kind(_pillow("WEBP", quality=95), 24),
    "WebP lossless": Kind(_pillow("WEBP", lossless=True, method=0)),
    "TIFF": Kind(_pillow("TIFF")),
    "TIFF LZW": Kind(_pillow("TIFF", compression="tiff_lzw")),
    "TIFF deflate": Kind(_pillow("TIFF", compression="tiff_adobe_deflate")),
    "TIFF PackBits": Kind(_pillow("TIFF", compression="packbits")),
    "TIFF JPEG": Kind(_pillow("TIFF", compression="jpeg", quality=95), 12),
    "BMP": Kind(_pillow("BMP", turns=False, icc=False), can_turn=False, can_hold_icc=False),
    "JPEG 2000 file": Kind(_pillow("JPEG2000", turns=False, icc=False, mct=1), can_turn=False, can_hold_icc=False),
    "JPEG 2000 stream": Kind(
        _pillow("JPEG2000", turns=False, icc=False, mct=1, no_jp2=True), can_turn=False, can_hold_icc=False
    ),
    "JPEG 2000 lossy": Kind(
        _pillow("JPEG2000", turns=False, icc=False, mct=1, irreversible=True, quality_mode="dB", quality_layers=[45]),
        12, can_turn=False, can_hold_icc=False,
    ),
}  # fmt: skip
"""The formats that hold RGB pixels."""


def _scene(mode: str) -> Image.Image:
    return Image.fromarray(scene(*ODD)).convert(mode)


def _sixteen_bit() -> Image.Image:
    return Image.fromarray(((np.asarray(_scene("L")).astype(np.uint16)) << 8) + 7)


SPECIAL: dict[str, Callable[[], bytes]] = {
    "grey JPEG": lambda: jpeg(np.asarray(_scene("L"))),
    "RGB JPEG": lambda: jpeg(scene(*ODD), keep_rgb=True),
    "CMYK JPEG": lambda: cmyk_jpeg(scene(*ODD)),
    "arithmetic JPEG": lambda: coded_jpeg(arithmetic=True),
    "grey PNG": lambda: png(_scene("L")),
    "palette PNG": lambda: png(_scene("P")),
    "bilevel PNG": lambda: png(_scene("1")),
    "16 bit PNG": lambda: png(_sixteen_bit()),
    "animated PNG": lambda: png(_scene("RGB"), save_all=True, append_images=[_scene("RGB").rotate(180)]),
    "GIF": lambda: saved(_scene("P"), "GIF"),
    "animated GIF": lambda: saved(
        _scene("P"), "GIF", save_all=True, append_images=[_scene("P").rotate(180)], duration=[80, 120]
    ),
    "animated WebP": lambda: saved(
        _scene("RGB"), "WEBP", save_all=True, append_images=[_scene("RGB").rotate(180)], duration=[80, 120], method=0
    ),
    "animated AVIF": lambda: saved(
        _scene("RGB"), "AVIF", save_all=True, append_images=[_scene("RGB").rotate(180)], duration=[80, 120], speed=10
    ),
    "grey TIFF": lambda: saved(_scene("L"), "TIFF"),
    "palette TIFF": lambda: saved(_scene("P"), "TIFF"),
    "bilevel TIFF, CCITT": lambda: saved(_scene("1"), "TIFF", compression="group4"),
    "CMYK TIFF": lambda: saved(_scene("CMYK"), "TIFF"),
    "16 bit TIFF": lambda: saved(_sixteen_bit(), "TIFF"),
    "TIFF of three pages": lambda: saved(
        _scene("RGB"), "TIFF", save_all=True, append_images=[_scene("RGB").rotate(180), _scene("RGB")]
    ),
    "grey HEIC": lambda: heic(_scene("L")),
    "grey JPEG 2000": lambda: saved(_scene("L"), "JPEG2000"),
    "16 bit JPEG 2000": lambda: saved(_sixteen_bit(), "JPEG2000"),
    "palette BMP": lambda: saved(_scene("P"), "BMP"),
    "grey WebP": lambda: saved(_scene("L"), "WEBP", lossless=True, method=0),
}
"""Other samples than RGB, and more than one frame."""
