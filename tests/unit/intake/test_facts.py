"""From what was said to what is written: identity, context, places."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.config import SiteSettings
from gateway.conversion.body_sites import body_sites
from gateway.conversion.facts import DeviceFacts, ObjectFacts, SopClass
from gateway.intake.context import patient_context
from gateway.intake.facts import discriminator, instance_uid, object_facts, patient_key, site_facts
from gateway.intake.request import check_fields
from gateway.review.places import Case, Place

SITE = SiteSettings(patient_id_issuer="SITE")
AT = datetime(2026, 5, 6, tzinfo=UTC)


def test_a_patient_is_keyed_by_hospital_issuer_and_id() -> None:
    said = check_fields({"patient_id": "P"})
    assert patient_key(said, SITE, "north", "a") == patient_key(said, SITE, "north", "b")
    assert patient_key(said, SITE, "north", "a") != patient_key(said, SITE, "south", "a")
    assert patient_key(check_fields({"patient_id": "P"}), SITE, "north", "a").issuer_of_patient_id == ""
    other = check_fields({"patient_id": "P", "issuer_of_patient_id": "OTHER"})
    assert patient_key(other, SITE, "north", "a").issuer_of_patient_id == "OTHER"


def test_strangers_have_ids_of_their_own_that_stay_over_a_retry() -> None:
    nobody = check_fields({})
    first, second = (patient_key(nobody, SITE, "north", one * 32) for one in "ab")
    assert first != second
    assert first == patient_key(nobody, SITE, "north", "a" * 32)
    assert (first.patient_id[:5], first.issuer_of_patient_id) == ("UNID-", "SITE")


def test_an_age_comes_from_the_birth_date_where_none_is_said() -> None:
    born = check_fields({"patient_birth_date": "1980-05-06", "patient_sex": "F", "body_site": "face"})
    context = patient_context(born, AT)
    assert (context.sex, context.body_site) == ("F", "face")
    assert context.age_years is not None
    assert 45.9 < context.age_years < 46.1
    assert patient_context(check_fields({"patient_age": "30", "patient_birth_date": "1980-05-06"}), AT).age_years == 30
    assert patient_context(check_fields({}), AT).age_years is None


def test_an_infant_keeps_its_age_for_the_models_and_in_the_object() -> None:
    infant = check_fields({"patient_age": "006M"})
    assert patient_context(infant, AT).age_years == 0.5
    assert patient_context(check_fields({"patient_age": "026W"}), AT).age_years == pytest.approx(0.5, abs=0.01)
    assert facts_of({"patient_age": "006M"}).patient.age == "006M"
    assert facts_of({}).patient.age == ""


def test_series_are_told_apart_by_kind_site_and_side() -> None:
    said = [{}, {"laterality": "L"}, {"body_site": "face"}, {"kind": "dermoscopic"}]
    photographic = SopClass.VL_PHOTOGRAPHIC
    assert len({discriminator(check_fields(one), photographic) for one in said}) == 4
    unsaid, unknown = check_fields({}), check_fields({"laterality": "U"})
    assert discriminator(unsaid, photographic) == discriminator(unknown, photographic)


def test_a_series_has_one_modality_and_no_videos_among_its_photos() -> None:
    fields = check_fields({"kind": "dermoscopic"})
    apart = {discriminator(fields, sop_class) for sop_class in SopClass}
    assert len(apart) == 3
    captures = SopClass.SECONDARY_CAPTURE, SopClass.MULTI_FRAME_TRUE_COLOR_SC, SopClass.VL_PHOTOGRAPHIC
    assert len({discriminator(fields, sop_class) for sop_class in captures}) == 1
    assert max(map(len, apart)) <= 128


def test_a_retry_makes_the_same_instance_uid_and_another_class_another() -> None:
    uids = {instance_uid("north", "a" * 32, sop_class, "1.2.3") for sop_class in SopClass for _ in range(2)}
    assert len(uids) == len(SopClass)
    assert all(uid.startswith("1.2.3.") and len(uid) <= 64 for uid in uids)


def facts_of(said: dict[str, str], case_id: str = "c" * 32) -> ObjectFacts:
    fields = check_fields({"patient_id": "P", **said})
    case = Case(case_id, patient_key(fields, SITE, "north", case_id), "2.25.1", "", AT)
    return object_facts(
        fields, site=SITE, case=case, place=Place("2.25.2", 1, 1), sop_instance_uid="2.25.3", received_at=AT,
        software_version="0",
    )  # fmt: skip


def test_a_lesion_keeps_its_tracking_uid_from_case_to_case_and_is_nobody_elses() -> None:
    first, later = (facts_of({"lesion_id": "L1"}, case_id * 32).photo for case_id in "cd")
    assert first.tracking_uid
    assert (later.tracking_uid, later.tracking_id) == (first.tracking_uid, "L1")
    assert facts_of({"lesion_id": "L1", "patient_id": "Q"}).photo.tracking_uid != first.tracking_uid
    assert facts_of({"lesion_id": "L2"}).photo.tracking_uid != first.tracking_uid
    assert facts_of({}).photo.tracking_uid == ""


def test_a_series_is_described_by_what_its_pictures_have_in_common() -> None:
    assert facts_of({}).series.description == "Clinical, Skin (site not given)"
    said = {"kind": "dermoscopic", "body_site": "forearm", "laterality": "L"}
    assert facts_of(said).series.description == "Dermoscopic, Forearm, left"


@pytest.mark.parametrize(("said", "meant"), [({}, None), ({"x": "yes"}, True), ({"x": "no"}, False)])
def test_what_the_sender_says_of_identifying_marks_goes_before_what_is_assumed(
    said: dict[str, str], meant: bool | None
) -> None:
    words = {"burned_in_annotation": said["x"], "recognizable": said["x"]} if said else {}
    made = facts_of({"body_site": "forearm", **words})
    assert (made.burned_in_annotation, made.recognizable_features) == (meant, meant)
    of_face = facts_of({"body_site": "face", **words}).recognizable_features
    assert of_face is (True if meant is None else meant)


def test_the_order_and_who_gave_it_stand_in_study_and_series() -> None:
    said = {
        "referring_physician": "Lee^Sora", "study_description": "Moles", "requesting_service": "GP",
        "requested_procedure_id": "RP-1", "scheduled_procedure_step_id": "SPS-1",
    }  # fmt: skip
    made = facts_of(said)
    assert made.referring_physician == "Lee^Sora"
    study = made.study
    assert (study.description, study.requesting_service) == ("Moles", "GP")
    assert (study.requested_procedure_id, study.scheduled_step_id) == ("RP-1", "SPS-1")


def test_a_distance_in_the_skin_is_that_of_rows_and_of_columns() -> None:
    assert facts_of({"pixel_spacing_mm": "0.02"}).photo.pixel_spacing_mm == (0.02, 0.02)
    assert facts_of({"pixel_spacing_mm": "0.02\\0.03"}).photo.pixel_spacing_mm == (0.02, 0.03)
    assert facts_of({}).photo.pixel_spacing_mm is None


def test_the_site_says_where_hangul_goes_and_what_its_objects_are_fit_for() -> None:
    plain = site_facts(SITE)
    assert (plain.hangul_group, plain.content_qualification) == (1, None)
    said = site_facts(SiteSettings(hangul_group=2, content_qualification="RESEARCH"))
    assert (said.hangul_group, said.content_qualification) == (2, "RESEARCH")


def test_a_face_may_be_recognized_and_of_the_rest_nobody_says_that_it_may_not() -> None:
    seen = {"face": True, "cheek": True, "upper_eyelid": True, "head": True}
    unsaid = dict.fromkeys(["forearm", "scalp", "neck", "skin"])
    for site, recognizable in (seen | unsaid).items():
        assert facts_of({"body_site": site}).recognizable_features is recognizable
    assert facts_of({"body_site": "cheek", "kind": "dermoscopic"}).recognizable_features is None


def test_a_series_has_one_camera_one_operator_and_one_order() -> None:
    photographic, plain = SopClass.VL_PHOTOGRAPHIC, check_fields({})
    cameras = [None, DeviceFacts(), DeviceFacts("Maker"), DeviceFacts("Maker", "X"), DeviceFacts("Maker", serial="X")]
    kinds = [discriminator(plain, photographic, camera) for camera in cameras]
    assert kinds[0] == kinds[1], "nothing known tells nothing apart"
    assert len(set(kinds)) == 4
    said = ({"operator": "Kim"}, {"operator": "Lee"}, {"requested_procedure_id": "1"})
    assert len({discriminator(check_fields(each), photographic) for each in ({}, *said)}) == 4
    longest = check_fields({"kind": "dermoscopic", "body_site": max(body_sites(), key=len), "operator": "x" * 64})
    assert len(discriminator(longest, SopClass.VIDEO_PHOTOGRAPHIC, DeviceFacts(*"x" * 4))) <= 128


def test_a_lesion_may_be_named_by_another_issuer_than_its_patients() -> None:
    fields = check_fields({"patient_id": "P", "issuer_of_patient_id": "HOSP", "lesion_id": "L1"})
    case = Case("c" * 32, patient_key(fields, SITE, "north", "c" * 32), "2.25.1", "", AT)

    def uid(issuer: str | None) -> str:
        made = object_facts(
            fields, site=SITE, case=case, place=Place("2.25.2", 1, 1), sop_instance_uid="2.25.3", received_at=AT,
            software_version="0", lesion_issuer=issuer,
        )  # fmt: skip
        return made.photo.tracking_uid

    assert uid("") == facts_of({"lesion_id": "L1"}).photo.tracking_uid != uid("HOSP") == uid(None)


def test_a_camera_that_the_patient_held_is_nobodys_to_recognise() -> None:
    kept = [facts_of(said).keeps_serials for said in ({"taken_by": "patient"}, {"taken_by": "clinician"}, {})]
    assert kept == [False, True, True]


def test_a_series_has_no_camera_with_a_serial_number_and_without_one() -> None:
    camera = DeviceFacts("Maker", "X", "1")
    patients, clinicians = (check_fields({"taken_by": who}) for who in ("patient", "clinician"))
    photo = SopClass.VL_PHOTOGRAPHIC
    assert discriminator(patients, photo, camera) == discriminator(patients, photo, replace(camera, serial="2"))
    assert discriminator(patients, photo, camera) != discriminator(clinicians, photo, camera)
    dermoscope = SopClass.DERMOSCOPIC
    assert discriminator(patients, dermoscope, camera) == discriminator(clinicians, dermoscope, camera)
