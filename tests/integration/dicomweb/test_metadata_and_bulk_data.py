"""Metadata in JSON or XML with bulk data over HTTP, and XML answers (PS3.18 10.5, 8.7.3.3)."""

import json
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest

from dicomweb.dicom_json import to_json
from dicomweb.multipart import closing, part_head
from dicomweb.part10 import read_part10
from dicomweb.xml.reading import read_native_model
from dicomweb.xml.writing import to_xml
from tests.integration.dicomweb.conftest import Server
from tests.integration.dicomweb.test_http import INSTANCE, assert_problem, parts_of, store
from tests.unit.dicomweb.samples import JPEG_BASELINE, jpeg, photo

JSON, XML = "application/dicom+json", "application/dicom+xml"
IMAGE = f"image/jpeg; transfer-syntax={JPEG_BASELINE}"
NAME = "Hong^Gildong=洪^吉洞=홍^길동"

Part = tuple[str, bytes, str | None]
"""Media type, bytes, Content-Location."""


def metadata(uri: str | None = "picture", instance: str = "1.2.3.3") -> dict[str, Any]:
    """Metadata of a photo, its picture at `uri`."""
    part10 = read_part10(photo(instance=instance))
    members = to_json(part10.header)
    return members if uri is None else {**members, "7FE00010": {"vr": "OB", "BulkDataURI": uri}}


def as_json(*instances: dict[str, Any]) -> Part:
    return JSON, json.dumps(instances).encode(), None


def post(server: Server, *parts: Part, of: str = JSON, path: str = "/studies", accept: str = JSON) -> httpx.Response:
    framed = [
        part_head("bb", {"Content-Type": media_type} | ({"Content-Location": location} if location else {})) + data
        for media_type, data, location in parts
    ]
    headers = {"Content-Type": f'multipart/related; type="{of}"; boundary=bb', "Accept": accept}
    return server.http.post(path, content=b"".join(framed) + closing("bb"), headers=headers)


def warnings_of(response: httpx.Response) -> str:
    return str(response.headers.get("warning", ""))


# -- what is not taken


def test_a_picture_that_was_not_sent_is_told(server: Server) -> None:
    response = post(server, as_json(metadata("elsewhere")))
    assert response.status_code == 409
    (failed,) = response.json()["00081198"]["Value"]
    assert failed["00081155"]["Value"] == ["1.2.3.3"]
    assert failed["00081197"]["Value"] == [0xA900]
    assert "part 1: (7FE0,0010)" in warnings_of(response)


def test_a_picture_that_nothing_refers_to_is_told_and_the_instance_stored(server: Server) -> None:
    response = post(server, as_json(metadata(None)), (IMAGE, jpeg(), "picture"))
    assert response.status_code == 202
    assert len(response.json()["00081199"]["Value"]) == 1
    assert len(response.json()["0008119A"]["Value"]) == 1
    assert "part 2: no metadata refers to this bulk data" in warnings_of(response)


@pytest.mark.parametrize(
    ("media_type", "text"),
    [(JSON, b"{"), (JSON, "[{'a':1}]".encode("utf-16")), (XML, b"<html/>"), (XML, b"<!DOCTYPE a><NativeDicomModel/>")],
)
def test_metadata_that_cannot_be_read_is_a_failure_without_identity(
    server: Server, media_type: str, text: bytes
) -> None:
    response = post(server, (media_type, text, None), of=media_type)
    assert response.status_code == 409
    assert response.json()["0008119A"]["Value"] == [{"00081197": {"vr": "US", "Value": [0xC000]}}]
    assert "part 1: the metadata is no" in warnings_of(response)


def test_of_two_instances_the_bad_one_fails_alone(server: Server) -> None:
    response = post(
        server, as_json(metadata("a"), metadata("b", "1.2.3.4")), (IMAGE, jpeg(), "a"), ("image/png", b"\x89PNG", "b")
    )
    assert response.status_code == 202
    assert "part 1, instance 2: (7FE0,0010)" in warnings_of(response)
    assert server.http.get(INSTANCE + "/metadata").status_code == 200


def test_another_study_than_the_path_names_is_refused(server: Server) -> None:
    response = post(server, as_json(metadata()), (IMAGE, jpeg(), "picture"), path="/studies/9.9")
    assert response.status_code == 409
    assert response.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0xA900]


def test_more_metadata_than_is_taken_is_told(server: Server) -> None:
    # The server of these tests takes bodies of 8 MiB: the bound on metadata is tried out beneath it elsewhere.
    response = post(server, (JSON, b"[" + b'{"a":"b"},' * 300_000 + b"{}]", None))
    assert response.status_code == 409
    assert "more than 500000 values" in warnings_of(response)


# -- what is taken


