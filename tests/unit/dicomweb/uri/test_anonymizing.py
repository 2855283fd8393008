"""Images without their patient: nothing of identity left anywhere in the bytes, the pixels the same."""

from io import BytesIO

import pydicom
import pytest
from PIL import Image

from dicomweb.part10 import read_part10
from dicomweb.rendering.errors import NotRenderableError
from dicomweb.uri.anonymizing import anonymized, other_uid
from tests.unit.dicomweb.samples import element, jpeg, photo, sequence

SECRET = b"Gildong"


def telling_jpeg() -> bytes:
    """A JPEG whose EXIF and comment name the patient."""
    buffer = BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Hong Gildong"
    Image.new("RGB", (64, 48), (200, 90, 80)).save(buffer, "JPEG", exif=exif, comment=b"Hong Gildong")
    return buffer.getvalue()


def without_patient(data: bytes) -> bytes:
    return anonymized(BytesIO(data), read_part10(data).frames)


def test_nothing_of_the_patient_is_left_and_the_picture_is_the_same() -> None:
    extra = [
        (0x00081030, element(0x00081030, "LO", "Gildong's arm")),
        (0x00091001, element(0x00091001, "UN", b"Gildong ")),
        (0x00082218, sequence(0x00082218, [element(0x00080104, "LO", "Gildong")])),
        (0x00104000, element(0x00104000, "LT", "Gildong again")),
    ]
    data = photo(frames=[telling_jpeg()], extra=extra)
    assert data.count(SECRET) >= 6
    made = without_patient(data)
    assert SECRET not in made
    assert "길동".encode() not in made
    assert b"1.2.3.1\0" not in made
    ds = pydicom.dcmread(BytesIO(made))
    assert (ds.PatientName, ds.PatientID, ds.PatientIdentityRemoved) == ("", "", "YES")
    assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID == other_uid("1.2.3.3")
    assert (ds.pixel_array == pydicom.dcmread(BytesIO(data)).pixel_array).all()


def test_frames_stay_apart() -> None:
    made = read_part10(without_patient(photo(frames=[jpeg(0), jpeg(40), jpeg(80)])))
    assert len(made.frames) == 3
    assert not made.faults


def test_native_pixels_stay() -> None:
    native = bytes(range(192)) * 3
    ds = pydicom.dcmread(BytesIO(without_patient(photo(native=native))))
    assert ds.PixelData == native
    assert ds.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"


def test_objects_that_belong_together_still_do() -> None:
    first, second = (pydicom.dcmread(BytesIO(without_patient(photo(instance=uid)))) for uid in ("1.2.3.3", "1.2.3.4"))
    assert first.StudyInstanceUID == second.StudyInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID


@pytest.mark.parametrize(
    "extra", [(0x00280301, element(0x00280301, "CS", "YES")), (0x52009229, sequence(0x52009229, [b""]))]
)
def test_what_may_still_name_somebody_is_refused(extra: tuple[int, bytes]) -> None:
    with pytest.raises(NotRenderableError):
        without_patient(photo(extra=[extra]))


def test_frames_that_are_no_jpeg_where_one_is_said_are_refused() -> None:
    with pytest.raises(NotRenderableError):
        without_patient(photo(frames=[b"Gildong, not a JPEG"]))
