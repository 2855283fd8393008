"""What the intake has archived, looked at over DICOMweb: the photo's own bytes, small ones, reports, by query too."""

from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import Image

from gateway.access.caller import Role
from gateway.access.keys import create_key
from gateway.config import DEFAULT_HOSPITAL
from tests.e2e.photos import photo
from tests.integration.intake.served import Served


@pytest.fixture(scope="module")
def submission(served: Served) -> dict[str, Any]:
    return served.accepted(photo(1), {"patient_id": "P-1", "patient_name": "홍길동"})


def path_of(submission: dict[str, Any]) -> str:
    url: str = submission["dicom"]["url"]
    return urlsplit(url).path


def query_of(submission: dict[str, Any]) -> dict[str, str]:
    dicom = submission["dicom"]
    return {
        "requestType": "WADO",
        "studyUID": dicom["study_instance_uid"],
        "seriesUID": dicom["series_instance_uid"],
        "objectUID": dicom["sop_instance_uid"],
    }


def pixels(data: bytes) -> Any:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB")).astype(int)


def test_a_photo_is_shown_as_it_was_taken(served: Served, submission: dict[str, Any]) -> None:
    answer = served.http.get(path_of(submission) + "/rendered")
    assert answer.headers["content-type"] == "image/jpeg"
    assert (pixels(answer.content) == pixels(photo(1))).all()
    small = served.http.get(path_of(submission) + "/thumbnail")
    assert max(Image.open(BytesIO(small.content)).size) == 256
    study = path_of(submission).partition("/series/")[0]
    assert served.http.get(study + "/thumbnail").content == small.content


def test_the_models_report_is_text_to_read(served: Served, submission: dict[str, Any]) -> None:
    dicom = submission["dicom"]
    study = path_of(submission).partition("/series/")[0]
    found = served.get(f"{study}/instances?Modality=SR", accept="application/dicom+json")
    (report,) = found
    url = f"{study}/series/{report['0020000E']['Value'][0]}/instances/{report['00080018']['Value'][0]}/rendered"
    page = served.http.get(url, headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "Imaging Measurement Report" in page.text
    assert "홍길동" in page.text
    assert dicom["sop_instance_uid"] in page.text


@pytest.mark.parametrize("base", ["/wado", "/dicom-web", "/dicom-web/", "/dicom-web/wado"])
def test_a_photo_is_had_by_query(served: Served, submission: dict[str, Any], base: str) -> None:
    answer = served.http.get(base, params=query_of(submission), follow_redirects=False)
    assert answer.status_code == 200
    assert (pixels(answer.content) == pixels(photo(1))).all()


def test_nobody_looks_at_what_is_not_theirs(served: Served, submission: dict[str, Any]) -> None:
    """Comes last: where there are keys, nobody is let in without one."""
    with served.gateway.database.write() as unit_of_work:
        ours, theirs = (
            create_key(unit_of_work, name=hospital, roles=[Role.VIEWER], hospitals=[hospital])
            for hospital in (DEFAULT_HOSPITAL, "north")
        )
    keys = [{"Authorization": f"Bearer {key}"} for key in (ours, theirs, "wrong")]
    for suffix in ("/rendered", "/thumbnail", "/frames/1/rendered"):
        statuses = [served.http.get(path_of(submission) + suffix, headers=key).status_code for key in keys]
        assert statuses == [200, 404, 401]  # the first is kept from the second, though it was made already
    statuses = [served.http.get("/wado", params=query_of(submission), headers=key).status_code for key in keys]
    assert statuses == [200, 404, 401]
