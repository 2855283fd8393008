"""Which of FFmpeg's readers a stored video is for, told by how it begins.

Left to itself FFmpeg also takes lists of other files (concat, HLS, DASH) and descriptions of sessions (SDP) for
videos, and opens what they name. These readers know of nothing but the bytes they are given.
"""

from typing import Final

from dicomweb.rendering.decoding.errors import UndecodableError

_MOV_BOXES: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp", b"moof"})
_START_CODE: Final = b"\0\0\1"
_MPEG: Final = {0xB3: "mpegvideo", 0xBA: "mpeg"}
_TS_SYNC: Final = 0x47
_TS_LAYOUTS: Final = ((0, 188), (4, 192))
"""Where the first sync byte is, and how far the next lies behind it (ISO/IEC 13818-1; Blu-ray has 4 bytes before)."""
_HEVC_HEADS: Final = frozenset({32, 33, 34, 35, 39})
_H264_HEADS: Final = frozenset({6, 7, 8, 9})


def demuxer_of(data: bytes) -> str:
    """FFmpeg's name of the reader: mov, mpegts, mpeg, mpegvideo, h264 or hevc.

    Raises:
        UndecodableError: it begins like no video that DICOM has (PS3.5 8.2.5 to 8.2.9).
    """
    if data[4:8] in _MOV_BOXES:
        return "mov"
    if any(data[first : first + step + 1 : step] == bytes((_TS_SYNC, _TS_SYNC)) for first, step in _TS_LAYOUTS):
        return "mpegts"
    rest = data[1:] if data.startswith(b"\0" + _START_CODE) else data
    if rest.startswith(_START_CODE):
        return _of_start_code(rest[3:5])
    raise UndecodableError("the bytes begin like no video")


def _of_start_code(head: bytes) -> str:
    """By the two bytes behind a start code: of a unit of H.264 or HEVC, they say what it is."""
    if len(head) < 2:
        raise UndecodableError("the bytes begin like no video")
    if head[0] in _MPEG:
        return _MPEG[head[0]]
    if not head[0] & 0x81 and head[0] >> 1 in _HEVC_HEADS and head[1] == 1:
        return "hevc"
    if not head[0] & 0x80 and head[0] & 0x1F in _H264_HEADS:
        return "h264"
    raise UndecodableError("the bytes begin like no video")
