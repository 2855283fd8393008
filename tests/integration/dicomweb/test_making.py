"""What is made of stored pictures shares one room; where there is none, 503 says when to come again."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from dicomweb import app as application
from dicomweb.making import MakingRoom
from dicomweb.memory import MemoryArchive
from dicomweb.settings import DicomWebSettings
from tests.unit.dicomweb.samples import EXPLICIT, photo

INSTANCE = "/studies/1.2.3.1/series/1.2.3.2/instances/1.2.3.3"
BY_QUERY = "/wado?requestType=WADO&studyUID=1.2.3.1&seriesUID=1.2.3.2&objectUID=1.2.3.3&contentType=application/dicom"
MADE = [
    (INSTANCE, f"application/dicom; transfer-syntax={EXPLICIT}"),
    (INSTANCE, f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}'),
    (f"{INSTANCE}/frames/1", "application/octet-stream"),
    (f"{BY_QUERY}&anonymize=yes", "*/*"),
    (f"{BY_QUERY}&transferSyntax={EXPLICIT}", "*/*"),
    (f"{INSTANCE}/rendered", "image/png"),
    (f"{INSTANCE}/rendered", 'multipart/related; type="image/png"'),
    (f"{INSTANCE}/thumbnail", "image/jpeg"),
]
ROOM = MakingRoom(1, wait_seconds=0.05)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setattr(application, "MakingRoom", lambda _most: ROOM)
    archive = MemoryArchive()
    with TestClient(
        application.create_app(lambda _request: archive, DicomWebSettings(public_url="http://testserver"))
    ) as client:
        body = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + photo() + b"\r\n--b--"
        kind = 'multipart/related; type="application/dicom"; boundary=b'
        assert client.post("/studies", content=body, headers={"Content-Type": kind}).status_code == 200
        yield client


@pytest.mark.parametrize(("path", "accept"), MADE)
def test_without_room_whatever_is_made_is_503_and_with_room_it_is_made(
    client: TestClient, path: str, accept: str
) -> None:
    with ROOM.taken():
        refused = client.get(path, headers={"Accept": accept})
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["retry-after"]) > 0
        assert refused.headers["content-type"] == "application/problem+json"
    assert client.get(path, headers={"Accept": accept}).status_code == 200


@pytest.mark.parametrize("path", [INSTANCE, f"{INSTANCE}/metadata", f"{INSTANCE}/rendered"])
def test_what_is_stored_needs_no_room(client: TestClient, path: str) -> None:
    accepts = {INSTANCE: "application/dicom; transfer-syntax=*", f"{INSTANCE}/rendered": "image/jpeg"}
    with ROOM.taken():
        assert client.get(path, headers={"Accept": accepts.get(path, "*/*")}).status_code == 200
