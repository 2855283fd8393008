"""The Storage Commitment Request and Response Modules (PS3.18 J.1, J.2) as DICOM JSON, both ways."""

from collections.abc import Sequence

from dicomweb.archive import JsonObject
from dicomweb.services.commitment.values import Reference, Verdict
from dicomweb.services.data_sets import DataSetError
from dicomweb.storing.members import uid_of, values_of

_SOP_CLASS = "00081150"
_SOP_INSTANCE = "00081155"
_FAILURE_REASON = "00081197"
_FAILED_SEQUENCE = "00081198"
_REFERENCED_SEQUENCE = "00081199"
_STUDY_SEQUENCE = "00081110"


def read_request(members: JsonObject, most: int) -> list[Reference]:
    """The instances that a request names, each once, in order.

    Raises:
        DataSetError: it names none, or more than `most`, or names one badly.
    """
    items = values_of(members, _REFERENCED_SEQUENCE)
    if not items:
        others = " Studies as a whole are not committed." if _STUDY_SEQUENCE in members else ""
        raise DataSetError(f"ReferencedSOPSequence names no instance.{others}")
    if len(items) > most:
        raise DataSetError(f"ReferencedSOPSequence names more than {most} instances")
    return list(dict.fromkeys(_reference(item, number) for number, item in enumerate(items, 1)))


def _reference(item: JsonObject, number: int) -> Reference:
    sop_class, sop_instance = uid_of(item, _SOP_CLASS), uid_of(item, _SOP_INSTANCE)
    if sop_class is None or sop_instance is None:
        raise DataSetError(f"item {number} of ReferencedSOPSequence lacks the UID of its class or its instance")
    return Reference(sop_class, sop_instance)


def response(verdicts: Sequence[Verdict]) -> JsonObject:
    """What is committed and what is not; the Transaction UID stands in the resource only (13.4.1.1)."""
    sequences = {
        _FAILED_SEQUENCE: [_item(one) for one in verdicts if one.failure is not None],
        _REFERENCED_SEQUENCE: [_item(one) for one in verdicts if one.failure is None],
    }
    return {tag: {"vr": "SQ", "Value": items} for tag, items in sequences.items() if items}


def _item(verdict: Verdict) -> JsonObject:
    item: JsonObject = {
        _SOP_CLASS: {"vr": "UI", "Value": [verdict.reference.sop_class_uid]},
        _SOP_INSTANCE: {"vr": "UI", "Value": [verdict.reference.sop_instance_uid]},
    }
    if verdict.failure is not None:
        item[_FAILURE_REASON] = {"vr": "US", "Value": [int(verdict.failure)]}
    return item
