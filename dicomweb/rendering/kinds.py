"""What kind of thing an instance is to somebody who wants to see it (PS3.18 8.7.2), told without opening it."""

from enum import Enum
from typing import Final

from dicomweb.archive import StoredInstance
from dicomweb.rendering.frame_pictures import is_renderable
from dicomweb.transfer_syntaxes import frame_media_type

_REPORTS: Final = "1.2.840.10008.5.1.4.1.1.88."
_ENCAPSULATED_PDF: Final = "1.2.840.10008.5.1.4.1.1.104.1"


class Kind(Enum):
    """Resource categories, and what can only be fetched."""

    IMAGE = "image"
    FRAMES = "multi-frame image"
    VIDEO = "video"
    REPORT = "report"
    DOCUMENT = "document"
    OTHER = "other"


def kind_of(instance: StoredInstance) -> Kind:
    """The kind of an instance."""
    if instance.sop_class_uid.startswith(_REPORTS):
        return Kind.REPORT
    if instance.sop_class_uid == _ENCAPSULATED_PDF:
        return Kind.DOCUMENT
    if instance.number_of_frames < 1:
        return Kind.OTHER
    if frame_media_type(instance.transfer_syntax_uid).startswith("video/"):
        return Kind.VIDEO
    if not is_renderable(instance.transfer_syntax_uid):
        return Kind.OTHER
    return Kind.IMAGE if instance.number_of_frames == 1 else Kind.FRAMES


PICTURES: Final = frozenset({Kind.IMAGE, Kind.FRAMES, Kind.VIDEO})
"""Kinds of which a picture can be shown."""
