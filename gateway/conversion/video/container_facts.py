"""What a video's container tells of the camera and the moment; place, owner and free text are never looked at."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from gateway.conversion.exif_facts import ExifFacts, WallClock
from gateway.conversion.text import single_line

_LO: Final = 64
_MAKER: Final = ("com.apple.quicktime.make", "com.android.manufacturer", "make")
_MODEL: Final = ("com.apple.quicktime.model", "com.android.model", "model")
_SOFTWARE: Final = ("com.apple.quicktime.software",)
_LOCAL_TIME: Final = "com.apple.quicktime.creationdate"
_UTC_TIME: Final = "creation_time"
_FIRST_YEAR: Final = 1990
"""Cameras without a clock write the epoch of 1904, or of 1970."""


def container_facts(metadata: Mapping[str, str]) -> ExifFacts:
    """The facts in a container's metadata, by FFmpeg's names for them."""
    return ExifFacts(
        maker=_text(metadata, _MAKER),
        model=_text(metadata, _MODEL),
        software=_text(metadata, _SOFTWARE),
        taken=_clock(metadata.get(_LOCAL_TIME, "")) or _clock(metadata.get(_UTC_TIME, "")),
    )


def _text(metadata: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next((text for name in names if (text := single_line(metadata.get(name, "")[:1024], _LO))), "")


def _clock(text: str) -> WallClock | None:
    """A moment with its offset; the file's own field has none, being UTC (ISO/IEC 14496-12 8.2.2)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if not _FIRST_YEAR <= moment.year <= datetime.now(UTC).year + 1:
        return None
    offset = moment.utcoffset()
    return None if offset is None else WallClock(moment.replace(tzinfo=None), offset)
