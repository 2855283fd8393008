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
