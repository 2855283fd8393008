"""Pictures and facts made for the tests of the conversion."""

import io
import itertools
import struct
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import turbojpeg
from PIL import Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.TiffImagePlugin import IFDRational

from gateway.conversion.facts import (
    DeviceFacts,
    ObjectFacts,
    PatientFacts,
    PhotoFacts,
    SeriesFacts,
    SiteFacts,
    StudyFacts,
)
from gateway.conversion.uids import derived_uid

Pixels = npt.NDArray[np.uint8]

SECRETS = (
    b"GPS-SECRET",
    b"OWNER-SECRET",
    b"NOTE-SECRET",
    b"ARTIST-SECRET",
    b"TEXT-SECRET",
    b"THUMB-SECRET",
    b"TAIL-SECRET",
)
"""What is planted in pictures, and must not be found in anything written."""

CAMERA = DeviceFacts("Maker", "Model", "Serial", "Software")


def scene(rows: int = 96, columns: int = 144) -> Pixels:
    """A smooth colour picture without any symmetry: (rows, columns, 3)."""
    y, x = np.mgrid[0:rows, 0:columns] / max(rows, columns)
    red = 200 - 90 * x + 30 * y
    green = 150 + 60 * np.sin(5 * x + 2 * y)
    blue = 120 + 70 * y - 30 * np.cos(7 * x)
    pixels: Pixels = np.clip(np.stack([red, green, blue], axis=-1), 0, 255).astype(np.uint8)
    return pixels


def grey_scene(rows: int = 96, columns: int = 144) -> Pixels:
    """The same in grey: (rows, columns)."""
    return np.ascontiguousarray(scene(rows, columns)[..., 1])


def jpeg(pixels: Pixels | None = None, **options: Any) -> bytes:
    """A JPEG by Pillow; `options` are its own (subsampling, progressive, exif, icc_profile, keep_rgb, ...)."""
    target = io.BytesIO()
    image = Image.fromarray(scene() if pixels is None else pixels)
    image.save(target, "JPEG", **{"quality": 90, **options})
    return target.getvalue()


def cmyk_jpeg(pixels: Pixels | None = None) -> bytes:
    target = io.BytesIO()
    Image.fromarray(scene() if pixels is None else pixels).convert("CMYK").save(target, "JPEG", quality=95)
    return target.getvalue()


def coded_jpeg(**options: Any) -> bytes:
    """A JPEG by libjpeg-turbo (arithmetic, lossless, ...)."""
    return bytes(turbojpeg.compress(scene(), quality=90, subsamp=turbojpeg.SAMP.Y420, **options))


def png(image: Image.Image | Pixels, **options: Any) -> bytes:
    target = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(target, "PNG", **options)
    return target.getvalue()


def exif(orientation: int = 1, *, secrets: bool = False) -> bytes:
    """EXIF of a phone as Pillow writes it (with its `Exif` prefix), on request with everything that must go."""
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010F], block[0x0110], block[0x0131] = "Maker", "Model", "1.2.3"
    details: dict[int, Any] = {
        0x829A: IFDRational(1, 120),
        0x829D: IFDRational(9, 5),
        0x8827: 64,
        0x9000: b"0232",
        0x9003: "2026:05:06 07:08:09",
        0x9011: "+09:00",
        0x9291: "123",
        0x9209: 0x59,
        0x9214: (10, 20, 6, 4),
        0xA001: 1,
        0xA431: "Serial",
        0xA433: "LensMaker",
        0xA301: b"\x01",
    }
    if secrets:
        block[0x010E], block[0x8298] = "TEXT-SECRET", "OWNER-SECRET"
        block[0x013B] = "ARTIST-SECRET"
        details |= {0x927C: b"NOTE-SECRET", 0x9286: b"ASCII\0\0\0TEXT-SECRET", 0xA430: "OWNER-SECRET"}
        block.get_ifd(0x8825).update({1: "N", 2: (37.0, 30.0, 1.0), 27: b"GPS-SECRET", 29: "2026:05:06"})
    block.get_ifd(0x8769).update(details)
    return block.tobytes() + (b"\xff\xd8THUMB-SECRET\xff\xd9" if secrets else b"")


def segment(marker: int, payload: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(payload) + 2) + payload


def with_segments(data: bytes, *segments: bytes) -> bytes:
    """The JPEG with these segments put behind its first marker."""
    return b"".join([data[:2], *segments, data[2:]])


