"""What a camera wrote about a picture, as far as it is wanted: no place, no owner, no free text."""

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

ExifValue = str | int | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WallClock:
    """A camera's wall-clock time: naive by nature, with the offset from UTC where the camera wrote one."""

    local: datetime
    utc_offset: timedelta | None = None

    def at(self, zone: tzinfo) -> datetime:
        """The moment meant, aware; `zone` is used where the camera gave no offset."""
        return self.local.replace(tzinfo=zone if self.utc_offset is None else timezone(self.utc_offset))


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """EXIF of one picture, typed.

    `orientation` is 1 to 8 (tag 0112) as it was in the file; the clean picture is already upright.
    `srgb` is true where tag A001 says so. `subject_area` is x, y and, where given, diameter or width and
    height, in pixels of the upright picture. `attributes` are DICOM keywords of group 0016 with values that
    fit their VR (PS3.3 C.8.12.9, C.8.12.10): DS and IS as text, US as int.
    """

    orientation: int = 1
    maker: str = ""
    model: str = ""
    software: str = ""
    serial: str = ""
    taken: WallClock | None = None
    srgb: bool = False
    subject_area: tuple[int, ...] = ()
    attributes: tuple[tuple[str, ExifValue], ...] = ()
