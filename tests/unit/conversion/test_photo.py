import io
import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import parse_basic_offsets
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit

from dimse.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from gateway.conversion.clean import clean_picture
from gateway.conversion.codes.tables import load_codes, use_codes
from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.exif_facts import ExifFacts
from gateway.conversion.facts import DeviceFacts, ObjectFacts, PatientFacts, PhotoFacts, SopClass
from gateway.conversion.part10 import DicomObject
from gateway.conversion.photo import choose_sop_class, device_of, photo_to_dicom
from gateway.conversion.picture import CleanPicture
from gateway.conversion.uids import derived_uid
from tests.unit.conversion.samples import CAMERA, display_profile, exif, facts, grey_scene, jpeg, png, scene

VL, DERMOSCOPIC, CAPTURE = SopClass.VL_PHOTOGRAPHIC, SopClass.DERMOSCOPIC, SopClass.SECONDARY_CAPTURE
PHOTO_CLASSES = [VL, DERMOSCOPIC, CAPTURE]
DERMOSCOPE = facts(device=CAMERA, photo=PhotoFacts(kind="dermoscopic", body_site="back"))


def whole(made: DicomObject) -> bytes:
    return b"".join(made.parts)


def parsed(made: DicomObject) -> Dataset:
    return dcmread(io.BytesIO(whole(made)))


def header(said: ObjectFacts | None = None, picture: CleanPicture | None = None, sop_class: SopClass = VL) -> Dataset:
    return photo_to_dicom(picture or clean_picture(jpeg()), said or facts(), sop_class).header


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"patient": PatientFacts("")}, "patient_id"),
        ({"patient": PatientFacts("x" * 65)}, "patient_id"),
        ({"patient": PatientFacts("P\\1")}, "patient_id"),
        ({"patient": PatientFacts("P", age="1000Y")}, "age"),
        ({"patient": PatientFacts("P", name="a=b=c=d")}, "patient_name"),
        ({"study": replace(facts().study, accession_number="x" * 17)}, "accession_number"),
        ({"study": replace(facts().study, study_instance_uid="1.02")}, "study_instance_uid"),
        ({"series": replace(facts().series, series_instance_uid="")}, "series_instance_uid"),
        ({"sop_instance_uid": "x"}, "sop_instance_uid"),
        ({"operator": "a^b^c^d^e^f"}, "operator"),
        ({"photo": PhotoFacts(body_site="nowhere")}, "body_site"),
    ],
)
def test_a_fact_that_cannot_be_written_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFactsError) as refusal:
        header(facts(**changes))
    assert refusal.value.field == field
    assert refusal.value.code == "invalid_facts"


@pytest.mark.parametrize("missing", ["maker", "model", "serial", "software"])
def test_a_dermoscopic_object_needs_its_equipment(missing: str) -> None:
    device = replace(CAMERA, **{missing: ""})
    with pytest.raises(InvalidFactsError):
        header(replace(DERMOSCOPE, device=device), sop_class=DERMOSCOPIC)
    assert choose_sop_class("dermoscopic", device, ExifFacts()) is VL


def test_the_class_follows_the_kind_the_equipment_and_the_request() -> None:
    assert choose_sop_class("clinical", CAMERA, ExifFacts()) is VL
    assert choose_sop_class("dermoscopic", CAMERA, ExifFacts()) is DERMOSCOPIC
    assert choose_sop_class("dermoscopic", DeviceFacts(), clean_picture(jpeg(exif=exif())).exif) is DERMOSCOPIC
    assert choose_sop_class("dermoscopic", CAMERA, ExifFacts(), secondary_capture=True) is CAPTURE


def test_exif_adds_to_what_was_said_of_the_same_camera_only() -> None:
    camera = ExifFacts(maker="Maker", model="Model", serial="9", software="2")
    assert device_of(DeviceFacts(serial="registered"), camera) == DeviceFacts("Maker", "Model", "registered", "2")
    assert device_of(DeviceFacts(maker="Other"), camera) == DeviceFacts("Other")


