"""Reading a Part 10 file for an archive: who it is, its header as DICOM JSON, and where what is large lies.

A usual file is read in one pass (`usual_data_set`), every other one by `part10` and `dicom_json`; what is found is the
same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any, BinaryIO, Final

from dicomweb.archive import JsonObject, Span
from dicomweb.dicom_json import to_json
from dicomweb.fragments import Encapsulated, read_fragments
from dicomweb.frames import Frames, declared_frames
from dicomweb.part10 import (
    DEFAULT_LIMITS,
    IMPLICIT_VR_LITTLE_ENDIAN,
    Identity,
    frames_of,
    is_read_plainly,
    read_identity,
    read_part10,
)
from dicomweb.uids import is_uid
from dicomweb.usual_data_set import UsualDataSet, read_usual
from dicomweb.usual_file_meta import usual_file_meta
from dicomweb.value_json import UnusualError
from dicomweb.walker import ELEMENT_MEMORY, FRAGMENT_MEMORY, PIXEL_DATA, BulkValue
from dicomweb.windows import BLOCK_BYTES, Window

_PIXEL_DATA: Final = f"{PIXEL_DATA:08X}"
_UNDEFINED_LENGTH: Final = 0xFFFFFFFF
_KEYWORDS: Final = {
    "NumberOfFrames": "00280008",
    "Rows": "00280010",
    "Columns": "00280011",
    "SamplesPerPixel": "00280002",
    "BitsAllocated": "00280100",
    "PhotometricInterpretation": "00280004",
}


@dataclass(frozen=True, slots=True)
class ReadObject:
    """An object as an archive keeps it; see `part10.Part10` for what has the same name there.

    `header` is DICOM JSON, its bulk values as BulkDataURIs. `memory_bytes` is about what header and places take.
    """

    identity: Identity
    transfer_syntax_uid: str
    header: JsonObject
    bulk: Mapping[str, BulkValue]
    frames: Frames
    number_of_frames: int
    memory_bytes: int


def read_object(stream: BinaryIO | bytes) -> ReadObject:
    """Read a Part 10 file.

    Raises:
        Part10Error: it cannot be read, or has not the UIDs of an instance.
        DicomJsonError: its data set is nested too deeply for JSON.
    """
    opened = BytesIO(stream) if isinstance(stream, bytes) else stream
    try:
        return _read_usual(Window(opened))
    except UnusualError:
        return _read_any(opened)


def _read_any(stream: BinaryIO) -> ReadObject:
    part10 = read_part10(stream)
    header = to_json(part10.header, part10.bulk)
    return ReadObject(
        identity=read_identity(part10),
        transfer_syntax_uid=part10.transfer_syntax_uid,
        header=header,
        bulk=part10.bulk,
        frames=part10.frames,
        number_of_frames=part10.number_of_frames,
        memory_bytes=part10.memory_bytes,
    )


def _read_usual(window: Window) -> ReadObject:
    block = window.take(0, min(window.size, BLOCK_BYTES))
    uids, offset = usual_file_meta(block)
    syntax = uids.get(0x0010, "")
    if not is_uid(syntax) or syntax == IMPLICIT_VR_LITTLE_ENDIAN or not is_read_plainly(syntax):
        raise UnusualError
    found = read_usual(block, offset, window.size)
    pixel_data = _pixel_data(window, found)
    header = _Header(found.header)
    return ReadObject(
        identity=_identity(found.header, uids),
        transfer_syntax_uid=syntax,
        header=found.header,
        bulk=found.bulk,
        frames=frames_of(header, found.bulk, pixel_data, window, syntax),
        number_of_frames=declared_frames(header) if found.pixel_data else 0,
        memory_bytes=_memory_bytes(found, pixel_data),
    )


def _memory_bytes(found: UsualDataSet, pixel_data: Encapsulated | None) -> int:
    fragments = 0 if pixel_data is None else len(pixel_data.fragments)
    return 2 * ELEMENT_MEMORY * found.elements + FRAGMENT_MEMORY * fragments + 2 * found.ends_at


def _pixel_data(window: Window, found: UsualDataSet) -> Encapsulated | None:
    """The fragments of encapsulated pixel data; its place, native or not, comes to `found.bulk`.

    The file has to end behind the pixel data: what follows it elsewhere is left to the general way.
    """
    if found.pixel_data is None:
        return None
    vr, length = found.pixel_data
    encapsulated: Encapsulated | None = None
    end = found.ends_at + length
    spans: tuple[Span, ...] = (Span(found.ends_at, length),)
    if length == _UNDEFINED_LENGTH:
        most = DEFAULT_LIMITS.fragments
        encapsulated, end = read_fragments(window, PIXEL_DATA, found.ends_at, window.size, most)
        if len(encapsulated.offset_table) > DEFAULT_LIMITS.elements:
            raise UnusualError
        spans = encapsulated.fragments
    if end != window.size:
        raise UnusualError
    found.bulk[_PIXEL_DATA] = BulkValue(vr, spans)
    return encapsulated


def _identity(header: JsonObject, uids: Mapping[int, str]) -> Identity:
    study, series, instance, sop_class = (_uid(header, key) for key in ("0020000D", "0020000E", "00080018", "00080016"))
    if uids.get(0x0003) not in (None, "", instance) or uids.get(0x0002) not in (None, "", sop_class):
        raise UnusualError
    return Identity(study, series, instance, sop_class)


def _uid(header: JsonObject, key: str) -> str:
    values = header.get(key, {}).get("Value", ())
    if len(values) != 1 or not isinstance(values[0], str) or not is_uid(values[0]):
        raise UnusualError
    uid: str = values[0]
    return uid


@dataclass(frozen=True, slots=True)
class _Header:
    """Members by keyword, as far as frames need them."""

    members: JsonObject

    def get(self, keyword: str) -> Any:
        """The value, where there is exactly one."""
        values = self.members.get(_KEYWORDS[keyword], {}).get("Value", ())
        return values[0] if len(values) == 1 else None
