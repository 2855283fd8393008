"""What can go wrong here, as one small tree.

InferenceError
├── PictureError       the picture handed in; `code` is stable and may be shown
│   ├── NotAPicture, UnsupportedPicture, TruncatedPicture, TooManyPixels, TooSmall
├── ManifestError      a manifest that cannot be used; says which field
├── ModelRefused       a model file that does not fit its manifest, or the rules
├── ModelFailed        a loaded model gave no usable answer
├── TookTooLong        an explanation was not done within its time
└── StoreError         the model store's folder; says which task or version
"""

from typing import ClassVar


class InferenceError(Exception):
    """Anything this package refuses."""


class PictureError(InferenceError):
    """The bytes are no picture that can be judged; the sender has to send another."""

    code: ClassVar[str]


class NotAPicture(PictureError):
    """The bytes are not a picture at all, or their header cannot be read."""

    code = "not_a_picture"


class UnsupportedPicture(PictureError):
    """A picture, but of a kind that is not taken."""

    code = "unsupported_picture"


class TruncatedPicture(PictureError):
    """The picture is cut short or damaged: it cannot be decoded in full."""

    code = "truncated_picture"


class TooManyPixels(PictureError):
    """The header promises more pixels than are decoded here."""

    code = "too_many_pixels"


class TooSmall(PictureError):
    """The short side has too few pixels to be judged."""

    code = "too_small"


class ManifestError(InferenceError):
    """The manifest cannot be used; each of `faults` names the field and what is wrong with it."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the manifest cannot be used: " + "; ".join(faults))
        self.faults = faults


class ModelRefused(InferenceError):
    """The model may not serve; the message says what did not fit."""


class StoreError(InferenceError):
    """The model store lacks what was asked for, or was asked for something it cannot hold."""


class ModelFailed(InferenceError):
    """A loaded model gave no usable answer."""


class TookTooLong(InferenceError):
    """An explanation was not done within its time."""
