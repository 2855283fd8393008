"""UIDs that a retry arrives at again (PS3.5 section 9 and Annex B)."""

import re
import uuid
from typing import Final

UUID_ROOT: Final = "2.25"

_NAMESPACE: Final = uuid.UUID("cdd7cafe-53a1-4924-9364-a811e3a924c2")
_MAX_LENGTH: Final = 64
_MIN_SUFFIX_DIGITS: Final = 24
_ROOT: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


def derived_uid(*parts: str, root: str = "") -> str:
    """The UID that these parts always give: (hospital, submission, frame, SOP class) for an instance.

    UUID version 5 (RFC 9562) under 2.25, or under a registered `root` of the site. Differently divided parts
    give different UIDs.
    """
    name = "".join(f"{len(part)}:{part}" for part in parts)
    return _uid(uuid.uuid5(_NAMESPACE, name), root)


def unidentified_patient_id(submission_id: str) -> str:
    """The Patient ID of somebody unknown: `UNID-` and the submission, so that strangers are never merged."""
    return f"UNID-{submission_id}"


def check_root(root: str) -> None:
    """Raise ValueError where `root` is no UID, or leaves too few digits for what follows it."""
    if not _ROOT.fullmatch(root):
        raise ValueError("a UID root is numbers without leading zeros, joined by dots")
    if len(root) + 1 + _MIN_SUFFIX_DIGITS > _MAX_LENGTH:
        raise ValueError(f"a UID root has at most {_MAX_LENGTH - 1 - _MIN_SUFFIX_DIGITS} characters")


def _uid(value: uuid.UUID, root: str) -> str:
    if not root:
        return f"{UUID_ROOT}.{value.int}"
    check_root(root)
    digits = _MAX_LENGTH - len(root) - 1
    return f"{root}.{value.int % 10**digits}"