def test_the_same_camera_is_the_same_however_its_name_is_spelled() -> None:
    camera = ExifFacts(maker="SONY", model="ILCE-7M3", serial="9", software="2")
    said = DeviceFacts("Sony", " ilce-7m3")
    assert device_of(said, camera) == DeviceFacts("Sony", "ilce-7m3", "9", "2")
    assert choose_sop_class("dermoscopic", said, camera) is DERMOSCOPIC


def test_the_lens_of_another_camera_is_left_out_with_that_camera() -> None:
    picture = clean_picture(jpeg(exif=exif()))
    assert header(picture=picture).LensMake == "LensMaker"
    other = header(facts(device=replace(CAMERA, maker="DermScope")), picture)
    assert not [keyword for keyword in ("LensMake", "LensModel", "LensSerialNumber") if keyword in other]
    assert other.ExposureTimeInSeconds == header(picture=picture).ExposureTimeInSeconds, (
        "of the picture, not the camera"
    )


def test_serial_numbers_of_a_patients_own_camera_are_left_out_where_the_class_does_not_demand_them() -> None:
    seen = clean_picture(jpeg(exif=exif()))
    lens = (*seen.exif.attributes, ("LensSerialNumber", "0815"))
    picture = replace(seen, exif=replace(seen.exif, attributes=lens))
    assert header(facts(device=DeviceFacts()), picture).LensSerialNumber == "0815"
    made = header(facts(device=DeviceFacts(), keeps_serials=False), picture)
    assert (made.ManufacturerModelName, made.LensMake) == ("Model", "LensMaker")
    assert "LensSerialNumber" not in made
    assert "DeviceSerialNumber" not in made
    said = header(facts(device=DeviceFacts(serial="said"), keeps_serials=False), picture)
    assert said.DeviceSerialNumber == "said"
    demanded = replace(DERMOSCOPE, device=DeviceFacts(), keeps_serials=False)
    assert header(demanded, picture, sop_class=DERMOSCOPIC).DeviceSerialNumber == "Serial"


def test_the_same_picture_and_facts_give_the_same_bytes() -> None:
    for data in (jpeg(exif=exif(6)), png(scene())):
        assert whole(photo_to_dicom(clean_picture(data), facts(), VL)) == whole(
            photo_to_dicom(clean_picture(data), facts(), VL)
        )


@pytest.mark.parametrize("size", [(96, 144), (97, 143), (33, 35)])
@pytest.mark.parametrize("sop_class", [VL, CAPTURE])
def test_a_jpeg_is_one_fragment_of_even_length_behind_an_empty_offset_table(
    size: tuple[int, int], sop_class: SopClass
) -> None:
    for quality in (80, 85, 90):  # some of them of odd length
        data = jpeg(scene(*size), quality=quality)
        made = photo_to_dicom(clean_picture(data), facts(), sop_class)
        read = parsed(made)
        assert read.file_meta.TransferSyntaxUID == made.transfer_syntax_uid == JPEGBaseline8Bit
        assert parse_basic_offsets(read.PixelData) == []
        assert made.picture_length % 2 == 0
        fragment = whole(made)[made.picture_offset :][: made.picture_length]
        assert fragment.removesuffix(b"\x00" * (len(data) % 2)) == data
        assert read.PixelData[8:16] == b"\xfe\xff\x00\xe0" + made.picture_length.to_bytes(4, "little")
        assert (read.Rows, read.Columns) == size
        assert made.size_bytes == len(whole(made))


