"""What is to be known of a file before it is converted, where several files make a case; nothing is decoded for it.

Imported only where there is such a case: what reads the structure of every format takes some loading.
"""

from pathlib import Path

from gateway.commands.converting.placing import Own
from gateway.commands.converting.reading import digest_of, digest_of_file, holds_video, opened_file, read_photo
from gateway.commands.converting.terms import Terms
from gateway.conversion.errors import ConversionError
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import SopClass
from gateway.conversion.glance import Glance, glance
from gateway.conversion.photo import choose_sop_class
from gateway.intake.facts import device_facts
from gateway.intake.request import PhotoFields


def expected_class(path: Path, fields: PhotoFields, terms: Terms) -> SopClass | None:
    """The class that a file comes to if it is converted, as far as its series depends on it.

    Clinical photos of every class share a series: they are not read. None for a file that cannot be read.
    """
    is_video = holds_video(path)
    try:
        with opened_file(path, terms.most_bytes(is_video=is_video)):
            if is_video:
                return SopClass.VIDEO_PHOTOGRAPHIC
        if fields.kind != "dermoscopic":
            return SopClass.VL_PHOTOGRAPHIC
        seen = _glance(read_photo(path, terms.intake.max_bytes)[0])
    except (ConversionError, OSError):
        return None
    as_capture = terms.intake.store_as == "secondary_capture"
    device = device_facts(fields)
    return choose_sop_class(fields.kind, device, seen.exif, secondary_capture=as_capture, frames=seen.frames)


def lead_words(path: Path, terms: Terms) -> Own:
    """What the first file of a case says of itself, whether or not it can be converted. Raises NotAFile, OSError.

    Of a video it is the file that says when: what stands in a video is for a process of its own to read.
    """
    if holds_video(path):
        with opened_file(path, terms.intake.max_video_bytes) as (source, changed_at):
            return Own.of(digest_of_file(source), None, changed_at)
    photo, changed_at = read_photo(path, terms.intake.max_bytes)
    taken = _glance(photo).exif.taken
    moment = None if taken is None else taken.at(terms.site.zone)
    return Own.of(digest_of(photo), moment, changed_at)


def _glance(photo: bytes) -> Glance:
    try:
        return glance(photo)
    except Exception:  # noqa: BLE001 - its conversion, in a process of its own, tells what is wrong with it
        return Glance(ExifFacts())
