"""A Secondary Capture copy of an archived object, for a destination that knows nothing newer (PS3.3 A.8.1)."""

from typing import Final

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from gateway.conversion.context_modules import PRODUCT
from gateway.conversion.dataset import code, dataset_of
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.facts import SopClass
from gateway.conversion.text import paragraphs, single_line
from gateway.conversion.uids import derived_uid

_PHOTOGRAPHIC_GROUPS: Final = (0x0016, 0x0062)
"""VL Photographic and Dermoscopic attributes; tracking of a lesion: Secondary Capture has none of them."""
_NOT_OF_SECONDARY_CAPTURE: Final = frozenset({"AcquisitionContextSequence", "AcquisitionContextDescription"})
_FROM: Final = frozenset({SopClass.VL_PHOTOGRAPHIC, SopClass.DERMOSCOPIC})
_LO: Final = 64
_ST: Final = 1024


def as_secondary_capture(source: Dataset, *, software_version: str, uid_root: str = "") -> Dataset:
    """The Secondary Capture copy of a VL Photographic or Dermoscopic object; the source is left as it is.

    Pixels, transfer syntax, lossy history, patient and study are the source's. The copy has an instance UID of its
    own and lies in a series of its own (a series has one Modality), both derived from the source's, so that
    every copy of an object is the same; it names the source and the gateway that made it. What only the source's
    class has is left out. Elements are shared with the source: write the copy, do not change it.

    Raises InvalidFactsError for an object of any other class.
    """
    if source.SOPClassUID not in _FROM:
        raise InvalidFactsError("sop_class", "is not one that a Secondary Capture copy is made of")
    copy = Dataset()
    for element in source:
        if element.tag.group not in _PHOTOGRAPHIC_GROUPS and element.keyword not in _NOT_OF_SECONDARY_CAPTURE:
            copy.add(element)
    copy.update(_own(source, software_version, uid_root))
    copy.file_meta = _file_meta(source, copy)
    return copy


def _own(source: Dataset, software_version: str, uid_root: str) -> Dataset:
    """What the copy says in its own right."""
    target = SopClass.SECONDARY_CAPTURE.value
    version = single_line(software_version, _LO) or None
    said = (source.get("DerivationDescription", ""), "Copied as Secondary Capture, pixels as they were")
    return dataset_of(
        {
            "SOPClassUID": target,
            "SOPInstanceUID": derived_uid("copy", source.SOPInstanceUID, target, root=uid_root),
            "SeriesInstanceUID": derived_uid("copy", source.SeriesInstanceUID, target, root=uid_root),
            "Modality": "XC",
            "ConversionType": "DI",
            "SecondaryCaptureDeviceManufacturer": PRODUCT,
            "SecondaryCaptureDeviceManufacturerModelName": PRODUCT,
            "SecondaryCaptureDeviceSoftwareVersions": version,
            # The moment of receipt, not of copying: a copy made again is the same object.
            "DateOfSecondaryCapture": source.get("InstanceCreationDate"),
            "TimeOfSecondaryCapture": source.get("InstanceCreationTime"),
            "DerivationDescription": paragraphs("\n".join(text for text in said if text), _ST),
            "SourceImageSequence": [_reference(source)],
            "ContributingEquipmentSequence": [*source.get("ContributingEquipmentSequence", ()), _gateway(version)],
        }
    )


def _reference(source: Dataset) -> Dataset:
    return dataset_of(
        {
            "ReferencedSOPClassUID": source.SOPClassUID,
            "ReferencedSOPInstanceUID": source.SOPInstanceUID,
            "PurposeOfReferenceCodeSequence": [
                code("121322", "DCM", "Source image for image processing operation"),
            ],
        }
    )


def _gateway(version: str | None) -> Dataset:
    return dataset_of(
        {
            "PurposeOfReferenceCodeSequence": [code("109103", "DCM", "Modifying Equipment")],
            "Manufacturer": PRODUCT,
            "ManufacturerModelName": PRODUCT,
            "SoftwareVersions": version,
            "ContributionDescription": "Copied as Secondary Capture",
        }
    )


def _file_meta(source: Dataset, copy: Dataset) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.update(source.file_meta)
    meta.MediaStorageSOPClassUID = UID(copy.SOPClassUID)
    meta.MediaStorageSOPInstanceUID = UID(copy.SOPInstanceUID)
    return meta
