"""What decoders say of a damaged file beside their return value: libtiff on standard error, Pillow as warnings.

Both would let a sender fill the log with lines of his own making. What matters of it comes back as an error anyway.
"""

import ctypes
import warnings

from PIL import Image


def keep_decoders_quiet() -> None:
    """Silence them; for the whole process, since neither has a narrower switch."""
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    try:
        # libtiff is found among the libraries that Pillow's own module was linked with.
        ctypes.CDLL(Image.core.__file__).TIFFSetErrorHandler(None)  # type: ignore[attr-defined]  # see picture.py
    except (AttributeError, OSError):  # a Pillow without TIFF, or with libtiff inside
        return
