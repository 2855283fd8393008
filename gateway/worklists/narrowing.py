"""Keys of a search for workitems as conditions of SQL: what narrows by an index; every key is matched afterwards."""

from collections.abc import Sequence

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from sqlalchemy import ColumnElement

from dicomweb.matching import has_wildcard, is_universal, key_texts
from gateway.access.caller import Scope
from gateway.worklists.tables import WorkitemRow

_COLUMNS = {
    0x00080018: WorkitemRow.workitem_uid,
    0x00100020: WorkitemRow.patient_id,
    0x00741000: WorkitemRow.state,
}


def conditions(scope: Scope, keys: Dataset) -> list[ColumnElement[bool]]:
    """Conditions that every match fulfils."""
    found: list[ColumnElement[bool]] = (
        [] if scope.hospitals is None else [WorkitemRow.hospital_id.in_(sorted(scope.hospitals))]
    )
    for tag, column in _COLUMNS.items():
        texts = _exact_texts(keys[tag]) if tag in keys else []
        if texts:
            found.append(column.in_(texts))
    return found


def _exact_texts(key: DataElement) -> Sequence[str]:
    """The values of a key that is matched by equality, none where it is not."""
    texts = key_texts(key.value)
    if is_universal(texts) or any(has_wildcard(key.VR, text) for text in texts):
        return []
    return texts
