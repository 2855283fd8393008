from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route
from starlette.testclient import TestClient

from dicomweb.app import create_app
from dicomweb.archive import Archive
from dicomweb.capabilities.describing import resources_of
from dicomweb.capabilities.operations import OPERATIONS
from dicomweb.memory import MemoryArchive
from dicomweb.services.routes import Services
from dicomweb.settings import DicomWebSettings

ORIGIN = {"Origin": "https://viewer.example"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
NAMESPACE = {"w": "http://wadl.dev.java.net/2009/02"}


def nobody(_request: Request) -> Archive:
    raise AssertionError("what needs no archive asks for none")


def app(archive_for: Callable[[Request], Archive] = nobody, *origins: str) -> Starlette:
    return create_app(archive_for, DicomWebSettings(public_url="https://pacs.example/dicom-web", cors_origins=origins))


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(app()) as made:
        yield made


# -- capabilities


def test_no_other_description_is_made(client: TestClient) -> None:
    assert client.options("/", headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize("accept", ["", "*/*", "application/vnd.sun.wadl+xml", "application/xml"])
def test_the_description_is_wadl_unless_something_else_is_asked_for(client: TestClient, accept: str) -> None:
    response = client.options("/", headers={"Accept": accept})
    assert response.headers["content-type"] == (accept if "xml" in accept else "application/vnd.sun.wadl+xml")
    resources = ElementTree.fromstring(response.content).find("w:resources", NAMESPACE)
    assert resources is not None
    assert resources.get("base") == "https://pacs.example/dicom-web/"
    (search,) = resources.findall("w:resource[@path='studies']/w:method[@name='GET']", NAMESPACE)
    assert [each.get("mediaType") for each in search.findall("w:response/w:representation", NAMESPACE)][:2] == [
        *("application/dicom+json", "application/json")
    ]
    assert "limit" in [each.get("name") for each in search.findall("w:request/w:param", NAMESPACE)]


def test_json_says_the_same(client: TestClient) -> None:
    described = orjson.loads(client.options("/", headers={"Accept": "application/json"}).content)
    paths = {resource["path"] for resource in described["application"]["resources"]["resource"]}
    document = ElementTree.fromstring(client.options("/").content)
    assert paths == {each.get("path") for each in document.iter(f"{{{NAMESPACE['w']}}}resource")}
    assert {"studies", "studies/{study}/metadata", "", "changes"} <= paths


def test_every_method_that_is_served_is_described_and_what_is_refused_is_not() -> None:
    def no_service(_request: Request) -> Any:
        raise AssertionError("nobody asks")

    whole = create_app(nobody, DicomWebSettings(), Services(no_service, no_service, no_service))
    routes = [route for route in whole.routes if isinstance(route, Route)]
    served = {(method, route.path_format) for route in routes for method in route.methods or () if method != "HEAD"}
    described = {(one.name, resource.path) for resource in resources_of(routes) for one in resource.methods}
    assert described == set(OPERATIONS)
    assert all("/subscribers/" in path for _, path in served - described)


# -- pages of other origins


def test_no_other_origin_is_let_in_unless_it_is_listed(client: TestClient) -> None:
    assert not [name for name in client.options("/studies", headers=PREFLIGHT).headers if name.startswith("access-c")]
    assert "access-control-allow-origin" not in client.options("/", headers=ORIGIN).headers


@pytest.mark.parametrize(
    "other", ["https://evil.example", "http://viewer.example", "https://viewer.example:8443", "null"]
)
def test_an_origin_is_let_in_to_the_letter(other: str) -> None:
    with TestClient(app(nobody, "https://viewer.example")) as client:
        refused = client.options("/studies", headers={**PREFLIGHT, "Origin": other})
        assert (refused.status_code, refused.headers.get("access-control-allow-origin")) == (400, None)
        assert "access-control-allow-origin" not in client.options("/", headers={"Origin": other}).headers


def test_a_listed_origin_may_ask_without_credentials_of_the_browser() -> None:
    archive = MemoryArchive()
    with TestClient(app(lambda _request: archive, "https://viewer.example")) as client:
        preflight = client.options("/studies", headers=PREFLIGHT)
        assert preflight.status_code == 200
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
        for response in (preflight, client.get("/studies", headers=ORIGIN), client.get("/nothing", headers=ORIGIN)):
            assert response.headers["access-control-allow-origin"] == ORIGIN["Origin"]
            assert "access-control-allow-credentials" not in response.headers
            assert "Origin" in response.headers["vary"]
        assert "ETag" in client.get("/studies", headers=ORIGIN).headers["access-control-expose-headers"]


def test_all_origins_may_be_let_in_but_never_with_credentials() -> None:
    with TestClient(app(nobody, "*")) as client:
        preflight = client.options("/studies", headers=PREFLIGHT)
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in preflight.headers
