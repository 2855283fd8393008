"""What dermatologists answer becomes reference cases, once, without a patient, and goes with what it was made of."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.access.caller import Role
from gateway.events.following import Overtaken
from gateway.events.tables import FollowerRow
from gateway.intake.tables import SubmissionRow
from gateway.library.cases import collecting
from gateway.library.tables import ReferenceCaseRow, ReferencePictureRow
from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, answer, cases, key, work
from tests.integration.library.conftest import settings_over

SEEN = {"patient_id": "P-77", "patient_name": "Hong^Gildong", "patient_birth_date": "1980-05-01", "patient_sex": "F",
        "body_site": "forearm", "laterality": "L", "size_mm": "6", "symptoms": "called Dr Kim, itches"}  # fmt: skip


def test_an_opinion_makes_an_example_of_each_photo_without_its_patient(fresh: Served) -> None:
    first = fresh.accepted(photo(1), SEEN)
    fresh.accepted(photo(2), {"case_id": first["case_id"], "body_site": "back", "kind": "dermoscopic"})
    answer(fresh, first["id"], "melanoma", "nevus")
    work(fresh)
    found = sorted(cases(fresh), key=lambda case: case["kind"])
    assert [(case["disease"]["code"], case["kind"]) for case in found] == [
        ("melanoma", "clinical"), ("melanoma", "dermoscopic"),
    ]  # fmt: skip
    clinical, dermoscopic = found
    assert (clinical["sex"], clinical["age_band"], clinical["body_site"]["slug"]) == ("F", "40-49", "forearm")
    assert (dermoscopic["sex"], dermoscopic["age_band"]) == ("F", "40-49")  # told by the first photo of the case
    assert clinical["features"] == dict.fromkeys(clinical["features"]) | {"size_mm": 6.0}
    assert clinical["source"] == "opinion"
    whole = json.dumps(found)
    for telling in (
        "P-77",
        "Hong",
        "1980",
        "Dr Kim",
        first["id"],
        first["case_id"],
        first["dicom"]["sop_instance_uid"],
    ):
        assert telling not in whole
    picture = fresh.http.get(clinical["pictures"][0]["picture"]).content
    assert picture == fresh.http.get(first["picture"]).content


def test_nothing_in_the_librarys_tables_leads_back_to_a_photo(small: Served) -> None:
    posted = small.accepted(photo(1), SEEN)
    answer(small, posted["id"], "nevus")
    work(small)
    with small.gateway.database.read() as session:
        (case,) = session.scalars(select(ReferenceCaseRow)).all()
        (picture,) = session.scalars(select(ReferencePictureRow)).all()
        submission = session.get_one(SubmissionRow, posted["id"])
    kept = " ".join(str(vars(row)) for row in (case, picture))
    known = (posted["id"], posted["case_id"], submission.picture_key, *posted["dicom"].values(), "P-77")
    assert not [value for value in known if isinstance(value, str) and value in kept]
    assert case.source_link is not None


def test_the_same_event_again_adds_nothing(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    answer(fresh, posted["id"], "nevus")
    work(fresh)
    before = cases(fresh)
    with fresh.gateway.database.write() as unit_of_work:
        unit_of_work.session.get_one(FollowerRow, collecting.FOLLOWER).last_number = 0
    work(fresh)
    assert cases(fresh) == before
    assert not list(fresh.gateway.storage.pending_keys())


def test_another_process_that_was_quicker_leaves_nothing_to_do(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    answer(fresh, posted["id"], "nevus")
    (event,) = fresh.photos.library.collecting._following.next_events()
    work(fresh)
    before = (cases(fresh), len(list(fresh.gateway.storage.keys())))
    with pytest.raises(Overtaken):
        fresh.photos.library.collecting._take(event)
    assert (cases(fresh), len(list(fresh.gateway.storage.keys()))) == before


def test_a_kill_before_the_commit_leaves_nothing_and_the_next_start_does_it(
    small: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    posted = small.accepted(photo(1), SEEN)
    answer(small, posted["id"], "nevus")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(collecting, "add_case", killed)
        with pytest.raises(KeyboardInterrupt):
            small.photos.library.collecting.work_once()
    assert cases(small) == []
    assert not list(small.gateway.storage.pending_keys())
    work(small)
    assert len(cases(small)) == 1


def test_the_newest_opinion_that_names_a_disease_counts(small: Served) -> None:
    posted = small.accepted(photo(1), SEEN)
    answer(small, posted["id"], "nevus")
    work(small)
    (first,) = cases(small)
    answer(small, posted["id"], "melanoma")
    answer(small, posted["id"], comment="see me in a month")
    work(small)
    (second,) = cases(small)
    assert second["disease"]["code"] == "melanoma"
    assert small.http.get(f"{CASES}/{first['id']}").status_code == 404


def test_a_deleted_photo_takes_its_case_along_at_once(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    other = fresh.accepted(photo(2), {"case_id": posted["case_id"]})
    answer(fresh, posted["id"], "nevus")
    work(fresh)
    assert len(cases(fresh)) == 2
    assert fresh.http.delete(f"/api/v1/photos/{posted['id']}").status_code == 204
    (left,) = cases(fresh)
    assert fresh.http.get(left["pictures"][0]["picture"]).content == fresh.http.get(other["picture"]).content
    work(fresh)
    assert cases(fresh) == [left]


def test_a_photo_deleted_before_its_answer_is_followed_makes_no_case(small: Served) -> None:
    posted = small.accepted(photo(1), SEEN)
    answer(small, posted["id"], "nevus")
    small.http.delete(f"/api/v1/photos/{posted['id']}")
    work(small)
    assert cases(small) == []


def test_a_case_that_staff_withdrew_does_not_come_back_with_the_next_answer(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    answer(fresh, posted["id"], "nevus")
    work(fresh)
    (case,) = cases(fresh)
    assert fresh.http.delete(f"{CASES}/{case['id']}").status_code == 204
    answer(fresh, posted["id"], "nevus")
    answer(fresh, posted["id"], "melanoma")
    right = {"patient_id": "P-78", "patient_name": "Kim^A", "patient_sex": "M"}
    assert fresh.http.post(f"/api/v1/cases/{posted['case_id']}/reconcile", json=right).status_code == 200
    work(fresh)
    assert cases(fresh) == []
    assert fresh.http.delete(f"/api/v1/photos/{posted['id']}").status_code == 204
    work(fresh)
    assert len(fresh.get("/api/v1/events?type=library.case_withdrawn")["events"]) == 1
    with fresh.gateway.database.read() as session:
        assert session.scalars(select(ReferenceCaseRow.source_link)).all() == [None]


def test_an_object_deleted_from_the_archive_takes_the_case_of_its_photo_along(small: Served) -> None:
    posted = small.accepted(photo(1), SEEN)
    answer(small, posted["id"], "nevus")
    work(small)
    assert small.http.delete(posted["dicom"]["url"]).status_code in {200, 204}
    work(small)
    assert cases(small) == []


def test_a_corrected_photo_loses_its_case_and_gets_one_of_the_right_patient(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    answer(fresh, posted["id"], "nevus")
    work(fresh)
    (before,) = cases(fresh)
    right = {
        "patient_id": "P-78",
        "patient_name": "Kim^A",
        "patient_birth_date": "1950-01-01",
        "patient_sex": "M",
    }
    response = fresh.http.post(f"/api/v1/cases/{posted['case_id']}/reconcile", json=right)
    assert response.status_code == 200, response.text
    work(fresh)
    (after,) = cases(fresh)
    assert after["id"] != before["id"]
    assert (after["sex"], after["age_band"]) == ("M", "70-79")
    assert fresh.http.get(f"{CASES}/{before['id']}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"recognizable": "true"},
        {"body_site": "face"},
        {"body_site": "nose"},
        {"burned_in_annotation": "true"},
        {"consent": "refused"},
        {"consent": "거부"},
        {"consent": "No consent."},
    ],
    ids=str,
)
def test_a_photo_that_must_not_be_shown_becomes_no_case(served: Served, fields: dict[str, str]) -> None:
    posted = served.accepted(photo(hash(str(fields)) % 10_000), fields)
    before = len(cases(served))
    answer(served, posted["id"], "nevus")
    work(served)
    assert len(cases(served)) == before


def test_a_face_that_nobody_is_known_by_may(served: Served) -> None:
    before = len(cases(served))
    for number, said in enumerate(({"recognizable": "false"}, {"kind": "dermoscopic"})):
        answer(served, served.accepted(photo(500 + number), {"body_site": "nose"} | said)["id"], "nevus")
    work(served)
    assert len(cases(served)) == before + 2


def test_a_photo_that_a_doctor_calls_unusable_becomes_no_case(served: Served) -> None:
    posted = served.accepted(photo(600))
    before = len(cases(served))
    served.http.post(f"/api/v1/photos/{posted['id']}/label", json={"usable": False, "reason": "out_of_focus"})
    answer(served, posted["id"], "nevus")
    work(served)
    assert len(cases(served)) == before


def test_a_photo_that_a_doctor_calls_unusable_later_takes_its_case_along(fresh: Served) -> None:
    posted = fresh.accepted(photo(1), SEEN)
    answer(fresh, posted["id"], "nevus")
    work(fresh)
    assert len(cases(fresh)) == 1
    objects = len(list(fresh.gateway.storage.keys()))
    said = {"usable": False, "reason": "not_skin"}
    assert fresh.http.post(f"/api/v1/photos/{posted['id']}/label", json=said).status_code == 204
    assert cases(fresh) == []
    assert len(list(fresh.gateway.storage.keys())) == objects - 1


def test_a_photo_is_usable_again_once_a_doctor_takes_that_back(served: Served) -> None:
    posted = served.accepted(photo(601))
    before = len(cases(served))
    for said in ({"usable": False, "reason": "out_of_focus"}, {"withdraw": "suitability"}):
        assert served.http.post(f"/api/v1/photos/{posted['id']}/label", json=said).status_code == 204
    answer(served, posted["id"], "nevus")
    work(served)
    assert len(cases(served)) == before + 1


def test_where_a_setting_says_so_answers_make_no_cases(tmp_path: Path, library_models: Path) -> None:
    settings = settings_over(tmp_path, library_models, library={"from_opinions": False})
    with Served(settings) as gateway:
        posted = gateway.accepted(photo(1))
        answer(gateway, posted["id"], "nevus")
        work(gateway)
        assert cases(gateway) == []


def test_a_case_belongs_to_the_hospital_of_its_photo(fresh: Served) -> None:
    north = key(fresh, Role.CLINICIAN, hospitals=["north"])
    south = key(fresh, Role.CLINICIAN, hospitals=["south"])
    posted = fresh.accepted(photo(1), Authorization=north)
    answer(fresh, posted["id"], "nevus", Authorization=north)
    work(fresh)
    assert [case["hospital"] for case in cases(fresh, Authorization=north)] == ["north"]
    assert cases(fresh, Authorization=south) == []


def test_files_and_index_agree(small: Served) -> None:
    answer(small, small.accepted(photo(1), SEEN)["id"], "nevus")
    work(small)
    assert small.gateway.archive.verify().sound
