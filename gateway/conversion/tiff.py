"""Reading single fields out of a TIFF structure, as EXIF is one (TIFF 6.0 section 2; Exif 2.32 section 4.6).

Damaged structures are what this meets daily: whatever cannot be read is absent, and nothing raises. Bounded
in the number of entries and in the bytes of a value; no directory is followed but the ones asked for.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

MAX_ENTRIES: Final = 512
MAX_VALUE_BYTES: Final = 1024

_ASCII: Final = 2
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8}
_INTEGERS: Final = {1: "B", 3: "H", 4: "I", 6: "b", 7: "B", 8: "h", 9: "i"}
_RATIONALS: Final = {5: "I", 10: "i"}
_UNKNOWN: Final = 0xFFFFFFFF
"""Exif's "unknown" or "infinity" where it stands in a rational."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its TIFF type, its byte order (`<` or `>`), and its value as bytes."""

    type: int
    order: str
    raw: bytes

    def text(self) -> str:
        """The value as text up to the first NUL; "" where the type is not ASCII or UNDEFINED."""
        if self.type not in {_ASCII, 7}:
            return ""
        raw = self.raw.split(b"\x00", 1)[0]
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")

    def numbers(self) -> tuple[Fraction | None, ...]:
        """The value as exact numbers; None for a rational without a meaning (n/0, unknown, infinity)."""
        if code := _INTEGERS.get(self.type):
            return tuple(Fraction(number) for number in self._unpack(code))
        if code := _RATIONALS.get(self.type):
            numbers = self._unpack(code)
            return tuple(_rational(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True))
        return ()

    def _unpack(self, code: str) -> tuple[int, ...]:
        return struct.unpack(f"{self.order}{len(self.raw) // struct.calcsize(f'={code}')}{code}", self.raw)


@dataclass(frozen=True, slots=True)
class Tiff:
    """A TIFF structure in memory; `first` is the offset of its first directory."""

    data: bytes
    order: str
    first: int

    def directory(self, offset: int) -> Mapping[int, Field]:
        """The readable fields of the directory at this offset, by tag; the first of equal tags counts."""
        if not 8 <= offset <= len(self.data) - 2:
            return {}
        (count,) = struct.unpack_from(f"{self.order}H", self.data, offset)
        fields: dict[int, Field] = {}
        for at in range(offset + 2, offset + 2 + 12 * min(count, MAX_ENTRIES), 12):
            if at + 12 > len(self.data):
                break
            tag, type_, count_, value = struct.unpack_from(f"{self.order}HHII", self.data, at)
            raw = self._value(at + 8, value, _SIZES.get(type_, 0) * count_)
            if raw:
                fields.setdefault(tag, Field(type_, self.order, raw))
        return fields

    def _value(self, inline: int, offset: int, size: int) -> bytes:
        """The bytes of a value: in the entry itself where they fit, else at the offset it gives."""
        start = inline if size <= 4 else offset
        if size > MAX_VALUE_BYTES or start + size > len(self.data):
            return b""
        return self.data[start : start + size]


def open_tiff(data: bytes) -> Tiff | None:
    """The structure, where `data` begins as one."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return None
    return Tiff(data, order, struct.unpack_from(f"{order}I", data, 4)[0])


def _rational(numerator: int, denominator: int) -> Fraction | None:
    if denominator in {0, _UNKNOWN} or numerator == _UNKNOWN:
        return None
    return Fraction(numerator, denominator)
