"""Part 10 files written byte by byte, so that tests can also write wrong ones."""

import struct
from collections.abc import Sequence
from io import BytesIO

from PIL import Image

VL_PHOTOGRAPHIC = "1.2.840.10008.5.1.4.1.1.77.1.4"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
EXPLICIT = "1.2.840.10008.1.2.1"
IMPLICIT = "1.2.840.10008.1.2"
UNDEFINED = 0xFFFFFFFF
_LONG_VRS = ("OB", "OW", "OF", "OD", "OL", "OV", "SQ", "UC", "UN", "UR", "UT", "SV", "UV")


def header(tag: int, vr: str, length: int, *, implicit: bool = False) -> bytes:
    """An element's header."""
    group, element = tag >> 16, tag & 0xFFFF
    if implicit or group == 0xFFFE:
        return struct.pack("<HHI", group, element, length)
    if vr in _LONG_VRS:
        return struct.pack("<HH2sHI", group, element, vr.encode(), 0, length)
    return struct.pack("<HH2sH", group, element, vr.encode(), length)


def element(tag: int, vr: str, value: bytes | str | int, *, implicit: bool = False) -> bytes:
    """An element; text is UTF-8 and padded."""
    if isinstance(value, int):
        value = struct.pack({"US": "<H", "UL": "<I", "SS": "<h"}[vr], value)
    raw = value.encode() if isinstance(value, str) else value
    raw += (b"\0" if vr in ("UI", "OB", "UN") else b" ") * (len(raw) % 2)
    return header(tag, vr, len(raw), implicit=implicit) + raw


def sequence(tag: int, items: Sequence[bytes], *, undefined: bool = False) -> bytes:
    """A sequence of encoded items."""
    if undefined:
        body = b"".join(header(0xFFFEE000, "", UNDEFINED) + item + header(0xFFFEE00D, "", 0) for item in items)
        return header(tag, "SQ", UNDEFINED) + body + header(0xFFFEE0DD, "", 0)
    body = b"".join(header(0xFFFEE000, "", len(item)) + item for item in items)
    return header(tag, "SQ", len(body)) + body


def encapsulated(fragments: Sequence[bytes], offsets: Sequence[int] = ()) -> bytes:
    """Encapsulated pixel data."""
    table = struct.pack(f"<{len(offsets)}I", *offsets)
    items = [table, *(fragment + b"\0" * (len(fragment) % 2) for fragment in fragments)]
    body = b"".join(header(0xFFFEE000, "", len(item)) + item for item in items)
    return header(0x7FE00010, "OB", UNDEFINED) + body + header(0xFFFEE0DD, "", 0)


def part10(
    data_set: bytes,
    transfer_syntax: str = EXPLICIT,
    *,
    sop_class: str = VL_PHOTOGRAPHIC,
    instance: str = "1.2.3.3",
    preamble: bytes = bytes(128),
) -> bytes:
    """A file around an encoded data set."""
    meta = (
        element(0x00020001, "OB", b"\0\1")
        + element(0x00020002, "UI", sop_class)
        + element(0x00020003, "UI", instance)
        + element(0x00020010, "UI", transfer_syntax)
    )
    return preamble + b"DICM" + element(0x00020000, "UL", len(meta)) + meta + data_set


def jpeg(seed: int = 0, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small colour JPEG."""
    buffer = BytesIO()
    Image.new("RGB", size, (200 - seed, 120, 90 + seed)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def photo(
    *,
    study: str = "1.2.3.1",
    series: str = "1.2.3.2",
    instance: str = "1.2.3.3",
    patient_id: str = "P-1",
    patient_name: str = "Hong^Gildong=洪^吉洞=홍^길동",
    study_date: str = "20240115",
    frames: Sequence[bytes] = (),
    native: bytes | None = None,
    number: int = 1,
    modality: str = "XC",
    extra: Sequence[tuple[int, bytes]] = (),
    without: Sequence[int] = (),
) -> bytes:
    """A VL Photographic object: one JPEG, unless `frames` or `native` (16 x 12 RGB) say otherwise."""
    pictures = list(frames) or [jpeg()]
    rows, columns = (12, 16) if native is not None else (48, 64)
    elements = {
        0x00080005: element(0x00080005, "CS", "ISO_IR 192"),
        0x00080008: element(0x00080008, "CS", "ORIGINAL\\PRIMARY"),
        0x00080016: element(0x00080016, "UI", VL_PHOTOGRAPHIC),
        0x00080018: element(0x00080018, "UI", instance),
        0x00080020: element(0x00080020, "DA", study_date),
        0x00080030: element(0x00080030, "TM", "101500"),
        0x00080050: element(0x00080050, "SH", ""),
        0x00080060: element(0x00080060, "CS", modality),
        0x00080090: element(0x00080090, "PN", ""),
        0x00081030: element(0x00081030, "LO", "Skin photos"),
        0x00100010: element(0x00100010, "PN", patient_name),
        0x00100020: element(0x00100020, "LO", patient_id),
        0x00100030: element(0x00100030, "DA", ""),
        0x00100040: element(0x00100040, "CS", "F"),
        0x0020000D: element(0x0020000D, "UI", study),
        0x0020000E: element(0x0020000E, "UI", series),
        0x00200010: element(0x00200010, "SH", "S1"),
        0x00200011: element(0x00200011, "IS", "1"),
        0x00200013: element(0x00200013, "IS", str(number)),
        0x00280002: element(0x00280002, "US", 3),
        0x00280004: element(0x00280004, "CS", "RGB" if native is not None else "YBR_FULL_422"),
        0x00280006: element(0x00280006, "US", 0),
        0x00280008: element(0x00280008, "IS", str(len(pictures))),
        0x00280010: element(0x00280010, "US", rows),
        0x00280011: element(0x00280011, "US", columns),
        0x00280100: element(0x00280100, "US", 8),
        0x00280101: element(0x00280101, "US", 8),
        0x00280102: element(0x00280102, "US", 7),
        0x00280103: element(0x00280103, "US", 0),
        0x7FE00010: encapsulated(pictures) if native is None else element(0x7FE00010, "OB", native),
    }
    elements.update(extra)
    data_set = b"".join(elements[tag] for tag in sorted(elements) if tag not in without)
    return part10(data_set, JPEG_BASELINE if native is None else EXPLICIT, instance=instance)
