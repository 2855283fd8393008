"""What a header says of its pixels, as far as showing them needs it (PS3.3 C.7.6.3, C.11.1, C.11.2)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from dicomweb.archive import JsonObject
from dicomweb.rendering import members as json
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.rendering.parameters import VoiWindow, WindowFunction

ReadBulk = Callable[[str], bytes]
"""Gives the bytes of a bulk value by its tag path; empty where there is none."""

_MAX_TABLE_ENTRIES: Final = 65_536
_MAX_INPUT_VALUE: Final = 65_535
_FUNCTIONS: Final = {
    "LINEAR": WindowFunction.LINEAR,
    "LINEAR_EXACT": WindowFunction.LINEAR_EXACT,
    "SIGMOID": WindowFunction.SIGMOID,
}


@dataclass(frozen=True, slots=True, eq=False)
class LookUpTable:
    """A table of a header: `entries` for the input values from `first` on; below and above, the first and the last."""

    first: int
    bits: int
    entries: npt.NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class ImageFacts:
    """How one frame's samples are laid out and shown.

    Sizes in pixels, depths in bits. `slope` and `intercept` make modality values; `modality` replaces them. `window`
    and `voi` are the header's own first ones. `palette` holds red, green and blue tables.
    """

    rows: int
    columns: int
    samples: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool = False
    by_plane: bool = False
    slope: float = 1.0
    intercept: float = 0.0
    modality: LookUpTable | None = None
    window: VoiWindow | None = None
    voi: LookUpTable | None = None
    padding: int | None = None
    inverse: bool = False
    palette: tuple[LookUpTable, LookUpTable, LookUpTable] | None = None

    @property
    def is_grey(self) -> bool:
        """Whether the samples are brightness, shown through windows."""
        return self.photometric_interpretation in ("MONOCHROME1", "MONOCHROME2")

    @property
    def shows_as_stored(self) -> bool:
        """Whether samples of 8 bits are the picture already, nothing to be looked up."""
        return self.palette is None and (not self.is_grey or self._is_plain_grey)

    @property
    def _is_plain_grey(self) -> bool:
        return (
            self.photometric_interpretation == "MONOCHROME2"
            and self.bits_stored == 8
            and not (self.signed or self.inverse)
            and (self.slope, self.intercept) == (1.0, 0.0)
            and self.modality is self.voi is None
            and self.window in (None, VoiWindow(127.5, 255.0), VoiWindow(128.0, 256.0))
        )


def image_facts(members: JsonObject, read_bulk: ReadBulk, frame_number: int = 1) -> ImageFacts:
    """The facts of one frame, counted from 1; functional groups before the data set itself (PS3.3 C.7.6.16).

    Raises:
        NotRenderableError: the header does not say how large the picture is, or has a table that none can be.
    """
    rows, columns = json.integer(members, "00280010"), json.integer(members, "00280011")
    if not (0 < rows <= 65_535 and 0 < columns <= 65_535):
        raise NotRenderableError("the header does not say how large the picture is")
    bits_allocated = json.integer(members, "00280100", 8)
    bits_stored = json.integer(members, "00280101", bits_allocated)
    photometric = json.text(members, "00280004").strip().upper() or "MONOCHROME2"
    values = _groups(members, "00289145", frame_number) or members
    windows = _groups(members, "00289132", frame_number) or members
    reader = _Tables(read_bulk, signed=json.integer(members, "00280103") == 1)
    return ImageFacts(
        rows=rows,
        columns=columns,
        samples=json.integer(members, "00280002", 1),
        photometric_interpretation=photometric,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=json.integer(members, "00280102", bits_stored - 1),
        signed=reader.signed,
        by_plane=json.integer(members, "00280006") == 1,
        slope=_or(json.number(values, "00281053"), 1.0),
        intercept=_or(json.number(values, "00281052"), 0.0),
        modality=reader.of_sequence(members, "00283000"),
        window=_window(windows),
        voi=reader.of_sequence(members, "00283010"),
        padding=None if "00280120" not in members else json.integer(members, "00280120"),
        inverse=json.text(members, "20500020").strip() == "INVERSE",
        palette=reader.palette(members) if photometric == "PALETTE COLOR" else None,
    )


def _or(number: float | None, default: float) -> float:
    return default if number is None else number


def _groups(members: JsonObject, tag: str, frame_number: int) -> JsonObject:
    """The first item of a functional group macro, of the frame itself or shared; empty where there is neither."""
    frames = json.items(members, "52009230")
    own = frames[frame_number - 1] if 0 < frame_number <= len(frames) else {}
    shared = json.first_item(members, "52009229")
    return json.first_item(own, tag) or json.first_item(shared, tag)


def _window(members: JsonObject) -> VoiWindow | None:
    center, width = json.number(members, "00281050"), json.number(members, "00281051")
    function = _FUNCTIONS.get(json.text(members, "00281056").strip(), WindowFunction.LINEAR)
    if center is None or width is None or width <= 0 or (width < 1 and function is WindowFunction.LINEAR):
        return None
    return VoiWindow(center, width, function)


class _Tables:
    """Reads tables, whose descriptor is three numbers: entries, first input value, bits (PS3.3 C.11.1.1.1).

    Raises:
        NotRenderableError: a table without entries, or from a value on that no sample can have.
    """

    def __init__(self, read_bulk: ReadBulk, *, signed: bool) -> None:
        self._read_bulk = read_bulk
        self.signed = signed

    def of_sequence(self, members: JsonObject, sequence: str) -> LookUpTable | None:
        """The table in the first item of a Modality or VOI LUT Sequence."""
        item = json.first_item(members, sequence)
        return self._table(item, "00283002", "00283006", f"{sequence}/1/") if item else None

    def palette(self, members: JsonObject) -> tuple[LookUpTable, LookUpTable, LookUpTable]:
        """The three tables of a palette; raises NotRenderableError."""
        red, green, blue = (self._table(members, f"0028110{n}", f"0028120{n}", "") for n in (1, 2, 3))
        if red is None or green is None or blue is None:
            raise NotRenderableError("the palette of the picture cannot be read")
        return red, green, blue

    def _table(self, members: JsonObject, descriptor: str, data: str, path: str) -> LookUpTable | None:
        numbers = json.numbers(members, descriptor)
        if len(numbers) < 3:
            return None
        count, first, bits = (int(number) for number in numbers[:3])
        count = (count & 0xFFFF) or _MAX_TABLE_ENTRIES
        first = first - 65_536 if self.signed and first > 32_767 else first
        entries = self._entries(members, data, path, count)
        if entries is None or not 1 <= bits <= 16:
            return None
        if entries.size == 0 or abs(first) > _MAX_INPUT_VALUE:
            raise NotRenderableError("a table of the picture cannot be read")
        return LookUpTable(first, _bits_used(bits, entries), entries)

    def _entries(self, members: JsonObject, tag: str, path: str, count: int) -> npt.NDArray[np.uint16] | None:
        if "Value" in members.get(tag, {}):
            return np.array([int(number) & 0xFFFF for number in json.numbers(members, tag)][:count], np.uint16)
        raw = json.inline_binary(members, tag) or self._read_bulk(path + tag)
        if len(raw) >= 2 * count:
            return np.frombuffer(raw[: 2 * count], "<u2").astype(np.uint16)
        if len(raw) >= count:  # 8 bits an entry
            return np.frombuffer(raw[:count], np.uint8).astype(np.uint16)
        return None


def _bits_used(bits: int, entries: npt.NDArray[np.uint16]) -> int:
    """Bits of an entry: descriptors that say 16 over tables of 8 bits are common, and the other way round."""
    return 16 if entries.size and int(entries.max()) >= 1 << bits else bits
