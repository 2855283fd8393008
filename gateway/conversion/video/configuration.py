"""The decoder configuration record of a stream (ISO/IEC 14496-15 5.3.3 avcC, 8.3.3 hvcC), read and written anew."""

from dataclasses import dataclass, field
from typing import Final

from gateway.conversion.errors import DamagedPictureError, UnsupportedCodingError
from gateway.conversion.video.probed import Codec

_VERSION: Final = 1
_AVC_HEAD: Final = 5
_HEVC_HEAD: Final = 22
_MOST_SETS: Final = 64
_AVC_WITH_FORMAT: Final = frozenset({100, 110, 122, 144})
"""Profiles whose record ends with chroma format and bit depths."""
HEVC_PARAMETER_TYPES: Final = frozenset({32, 33, 34})


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a decoder is told before the first packet.

    `record` is the record written anew with parameter sets alone; `length_size` how many bytes say the length of a
    NAL unit; `sequence_sets` the parameter sets that fix size and format. `level` is level_idc, `constrained`
    H.264's constraint_set1_flag.
    """

    codec: Codec
    profile: int
    level: int
    constrained: bool
    length_size: int
    sequence_sets: frozenset[bytes] = field(repr=False)
    record: bytes = field(repr=False)


def read_configuration(codec: Codec, record: bytes) -> Configuration:
    """The record of an MP4 file's sample entry; raises UnsupportedCodingError, DamagedPictureError."""
    if not record or record[0] != _VERSION:
        raise UnsupportedCodingError("the video's decoder configuration is missing, or of an unknown version")
    try:
        return _read_avc(record) if codec == "h264" else _read_hevc(record)
    except IndexError as error:
        raise DamagedPictureError("the video's decoder configuration is cut short") from error


def _read_avc(record: bytes) -> Configuration:
    sequence_sets, position = _sets(record, _AVC_HEAD + 1, record[_AVC_HEAD] & 0x1F)
    picture_sets, position = _sets(record, position + 1, record[position])
    written = bytearray(record[:_AVC_HEAD])
    written.append(0xE0 | len(sequence_sets))
    written += _written(sequence_sets)
    written.append(len(picture_sets))
    written += _written(picture_sets)
    if record[1] in _AVC_WITH_FORMAT and len(record) >= position + 3:
        written += record[position : position + 3] + b"\x00"
    return Configuration(
        codec="h264",
        profile=record[1],
        level=record[3],
        constrained=bool(record[2] & 0x40),
        length_size=(record[4] & 3) + 1,
        sequence_sets=frozenset(sequence_sets),
        record=bytes(written),
    )


def _read_hevc(record: bytes) -> Configuration:
    position = _HEVC_HEAD + 1
    arrays: list[tuple[int, list[bytes]]] = []
    for _ in range(record[_HEVC_HEAD]):
        head = record[position]
        units, position = _sets(record, position + 3, int.from_bytes(record[position + 1 : position + 3]))
        if head & 0x3F in HEVC_PARAMETER_TYPES:
            arrays.append((head, units))
    written = bytearray(record[:_HEVC_HEAD])
    written.append(len(arrays))
    for head, units in arrays:
        written += bytes([head]) + len(units).to_bytes(2) + _written(units)
    return Configuration(
        codec="hevc",
        profile=record[1] & 0x1F,
        level=record[12],
        constrained=True,
        length_size=(record[21] & 3) + 1,
        sequence_sets=frozenset(unit for head, units in arrays if head & 0x3F != 34 for unit in units),  # not PPS
        record=bytes(written),
    )


def _sets(record: bytes, position: int, count: int) -> tuple[list[bytes], int]:
    """So many parameter sets from a position on, and where they end."""
    if count > _MOST_SETS:
        raise DamagedPictureError("the video's decoder configuration holds too many parameter sets")
    found = []
    for _ in range(count):
        end = position + 2 + int.from_bytes(record[position : position + 2])
        if end > len(record) or end < position + 3:
            raise DamagedPictureError("the video's decoder configuration is cut short")
        found.append(record[position + 2 : end])
        position = end
    return found, position


def _written(units: list[bytes]) -> bytes:
    return b"".join(len(unit).to_bytes(2) + unit for unit in units)
