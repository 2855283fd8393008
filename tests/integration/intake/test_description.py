"""The description of the API at /api/v1/openapi.json, and real answers held against it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.events.routes import EventPage
from gateway.intake.documents import ShownCase, Submission, SubmissionPage
from gateway.library.routes import BodySiteList, DiseaseList
from gateway.operations.routes import Readiness
from gateway.problems import ProblemDocument
from tests.e2e.photos import photo
from tests.integration.intake.served import Served

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def description(served: Served) -> dict[str, Any]:
    document: dict[str, Any] = served.get("/api/v1/openapi.json")
    return document


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, Operation]]:
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method} {path}", operation


def _schema(description: dict[str, Any], path: str, status: str, media_type: str = "application/json") -> Any:
    method, _, place = path.partition(" ")
    return description["paths"][place][method]["responses"][status]["content"][media_type]["schema"]


def test_no_page_of_the_gateway_loads_its_description_with_scripts_from_elsewhere(served: Served) -> None:
    for path in ("/api/v1/docs", "/docs", "/redoc", "/api/v1/redoc"):
        assert served.http.get(path).status_code == 404


def test_nothing_refers_to_what_readers_do_not_have(description: dict[str, Any]) -> None:
    assert ".md" not in json.dumps(description)


def test_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    text = json.dumps(description)
    names = {part.partition('"')[0] for part in text.split("#/components/schemas/")[1:]}
    assert names <= set(description["components"]["schemas"])


def test_every_operation_but_those_of_health_wants_a_key(description: dict[str, Any]) -> None:
    assert description["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert description["security"] == [{"key": []}]
    free = {name for name, operation in _operations(description) if operation.get("security") == []}
    assert free == {"get /healthz", "get /readyz", "options /dicom-web"}
    for name, operation in _operations(description):
        assert ("401" in operation["responses"]) is (name not in free), name


def test_every_error_is_told_as_the_one_problem_document(description: dict[str, Any]) -> None:
    for name, operation in _operations(description):
        for status, response in operation["responses"].items():
            if status >= "400" and name != "get /readyz":
                assert response["content"] == {
                    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
                }, (name, status)


def test_answers_about_photos_have_a_schema(description: dict[str, Any]) -> None:
    submission = {"$ref": "#/components/schemas/Submission"}
    assert _schema(description, "post /api/v1/photos", "201") == submission
    assert _schema(description, "post /api/v1/photos", "202") == submission
    assert _schema(description, "get /api/v1/photos/{photo_id}", "200") == submission


@pytest.mark.parametrize(
    ("path", "media_types"),
    [
        ("/api/v1/photos/{photo_id}/picture", {"image/jpeg", "image/png"}),
        ("/api/v1/events", {"application/json", "text/event-stream"}),
        ("/metrics", {"text/plain; version=0.0.4; charset=utf-8"}),
    ],
)
def test_what_is_no_json_says_so(description: dict[str, Any], path: str, media_types: set[str]) -> None:
    assert set(description["paths"][path]["get"]["responses"]["200"]["content"]) == media_types


def test_no_answer_is_without_a_shape(description: dict[str, Any]) -> None:
    for name, operation in _operations(description):
        for response in operation["responses"].values():
            assert all(each["schema"] for each in response.get("content", {}).values()), name


def test_real_answers_are_as_described(served: Served) -> None:
    accepted = Submission.model_validate(served.accepted(photo(1)))
    assert accepted.dicom is not None
    assert accepted.ranking is not None
    kept = served.post(photo(2), headers={"Prefer": "respond-async"})
    assert kept.status_code == 202
    assert Submission.model_validate(kept.json()).state == "processing"
    SubmissionPage.model_validate(served.get("/api/v1/photos"))
    ShownCase.model_validate(served.get(f"/api/v1/cases/{accepted.case_id}"))


@pytest.mark.parametrize(("content", "status"), [(None, 422), (b"no picture", 415)])
def test_real_errors_are_as_described(served: Served, content: bytes | None, status: int) -> None:
    response = served.post(content, {"patient_sex": "X"} if content is None else {})
    assert response.status_code == status
    ProblemDocument.model_validate(response.json())


def test_the_models_that_serve_are_listed_with_their_manifests(served: Served) -> None:
    models = served.get("/api/v1/models")["models"]
    assert {(model["task"], model["state"]) for model in models} == {("suitability", "active"), ("disease", "active")}
    assert all(model["manifest"]["labels"] and model["manifest"]["metrics"] is not None for model in models)
    assert all(model["serving"] and model["threads"] >= 1 for model in models)


def test_readiness_and_the_library_answer_as_described(served: Served) -> None:
    Readiness.model_validate(served.get("/readyz"))
    assert DiseaseList.model_validate(served.get("/api/v1/diseases")).diseases
    assert BodySiteList.model_validate(served.get("/api/v1/body-sites")).body_sites
    EventPage.model_validate(served.get("/api/v1/events"))
