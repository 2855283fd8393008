"""An image without its patient (PS3.18 9.1.2.2.1): a new object of the same pixels and little else.

What stays is named; everything else goes, so that an attribute nobody thought of identifies nobody. Sequences go
whole. UIDs are replaced by others made of them, the same ones each time, so that objects that belong together still
do. Pixels are not looked at: an image that says something is burned into it is refused.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import BinaryIO, Final

from dicomweb.archive import Span
from dicomweb.explicit_encoding import encode_element, explicit_elements, join_elements
from dicomweb.file_meta import PREFIX_OFFSET, read_file_meta
from dicomweb.part10 import IMPLICIT_VR_LITTLE_ENDIAN
from dicomweb.part10_errors import Part10Error
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.transcoding import read_frame
from dicomweb.transfer_syntaxes import NATIVE
from dicomweb.uri.codestreams import cleaned
from dicomweb.walker import PIXEL_DATA
from dicomweb.windows import Window

_IMPLEMENTATION_CLASS_UID: Final = "2.25.77667795308415495326203301466700645471"
_METHOD: Final = "Only attributes of the picture itself were kept"
_ENCAPSULATED: Final = b"\xe0\x7f\x10\x00OB\x00\x00\xff\xff\xff\xff"
_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0" + bytes(4)

_KEPT: Final = frozenset(
    {
        *(0x00080005, 0x00080008, 0x00080016, 0x00080060, 0x00080064),
        *(0x00180015, 0x00180040, 0x00181063, 0x00181065, 0x00181164),
        *(0x00200011, 0x00200013, 0x00200020, 0x00200060, 0x00200062),
        *(0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280009, 0x00280010, 0x00280011),
        *(0x00280030, 0x00280034, 0x00280100, 0x00280101, 0x00280102, 0x00280103, 0x00280106, 0x00280107),
        *(0x00280120, 0x00280121, 0x00280301, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281056),
        *(0x00281101, 0x00281102, 0x00281103, 0x00281201, 0x00281202, 0x00281203, 0x00282000, 0x00282002),
        *(0x00282110, 0x00282112, 0x00282114, 0x20500020, PIXEL_DATA),
    }
)
_EMPTIED: Final = {
    0x00080020: "DA",
    0x00080030: "TM",
    0x00080050: "SH",
    0x00080090: "PN",
    0x00100010: "PN",
    0x00100020: "LO",
    0x00100030: "DA",
    0x00100040: "CS",
    0x00200010: "SH",
}
_REPLACED: Final = (0x00080018, 0x0020000D, 0x0020000E)
_BURNED_IN: Final = 0x00280301
_FUNCTIONAL_GROUPS: Final = frozenset({0x52009229, 0x52009230})


def other_uid(uid: str) -> str:
    """The UID that stands for another in objects without a patient."""
    return f"2.25.{int.from_bytes(sha256(b'anonymized ' + uid.encode()).digest()[:16])}"


def anonymized(file: BinaryIO, frames: Sequence[Sequence[Span]]) -> bytes:
    """A Part 10 file without its patient, in the same coding; Explicit VR where it was implicit.

    Args:
        file: a stored or transcoded file of an image.
        frames: where its frames lie; what is not native is coded anew fragment by fragment.

    Raises:
        NotRenderableError: it is no image whose attributes can be told apart, says that something is burned in, or is
            of a coding that cannot be cleaned of what stands beside the picture.
    """
    try:
        window = Window(file)
        meta, syntax, offset = read_file_meta(window)
        elements = explicit_elements(window, offset, window.size, implicit=syntax == IMPLICIT_VR_LITTLE_ENDIAN)
    except Part10Error as error:
        raise NotRenderableError("the data set cannot be read") from error
    if _FUNCTIONAL_GROUPS & elements.keys() or b"YES" in elements.get(_BURNED_IN, b"")[8:]:
        raise NotRenderableError("who is shown cannot be taken out of this image")
    if syntax in NATIVE:
        syntax = "1.2.840.10008.1.2.1"
    else:
        elements[PIXEL_DATA] = _encapsulated(file, frames, syntax)
    kept = {tag: element for tag, element in elements.items() if tag in _KEPT}
    kept |= {tag: encode_element(tag, vr, b"") for tag, vr in _EMPTIED.items()}
    uids = {tag: other_uid(elements.get(tag, b"")[8:].rstrip(b"\0 ").decode("ascii", "replace")) for tag in _REPLACED}
    kept |= {tag: encode_element(tag, "UI", uid.encode()) for tag, uid in uids.items()}
    kept[0x00120062] = encode_element(0x00120062, "CS", b"YES")
    kept[0x00120063] = encode_element(0x00120063, "LO", _METHOD.encode())
    sop_class = str(meta.get("MediaStorageSOPClassUID") or "")
    return _head(sop_class, uids[0x00080018], syntax) + join_elements(kept)


def _head(sop_class_uid: str, sop_instance_uid: str, syntax: str) -> bytes:
    texts = {0x00020002: sop_class_uid, 0x00020003: sop_instance_uid, 0x00020010: syntax}
    texts[0x00020012] = _IMPLEMENTATION_CLASS_UID
    group = encode_element(0x00020001, "OB", b"\0\1")
    group += b"".join(encode_element(tag, "UI", text.encode()) for tag, text in texts.items())
    length = encode_element(0x00020000, "UL", len(group).to_bytes(4, "little"))
    return bytes(PREFIX_OFFSET) + b"DICM" + length + group


def _encapsulated(file: BinaryIO, frames: Sequence[Sequence[Span]], syntax: str) -> bytes:
    """The frames, a fragment each, without an offset table (PS3.5 A.4)."""
    if not frames:
        raise NotRenderableError("the frames of the instance cannot be told apart")
    items = [cleaned(read_frame(file, spans), syntax) for spans in frames]
    body = _ITEM + bytes(4) + b"".join(_fragment(item) for item in items) + _END
    return _ENCAPSULATED + body


def _fragment(data: bytes) -> bytes:
    data += b"\0" * (len(data) % 2)
    return _ITEM + len(data).to_bytes(4, "little") + data
