"""What an answer says of what a photo shows and of whom: to whom it may be told, and of every kind that is posted."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from gateway.access.caller import Caller, Role
from gateway.access.keys import create_key
from gateway.intake.about import about
from gateway.intake.documents import SaidBeside, Submission, SubmissionPage
from gateway.intake.tables import SubmissionRow
from tests.e2e.photos import photo
from tests.integration.intake.conftest import MakeSettings
from tests.integration.intake.served import Served
from tests.unit.conversion.video.samples import make_video

FACTS = {"patient_id": "P-1", "patient_name": "홍길동", "body_site": "forearm", "laterality": "L"}


@pytest.fixture
def served(tmp_path: Path, settings_for: MakeSettings) -> Iterator[Served]:
    with Served(settings_for(tmp_path, intake={"video_frames": 2})) as made:
        made.http.timeout = 120
        yield made


def _key(served: Served, role: Role) -> dict[str, str]:
    with served.gateway.database.write() as unit_of_work:
        return {"Authorization": f"Bearer {create_key(unit_of_work, name=role.value, roles=[role], hospitals=None)}"}


def _shown(served: Served, submission: dict[str, Any], **headers: str) -> Submission:
    return Submission.model_validate(served.get(f"/api/v1/photos/{submission['id']}", **headers))


def test_a_patient_is_told_only_to_who_may_read_the_dicom_objects_too(served: Served) -> None:
    posted = served.accepted(photo(1), FACTS)
    keys = {role: _key(served, role) for role in (Role.CLINICIAN, Role.APP, Role.TRAINER)}
    told = {role: _shown(served, posted, **key).patient_id for role, key in keys.items()}
    assert told == {Role.CLINICIAN: "P-1", Role.APP: None, Role.TRAINER: None}
    answered = served.accepted(photo(2), FACTS, **keys[Role.APP])
    assert answered["patient_id"] is None
    assert "홍길동" not in str(answered)
    page = SubmissionPage.model_validate(served.get("/api/v1/photos", **keys[Role.APP]))
    assert {each.patient_id for each in page.photos} == {None}


SAID = {"symptoms": "itches\nat night", "onset": "since May", "shape": "oval", "size_mm": "7.5", "note": "말로 적은 것"}


def test_what_was_written_beside_a_photo_is_shown_to_doctors_and_to_nobody_who_may_not_read_its_object(
    served: Served,
) -> None:
    posted = served.accepted(photo(1), FACTS | SAID | {"ask_doctor": "true"})
    keys = {role: _key(served, role) for role in (Role.CLINICIAN, Role.APP, Role.TRAINER)}
    shown = {role: _shown(served, posted, **key).said for role, key in keys.items()}
    assert shown == {Role.CLINICIAN: SaidBeside.model_validate(SAID), Role.APP: None, Role.TRAINER: None}


def test_of_a_photo_beside_which_nothing_was_written_nothing_is_said(served: Served) -> None:
    assert _shown(served, served.accepted(photo(1), FACTS)).said is None
    sized = _shown(served, served.accepted(photo(2), {"size_mm": "3"})).said
    assert sized is not None
    assert sized.model_dump(exclude_none=True) == {"size_mm": 3.0}


def test_whoever_sees_one_patient_alone_is_told_no_id(served: Served) -> None:
    posted = served.accepted(photo(1), FACTS)
    with served.gateway.database.read() as session:
        rows = session.scalars(select(SubmissionRow)).all()
        for patient, told in ((None, "P-1"), ("somebody", None)):
            caller = Caller("one", frozenset({Role.CLINICIAN}), None, patient)
            assert about(session, caller, rows, "en")[posted["id"]]["patient_id"] == told


def test_somebody_unknown_has_no_id_until_a_photo_of_the_case_tells_it(served: Served) -> None:
    first = served.accepted(photo(1))
    assert first["patient_id"] is None
    joined = served.accepted(photo(2), {"case_id": first["case_id"]})
    assert joined["patient_id"] is None
    known = served.accepted(photo(3), FACTS)
    further = served.accepted(photo(4), {"case_id": known["case_id"]})
    assert further["patient_id"] == "P-1"


def test_nobody_of_a_study_of_others_has_no_id_either(served: Served) -> None:
    assert served.accepted(photo(1), {"study_instance_uid": "1.2.3"})["patient_id"] is None


def test_site_side_and_kind_are_as_they_were_said_in_the_callers_language(served: Served) -> None:
    posted = served.accepted(photo(1), FACTS, **{"Accept-Language": "ko"})
    assert posted["body_site"]["slug"] == "forearm"
    assert not posted["body_site"]["name"].isascii()
    assert _shown(served, posted, **{"Accept-Language": "en"}).body_site.name.isascii()  # type: ignore[union-attr]
    assert (posted["laterality"], posted["kind"], posted["media"], posted["frames"]) == ("L", "clinical", "photo", 1)
    silent = served.accepted(photo(2), {"kind": "dermoscopic"})
    assert (silent["body_site"], silent["laterality"], silent["kind"]) == (None, None, "dermoscopic")


def test_pages_are_counted(served: Served) -> None:
    pages = [Image.open(io.BytesIO(photo(number))) for number in (1, 2, 3)]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    assert served.accepted(stream.getvalue())["frames"] == 3


def test_a_video_is_one_from_the_first_answer_on(served: Served, tmp_path: Path) -> None:
    posted = served.post(make_video(tmp_path / "v.mp4").read_bytes(), FACTS).json()
    waiting = Submission.model_validate(posted)
    assert (waiting.media, waiting.picture, waiting.frames, waiting.patient_id) == ("video", None, None, "P-1")
    assert served.photos.videos.work_once()
    shown = _shown(served, posted)
    assert (shown.media, shown.state, shown.patient_id) == ("video", "accepted", "P-1")
    assert shown.frames is not None
    assert shown.frames > 1
    assert shown.picture is not None
    assert served.http.get(shown.picture).status_code == 200


def test_of_what_cannot_be_processed_nothing_is_claimed(served: Served) -> None:
    posted = served.post(photo(1)[:-2], headers={"Prefer": "respond-async"}).json()
    assert (posted["media"], posted["picture"]) == ("photo", None)
    assert served.photos.background.work_once()
    shown = _shown(served, posted)
    assert (shown.state, shown.media, shown.frames, shown.picture) == ("rejected", None, None, None)
