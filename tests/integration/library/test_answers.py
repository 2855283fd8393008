"""An answer shows cases that the photo resembles: those of its hospital, as long as they are there."""

import time

import numpy as np
import pytest

from gateway.access.caller import Role
from gateway.library.resemblance.comparing import Comparing
from gateway.library.resemblance.embeddings import EmbeddedPicture
from inference.context import PatientContext
from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.integration.library.acts import CASES, added, key, post_case, work
from tests.integration.library.models import DISEASES

SAID = {"patient_sex": "F", "patient_age": "44", "body_site": "forearm"}


def _filled(served: Served) -> dict[str, dict[str, object]]:
    """A case of every disease that the model knows."""
    made = {
        disease: added(served, photo(number), disease=disease, sex="F", age="41", body_site="arm")
        for number, disease in enumerate(DISEASES)
    }
    work(served)
    return made


def test_without_a_library_there_are_drawings(small: Served) -> None:
    work(small)
    first = small.accepted(photo(1), SAID)["ranking"]["diseases"][0]
    assert first["picture"] == f"/api/v1/diseases/{first['code']}/drawing"
    assert (first["picture_kind"], first["similar"], first["matched"]) == ("drawing", [], None)


def test_the_first_three_diseases_show_cases_and_all_show_a_picture(small: Served) -> None:
    made = _filled(small)
    posted = small.accepted(photo(0), SAID)
    diseases = posted["ranking"]["diseases"]
    assert [len(disease["similar"]) for disease in diseases] == [1, 1, 1, 0]
    assert {disease["picture_kind"] for disease in diseases} == {"case"}
    for disease in diseases:
        assert disease["picture"] == f"{CASES}/{made[disease['code']]['id']}/pictures/1"
        assert small.http.get(disease["picture"]).status_code == 200
    (similar,) = diseases[0]["similar"]
    assert 0 <= similar["resemblance"] <= 1
    assert (similar["sex"], similar["age_band"], similar["body_site"]["slug"]) == ("F", "40-49", "arm")
    assert diseases[0]["matched"] == {"sex": True, "age": "band", "body_site": "part_of"}
    assert small.get(f"/api/v1/photos/{posted['id']}") == posted
    assert "examples" not in posted["ranking"]


