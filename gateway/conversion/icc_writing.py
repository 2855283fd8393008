"""ICC profiles written from their elements alone (ICC.1 sections 7 and 10): nothing but what colours need."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HEADER_BYTES: Final = 128
FIXED: Final = 65536
"""One, in s15Fixed16Number."""

COLORANTS: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
CURVES: Final = (b"rTRC", b"gTRC", b"bTRC")
_TABLES: Final = (b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt")
_PARAMETERS: Final = (1, 3, 4, 5, 7)
_MULTI_LOCALIZED: Final = 4
_D50: Final = (0.9642, 1.0, 0.8249)


@dataclass(frozen=True, slots=True)
class Header:
    """What of a profile's header says how its elements are meant (7.2); all else is written as if nobody made it."""

    version: bytes = b"\x02\x40"
    device_class: bytes = b"scnr"
    connection_space: bytes = b"XYZ "
    intent: int = 0


def known_elements(tags: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """Those of a profile's elements that colours are computed from, each cut to its own size; damaged ones left out."""
    kinds = {
        b"wtpt": _xyz, b"bkpt": _xyz, **dict.fromkeys(COLORANTS, _xyz), **dict.fromkeys(CURVES, _curve),
        b"chad": _matrix, **dict.fromkeys(_TABLES, _table),
    }  # fmt: skip
    found = {name: cut(tags[name]) for name, cut in kinds.items() if name in tags}
    return {name: element for name, element in found.items() if element}


def written(header: Header, description: bytes, elements: Mapping[bytes, bytes]) -> bytes:
    """An RGB profile of these elements; those with equal content share one place. The same bytes always."""
    is_localized = header.version[0] >= _MULTI_LOCALIZED
    words = _localized if is_localized else _plain
    tags = {b"desc": words(b"desc", description), b"cprt": words(b"text", b"No copyright"), **elements}
    places: dict[bytes, int] = {}
    body = b""
    start = HEADER_BYTES + 4 + 12 * len(tags)
    for element in tags.values():
        if element not in places:
            places[element] = start + len(body)
            body += element + bytes(-len(element) % 4)
    table = b"".join(struct.pack(">4sII", name, places[element], len(element)) for name, element in tags.items())
    front = struct.pack(
        ">I4x2s2x4s4s4s6H4s4x4x4x4x8xI3i48x",
        start + len(body), header.version, header.device_class, b"RGB ", header.connection_space,
        2000, 1, 1, 0, 0, 0, b"acsp", header.intent, *(round(value * FIXED) for value in _D50),
    )  # fmt: skip
    return front + struct.pack(">I", len(tags)) + table + body


def input_profile(description: bytes, colorants: tuple[tuple[float, ...], ...]) -> bytes:
    """A version 2.4 profile of an input device with these colorants, adapted to D50, and sRGB's curve."""
    curve = struct.pack(">4s4xI1024H", b"curv", 1024, *(round(_srgb_linear(i / 1023) * 65535) for i in range(1024)))
    elements = {
        b"wtpt": _xyz_element(_D50),
        **{tag: _xyz_element(colorant) for tag, colorant in zip(COLORANTS, colorants, strict=True)},
        **dict.fromkeys(CURVES, curve),
    }
    return written(Header(), description, elements)


def _xyz(raw: bytes) -> bytes:
    return b"XYZ " + bytes(4) + raw[8:20] if raw[:4] == b"XYZ " and len(raw) >= 20 else b""


def _matrix(raw: bytes) -> bytes:
    return b"sf32" + bytes(4) + raw[8:44] if raw[:4] == b"sf32" and len(raw) >= 44 else b""


def _curve(raw: bytes) -> bytes:
    """`curv` or `para` (10.6, 10.18)."""
    if len(raw) < 12 or raw[:4] not in {b"curv", b"para"}:
        return b""
    if raw[:4] == b"curv":
        size = 12 + 2 * int.from_bytes(raw[8:12])
        return b"curv" + bytes(4) + raw[8:size] if size <= len(raw) else b""
    function = int.from_bytes(raw[8:10])
    size = 12 + 4 * _PARAMETERS[function] if function < len(_PARAMETERS) else len(raw) + 1
    return b"para" + bytes(4) + raw[8:10] + bytes(2) + raw[12:size] if size <= len(raw) else b""


def _table(raw: bytes) -> bytes:
    """`mft1` or `mft2` (10.10, 10.11) cut to their size; `mAB ` and `mBA ` point about within themselves, and stay."""
    if raw[:4] in {b"mAB ", b"mBA "}:
        return raw
    if len(raw) < 52 or raw[:4] not in {b"mft1", b"mft2"}:
        return b""
    into, out, steps = raw[8:11]
    if raw[:4] == b"mft1":
        size = 48 + 256 * into + steps**into * out + 256 * out
    else:
        first, last = struct.unpack_from(">2H", raw, 48)
        size = 52 + 2 * (into * first + steps**into * out + out * last)
    return raw[:size] if size <= len(raw) else b""


def _plain(kind: bytes, text: bytes) -> bytes:
    """Text as version 2 has it: of kind `desc` or `text`."""
    ended = text + b"\x00"
    if kind == b"text":
        return kind + bytes(4) + ended
    return struct.pack(f">4s4xI{len(ended)}s78x", kind, len(ended), ended)


def _localized(_: bytes, text: bytes) -> bytes:
    """Text as version 4 has it (10.15)."""
    wide = text.decode("ascii").encode("utf-16-be")
    return struct.pack(f">4s4xII4sII{len(wide)}s", b"mluc", 1, 12, b"enUS", len(wide), 28, wide)


def _srgb_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _xyz_element(values: tuple[float, ...]) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *(round(value * FIXED) for value in values))
