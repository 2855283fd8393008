"""Making Explicit VR Little Endian out of what is stored, for clients that cannot decode (PS3.18 8.7.3.5.2)."""

import struct
from collections.abc import Sequence
from io import BytesIO
from typing import BinaryIO, Final

from PIL import Image, UnidentifiedImageError
from PIL.ImageFile import ImageFile
from pydicom.dataset import Dataset

from dicomweb.archive import Span
from dicomweb.explicit_encoding import encode_element, explicit_elements, join_elements
from dicomweb.file_meta import FIRST_ELEMENT, PREFIX_OFFSET, read_file_meta
from dicomweb.part10 import IMPLICIT_VR_LITTLE_ENDIAN, read_part10
from dicomweb.part10_errors import Part10Error
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE
from dicomweb.walker import PIXEL_DATA
from dicomweb.windows import Window

_SAMPLES: Final = {"L": 1, "RGB": 3}
_GROUP_LENGTH: Final = 0x00020000
_TRANSFER_SYNTAX_UID: Final = 0x00020010
_OF_ENCAPSULATION: Final = (0x7FE00001, 0x7FE00002, 0x7FE00003)
"""Extended Offset Table, its lengths, and the total length: they speak of fragments (PS3.3 C.7.6.3.1.8)."""


class TranscodingError(ValueError):
    """An object that cannot be made uncompressed here; the text says why."""


def decode_frame(data: bytes, rows: int, columns: int, photometric_interpretation: str = "") -> tuple[bytes, str]:
    """One compressed frame as interleaved 8-bit samples, row by row, and the photometric interpretation of these.

    The picture's own header is read first: one that is not `rows` x `columns` is never decoded. A JPEG that does
    not say itself what its three components are is RGB where `photometric_interpretation` of the object says so.

    Raises:
        TranscodingError: no picture, another size, or neither grey nor three-channel colour with 8 bits.
    """
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "JPEG2000")) as picture:
            if picture.size != (columns, rows):
                raise TranscodingError("the coded picture has another size than the header says")
            if picture.mode not in _SAMPLES:
                raise TranscodingError("the coded picture is neither grey nor colour with 8 bits")
            if photometric_interpretation == picture.mode == "RGB" and _is_unmarked_jpeg(picture):
                picture.tile = [tile._replace(args=("RGB", "RGB")) for tile in picture.tile]
            return picture.tobytes(), "RGB" if picture.mode == "RGB" else "MONOCHROME2"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, struct.error):
        raise TranscodingError("the coded picture cannot be decoded") from None


def _is_unmarked_jpeg(picture: ImageFile) -> bool:
    return picture.format == "JPEG" and not {"jfif", "adobe"} & picture.info.keys()


def read_frame(file: BinaryIO, spans: Sequence[Span]) -> bytes:
    """The bytes of a frame's fragments."""
    return b"".join(_read(file, span) for span in spans)


def _read(file: BinaryIO, span: Span) -> bytes:
    file.seek(span.offset)
    return file.read(span.length)


def to_explicit_little_endian(file: BinaryIO, frames: Sequence[Sequence[Span]], *, max_bytes: int) -> bytes:
    """A stored Part 10 file as Explicit VR Little Endian with uncompressed pixels.

    Args:
        file: the stored file, one that `part10.read_part10` has read.
        frames: where its frames lie.
        max_bytes: bound on the decoded pixel data, and on a file that need not be decoded.

    Raises:
        TranscodingError: it cannot be decoded, or is larger than allowed.
    """
    try:
        header = read_part10(file).header
        window = Window(file)
        _, syntax, offset = read_file_meta(window)
        if syntax in NATIVE and window.size > max_bytes:
            raise TranscodingError(f"it has more than {max_bytes} bytes")
        meta = explicit_elements(window, FIRST_ELEMENT, offset, implicit=False)
        elements = explicit_elements(window, offset, window.size, implicit=syntax == IMPLICIT_VR_LITTLE_ENDIAN)
    except Part10Error as error:
        raise TranscodingError("the data set cannot be read") from error
    if syntax not in NATIVE:
        elements |= _decoded(file, header, frames, max_bytes)
        elements = {tag: element for tag, element in elements.items() if tag not in _OF_ENCAPSULATION}
    return bytes(PREFIX_OFFSET) + b"DICM" + _with_explicit_syntax(meta) + join_elements(elements)


def _with_explicit_syntax(meta: dict[int, bytes]) -> bytes:
    meta.pop(_GROUP_LENGTH, None)
    meta[_TRANSFER_SYNTAX_UID] = encode_element(_TRANSFER_SYNTAX_UID, "UI", EXPLICIT_VR_LITTLE_ENDIAN.encode())
    group = join_elements(meta)
    return encode_element(_GROUP_LENGTH, "UL", len(group).to_bytes(4, "little")) + group


def _decoded(file: BinaryIO, header: Dataset, frames: Sequence[Sequence[Span]], max_bytes: int) -> dict[int, bytes]:
    """The Image Pixel attributes of the decoded frames, those that decoding changes."""
    rows, columns = _number(header, "Rows"), _number(header, "Columns")
    if not frames:
        raise TranscodingError("its frames cannot be told apart")
    if rows * columns * _SAMPLES["RGB"] * len(frames) > max_bytes:
        raise TranscodingError(f"decoded it may have more than {max_bytes} bytes")
    photometric = str(header.get("PhotometricInterpretation", ""))
    decoded = [decode_frame(read_frame(file, spans), rows, columns, photometric) for spans in frames]
    (photometric, *others) = {interpretation for _, interpretation in decoded}
    if others:
        raise TranscodingError("some of its frames are grey and some coloured")
    samples = 3 if photometric == "RGB" else 1
    numbers = {0x00280002: samples, 0x00280100: 8, 0x00280101: 8, 0x00280102: 7, 0x00280103: 0}
    numbers |= {0x00280006: 0} if samples == 3 else {}
    return {
        **{tag: encode_element(tag, "US", number.to_bytes(2, "little")) for tag, number in numbers.items()},
        0x00280004: encode_element(0x00280004, "CS", photometric.encode()),
        PIXEL_DATA: encode_element(PIXEL_DATA, "OB", b"".join(frame for frame, _ in decoded)),
    }


def _number(header: Dataset, keyword: str) -> int:
    value = header.get(keyword)
    if not isinstance(value, int) or value < 1:
        raise TranscodingError(f"{keyword} is missing")
    return value