def test_a_library_that_cannot_be_searched_costs_no_answer(small: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    _filled(small)

    def fails(*_: object) -> None:
        raise RuntimeError("the index is broken")

    monkeypatch.setattr(Comparing, "similar", fails)
    diseases = small.accepted(photo(0), SAID)["ranking"]["diseases"]
    assert {disease["picture_kind"] for disease in diseases} == {"drawing"}


def test_a_picture_of_the_library_resembles_itself_wholly(small: Served) -> None:
    first = small.accepted(photo(0))["ranking"]["diseases"][0]
    added(small, photo(0), disease=first["code"])
    work(small)
    (case,) = small.accepted(photo(0))["ranking"]["diseases"][0]["similar"]
    assert case["resemblance"] == pytest.approx(1, abs=1e-4)


def test_a_withdrawn_case_is_shown_no_more_in_answers_that_named_it(small: Served) -> None:
    _filled(small)
    posted = small.accepted(photo(0), SAID)
    first = posted["ranking"]["diseases"][0]
    small.http.delete(f"{CASES}/{first['similar'][0]['case']}")
    again = small.get(f"/api/v1/photos/{posted['id']}")["ranking"]["diseases"][0]
    assert (again["picture_kind"], again["similar"], again["matched"]) == ("drawing", [], None)
    (listed,) = small.get("/api/v1/photos")["photos"]
    assert listed["ranking"]["diseases"][0]["similar"] == []


def test_the_same_request_again_names_no_case_that_is_withdrawn_since(fresh: Served) -> None:
    staff = key(fresh, Role.CLINICIAN, hospitals=["north"])
    for number, disease in enumerate(DISEASES):
        assert post_case(fresh, photo(number), {"disease": disease}, Authorization=staff).status_code == 201
    work(fresh)
    headers = {"Authorization": staff, "Idempotency-Key": "k"}
    posted = fresh.post(photo(0), SAID, headers)
    assert fresh.post(photo(0), SAID, headers).content == posted.content
    first = posted.json()["ranking"]["diseases"][0]
    gone = first["similar"][0]["case"]
    assert gone in first["picture"]
    fresh.http.delete(f"{CASES}/{gone}", headers={"Authorization": staff}).raise_for_status()
    again = fresh.post(photo(0), SAID, headers)
    assert (again.status_code, gone in again.text) == (posted.status_code, False)
    expected = posted.json()
    expected["ranking"]["diseases"][0] |= {
        "picture": f"/api/v1/diseases/{first['code']}/drawing",
        "picture_kind": "drawing",
        "similar": [],
        "matched": None,
    }
    assert again.json() == expected


def test_the_same_request_again_shows_what_a_look_at_the_photo_shows(small: Served) -> None:
    _filled(small)
    first_of = small.accepted(photo(0), SAID)["ranking"]["diseases"][0]["code"]
    added(small, photo(0), disease=first_of)
    work(small)
    headers = {"Idempotency-Key": "k"}
    posted = small.post(photo(0), SAID, headers).json()
    first, *_ = posted["ranking"]["diseases"]
    assert len(first["similar"]) > 1
    small.http.delete(f"{CASES}/{first['similar'][0]['case']}").raise_for_status()
    again = small.post(photo(0), SAID, headers).json()
    assert again["ranking"]["diseases"][0]["picture_kind"] == "case"
    assert again["ranking"] == small.get(f"/api/v1/photos/{posted['id']}")["ranking"]


def test_no_answer_names_or_counts_another_hospitals_case(fresh: Served) -> None:
    north, south = (key(fresh, Role.CLINICIAN, hospitals=[name]) for name in ("north", "south"))
    for number, disease in enumerate(DISEASES):
        assert post_case(fresh, photo(number), {"disease": disease}, Authorization=north).status_code == 201
    work(fresh)
    assert fresh.accepted(photo(0), SAID, Authorization=north)["ranking"]["diseases"][0]["similar"]
    diseases = fresh.accepted(photo(0), SAID, Authorization=south)["ranking"]["diseases"]
    assert {disease["picture_kind"] for disease in diseases} == {"drawing"}
    assert not any(disease["similar"] for disease in diseases)


def test_who_may_not_read_the_library_gets_drawings(fresh: Served) -> None:
    staff = key(fresh, Role.CLINICIAN, hospitals=["north"])
    trainer = key(fresh, Role.TRAINER, hospitals=["north"])
    for number, disease in enumerate(DISEASES):
        post_case(fresh, photo(number), {"disease": disease}, Authorization=staff)
    work(fresh)
    posted = fresh.accepted(photo(0), SAID, Authorization=staff)
    seen = fresh.get(f"/api/v1/photos/{posted['id']}", Authorization=trainer)["ranking"]["diseases"]
    assert {disease["picture_kind"] for disease in seen} == {"drawing"}


def test_the_library_costs_an_answer_less_than_five_milliseconds(small: Served) -> None:
    """Ten diseases looked up among 5000 cases, in memory."""
    _filled(small)
    model = small.photos.models.disease().manifest.model_sha256
    comparing = small.photos.library.index.of_model(model)
    assert comparing is not None
    rng = np.random.default_rng(1)
    vectors = rng.standard_normal((5000, 50)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    comparing.add(
        [
            EmbeddedPicture(row, f"{row:032x}", 1, "default", DISEASES[row % 4], "F", 40, "forearm", vectors[row])
            for row in range(5000)
        ]
    )
    patient = PatientContext("F", 44, "forearm")
    times = []
    for _ in range(20):
        begun = time.thread_time()
        small.photos.library.illustrating.examples(model, vectors[0], DISEASES, "default", patient)
        times.append(time.thread_time() - begun)
    assert sorted(times)[10] < 0.005
