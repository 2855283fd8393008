"""What is answered with 202 is not lost: whatever could be known to go wrong is refused before."""

from pathlib import Path

import pytest

from gateway.intake.tables import SubmissionRow
from tests.e2e.photos import photo
from tests.integration.intake.archived import image_of
from tests.integration.intake.served import Served
from tests.unit.conversion.video.samples import make_video

LATER = {"Prefer": "respond-async"}


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("patient_id", "A  B"),
        ("patient_id", "A\u200bB"),
        ("lesion_id", "A\u00adB"),
        ("operator", "a=b=c=d"),
        ("captured_at", "2199-01-01T00:00:00Z"),
    ],
)
def test_what_no_object_can_say_is_refused_at_once(served: Served, field: str, text: str) -> None:
    before = served.holdings()
    refused = served.post(photo(1), {field: text}, LATER)
    assert refused.status_code == 422
    assert [fault["field"] for fault in refused.json()["errors"]] == [field]
    assert served.holdings() == before


def test_a_photo_or_video_of_a_case_that_it_cannot_join_is_refused_at_once(fresh: Served, tmp_path: Path) -> None:
    case = fresh.accepted(photo(1), {"patient_id": "P-1", "patient_sex": "F"})
    before = fresh.holdings()
    for posted in (photo(2), make_video(tmp_path / "v.mp4").read_bytes()):
        for said, status in (
            ({"case_id": "0" * 32}, 422),
            ({"case_id": case["case_id"], "patient_id": "P-2"}, 409),
            ({"case_id": case["case_id"], "patient_sex": "M"}, 409),
        ):
            refused = fresh.post(posted, said, LATER | {"Idempotency-Key": "k"})
            assert refused.status_code == status, refused.text
    assert fresh.holdings() == before


def test_a_kept_photo_outlives_its_body_site(fresh: Served) -> None:
    answered = fresh.post(photo(1), {"body_site": "forearm"}, LATER).json()
    with fresh.gateway.database.write() as unit_of_work:
        row = unit_of_work.session.get_one(SubmissionRow, answered["id"])
        row.fields = {**row.fields, "body_site": "site_of_yesterday", "patient_age": 34}
    assert fresh.photos.background.work_once()
    accepted = fresh.get(f"/api/v1/photos/{answered['id']}")
    assert accepted["state"] == "accepted"
    made = image_of(fresh, accepted)
    assert (made.AnatomicRegionSequence[0].CodeValue, made.PatientAge) == ("39937001", "034Y")