@pytest.mark.parametrize("pixels", [scene(5, 7), grey_scene(5, 7)], ids=["colour", "grey"])
def test_a_png_is_stored_native_and_exact(pixels: Any) -> None:
    made = photo_to_dicom(clean_picture(png(pixels)), facts(), VL)
    read = parsed(made)
    assert read.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (read.pixel_array == pixels).all()
    assert (read.LossyImageCompression, read.get("LossyImageCompressionRatio")) == ("00", None)
    assert whole(made)[made.picture_offset :][: made.picture_length].startswith(pixels.tobytes())


def test_the_stream_goes_in_without_being_copied() -> None:
    picture = clean_picture(jpeg())
    assert any(part is picture.stream for part in photo_to_dicom(picture, facts(), VL).parts)


def test_the_header_is_what_the_file_says() -> None:
    made = photo_to_dicom(clean_picture(jpeg(exif=exif())), facts(), VL)
    read = parsed(made)
    del read.PixelData
    assert read.to_json_dict() == made.header.to_json_dict()
    assert read.file_meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert read.file_meta.ImplementationVersionName == IMPLEMENTATION_VERSION_NAME
    assert whole(made)[:132] == bytes(128) + b"DICM"
    uids = (made.sop_class_uid, made.sop_instance_uid, made.series_instance_uid, made.study_instance_uid)
    assert uids == (VL, derived_uid("instance"), derived_uid("series"), derived_uid("study"))


def test_korean_is_written_as_unicode_and_says_so() -> None:
    read = parsed(photo_to_dicom(clean_picture(jpeg()), facts(), VL))
    assert read.SpecificCharacterSet == "ISO_IR 192"
    assert str(read.PatientName) == "Hong^Gildong=洪^吉洞=홍^길동"
    assert read.InstitutionName == "서울병원"
    assert "가려움" in read.ImageComments


def test_who_where_and_when_are_written() -> None:
    made = header()
    assert (made.PatientID, made.IssuerOfPatientID, made.PatientBirthDate) == ("P-1", "HOSPITAL", "19800102")
    assert (made.PatientSex, made.PatientAge) == ("F", "046Y")
    assert (made.StudyDate, made.StudyTime, made.AccessionNumber) == ("20260506", "100203.000000", "ACC-1")
    assert (made.AdmissionID, made.SeriesNumber, made.InstanceNumber) == ("V-1", 2, 3)
    assert (made.InstanceCreationDate, made.InstanceCreationTime) == ("20260507", "013000.000000")
    assert (made.TimezoneOffsetFromUTC, made.OperatorsName) == ("+0900", "Kim^Nurse")
    gateway = made.ContributingEquipmentSequence[0]
    assert gateway.PurposeOfReferenceCodeSequence[0].CodeValue == "109103"
    assert (gateway.Manufacturer, gateway.SoftwareVersions) == ("Dermgate", "0.1.0")


def test_nobody_guesses_whose_number_a_patient_id_is() -> None:
    assert "IssuerOfPatientID" not in header(facts(patient=PatientFacts("P")))


def test_what_is_unknown_is_empty_where_it_must_be_there_and_absent_elsewhere() -> None:
    said = facts(patient=PatientFacts("UNID-1"), photo=PhotoFacts(), operator="")
    made = header(said)
    for keyword in ("PatientName", "PatientBirthDate", "PatientSex", "Manufacturer", "ReferringPhysicianName"):
        assert not made[keyword].value
    assert made["PatientOrientation"].is_empty
    assert len(made.AcquisitionContextSequence) == 0
    for keyword in ("PatientAge", "OperatorsName", "AcquisitionDateTime", "ContentDate", "BurnedInAnnotation"):
        assert keyword not in made
    assert (made.ImageLaterality, made.AnatomicRegionSequence[0].CodeValue) == ("U", "39937001")
    assert "BodyPartExamined" not in made


