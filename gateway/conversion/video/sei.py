"""Supplemental enhancement information (Rec. ITU-T H.264 7.3.2.3 and D, H.265 7.3.2.4 and D), as far as it is kept.

Messages are the place where a stream carries what is no picture: encoder settings, captions, makers' own data.
What helps a decoder stays, everything else goes.
"""

from typing import Final

_BUFFERING_PERIOD, _PICTURE_TIMING, _RECOVERY_POINT, _ACTIVE_PARAMETER_SETS, _DECODING_UNIT = 0, 1, 6, 129, 130
KEPT_MESSAGES: Final = frozenset(
    {_BUFFERING_PERIOD, _PICTURE_TIMING, _RECOVERY_POINT, _ACTIVE_PARAMETER_SETS, _DECODING_UNIT}
)
_TRAILING_BITS: Final = 0x80


def clean_sei(unit: bytes, header_bytes: int) -> bytes:
    """The NAL unit with the messages that are kept, b"" for none; one that cannot be read has none."""
    payload = unescaped(unit[header_bytes:])
    kept = bytearray()
    position = 0
    while position < len(payload) and not (position == len(payload) - 1 and payload[position] == _TRAILING_BITS):
        begin = position
        kind, position = _number(payload, position)
        size, position = _number(payload, position)
        position += size
        if position > len(payload):
            return b""
        if kind in KEPT_MESSAGES:
            kept += payload[begin:position]
    if not kept:
        return b""
    return unit[:header_bytes] + escaped(bytes(kept) + bytes([_TRAILING_BITS]))


def unescaped(data: bytes) -> bytes:
    """The raw payload: without emulation prevention (H.264 7.4.1.1)."""
    return data.replace(b"\x00\x00\x03", b"\x00\x00")


def escaped(data: bytes) -> bytes:
    """The payload with emulation prevention: nothing in it looks like a start code."""
    out = bytearray()
    zeros = 0
    for byte in data:
        if zeros >= 2 and byte <= 3:
            out.append(3)
            zeros = 0
        out.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(out)


def _number(payload: bytes, position: int) -> tuple[int, int]:
    """A number as ff bytes that count 255 each and a last one, and where it ends; past the end, it is too large."""
    value = 0
    while position < len(payload):
        byte = payload[position]
        position += 1
        value += byte
        if byte != 0xFF:
            return value, position
    return len(payload) + 1, position