@pytest.mark.parametrize("of", [JSON, XML])
def test_metadata_and_a_jpeg_become_an_instance_with_these_very_bytes(server: Server, of: str) -> None:
    picture = jpeg()
    text = as_json(metadata())[1] if of == JSON else to_xml(metadata())
    response = post(server, (of, text, None), (IMAGE, picture, "picture"), of=of)
    assert response.status_code == 200, warnings_of(response)
    frame = server.http.get(INSTANCE + "/frames/1", headers={"Accept": "image/jpeg"})
    assert frame.content.rstrip(b"\0") == picture
    (stored,) = server.http.get(INSTANCE + "/metadata").json()
    assert stored["00100010"]["Value"] == metadata()["00100010"]["Value"]
    assert "洪^吉洞" in str(stored["00100010"])


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("picture", "picture"),
        ("{base}/studies/picture", "picture"),
        ("picture", "{base}/studies/picture"),
        ("./a/../picture", "picture"),
        ("urn:uuid:4f3b6c1e-0000-4000-8000-000000000000", "urn:uuid:4f3b6c1e-0000-4000-8000-000000000000"),
    ],
)
def test_locations_are_compared_as_urls(server: Server, uri: str, location: str) -> None:
    uri, location = (one.format(base=server.base_url) for one in (uri, location))
    assert post(server, as_json(metadata(uri)), (IMAGE, jpeg(), location)).status_code == 200


def test_bulk_data_may_come_before_its_metadata(server: Server) -> None:
    assert post(server, (IMAGE, jpeg(), "picture"), as_json(metadata())).status_code == 200


def test_files_and_metadata_may_come_in_one_request(server: Server) -> None:
    response = post(
        server, ("application/dicom", photo(instance="1.2.3.9"), None), as_json(metadata()), (IMAGE, jpeg(), "picture")
    )
    assert response.status_code == 200
    assert len(response.json()["00081199"]["Value"]) == 2


def test_a_body_may_be_metadata_alone(server: Server) -> None:
    headers = {"Content-Type": JSON, "Accept": JSON}
    assert server.http.post("/studies", content=as_json(metadata(None))[1], headers=headers).status_code == 200


def test_the_same_again_is_success(server: Server) -> None:
    parts = as_json(metadata()), (IMAGE, jpeg(), "picture")
    assert [post(server, *parts).status_code for _ in range(2)] == [200, 200]
    assert post(server, parts[0], (IMAGE, jpeg(5), "picture")).status_code == 409


def test_what_was_retrieved_can_be_stored_again(server: Server) -> None:
    store(server, photo())
    (members,) = server.http.get(INSTANCE + "/metadata").json()
    members["00080018"]["Value"] = ["1.2.3.33"]
    uri = members["7FE00010"]["BulkDataURI"]
    (part,) = parts_of(server.http.get(uri, headers={"Accept": 'multipart/related; type="image/jpeg"'}))
    response = post(server, as_json(members), (part[0]["content-type"], part[1], uri))
    assert response.status_code == 200, warnings_of(response)


# -- answers in XML


def test_the_store_answer_is_one_document(server: Server) -> None:
    response = store(server, photo(), Accept=XML)
    assert (response.status_code, response.headers["content-type"]) == (200, XML)
    answer = read_native_model([response.content])
    assert answer["00081199"]["Value"][0]["00081155"]["Value"] == ["1.2.3.3"]


def test_searches_and_metadata_have_one_part_a_result(server: Server) -> None:
    store(server, photo(), photo(instance="1.2.3.4", number=2))
    accept = {"Accept": f'multipart/related; type="{XML}"'}
    for path in ("/studies/1.2.3.1/metadata", "/instances?includefield=all"):
        response = server.http.get(path, headers=accept)
        parts = parts_of(response)
        assert f'type="{XML}"' in response.headers["content-type"]
        assert [headers["content-type"] for headers, _ in parts] == [XML, XML]
        assert all(ElementTree.fromstring(data).tag.endswith("}NativeDicomModel") for _, data in parts)
        assert [read_native_model([data])["00200013"]["Value"] for _, data in parts] == [["1"], ["2"]]
    assert server.http.get("/studies?PatientID=nobody", headers=accept).status_code == 204


def test_bulk_data_uris_in_xml_are_absolute(server: Server) -> None:
    store(server, photo())
    (part,) = parts_of(server.http.get(INSTANCE + "/metadata", headers={"Accept": f'multipart/related; type="{XML}"'}))
    uri = read_native_model([part[1]])["7FE00010"]["BulkDataURI"]
    assert uri == f"{server.base_url}{INSTANCE}/bulkdata/7FE00010"


def test_xml_alone_is_no_answer_to_a_search(server: Server) -> None:
    assert_problem(server.http.get("/studies", headers={"Accept": XML}), 406, "multipart/related")
