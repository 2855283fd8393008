"""NAL units of a packet (Rec. ITU-T H.264 7.4.1, H.265 7.4.2): those that make the picture are kept.

A stream may hold more than its picture: a second view, an auxiliary picture (and what describes it, H.264's 13),
makers' own units, filler. None of that goes on.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from gateway.conversion.errors import DamagedPictureError
from gateway.conversion.video.configuration import Configuration
from gateway.conversion.video.probed import Codec
from gateway.conversion.video.sei import clean_sei

_PICTURE, _PARAMETERS, _SEI, _SEQUENCE, _OTHER = "picture", "parameters", "sei", "sequence", "other"

_H264_TYPES: Final = {
    **dict.fromkeys((1, 2, 3, 4, 5), _PICTURE), 6: _SEI, 7: _SEQUENCE,
    **dict.fromkeys((8, 9, 10, 11), _PARAMETERS),
}  # fmt: skip
_HEVC_TYPES: Final = {
    **dict.fromkeys(range(32), _PICTURE), **dict.fromkeys((32, 33), _SEQUENCE),
    **dict.fromkeys((34, 35, 36, 37), _PARAMETERS), 39: _SEI, 40: _SEI,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Syntax:
    header_bytes: int
    kind: Callable[[bytes], str]


def _h264_kind(unit: bytes) -> str:
    return _H264_TYPES.get(unit[0] & 0x1F, _OTHER)


def _hevc_kind(unit: bytes) -> str:
    is_base_layer = unit[0] & 1 == 0 and unit[1] >> 3 == 0
    return _HEVC_TYPES.get(unit[0] >> 1 & 0x3F, _OTHER) if is_base_layer else _OTHER


_SYNTAXES: Final[dict[Codec, _Syntax]] = {"h264": _Syntax(1, _h264_kind), "hevc": _Syntax(2, _hevc_kind)}


def clean_packet(packet: bytes, configuration: Configuration) -> bytes:
    """The packet with the units that make its picture; raises DamagedPictureError where there are none."""
    syntax = _SYNTAXES[configuration.codec]
    size = configuration.length_size
    kept: list[bytes] = []
    has_picture = False
    for unit in _units(packet, size, syntax.header_bytes):
        kind = syntax.kind(unit)
        has_picture |= kind == _PICTURE
        clean = clean_sei(unit, syntax.header_bytes) if kind == _SEI else b"" if kind == _OTHER else unit
        if clean:
            kept += [len(clean).to_bytes(size), clean]
    if not has_picture:
        raise DamagedPictureError("a packet of the video holds no picture")
    return b"".join(kept)


def changes_parameters(packet: bytes, configuration: Configuration) -> bool:
    """Whether the packet brings a sequence parameter set that the configuration does not have."""
    syntax = _SYNTAXES[configuration.codec]
    return any(
        syntax.kind(unit) == _SEQUENCE and unit not in configuration.sequence_sets
        for unit in _units(packet, configuration.length_size, syntax.header_bytes)
    )


def _units(packet: bytes, length_size: int, header_bytes: int) -> Iterator[bytes]:
    position = 0
    while position < len(packet):
        begin = position + length_size
        end = begin + int.from_bytes(packet[position:begin])
        if end > len(packet) or begin > len(packet):
            raise DamagedPictureError("a packet of the video is cut short")
        if end - begin >= header_bytes:
            yield packet[begin:end]
        position = end
