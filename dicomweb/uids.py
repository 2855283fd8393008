"""What a UID looks like (PS3.5 9.1)."""

import re

_UID = re.compile(r"\d+(\.\d+)*", re.ASCII)
_MAX_LENGTH = 64


def is_uid(text: str) -> bool:
    """Whether `text` is a UID: digits and dots, at most 64 characters, no empty component.

    Components with leading zeros are let pass: they are wrong, but they are out there and do no harm.
    """
    return len(text) <= _MAX_LENGTH and _UID.fullmatch(text) is not None