def spoilt(data: bytes) -> bytes:
    """The JPEG with secrets in every place that a camera, an editor or a phone may use."""
    thumbnail = b"\x01\x01\x00\x00\x01\x00\x01\x02\x02" + b"THUMB-SECRET"
    extras = (
        segment(0xE0, b"JFIF\x00" + thumbnail),
        segment(0xE0, b"JFXX\x00\x10THUMB-SECRET"),
        segment(0xE1, exif(1, secrets=True)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00<x>OWNER-SECRET</x>"),
        segment(0xE2, b"MPF\x00NOTE-SECRET"),
        segment(0xED, b"Photoshop 3.0\x00ARTIST-SECRET"),
        segment(0xEB, b"HDR gain map NOTE-SECRET"),
        segment(0xFE, b"TEXT-SECRET"),
    )
    return with_segments(data, *extras) + b"\x00ftypmp4 TAIL-SECRET" + jpeg(scene(16, 16), comment=b"TAIL-SECRET")


def decoded(data: bytes, *, upright: bool = False) -> Pixels:
    """Pillow's decode as grey or RGB, turned as EXIF says where asked for."""
    # Image.open would look for the further pictures that a phone puts behind the first.
    image: Image.Image = JpegImageFile(io.BytesIO(data)) if data[:2] == b"\xff\xd8" else Image.open(io.BytesIO(data))
    image = ImageOps.exif_transpose(image) if upright else image
    return np.asarray(image if image.mode == "L" else image.convert("RGB"))


def furthest(ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> int:
    """The largest difference of two samples; the shapes must agree."""
    assert ours.shape == theirs.shape
    return int(np.abs(ours.astype(int) - theirs.astype(int)).max())


def display_profile(name: str = "sRGB") -> bytes:
    """A class `mntr` profile: sRGB as Pillow makes it, or Display P3 (other primaries, same curves)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    if name == "P3":
        primaries = {
            b"rXYZ": (0.5151, 0.2412, -0.0011),
            b"gXYZ": (0.2919, 0.6922, 0.0419),
            b"bXYZ": (0.1572, 0.0666, 0.7841),
        }
        for index in range(int.from_bytes(profile[128:132])):
            tag, offset, _ = struct.unpack_from(">4sII", profile, 132 + 12 * index)
            if tag in primaries:
                struct.pack_into(">3i", profile, offset + 8, *(round(value * 65536) for value in primaries[tag]))
    return bytes(profile)


def table_profile(channels: int, *, padding: int = 0) -> bytes:
    """A printer's profile of a table of two steps a channel, in which white is not white; with so much more in it."""
    nodes = itertools.product((0, 1), repeat=channels)
    table = b"".join(bytes((max(0, 230 - 60 * sum(node)), 128 + 20 * node[0], 150)) for node in nodes)
    ramp = bytes(range(256))
    lut = struct.pack(">4s4x4B9i", b"mft1", channels, 3, 2, 0, 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    elements = {
        b"desc": struct.pack(">4s4xI2s78x", b"desc", 2, b"a"),
        b"cprt": b"text\0\0\0\0a\0",
        b"wtpt": struct.pack(">4s4x3i", b"XYZ ", 63190, 65536, 54061),
        b"A2B0": lut + ramp * channels + table + ramp * 3,
        **({b"priv": bytes(padding)} if padding else {}),
    }
    position, entries, body = 132 + 12 * len(elements), b"", b""
    for name, element in elements.items():
        entries += struct.pack(">4sII", name, position + len(body), len(element))
        body += element + bytes(-len(element) % 4)
    header = struct.pack(
        ">I4xI4s4s4s6H4s28x3i48x",
        position + len(body), 0x02400000, b"prtr", {3: b"RGB ", 4: b"CMYK"}[channels], b"Lab ", 2000, 1, 1, 0, 0, 0,
        b"acsp", 63190, 65536, 54061,
    )  # fmt: skip
    return header + struct.pack(">I", len(elements)) + entries + body


def facts(**changes: Any) -> ObjectFacts:
    """Everything known of one Korean patient's photo."""
    return replace(
        ObjectFacts(
            patient=PatientFacts("P-1", "HOSPITAL", "Hong^Gildong=洪^吉洞=홍^길동", date(1980, 1, 2), "F", "046Y"),
            study=StudyFacts(
                derived_uid("study"), "S-1", datetime(2026, 5, 6, 1, 2, 3, tzinfo=UTC), "ACC-1", "V-1", "Skin photos"
            ),
            series=SeriesFacts(derived_uid("series"), 2, "Clinical photos"),
            sop_instance_uid=derived_uid("instance"),
            received_at=datetime(2026, 5, 6, 16, 30, tzinfo=UTC),
            software_version="0.1.0",
            instance_number=3,
            photo=PhotoFacts(body_site="forearm", laterality="L", size_mm=5, note="가려움", symptoms="itch"),
            site=SiteFacts(
                "서울병원", "DERM-1", "Dermatology", ZoneInfo("Asia/Seoul"), content_qualification="RESEARCH"
            ),
            operator="Kim^Nurse",
        ),
        **changes,
    )
