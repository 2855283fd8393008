"""An application beside FastAPI's gets what lies below its path, as a mounted one would, and nothing else."""

import asyncio

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gateway.app import DescribedApp


async def _told(request: Request) -> Response:
    return PlainTextResponse(f"{request.scope['root_path']} {request.path_params.get('name')} {request.url.path}")


@pytest.fixture
def app() -> FastAPI:
    """An application with another one below `/other`."""
    made = DescribedApp()
    made.add_api_route("/other", lambda: "own")
    made.add_api_route("/others/a", lambda: "own")
    made.put_beside("/other", Starlette(routes=[Route("/things/{name}", _told)]))
    return made


def _get(app: FastAPI, path: str) -> httpx.Response:
    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            return await client.get(path)

    return asyncio.run(get())


def test_what_lies_below_goes_beside(app: FastAPI) -> None:
    assert _get(app, "/other/things/a").text == "/other a /other/things/a"
    assert _get(app, "/other/nothing").status_code == 404


@pytest.mark.parametrize("path", ["/other", "/others/a"])
def test_everything_else_stays(app: FastAPI, path: str) -> None:
    assert _get(app, path).json() == "own"
