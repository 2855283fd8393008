"""What the sender and the site say of a photo stands in its object, and in the report where it belongs there."""

import io
from collections.abc import Iterator

import pytest
from pydicom import dcmread
from pydicom.dataset import FileDataset

from tests.e2e.photos import photo
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, settings_for: MakeSettings) -> Iterator[Served]:
    """A gateway of a site that puts Hangul into the second group, and whose objects are for research."""
    site = {"hangul_group": 2, "content_qualification": "RESEARCH"}
    with Served(settings_for(tmp_path_factory.mktemp("gateway"), site=site)) as made:
        yield made


def _archived(served: Served, fields: dict[str, str]) -> tuple[FileDataset, FileDataset]:
    """The object that a photo with these fields becomes, and the report of it."""
    dicom = served.accepted(photo(1), fields)["dicom"]
    return _file(served, dicom["url"]), _file(served, dicom["report"]["url"])


def _file(served: Served, url: str) -> FileDataset:
    return dcmread(io.BytesIO(served.http.get(url, headers={"Accept": "application/dicom"}).raise_for_status().content))


@pytest.mark.parametrize(
    ("fields", "burned_in", "recognizable"),
    [
        ({}, None, None),
        ({"body_site": "cheek"}, None, "YES"),
        ({"body_site": "cheek", "recognizable": "false"}, None, "NO"),
        ({"burned_in_annotation": "yes", "recognizable": "true"}, "YES", "YES"),
        ({"burned_in_annotation": "no", "recognizable": "no"}, "NO", "NO"),
    ],
)
def test_identifying_marks_are_told_as_the_sender_says(
    served: Served, fields: dict[str, str], burned_in: str | None, recognizable: str | None
) -> None:
    image, _ = _archived(served, fields)
    assert image.get("BurnedInAnnotation") == burned_in
    assert image.get("RecognizableVisualFeatures") == recognizable


def test_a_name_in_hangul_alone_goes_into_the_group_of_the_site(served: Served) -> None:
    for each in _archived(served, {"patient_name": "홍길동", "patient_id": "H-1"}):
        assert each.PatientName == "=홍길동"
    image, _ = _archived(
        served, {"patient_name": "Hong^Gildong=洪^吉洞=홍^길동", "patient_id": "H-2", "operator": "김의사"}
    )
    assert image.PatientName == "Hong^Gildong=洪^吉洞=홍^길동"
    assert image.OperatorsName == "=김의사"


def test_image_and_report_are_fit_for_what_the_site_says(served: Served) -> None:
    assert [each.ContentQualification for each in _archived(served, {})] == ["RESEARCH", "RESEARCH"]


def test_the_order_and_a_distance_in_the_skin_are_told(served: Served) -> None:
    said = {
        "study_description": "점 검진", "referring_physician": "Lee^Sora=李^소라", "requesting_service": "외래",
        "requested_procedure_id": "RP-1", "scheduled_procedure_step_id": "SPS-1", "accession_number": "ACC-1",
        "pixel_spacing_mm": "0.02\\0.025",
    }  # fmt: skip
    image, report = _archived(served, said)
    for each in (image, report):
        assert (each.StudyDescription, each.RequestingService, each.AccessionNumber) == ("점 검진", "외래", "ACC-1")
        assert each.ReferringPhysicianName == "Lee^Sora=李^소라"
    (order,) = image.RequestAttributesSequence
    assert (order.RequestedProcedureID, order.ScheduledProcedureStepID) == ("RP-1", "SPS-1")
    assert list(image.PixelSpacing) == [0.02, 0.025]


def test_a_head_may_show_a_face(served: Served) -> None:
    assert _archived(served, {"body_site": "head"})[0].RecognizableVisualFeatures == "YES"


@pytest.mark.parametrize("field", ["pixel_spacing_mm", "referring_physician", "requested_procedure_id"])
def test_what_no_object_can_hold_is_refused_at_once(served: Served, field: str) -> None:
    answer = served.post(photo(1), {field: "a=b=c=d=" * 3})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]
