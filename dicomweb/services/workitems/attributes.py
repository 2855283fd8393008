"""Attributes of a Unified Procedure Step: what must, may and may not stand in it when (PS3.4 Table CC.2.5-3), pure."""

from collections.abc import Mapping

from dicomweb.archive import JsonObject
from dicomweb.services.data_sets import DataSetError
from dicomweb.storing.members import values_of

UPS_PUSH = "1.2.840.10008.5.1.4.34.6.1"
"""Every workitem is an instance of this class, whoever works on it (PS3.4 CC.3.1)."""

SOP_CLASS_UID = "00080016"
SOP_INSTANCE_UID = "00080018"
AFFECTED_SOP_INSTANCE_UID = "00001000"
TRANSACTION_UID = "00081195"
STATE = "00741000"
PROGRESS = "00741002"
WORKLIST_LABEL = "00741202"
PERFORMED = "00741216"
PATIENT_ID = "00100020"
START = "00404005"
MODIFIED = "00404010"
CANCELED_AT = "00404052"
CONTACT_NAME = "0074100C"
CONTACT_URI = "0074100A"
COMMUNICATIONS = "00741008"
DISCONTINUATION_REASON = "0074100E"
REASON_FOR_CANCELLATION = "00741238"

_REQUIRED = {
    STATE: "ProcedureStepState",
    "00741200": "ScheduledProcedureStepPriority",
    "00741204": "ProcedureStepLabel",
    START: "ScheduledProcedureStepStartDateTime",
    "00404041": "InputReadinessState",
}
_ENUMERATED = {"00741200": ("HIGH", "MEDIUM", "LOW"), "00404041": ("INCOMPLETE", "UNAVAILABLE", "READY")}
_EMPTY_AT_FIRST = {
    TRANSACTION_UID: "TransactionUID",
    PROGRESS: "ProcedureStepProgressInformationSequence",
    PERFORMED: "UnifiedProcedureStepPerformedProcedureSequence",
}
_FIXED = {
    SOP_CLASS_UID: "SOPClassUID",
    SOP_INSTANCE_UID: "SOPInstanceUID",
    STATE: "ProcedureStepState",
    "00100010": "PatientName",
    PATIENT_ID: "PatientID",
    "00100021": "IssuerOfPatientID",
    "00100030": "PatientBirthDate",
    "00100040": "PatientSex",
    "00741224": "ReplacedProcedureStepSequence",
}
_PERFORMED_REQUIRED = {
    "00404019": "PerformedWorkitemCodeSequence",
    "00404028": "PerformedStationNameCodeSequence",
    "00404050": "PerformedProcedureStepStartDateTime",
    "00404051": "PerformedProcedureStepEndDateTime",
}

VRS = {
    **dict.fromkeys((SOP_CLASS_UID, SOP_INSTANCE_UID, AFFECTED_SOP_INSTANCE_UID, TRANSACTION_UID), "UI"),
    **dict.fromkeys((STATE, "00741200", "00404041", "00100040"), "CS"),
    **dict.fromkeys((WORKLIST_LABEL, "00741204", PATIENT_ID, "00100021"), "LO"),
    **dict.fromkeys((PROGRESS, PERFORMED, "00741224"), "SQ"),
    **dict.fromkeys((START, MODIFIED), "DT"),
    "00100010": "PN",
    "00100030": "DA",
}
"""What is looked into here, and its VR (PS3.6)."""

RETURNED = frozenset(
    {
        *(0x00080005, 0x00080016, 0x00080018, 0x00080050, 0x00100010, 0x00100020, 0x00100021, 0x00100030, 0x00100040),
        *(0x0020000D, 0x00380010, 0x00404005, 0x00404008, 0x00404010, 0x00404011, 0x00404018, 0x00404021),
        *(0x00404025, 0x00404026, 0x00404027, 0x00404034, 0x00404041, 0x0040A370),
        *(0x00741000, 0x00741002, 0x00741200, 0x00741202, 0x00741204, 0x00741210),
    }
)
"""What a search returns without being asked (return key types 1 and 2), where it is known."""


def check_creation(members: JsonObject) -> None:
    """Raise DataSetError where something is missing or said too early; the state is looked at elsewhere."""
    check_vrs(members)
    missing = [name for tag, name in _REQUIRED.items() if not values_of(members, tag)]
    if missing:
        raise DataSetError(f"a workitem is created with {', '.join(missing)}")
    early = [name for tag, name in _EMPTY_AT_FIRST.items() if values_of(members, tag)]
    if early:
        raise DataSetError(f"a workitem is created without {', '.join(early)}")
    check_values(members)


def check_vrs(members: JsonObject) -> None:
    """Raise DataSetError where an attribute that is looked into has another VR than its own: its values differ."""
    wrong = [f"{tag} has the VR {vr}" for tag, vr in VRS.items() if tag in members and members[tag]["vr"] != vr]
    if wrong:
        raise DataSetError(f"in a workitem {', '.join(wrong)}")


def check_values(members: JsonObject) -> None:
    """Raise DataSetError where an attribute has a value that is not among those it may have."""
    for tag, allowed in _ENUMERATED.items():
        if tag in members and values_of(members, tag) not in [[value] for value in allowed]:
            raise DataSetError(f"{_REQUIRED[tag]} is none of {', '.join(allowed)}")


def check_update(present: JsonObject, changes: JsonObject) -> None:
    """Raise DataSetError where `changes` touch what an update may not (repeating the present value is harmless)."""
    check_vrs(changes)
    touched = [
        name for tag, name in _FIXED.items() if tag in changes and values_of(changes, tag) != values_of(present, tag)
    ]
    if touched:
        raise DataSetError(f"an update does not change {', '.join(touched)}")
    emptied = [name for tag, name in _REQUIRED.items() if tag in changes and not values_of(changes, tag)]
    if emptied:
        raise DataSetError(f"an update does not empty {', '.join(emptied)}")
    check_values(changes)


def missing_for_completion(members: JsonObject) -> list[str]:
    """What has to be said before a workitem is completed; empty where all of it is."""
    performed = values_of(members, PERFORMED)
    if not performed:
        return ["UnifiedProcedureStepPerformedProcedureSequence"]
    return [name for tag, name in _PERFORMED_REQUIRED.items() if not all(values_of(item, tag) for item in performed)]


def single(vr: str, value: object) -> JsonObject:
    """An element of one value."""
    return {"vr": vr, "Value": [value]}


def ordered(members: Mapping[str, JsonObject]) -> JsonObject:
    """The same elements by ascending tag."""
    return {tag: members[tag] for tag in sorted(members)}
