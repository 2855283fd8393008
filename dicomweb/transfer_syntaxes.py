"""What matters on the web about a transfer syntax: is it lossy, and as which media type does a frame travel?

PS3.18 8.7.3.5; PS3.6 table A-1.
"""

import re

from dicomweb.negotiation import OCTET_STREAM
from dicomweb.rendering.decoding.syntaxes import FOREIGN, JPEG, RUN_LENGTH

_IMPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2"
EXPLICIT_VR_LITTLE_ENDIAN = "1.2.840.10008.1.2.1"
NATIVE = frozenset({_IMPLICIT_VR_LITTLE_ENDIAN, EXPLICIT_VR_LITTLE_ENDIAN})
_PREFIX = "1.2.840.10008.1.2.4."

_LOSSY = frozenset(_PREFIX + end for end in ("50", "51", "81", "91", "93", "203", "112"))
_VIDEO = re.compile(re.escape(_PREFIX) + r"10[0-8](\.1)?")

_MEDIA_TYPES = {
    **dict.fromkeys((_PREFIX + "50", _PREFIX + "51", _PREFIX + "57", _PREFIX + "70"), "image/jpeg"),
    **dict.fromkeys((_PREFIX + "80", _PREFIX + "81"), "image/jls"),
    **dict.fromkeys((_PREFIX + "90", _PREFIX + "91"), "image/jp2"),
    **dict.fromkeys((_PREFIX + "92", _PREFIX + "93"), "image/jpx"),
    **dict.fromkeys((_PREFIX + "201", _PREFIX + "202", _PREFIX + "203"), "image/jphc"),
    **dict.fromkeys((_PREFIX + "110", _PREFIX + "111", _PREFIX + "112"), "image/jxl"),
    **dict.fromkeys((_PREFIX + "100", _PREFIX + "101"), "video/mpeg"),
    **dict.fromkeys([_PREFIX + end for end in ("102", "103", "104", "105", "106")], "video/mp4"),
    **dict.fromkeys((_PREFIX + "107", _PREFIX + "108"), "video/H265"),
    RUN_LENGTH: "image/dicom-rle",
}


def is_lossy(transfer_syntax_uid: str) -> bool:
    """Whether pixel data in this syntax has lost something, so that decoding gives back no original."""
    return transfer_syntax_uid in _LOSSY or _VIDEO.fullmatch(transfer_syntax_uid) is not None


def is_decodable(transfer_syntax_uid: str) -> bool:
    """Whether `frame_decoding` decodes frames of this syntax; of JPEG those with 8 bits."""
    return transfer_syntax_uid in JPEG or transfer_syntax_uid in FOREIGN or transfer_syntax_uid == RUN_LENGTH


def available_syntaxes(transfer_syntax_uid: str) -> list[str]:
    """In which syntaxes an object stored in this one can be had: as stored, and uncompressed where that can be made."""
    can_be_made = transfer_syntax_uid in NATIVE or is_decodable(transfer_syntax_uid)
    uncompressed = [EXPLICIT_VR_LITTLE_ENDIAN] if can_be_made else []
    return list(dict.fromkeys([transfer_syntax_uid, *uncompressed]))


def frame_media_type(transfer_syntax_uid: str) -> str:
    """The media type of one frame as stored; octet-stream where none is registered, and for native data."""
    return _MEDIA_TYPES.get(transfer_syntax_uid, OCTET_STREAM)


def frame_transfer_syntax(transfer_syntax_uid: str) -> str:
    """The syntax a frame's bytes are in on the web: implicit VR leaves no trace in a native frame."""
    return EXPLICIT_VR_LITTLE_ENDIAN if transfer_syntax_uid in NATIVE else transfer_syntax_uid
