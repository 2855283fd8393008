"""EXIF to typed facts (Exif 2.32): only what is wanted is read, and nothing in it can raise."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.conversion.exif_attributes import attributes_of
from gateway.conversion.exif_facts import ExifFacts, WallClock
from gateway.conversion.orientation import TURNS
from gateway.conversion.text import single_line
from gateway.conversion.tiff import Field, open_tiff
from inference.orientation import orientation_of

_MAKE, _MODEL, _SOFTWARE, _EXIF_DIRECTORY = 0x010F, 0x0110, 0x0131, 0x8769
_TAKEN, _TAKEN_OFFSET, _TAKEN_FRACTION = 0x9003, 0x9011, 0x9291
_COLOR_SPACE, _SUBJECT_AREA, _SERIAL = 0xA001, 0x9214, 0xA431

_SRGB: Final = 1
_MAX_TEXT: Final = 64
_TIME: Final = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET: Final = re.compile(r"([+-])(\d\d):(\d\d)")
_YEARS: Final = range(1900, 2200)
_LARGEST_OFFSETS: Final = (timedelta(hours=-12), timedelta(hours=14))  # PS3.5 6.2, DT


def read_exif(tiff_bytes: bytes) -> ExifFacts:
    """The facts in an EXIF block (without its `Exif` prefix); those that cannot be read are simply absent."""
    tiff = open_tiff(tiff_bytes)
    if tiff is None:
        return ExifFacts()
    main = tiff.directory(tiff.first)
    fields = tiff.directory(_whole(main, _EXIF_DIRECTORY) or 0)
    return ExifFacts(
        orientation=orientation_of(tiff_bytes),  # as the models saw the picture
        maker=_text(main, _MAKE),
        model=_text(main, _MODEL),
        software=_text(main, _SOFTWARE),
        serial=_text(fields, _SERIAL),
        taken=_taken(fields),
        srgb=_whole(fields, _COLOR_SPACE) == _SRGB,
        subject_area=_subject_area(fields),
        attributes=attributes_of(fields),
    )


def turned_exif(exif: ExifFacts, *, rows: int, columns: int) -> ExifFacts:
    """The facts with their pixel positions as in the upright picture; `rows` and `columns` are the stored one's.

    A position outside the picture is left out.
    """
    turn, area = TURNS.get(exif.orientation), exif.subject_area
    if area and (area[0] >= columns or area[1] >= rows):
        return replace(exif, subject_area=())
    if not area or turn is None:
        return exif
    size = area[:1:-1] if turn.transpose else area[2:]  # width and height change places, a diameter does not
    return replace(exif, subject_area=(*turn.point(area[0], area[1], rows=rows, columns=columns), *size))


def _taken(fields: Mapping[int, Field]) -> WallClock | None:
    """DateTimeOriginal with its fraction and offset; None for `0000:00:00 00:00:00` and the like."""
    match = _TIME.fullmatch(_text(fields, _TAKEN))
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.groups())
    if year not in _YEARS:
        return None
    fraction = _text(fields, _TAKEN_FRACTION)
    microsecond = int(fraction[:6].ljust(6, "0")) if fraction.isascii() and fraction.isdigit() else 0
    try:
        # A camera's clock has no zone of its own; WallClock carries what is known of it.
        local = datetime(year, month, day, hour, minute, min(second, 59), microsecond)  # noqa: DTZ001
    except ValueError:
        return None
    return WallClock(local, _offset(_text(fields, _TAKEN_OFFSET)))


def _offset(text: str) -> timedelta | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    sign, hours, minutes = match.groups()
    size = timedelta(hours=int(hours), minutes=int(minutes))
    offset = -size if sign == "-" else size
    least, most = _LARGEST_OFFSETS
    return offset if least <= offset <= most and int(minutes) < 60 else None


def _subject_area(fields: Mapping[int, Field]) -> tuple[int, ...]:
    numbers = fields[_SUBJECT_AREA].numbers() if _SUBJECT_AREA in fields else ()
    whole = tuple(int(number) for number in numbers if number is not None and 0 <= number <= 0xFFFF)
    return whole if 2 <= len(whole) == len(numbers) <= 4 else ()


def _text(fields: Mapping[int, Field], tag: int) -> str:
    return single_line(fields[tag].text(), _MAX_TEXT) if tag in fields else ""


def _whole(fields: Mapping[int, Field], tag: int) -> int | None:
    number = next(iter(fields[tag].numbers()), None) if tag in fields else None
    return int(number) if number is not None and number.denominator == 1 else None
