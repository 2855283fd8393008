"""What can go wrong between a photo and its DICOM object.

ConversionError
├── PictureError              the picture's fault
│   ├── UnsupportedFormatError    no picture, or of a format that is not taken
│   ├── UnsupportedCodingError    of a format that is taken, but coded in a way that is not
│   ├── DamagedPictureError       cut short or not well formed
│   └── TooManyPixelsError        larger than allowed
└── InvalidFactsError         a fact that cannot be written

Messages never hold patient identity or text out of the picture.
"""

from typing import ClassVar


class ConversionError(Exception):
    """A photo cannot become a DICOM object; `code` is stable and fit for an API answer."""

    code: ClassVar[str] = "conversion_failed"


class PictureError(ConversionError):
    """The picture cannot be used."""

    code = "unusable_picture"


class UnsupportedFormatError(PictureError):
    """The bytes are no picture of a format that is taken."""

    code = "unsupported_format"


class UnsupportedCodingError(PictureError):
    """The format is taken, but not this way of coding in it (lossless JPEG of many bits, hierarchical, ...)."""

    code = "unsupported_coding"


class DamagedPictureError(PictureError):
    """The picture is cut short or not well formed."""

    code = "damaged_picture"


class TooManyPixelsError(PictureError):
    """The picture has more pixels than allowed."""

    code = "too_many_pixels"


class InvalidFactsError(ConversionError):
    """A fact cannot be written as DICOM; `field` names it, the message does not repeat its value."""

    code = "invalid_facts"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field
