import io

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.secondary_capture import as_secondary_capture
from gateway.conversion.uids import derived_uid
from tests.unit.conversion.object_kinds import CAPTURE, file_of


def source(kind: str = "dermoscopic photo") -> Dataset:
    return dcmread(io.BytesIO(file_of(kind)))


def copy_of(kind: str = "dermoscopic photo", **options: str) -> Dataset:
    return as_secondary_capture(source(kind), software_version="0.1.0", **options)


@pytest.mark.parametrize("kind", ["video", "pages", "capture"])
def test_only_photographic_objects_are_copied(kind: str) -> None:
    with pytest.raises(InvalidFactsError, match="sop_class"):
        copy_of(kind)


def test_the_copy_is_another_instance_in_another_series_of_the_same_study() -> None:
    original, copy = source(), copy_of()
    assert copy.SOPClassUID == copy.file_meta.MediaStorageSOPClassUID == CAPTURE.value
    assert copy.SOPInstanceUID == copy.file_meta.MediaStorageSOPInstanceUID != original.SOPInstanceUID
    assert copy.SeriesInstanceUID != original.SeriesInstanceUID
    assert copy.StudyInstanceUID == original.StudyInstanceUID
    assert (original.Modality, copy.Modality) == ("DMS", "XC")


def test_a_copy_made_again_is_the_same_object() -> None:
    assert copy_of() == copy_of()
    assert copy_of(uid_root="1.2.3").SOPInstanceUID.startswith("1.2.3.")


def test_the_source_is_left_as_it_was() -> None:
    original = source()
    as_secondary_capture(original, software_version="0.1.0")
    assert original == source()
    assert original.file_meta == source().file_meta


def test_the_copy_names_its_source_and_who_made_it() -> None:
    copy = copy_of()
    reference = copy.SourceImageSequence[0]
    assert reference.ReferencedSOPInstanceUID == derived_uid("instance")
    assert len(copy.ContributingEquipmentSequence) == 2
    assert copy.DerivationDescription == "Copied as Secondary Capture, pixels as they were"
    assert copy.SecondaryCaptureDeviceManufacturer == "Dermgate"
    assert copy.DateOfSecondaryCapture == source().InstanceCreationDate


def test_pixels_words_and_lossy_history_are_the_sources() -> None:
    original, copy = source(), copy_of()
    assert copy["PixelData"] is not None
    for keyword in ("PixelData", "PatientName", "ImageType", "LossyImageCompressionRatio", "AnatomicRegionSequence"):
        assert copy[keyword] == original[keyword]
    assert copy.file_meta.TransferSyntaxUID == original.file_meta.TransferSyntaxUID


def test_what_secondary_capture_does_not_know_is_left_out() -> None:
    copy = copy_of()
    assert not [element for element in copy if element.tag.group in {0x0016, 0x0062}]
    assert "AcquisitionContextSequence" not in copy
