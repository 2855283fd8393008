"""What goes to a PACS that does not take an object as it is stored: DCMTK's storescp with less and less in it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    SecondaryCaptureImageStorage,
)

from tests.integration.delivery.hospital import attempts, rows, states, wait_until
from tests.integration.delivery.leaving import PHOTO, House, Receiver, original, there
from tests.peers import dciodvfy_errors

pytestmark = pytest.mark.peer

CLASSES = {"Dermoscopic": "DermoscopicPhotographyImageStorage", "Capture": "SecondaryCaptureImageStorage"}

_PROFILE = """\
[[TransferSyntaxes]]
[Taken]
{syntaxes}
[[PresentationContexts]]
[Taken]
PresentationContext1 = {sop_class}\\Taken
[[Profiles]]
[Default]
PresentationContexts = Taken
"""


def only(folder: Path, sop_class: str, *syntaxes: str) -> list[str]:
    """Options of a storescp that takes one class, in these syntaxes."""
    numbered = "\n".join(f"TransferSyntax{number} = {name}" for number, name in enumerate(syntaxes, 1))
    path = folder / "storescp.cfg"
    path.write_text(_PROFILE.format(sop_class=sop_class, syntaxes=numbered), encoding="ascii")
    return ["-xf", str(path), "Default"]


StartReceiver = Callable[..., Receiver]


def test_a_video_for_a_pacs_without_video_is_not_accepted_and_says_why(house: House, storescp: StartReceiver) -> None:
    row = house.ended(there(storescp()), "video", "not_accepted")
    assert "does not take the transfer syntax" in (row.last_message or "")
    assert "a video has no uncompressed form" in (row.last_message or "")


@pytest.mark.parametrize("kind", ["video", "pages"])
def test_only_photos_have_a_copy(house: House, storescp: StartReceiver, tmp_path: Path, kind: str) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Capture"], "LittleEndianImplicit"))
    row = house.ended(there(receiver, secondary_capture=True), kind, "not_accepted")
    assert "only photos have a Secondary Capture copy" in (row.last_message or "")
    assert receiver.objects() == []


def test_a_class_that_is_not_taken_is_not_accepted_where_no_copy_is_wanted(
    house: House, storescp: StartReceiver, tmp_path: Path
) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Capture"], "JPEGBaseline", "LittleEndianImplicit"))
    row = house.ended(there(receiver), PHOTO, "not_accepted")
    assert f"does not take the SOP class {DermoscopicPhotographyImageStorage}" in (row.last_message or "")
    assert "(Dermoscopic Photography Image Storage): ask its administrator" in (row.last_message or "")
    assert "secondary_capture = true" in (row.last_message or "")
    assert [attempt.outcome for attempt in attempts(house.database)] == ["fallback_class"]


def test_a_pacs_that_takes_neither_the_class_nor_the_copy_says_both(
    house: House, storescp: StartReceiver, tmp_path: Path
) -> None:
    receiver = storescp(*only(tmp_path, "CTImageStorage", "LittleEndianImplicit"))
    row = house.ended(there(receiver, secondary_capture=True), PHOTO, "not_accepted")
    assert DermoscopicPhotographyImageStorage in (row.last_message or "")
    assert f"nor the copy: PACS at 127.0.0.1:{receiver.port} does not take the SOP class" in (row.last_message or "")
    assert row.sent_sop_instance_uid is None


@pytest.mark.parametrize(
    ("syntax", "taken"),
    [("LocalEndianExplicit", ExplicitVRLittleEndian), ("LittleEndianImplicit", ImplicitVRLittleEndian)],
)
def test_a_pacs_without_jpeg_gets_the_same_object_uncompressed(
    house: House, storescp: StartReceiver, tmp_path: Path, syntax: str, taken: str
) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Dermoscopic"], syntax))
    row = house.ended(there(receiver, secondary_capture=True), PHOTO, "sent")
    [held] = receiver.objects()
    assert (held.SOPInstanceUID, held.SOPClassUID) == (original().SOPInstanceUID, original().SOPClassUID)
    assert held.file_meta.TransferSyntaxUID == taken
    assert (held.PhotometricInterpretation, held.LossyImageCompression) == ("RGB", "01")
    assert held.LossyImageCompressionRatio == original().LossyImageCompressionRatio
    assert len(held.PixelData) // 2 == (held.Rows * held.Columns * 3 + 1) // 2
    assert (row.sent_sop_class_uid, row.sent_sop_instance_uid, row.sent_series_instance_uid) == (None, None, None)


def test_a_pacs_that_knows_only_secondary_capture_gets_a_copy_with_the_coded_picture_as_it_is(
    house: House, storescp: StartReceiver, tmp_path: Path
) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Capture"], "JPEGBaseline", "LittleEndianImplicit"))
    row = house.ended(there(receiver, secondary_capture=True), PHOTO, "sent")
    [held] = receiver.objects()
    assert held.SOPClassUID == row.sent_sop_class_uid == SecondaryCaptureImageStorage
    assert held.SOPInstanceUID == row.sent_sop_instance_uid != original().SOPInstanceUID
    assert held.SeriesInstanceUID == row.sent_series_instance_uid != original().SeriesInstanceUID
    assert held.StudyInstanceUID == original().StudyInstanceUID
    assert held.SourceImageSequence[0].ReferencedSOPInstanceUID == original().SOPInstanceUID
    assert held.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert held.PixelData == original().PixelData
    assert (row.last_message or "").startswith("as a copy: 0x0000")
    assert dciodvfy_errors(next(receiver.received.iterdir())) == []


def test_a_pacs_that_knows_only_secondary_capture_and_no_jpeg_gets_the_copy_uncompressed(
    house: House, storescp: StartReceiver, tmp_path: Path
) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Capture"], "LittleEndianImplicit"))
    row = house.ended(there(receiver, secondary_capture=True), PHOTO, "sent")
    [held] = receiver.objects()
    assert held.SOPInstanceUID == row.sent_sop_instance_uid
    assert (held.file_meta.TransferSyntaxUID, held.PhotometricInterpretation) == (ImplicitVRLittleEndian, "RGB")


def test_a_refused_class_is_found_out_once_and_what_is_taken_goes_as_it_is(
    house: House, storescp: StartReceiver, tmp_path: Path
) -> None:
    receiver = storescp(*only(tmp_path, CLASSES["Capture"], "JPEGBaseline", "LittleEndianImplicit"))
    where = there(receiver, secondary_capture=True, max_associations=2)
    with house.delivering(where, PHOTO, PHOTO, "capture"):
        wait_until(lambda: states(house.database) == {"sent": 3}, "all are sent")
    assert len(receiver.objects()) == 3
    assert [row.sent_sop_instance_uid is None for row in rows(house.database)] == [False, False, True]
    assert {attempt.number for attempt in attempts(house.database)} == {1}
