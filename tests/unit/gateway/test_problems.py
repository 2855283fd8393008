import asyncio
from typing import Annotated

import httpx
import pytest
from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException

from gateway.problems import MEDIA_TYPE, Problem, install


class OutOfPlasters(Exception):
    """There are no plasters left."""


def _app() -> FastAPI:
    app = FastAPI()
    install(app, {OutOfPlasters: 507})

    @app.get("/problem")
    def problem() -> None:
        raise Problem(401, "a key is needed", headers={"WWW-Authenticate": "Bearer"}, errors=[{"field": "key"}])

    @app.get("/plain")
    def plain() -> None:
        raise HTTPException(405)

    @app.get("/domain/{words}")
    def domain(words: str) -> None:
        raise OutOfPlasters("" if words == "none" else words)

    @app.get("/number")
    def number(number: Annotated[int, Query(ge=1)]) -> int:
        return number

    @app.post("/body")
    def body(body: dict[str, int]) -> int:
        return len(body)

    return app


def test_parameters_are_refused_in_words_that_know_no_library() -> None:
    assert _get("/number?number=0").json()["errors"] == [{"field": "number", "fault": "must be at least 1"}]
    assert _get("/number?number=x").json()["errors"] == [{"field": "number", "fault": "must be a whole number"}]
    assert _get("/number").json()["errors"] == [{"field": "number", "fault": "is missing"}]


def test_a_body_that_is_no_json_is_told_as_such() -> None:
    for content, words in ((b'{"a": x}', "is not JSON"), (b"[]", "must be a valid dictionary")):
        (fault,) = _get("/body", method="POST", content=content).json()["errors"]
        assert fault == {"field": "body", "fault": words}


@pytest.mark.parametrize(
    ("path", "status", "title", "detail"),
    [
        ("/problem", 401, "Unauthorized", "a key is needed"),
        ("/plain", 405, "Method Not Allowed", "Method Not Allowed"),
        ("/domain/only a few", 507, "Insufficient Storage", "only a few"),
        ("/domain/none", 507, "Insufficient Storage", "There are no plasters left."),
        ("/nowhere", 404, "Not Found", "Not Found"),
    ],
)
def test_every_error_is_a_problem_document(path: str, status: int, title: str, detail: str) -> None:
    answer = _get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    document = answer.json()
    assert document["type"] == "about:blank"
    assert (document["status"], document["title"], document["detail"]) == (status, title, detail)


def test_a_problem_keeps_its_headers_and_members() -> None:
    answer = _get("/problem")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["errors"] == [{"field": "key"}]


def test_a_refused_parameter_is_named_and_its_value_is_not_repeated() -> None:
    answer = _get("/number?number=홍길동")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "number"
    assert "홍길동" not in answer.text


def _get(path: str, method: str = "GET", content: bytes = b"") -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(_app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            headers = {"Content-Type": "application/json"}
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(ask())
