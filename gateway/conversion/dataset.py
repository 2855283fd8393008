"""Small building blocks of data sets: values by keyword, and coded concepts."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError

Values = Mapping[str, Any]
"""DICOM keyword -> value; `""` and `[]` are written as empty, None is left out."""

_UID: Final = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+")


def dataset_of(*modules: Values) -> Dataset:
    """A data set of these modules' values; a later module's value replaces an earlier one's."""
    dataset = Dataset()
    for module in modules:
        for keyword, value in module.items():
            if value is not None:
                setattr(dataset, keyword, value)
    return dataset


def code(value: str, scheme: str, meaning: str) -> Dataset:
    """One coded concept (PS3.3 section 8): an item of a code sequence."""
    return dataset_of({"CodeValue": value, "CodingSchemeDesignator": scheme, "CodeMeaning": meaning})


def checked_uid(value: str, field: str) -> str:
    """The UID, or InvalidFactsError where it is none (PS3.5 9.1)."""
    if len(value) > 64 or not _UID.fullmatch(value):
        raise InvalidFactsError(field, "is not a UID")
    return value
