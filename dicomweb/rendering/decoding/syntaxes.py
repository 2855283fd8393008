"""Which decoder a transfer syntax needs (PS3.6 table A-1)."""

from typing import Final

from dicomweb.rendering.decoding.job import Coding

_PREFIX: Final = "1.2.840.10008.1.2.4."
JPEG: Final = frozenset(_PREFIX + end for end in ("50", "51", "57", "70"))
"""Decoded where they are, as far as they have 8 bits."""
FOREIGN: Final = {
    **dict.fromkeys((_PREFIX + end for end in ("90", "91", "201", "202", "203")), Coding.JPEG_2000),
    **dict.fromkeys((_PREFIX + end for end in ("80", "81")), Coding.JPEG_LS),
}
"""Decoded in a process of their own."""
RUN_LENGTH: Final = "1.2.840.10008.1.2.5"
