"""EXIF tags and the DICOM attributes of group 0016 they become (PS3.3 C.8.12.9 and C.8.12.10).

The tables are the whole of what is copied. Left out on purpose: the place (GPS), the owner, the maker's note,
and every free text (ImageDescription, UserComment, Copyright, Artist): they hold names.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Final

from gateway.conversion.exif_facts import ExifValue
from gateway.conversion.text import single_line
from gateway.conversion.tiff import Field

_MAX_TEXT: Final = 64
_MAX_US: Final = 0xFFFF
_MAX_IS: Final = 2**31 - 1


def decimal_string(number: Fraction | float) -> str:
    """A number as DS: at most 16 characters (PS3.5 6.2)."""
    return format(float(number), ".10g")


def _decimal(field: Field) -> str | None:
    number = _single(field)
    return None if number is None else decimal_string(number)


def _distance(field: Field) -> str | None:
    """Metres; 0 means unknown (Exif 4.6.5, SubjectDistance)."""
    number = _single(field)
    return decimal_string(number) if number else None


def _four_decimals(field: Field) -> tuple[str, ...] | None:
    numbers = field.numbers()
    known = tuple(decimal_string(number) for number in numbers if number is not None)
    return known if len(numbers) == len(known) == 4 else None


def _short(field: Field) -> int | None:
    return _whole(_single(field), _MAX_US)


def _integer(field: Field) -> str | None:
    whole = _whole(_single(field), _MAX_IS)
    return None if whole is None else str(whole)


def _text(field: Field) -> str | None:
    return single_line(field.text(), _MAX_TEXT) or None


def _single(field: Field) -> Fraction | None:
    return next(iter(field.numbers()), None)


def _whole(number: Fraction | None, most: int) -> int | None:
    if number is None or number.denominator != 1 or not 0 <= number <= most:
        return None
    return int(number)


_Convert = Callable[[Field], ExifValue | None]

_TABLE: Final[Mapping[int, tuple[str, _Convert]]] = {
    0x829A: ("ExposureTimeInSeconds", _decimal),
    0x829D: ("FNumber", _decimal),
    0x8822: ("ExposureProgram", _short),
    0x8824: ("SpectralSensitivity", _text),
    0x8827: ("PhotographicSensitivity", _integer),
    0x8830: ("SensitivityType", _short),
    0x8831: ("StandardOutputSensitivity", _integer),
    0x8832: ("RecommendedExposureIndex", _integer),
    0x8833: ("ISOSpeed", _integer),
    0x9000: ("EXIFVersion", _text),
    0x9201: ("ShutterSpeedValue", _decimal),
    0x9202: ("ApertureValue", _decimal),
    0x9203: ("BrightnessValue", _decimal),
    0x9204: ("ExposureBiasValue", _decimal),
    0x9205: ("MaxApertureValue", _decimal),
    0x9206: ("SubjectDistance", _distance),
    0x9207: ("MeteringMode", _short),
    0x9208: ("LightSource", _short),
    0x920A: ("FocalLength", _decimal),
    0x9400: ("Temperature", _decimal),
    0x9401: ("Humidity", _decimal),
    0x9402: ("Pressure", _decimal),
    0x9403: ("WaterDepth", _decimal),
    0x9404: ("Acceleration", _decimal),
    0x9405: ("CameraElevationAngle", _decimal),
    0xA217: ("SensingMethod", _short),
    0xA300: ("FileSource", _short),
    0xA301: ("SceneType", _short),
    0xA401: ("CustomRendered", _short),
    0xA402: ("ExposureMode", _short),
    0xA403: ("WhiteBalance", _short),
    0xA404: ("DigitalZoomRatio", _decimal),
    0xA405: ("FocalLengthIn35mmFilm", _integer),
    0xA406: ("SceneCaptureType", _short),
    0xA407: ("GainControl", _short),
    0xA408: ("Contrast", _short),
    0xA409: ("Saturation", _short),
    0xA40A: ("Sharpness", _short),
    0xA40C: ("SubjectDistanceRange", _short),
    0xA432: ("LensSpecification", _four_decimals),
    0xA433: ("LensMake", _text),
    0xA434: ("LensModel", _text),
    0xA435: ("LensSerialNumber", _text),
}

_FLASH: Final = 0x9209
_FLASH_BITS: Final = (  # keyword, first bit, width (Exif 4.6.5, Flash)
    ("FlashFiringStatus", 0, 1),
    ("FlashReturnStatus", 1, 2),
    ("FlashMode", 3, 2),
    ("FlashFunctionPresent", 5, 1),
    ("FlashRedEyeMode", 6, 1),
)


def attributes_of(fields: Mapping[int, Field]) -> tuple[tuple[str, ExifValue], ...]:
    """The attributes that these EXIF fields give, as (keyword, value); what makes no sense is left out."""
    values = ((keyword, convert(fields[tag])) for tag, (keyword, convert) in _TABLE.items() if tag in fields)
    known = [(keyword, value) for keyword, value in values if value is not None]
    return (*known, *_flash(fields.get(_FLASH)))


def _flash(field: Field | None) -> list[tuple[str, ExifValue]]:
    bits = None if field is None else _short(field)
    if bits is None:
        return []
    return [(keyword, (bits >> first) & ((1 << width) - 1)) for keyword, first, width in _FLASH_BITS]
