"""Making Explicit VR Little Endian out of what is stored, for clients that cannot decode (PS3.18 8.7.3.5.2)."""

from collections.abc import Sequence
from typing import BinaryIO, Final

from pydicom.dataset import Dataset

from dicomweb.archive import Span
from dicomweb.explicit_encoding import encode_element, explicit_elements, join_elements
from dicomweb.file_meta import FIRST_ELEMENT, PREFIX_OFFSET, read_file_meta
from dicomweb.frame_decoding import FrameDecoder, FrameLayout, TranscodingError
from dicomweb.part10 import IMPLICIT_VR_LITTLE_ENDIAN, read_part10
from dicomweb.part10_errors import Part10Error
from dicomweb.rendering.decoding.syntaxes import JPEG
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE
from dicomweb.walker import PIXEL_DATA
from dicomweb.windows import Window

_GROUP_LENGTH: Final = 0x00020000
_TRANSFER_SYNTAX_UID: Final = 0x00020010
_OF_EIGHT_BITS: Final = {0x00280101: 8, 0x00280102: 7, 0x00280103: 0}
_OF_ENCAPSULATION: Final = (0x7FE00001, 0x7FE00002, 0x7FE00003)
"""Extended Offset Table, its lengths, and the total length: they speak of fragments (PS3.3 C.7.6.3.1.8)."""


def read_frame(file: BinaryIO, spans: Sequence[Span]) -> bytes:
    """The bytes of a frame's fragments."""
    return b"".join(_read(file, span) for span in spans)


def _read(file: BinaryIO, span: Span) -> bytes:
    file.seek(span.offset)
    return file.read(span.length)


def to_explicit_little_endian(file: BinaryIO, frames: Sequence[Sequence[Span]], decoder: FrameDecoder) -> bytes:
    """A stored Part 10 file as Explicit VR Little Endian with uncompressed pixels.

    Args:
        file: the stored file, one that `part10.read_part10` has read.
        frames: where its frames lie.
        decoder: of its frames; its bound holds for a file that need not be decoded too.

    Raises:
        TranscodingError: it cannot be decoded, or is larger than allowed.
    """
    try:
        header = read_part10(file).header
        window = Window(file)
        _, syntax, offset = read_file_meta(window)
        if syntax in NATIVE and window.size > decoder.max_bytes:
            raise TranscodingError(f"it has more than {decoder.max_bytes} bytes")
        meta = explicit_elements(window, FIRST_ELEMENT, offset, implicit=False)
        elements = explicit_elements(window, offset, window.size, implicit=syntax == IMPLICIT_VR_LITTLE_ENDIAN)
    except Part10Error as error:
        raise TranscodingError("the data set cannot be read") from error
    if syntax not in NATIVE:
        elements |= _decoded(file, syntax, header, frames, decoder)
        elements = {tag: element for tag, element in elements.items() if tag not in _OF_ENCAPSULATION}
    return bytes(PREFIX_OFFSET) + b"DICM" + _with_explicit_syntax(meta) + join_elements(elements)


def _with_explicit_syntax(meta: dict[int, bytes]) -> bytes:
    meta.pop(_GROUP_LENGTH, None)
    meta[_TRANSFER_SYNTAX_UID] = encode_element(_TRANSFER_SYNTAX_UID, "UI", EXPLICIT_VR_LITTLE_ENDIAN.encode())
    group = join_elements(meta)
    return encode_element(_GROUP_LENGTH, "UL", len(group).to_bytes(4, "little")) + group


def _decoded(
    file: BinaryIO, syntax: str, header: Dataset, frames: Sequence[Sequence[Span]], decoder: FrameDecoder
) -> dict[int, bytes]:
    """The Image Pixel attributes of the decoded frames, those that decoding changes."""
    layout = FrameLayout.read(lambda tag: _first_value(header, tag))
    if not frames:
        raise TranscodingError("its frames cannot be told apart")
    if layout.most_bytes * len(frames) > decoder.max_bytes:
        raise TranscodingError(f"decoded it may have more than {decoder.max_bytes} bytes")
    decoded = [decoder.decode(read_frame(file, spans), syntax, layout) for spans in frames]
    (photometric, *others) = {frame.photometric_interpretation for frame in decoded}
    if others:
        raise TranscodingError("some of its frames are grey and some coloured")
    first = decoded[0]
    numbers = {0x00280002: first.samples, 0x00280100: first.bits_allocated}
    numbers |= {0x00280006: 0} if first.samples == 3 else {}
    numbers |= _OF_EIGHT_BITS if syntax in JPEG else {}
    kind = "OB" if first.bits_allocated == 8 else "OW"
    return {
        **{tag: encode_element(tag, "US", number.to_bytes(2, "little")) for tag, number in numbers.items()},
        0x00280004: encode_element(0x00280004, "CS", photometric.encode()),
        PIXEL_DATA: encode_element(PIXEL_DATA, kind, b"".join(frame.data for frame in decoded)),
    }


def _first_value(header: Dataset, tag: int) -> object:
    value: object = header[tag].value if tag in header else None
    return value
