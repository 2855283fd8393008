"""As which media types an instance can be looked at (PS3.18 8.7.4, table 8.7.4-1)."""

from collections.abc import Sequence
from typing import Final

from dicomweb.archive import StoredInstance
from dicomweb.negotiation import Offer
from dicomweb.rendering import encoding
from dicomweb.rendering.kinds import PICTURES, Kind, kind_of
from dicomweb.rendering.reports.layout import HTML, PLAIN
from dicomweb.transfer_syntaxes import frame_media_type

PDF: Final = "application/pdf"


def media_types(instance: StoredInstance, *, whole: bool = True) -> Sequence[str]:
    """Media types of one instance, or of a frame of it, the default first; none for what cannot be looked at."""
    kind = kind_of(instance)
    if kind is Kind.VIDEO:
        return (frame_media_type(instance.transfer_syntax_uid), *encoding.PICTURES) if whole else encoding.PICTURES
    if kind in PICTURES:
        return encoding.PICTURES
    return {Kind.REPORT: (HTML, PLAIN), Kind.DOCUMENT: (PDF,)}.get(kind, ())


def single_offers(instance: StoredInstance, *, whole: bool = True) -> list[Offer]:
    """Offers of one instance or frame: as a body, or as the only part of one."""
    types = media_types(instance, whole=whole)
    return [Offer(each, multipart=multipart) for multipart in (False, True) for each in types]


def several_offers(types: Sequence[str], *, with_one: bool) -> list[Offer]:
    """Offers of several things: all of them as parts, and one that stands for them where that makes sense."""
    parts = [Offer(each, multipart=True) for each in types]
    return parts + ([Offer(each) for each in types] if with_one else [])


def shown_instances(found: Sequence[StoredInstance]) -> list[StoredInstance]:
    """Of a study or series those that are shown: its pictures and videos, or else its reports and documents."""
    pictures = [instance for instance in found if kind_of(instance) in PICTURES]
    return pictures or [instance for instance in found if media_types(instance)]


def representative(found: Sequence[StoredInstance]) -> StoredInstance | None:
    """The instance whose picture stands for them all: the first picture, or the first video where there is none."""
    ranked = [Kind.IMAGE, Kind.FRAMES, Kind.VIDEO]
    pictures = [instance for instance in found if kind_of(instance) in PICTURES]
    return min(pictures, key=lambda instance: ranked.index(kind_of(instance)) // 2, default=None)
