"""What the first bytes of a coded picture say of it; nothing is decoded.

JPEG: ITU-T T.81 B.2; JPEG-LS: T.87 C.2; JPEG 2000: T.800 A.5, its file format I.5. Transfer syntaxes: PS3.5 A.4.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from dicomweb.archive import Span, StoreStatus
from dicomweb.part10_errors import TruncatedError
from dicomweb.storing.errors import MetadataError
from dicomweb.windows import Window

_SYNTAX = "1.2.840.10008.1.2.4."
_MAX_SEGMENTS = 2_000
_SHORT = Struct(">H")
_FRAME_HEADER = Struct(">BHHB")
_SIZE = Struct(">HIIII16xH")
_BOX = Struct(">I4s")
_LONG_BOX = Struct(">Q")
_SOI, _SOS, _EOI, _APP0, _APP14 = 0xD8, 0xDA, 0xD9, 0xE0, 0xEE
_LOSSLESS, _JPEG_LS = 0xC3, 0xF7
_FRAMES = frozenset({*range(0xC0, 0xD0), _JPEG_LS}) - {0xC4, 0xC8, 0xCC}
_JP2_SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
_CODESTREAM = b"\xff\x4f\xff\x51"
_COD, _CAP, _SOT = 0x52, 0x50, 0x90
_JPEG_2000 = {(False, True): "90", (False, False): "91", (True, True): "201", (True, False): "203"}
"""Of high throughput or not, reversible or not -> end of the transfer syntax UID."""


@dataclass(frozen=True, slots=True)
class CodedPicture:
    """A picture as its own header tells it.

    Attributes:
        transfer_syntax_uid: the syntax its bytes are in.
        span: where the bytes to be encapsulated lie: a JP2 file's codestream, else all.
        lossy_method: Lossy Image Compression Method (PS3.3 C.7.6.1.1.5.1); None for a coding without loss.
    """

    transfer_syntax_uid: str
    span: Span
    rows: int
    columns: int
    samples: int
    bits: int
    photometric_interpretation: str
    lossy_method: str | None


def read_jpeg(window: Window, span: Span) -> CodedPicture:
    """A JPEG or JPEG-LS picture.

    Raises:
        MetadataError: it is none, is cut, or is coded in a way that DICOM has no syntax for.
    """
    try:
        return _read_jpeg(window, span)
    except TruncatedError:
        raise _damaged("JPEG") from None


def _read_jpeg(window: Window, span: Span) -> CodedPicture:
    frame, colours, scan = b"", "", b""
    process = 0
    for marker, body in _jpeg_segments(window, span):
        length = min(body.length, 64)
        if marker in _FRAMES:
            process, frame = marker, window.take(body.offset, length)
        elif marker in (_APP0, _APP14):
            colours = _marked_colours(window.take(body.offset, length)) or colours
        elif marker == _SOS:
            scan = window.take(body.offset, length)
    if len(frame) < _FRAME_HEADER.size + 3:
        raise _damaged("JPEG")
    bits, rows, columns, samples = _FRAME_HEADER.unpack_from(frame)
    if not rows or not columns:
        raise _unsupported("a JPEG that does not say its size")
    if samples not in (1, 3):
        raise _unsupported(f"a JPEG of {samples} components")
    number, method = _jpeg_syntax(process, scan)
    colours = _jpeg_colours(samples, process, colours, identifiers=frame[_FRAME_HEADER.size :: 3][:3])
    return CodedPicture(_SYNTAX + number, span, rows, columns, samples, bits, colours, method)


def _jpeg_segments(window: Window, span: Span) -> Iterator[tuple[int, Span]]:
    """Markers with the places of what they hold, up to the first scan."""
    offset, end = span.offset, span.offset + span.length
    if span.length < 4 or window.take(offset, 2) != bytes((0xFF, _SOI)):
        raise _damaged("JPEG")
    offset += 2
    for _ in range(_MAX_SEGMENTS):
        if offset + 4 > end:
            break
        prefix, marker = window.take(offset, 2)
        if prefix != 0xFF:
            break
        if marker == 0xFF:  # fill byte
            offset += 1
            continue
        (length,) = _SHORT.unpack(window.take(offset + 2, 2))
        if marker == _EOI or length < 2 or offset + 2 + length > end:
            break
        yield marker, Span(offset + 4, length - 2)
        if marker == _SOS:
            return
        offset += 2 + length
    raise _damaged("JPEG")


def _marked_colours(segment: bytes) -> str:
    if segment.startswith(b"Adobe") and len(segment) >= 12:
        return "Adobe RGB" if segment[11] == 0 else "YCbCr"
    return "YCbCr" if segment.startswith(b"JFIF\0") else ""


def _jpeg_colours(samples: int, process: int, marked: str, identifiers: bytes) -> str:
    """Photometric Interpretation (PS3.5 8.2.1); lossy YCbCr is YBR_FULL_422, however its chrominance is sampled."""
    if samples == 1:
        return "MONOCHROME2"
    if process == _JPEG_LS or marked == "Adobe RGB" or identifiers == b"RGB":
        return "RGB"
    if process == _LOSSLESS:
        return "YBR_FULL" if marked == "YCbCr" else "RGB"
    return "YBR_FULL_422"


def _jpeg_syntax(process: int, scan: bytes) -> tuple[str, str | None]:
    """The end of the transfer syntax UID, and the lossy method."""
    parameter = scan[1 + 2 * scan[0] : 2 + 2 * scan[0]] if scan else b""  # predictor, or allowed error
    if not parameter:
        raise _damaged("JPEG")
    if process == _JPEG_LS:
        return ("81", "ISO_14495_1") if parameter[0] else ("80", None)
    if process == _LOSSLESS:
        return ("70" if parameter[0] == 1 else "57"), None
    if process not in (0xC0, 0xC1):
        name = "progressive" if process == 0xC2 else "arithmetic or hierarchical"
        raise _unsupported(f"a {name} JPEG, which no transfer syntax in use allows")
    return ("50" if process == 0xC0 else "51"), "ISO_10918_1"


def read_jpeg_2000(window: Window, span: Span) -> CodedPicture:
    """A JPEG 2000 codestream, also of high throughput, or a JP2 file, of which the codestream is taken.

    Raises:
        MetadataError: it is none, or is cut.
    """
    try:
        return _read_codestream(window, _codestream(window, span))
    except TruncatedError:
        raise _damaged("JPEG 2000") from None


def _codestream(window: Window, span: Span) -> Span:
    """The codestream of a JP2 file; the span itself where it is none (PS3.5 A.4.4 wants it bare)."""
    end = span.offset + span.length
    if span.length < 12 or window.take(span.offset, 12) != _JP2_SIGNATURE:
        return span
    offset = span.offset + 12
    for _ in range(_MAX_SEGMENTS):
        if offset + 8 > end:
            break
        length, kind = _BOX.unpack(window.take(offset, 8))
        head = 8
        if length == 1:
            (length,), head = _LONG_BOX.unpack(window.take(offset + 8, 8)), 16
        elif length == 0:
            length = end - offset
        if length < head or offset + length > end:
            break
        if kind == b"jp2c":
            return Span(offset + head, length - head)
        offset += length
    raise _damaged("JP2")


def _read_codestream(window: Window, span: Span) -> CodedPicture:
    if span.length < 64 or window.take(span.offset, 4) != _CODESTREAM:
        raise _damaged("JPEG 2000")
    size = window.take(span.offset + 6, _SIZE.size + 1)
    _, right, bottom, left, top, samples = _SIZE.unpack_from(size)
    rows, columns = bottom - top, right - left
    if samples not in (1, 3) or not 0 < rows <= 0xFFFF or not 0 < columns <= 0xFFFF:
        raise _unsupported("a JPEG 2000 of this size or number of components")
    is_fast, coding = _coding(window, span)
    is_mixed, is_reversible = bool(coding[4]), coding[9] == 1
    colours = ("YBR_RCT" if is_reversible else "YBR_ICT") if is_mixed else "RGB"
    return CodedPicture(
        transfer_syntax_uid=_SYNTAX + _JPEG_2000[is_fast, is_reversible],
        span=span,
        rows=rows,
        columns=columns,
        samples=samples,
        bits=(size[-1] & 0x7F) + 1,
        photometric_interpretation=colours if samples == 3 else "MONOCHROME2",
        lossy_method=None if is_reversible else "ISO_15444_15" if is_fast else "ISO_15444_1",
    )


def _coding(window: Window, span: Span) -> tuple[bool, bytes]:
    """Whether it is of high throughput, and the default coding style."""
    offset, end = span.offset + 2, span.offset + span.length
    is_fast = False
    for _ in range(_MAX_SEGMENTS):
        if offset + 16 > end:
            break
        prefix, marker = window.take(offset, 2)
        (length,) = _SHORT.unpack(window.take(offset + 2, 2))
        if prefix != 0xFF or marker == _SOT or length < 2:
            break
        is_fast = is_fast or marker == _CAP
        if marker == _COD and length >= 12:
            return is_fast, window.take(offset + 4, 10)
        offset += 2 + length
    raise _damaged("JPEG 2000")


def _damaged(name: str) -> MetadataError:
    return MetadataError(f"the picture is no whole {name}")


def _unsupported(what: str) -> MetadataError:
    return MetadataError(what, StoreStatus.TRANSFER_SYNTAX_NOT_SUPPORTED)