@pytest.mark.parametrize("sop_class", PHOTO_CLASSES)
@pytest.mark.parametrize("data", [jpeg(), jpeg(grey_scene()), jpeg(progressive=True), jpeg(keep_rgb=True)])
def test_the_lossy_history_is_always_whole(sop_class: SopClass, data: bytes) -> None:
    made = header(DERMOSCOPE, clean_picture(data), sop_class)
    assert made.LossyImageCompression == "01"
    assert made["LossyImageCompressionRatio"].VM == made["LossyImageCompressionMethod"].VM >= 1
    assert made.PhotometricInterpretation in {"YBR_FULL_422", "MONOCHROME2"}
    assert made.AnatomicRegionSequence[0].CodingSchemeDesignator == "SCT"


def test_anew_coded_pixels_are_derived_and_have_two_lossy_steps() -> None:
    made = header(picture=clean_picture(jpeg(scene(97, 143), exif=exif(6))))
    assert list(made.ImageType) == ["DERIVED", "PRIMARY"]
    assert list(made.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_10918_1"]
    assert "coded anew" in made.DerivationDescription


def test_a_lossless_turn_stays_original_and_is_described() -> None:
    made = header(picture=clean_picture(jpeg(exif=exif(6))))
    assert list(made.ImageType) == ["ORIGINAL", "PRIMARY"]
    assert (made.Rows, made.Columns) == (144, 96)
    assert made.DerivationDescription == "Turned by 90 degrees clockwise as EXIF orientation 6 says; without loss"


def test_the_moment_of_exif_is_written_at_the_sites_offset() -> None:
    made = header(picture=clean_picture(jpeg(exif=exif())))
    assert made.AcquisitionDateTime == "20260506070809.123000+0900"
    assert (made.AcquisitionDate, made.AcquisitionTime) == ("20260506", "070809.123000")
    assert (made.ContentDate, made.ContentTime) == ("20260506", "070809.123000")


def test_the_senders_moment_goes_before_the_cameras() -> None:
    moment = datetime(2026, 5, 5, 23, 0, tzinfo=timezone(timedelta(hours=-5)))
    said = facts(photo=PhotoFacts(captured_at=moment))
    assert header(said, clean_picture(jpeg(exif=exif()))).AcquisitionDateTime == "20260506130000.000000+0900"


def test_every_time_of_an_object_has_the_offset_of_its_studys_begin() -> None:
    berlin = replace(facts().site, timezone=ZoneInfo("Europe/Berlin"))
    winter = replace(facts().study, started_at=datetime(2026, 3, 28, 12, tzinfo=UTC))
    summer_moment = datetime(2026, 3, 29, 12, tzinfo=UTC)
    made = header(facts(site=berlin, study=winter, photo=PhotoFacts(captured_at=summer_moment)))
    assert made.TimezoneOffsetFromUTC == "+0100"
    assert made.AcquisitionDateTime == "20260329130000.000000+0100"


def test_exif_becomes_attributes_of_the_photographic_classes_alone() -> None:
    picture = clean_picture(jpeg(exif=exif()))
    made = header(picture=picture)
    assert (made.ExposureTimeInSeconds, made.FNumber, made.FlashFiringStatus) == (pytest.approx(1 / 120), 1.8, 1)
    assert list(made.SubjectArea) == [10, 20, 6, 4]
    assert (made.Manufacturer, made.DeviceSerialNumber) == ("Maker", "Serial")
    assert not [element for element in header(picture=picture, sop_class=CAPTURE) if element.tag.group == 0x0016]
    assert not [element for element in made if 0x00160070 <= element.tag <= 0x0016008E]


def test_a_profile_is_of_an_input_device_and_of_even_length() -> None:
    made = header(picture=clean_picture(jpeg(icc_profile=display_profile())))
    assert made.ICCProfile[12:16] == b"scnr"
    assert len(made.ICCProfile) % 2 == 0
    assert made.ColorSpace == "SRGB"
    assert "ICCProfile" not in header()


def test_secondary_capture_names_the_gateway_as_the_capturing_device() -> None:
    made = header(sop_class=CAPTURE)
    assert (made.Modality, made.ConversionType) == ("XC", "DI")
    assert made.SecondaryCaptureDeviceManufacturer == "Dermgate"
    assert "AcquisitionContextSequence" not in made


@pytest.mark.parametrize(("contact", "immersion"), itertools.product([True, False, None], ["WATER", None]))
def test_dermoscopy_says_how_the_skin_was_touched(contact: bool | None, immersion: Any) -> None:
    photo = PhotoFacts(kind="dermoscopic", contact=contact, immersion=immersion, polarized=True, magnification=10)
    made = header(replace(DERMOSCOPE, photo=photo), sop_class=DERMOSCOPIC)
    touched = contact or (contact is None and immersion is not None)
    assert made.Modality == "DMS"
    assert (made.LightSourcePolarization, made.OpticalMagnificationFactor) == ("POLARIZED", 10)
    assert ("ImmersionMedia" in made) == touched
    assert made.ContactMethod == ("CONTACT" if touched else "" if contact is None else "NON_CONTACT")


def test_dermoscopy_follows_a_lesion_by_its_uid_and_name_together() -> None:
    lesion = PhotoFacts(kind="dermoscopic", tracking_uid=derived_uid("lesion"), tracking_id="L1")
    assert header(replace(DERMOSCOPE, photo=lesion), sop_class=DERMOSCOPIC).TrackingID == "L1"
    with pytest.raises(InvalidFactsError):
        header(replace(DERMOSCOPE, photo=replace(lesion, tracking_id="")), sop_class=DERMOSCOPIC)


@pytest.mark.parametrize(("said", "written"), [(True, "YES"), (False, "NO"), (None, None)])
def test_what_identifies_in_the_picture_is_told_where_somebody_looked(said: bool | None, written: str | None) -> None:
    made = header(facts(burned_in_annotation=said, recognizable_features=said))
    assert (made.get("BurnedInAnnotation"), made.get("RecognizableVisualFeatures")) == (written, written)
    dermoscopic = header(replace(DERMOSCOPE, recognizable_features=said), sop_class=DERMOSCOPIC)
    assert dermoscopic.RecognizableVisualFeatures == (written or "YES")


def test_what_the_sender_said_stands_in_the_comments_line_by_line() -> None:
    assert header().ImageComments == "Size: 5 mm\r\nSymptoms: itch\r\n가려움"


def test_a_scheme_of_the_sites_own_is_declared_where_its_code_stands(tmp_path: Path) -> None:
    row = "sole,foot,99WARD,SOLE,Skin of sole,,yes,발바닥,Sole,,ward list\n"
    columns = "slug,parent,scheme,code,meaning,body_part,paired,korean,english,aliases,source\n"
    (tmp_path / "body_sites.csv").write_text(columns + row, encoding="utf-8")
    use_codes(load_codes(tmp_path))
    try:
        (scheme,) = header(facts(photo=PhotoFacts(body_site="sole"))).CodingSchemeIdentificationSequence
        unnamed = facts(photo=PhotoFacts(body_site="sole"), site=replace(facts().site, institution=""))
        (nobodys,) = header(unnamed).CodingSchemeIdentificationSequence
        assert "CodingSchemeIdentificationSequence" not in header(facts(photo=PhotoFacts(body_site="foot")))
    finally:
        use_codes(load_codes())
    assert (scheme.CodingSchemeDesignator, scheme.CodingSchemeResponsibleOrganization) == ("99WARD", "서울병원")
    assert "CodingSchemeResponsibleOrganization" not in nobodys


def test_times_are_written_in_the_offset_of_any_zone() -> None:
    for name, offset in [("Asia/Kathmandu", "+0545"), ("America/St_Johns", "-0230"), ("UTC", "+0000")]:
        site = replace(facts().site, timezone=ZoneInfo(name))
        assert header(facts(site=site)).TimezoneOffsetFromUTC == offset
