"""Ranges, content coding, caching rules, ZIP archives: what answers are made of beside their content."""

import gzip
import zipfile
from io import BytesIO

import httpx
import pydicom
import pytest

from tests.integration.dicomweb.conftest import Server
from tests.integration.dicomweb.test_http import INSTANCE, JSON, assert_problem, store
from tests.unit.dicomweb.samples import EXPLICIT, JPEG_BASELINE, element, jpeg, photo

AS_STORED = {"Accept": "application/dicom; transfer-syntax=*"}
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


def raw(response: httpx.Response) -> bytes:
    """The body as it came, coded or not."""
    return b"".join(response.iter_raw())


def stream(server: Server, path: str, **headers: str) -> tuple[httpx.Response, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with server.http.stream("GET", path, headers=named) as response:
        return response, raw(response)


# -- ranges


@pytest.mark.parametrize("wanted", ["bytes=99999999-", "bytes=-0"])
def test_a_range_behind_the_end_is_416_and_tells_the_length(server: Server, wanted: str) -> None:
    store(server, photo())
    response = server.http.get(INSTANCE, headers={**AS_STORED, "Range": wanted})
    assert_problem(response, 416, f"{len(photo())} bytes")
    assert response.headers["content-range"] == f"bytes */{len(photo())}"


@pytest.mark.parametrize("wanted", ["bytes=0-1,3-4", "lines=1-2", "bytes=x"])
def test_a_range_that_is_not_served_is_ignored(server: Server, wanted: str) -> None:
    store(server, photo())
    response = server.http.get(INSTANCE, headers={**AS_STORED, "Range": wanted})
    assert (response.status_code, response.content) == (200, photo())


def test_a_range_of_an_instance_is_206(server: Server) -> None:
    store(server, photo())
    response = server.http.get(INSTANCE, headers={**AS_STORED, "Range": "bytes=128-131"})
    assert (response.status_code, response.content) == (206, b"DICM")
    assert response.headers["content-range"] == f"bytes 128-131/{len(photo())}"
    assert response.headers["content-length"] == "4"
    assert response.headers["accept-ranges"] == "bytes"


def test_a_file_fetched_in_pieces_is_the_file(server: Server) -> None:
    data = photo(frames=[jpeg() + bytes(100_001)])
    store(server, data)
    pieces = b""
    while len(pieces) < len(data):
        wanted = {"Range": f"bytes={len(pieces)}-{len(pieces) + 29_999}"}
        response = server.http.get(INSTANCE, headers={**AS_STORED, **wanted})
        assert response.status_code == 206
        pieces += response.content
    assert pieces == data


def test_a_range_runs_over_the_fragments_of_bulk_data(server: Server) -> None:
    store(server, photo(extra=[(0x00282000, element(0x00282000, "OB", bytes(range(250)) * 12))]))
    path = f"{INSTANCE}/bulkdata/00282000"
    response = server.http.get(path, headers={"Accept": "application/octet-stream", "Range": "bytes=10-19"})
    assert (response.status_code, response.content) == (206, bytes(range(10, 20)))
    response = server.http.get(path, headers={"Accept": "application/octet-stream", "Range": "bytes=-3"})
    assert response.content == bytes(range(247, 250))


def test_what_changed_meanwhile_is_sent_whole(server: Server) -> None:
    store(server, photo())
    tag = server.http.get(INSTANCE, headers=AS_STORED).headers["etag"]
    wanted = {**AS_STORED, "Range": "bytes=128-131"}
    assert server.http.get(INSTANCE, headers={**wanted, "If-Range": tag}).status_code == 206
    assert server.http.get(INSTANCE, headers={**wanted, "If-Range": '"other"'}).content == photo()


def test_several_parts_and_heads_know_no_range(server: Server) -> None:
    store(server, photo())
    wanted = {"Range": "bytes=0-3"}
    accept = {"Accept": 'multipart/related; type="application/dicom"; transfer-syntax=*'}
    assert server.http.get(INSTANCE, headers={**accept, **wanted}).status_code == 200
    assert server.http.head(INSTANCE, headers={**AS_STORED, **wanted}).status_code == 200


# -- content coding


def test_metadata_is_compressed_for_who_takes_it(server: Server) -> None:
    store(server, *[photo(instance=f"1.2.3.{n}", number=n) for n in range(1, 9)])
    plain, body = stream(server, "/studies/1.2.3.1/metadata", **{"Accept-Encoding": "identity"})
    coded, packed = stream(server, "/studies/1.2.3.1/metadata", **GZIP)
    assert "content-encoding" not in plain.headers
    assert coded.headers["content-encoding"] == "gzip"
    assert int(coded.headers["content-length"]) == len(packed) < len(body) / 4
    assert gzip.decompress(packed) == body
    assert coded.headers["etag"] == f"W/{plain.headers['etag']}"
    assert "Accept-Encoding" in plain.headers["vary"]


def test_searches_and_xml_are_compressed_as_well(server: Server) -> None:
    store(server, *[photo(instance=f"1.2.3.{n}", number=n) for n in range(1, 9)])
    assert stream(server, "/instances", **GZIP)[0].headers["content-encoding"] == "gzip"
    accept = 'multipart/related; type="application/dicom+xml"'
    answer, packed = stream(server, "/instances", Accept=accept, **GZIP)
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed).count(b"<NativeDicomModel") == 8


def test_a_long_answer_is_compressed_while_it_is_made(server: Server) -> None:
    comment = element(0x00204000, "LT", b"note " * 1000)
    for first in range(1, 400, 40):
        few = [photo(instance=f"1.2.3.{n}", number=n, extra=[(0x00204000, comment)]) for n in range(first, first + 40)]
        assert store(server, *few).status_code == 200
    _, body = stream(server, "/studies/1.2.3.1/metadata", **PLAIN)
    _, packed = stream(server, "/studies/1.2.3.1/metadata", **GZIP)
    assert len(body) > 2 * 1024 * 1024
    assert gzip.decompress(packed) == body


@pytest.mark.parametrize("headers", [GZIP, PLAIN])
def test_either_coding_is_revalidated(server: Server, headers: dict[str, str]) -> None:
    store(server, *[photo(instance=f"1.2.3.{n}", number=n) for n in range(1, 9)])
    tag = server.http.get("/studies/1.2.3.1/metadata", headers=headers).headers["etag"]
    again = server.http.get("/studies/1.2.3.1/metadata", headers={**headers, "If-None-Match": tag})
    assert (again.status_code, again.headers["etag"]) == (304, tag)


def test_short_answers_and_objects_are_not_compressed(server: Server) -> None:
    assert "content-encoding" not in stream(server, "/studies/1.2.9/metadata", **GZIP)[0].headers
    store(server, photo(frames=[jpeg() + bytes(10_000)]))
    answer, body = stream(server, INSTANCE, **AS_STORED, **GZIP)
    assert "content-encoding" not in answer.headers
    assert len(body) == int(answer.headers["content-length"])


def test_no_shared_cache_keeps_what_is_a_patients(server: Server) -> None:
    store(server, photo())
    for path in ("/studies", INSTANCE, f"{INSTANCE}/metadata", "/studies/1.2.9"):
        headers = server.http.get(path).headers
        assert headers["cache-control"] == "private, no-cache"
        assert headers["x-content-type-options"] == "nosniff"
        assert "Accept" in headers["vary"]


# -- application/zip


def unzipped(response: httpx.Response) -> dict[str, bytes]:
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(BytesIO(response.content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_study_comes_as_an_archive_of_files(server: Server) -> None:
    files = {n: photo(instance=f"1.2.3.{n}", number=n, frames=[jpeg() + bytes(400_000)]) for n in range(1, 6)}
    store(server, *files.values())
    response = server.http.get("/studies/1.2.3.1", headers={"Accept": "application/zip; transfer-syntax=*"})
    assert unzipped(response) == {f"1.2.3.2/1.2.3.{n}.dcm": data for n, data in files.items()}
    again = server.http.get("/studies/1.2.3.1", headers={"Accept": "application/zip"})
    assert again.content == response.content
    known = {"Accept": "application/zip", "If-None-Match": response.headers["etag"]}
    assert server.http.get("/studies/1.2.3.1", headers=known).status_code == 304


def test_an_archive_holds_the_syntax_that_was_asked_for(server: Server) -> None:
    store(server, photo())
    accept = {"Accept": f"application/zip; transfer-syntax={EXPLICIT}"}
    (data,) = unzipped(server.http.get(INSTANCE, headers=accept)).values()
    assert pydicom.dcmread(BytesIO(data)).file_meta.TransferSyntaxUID == EXPLICIT
    assert_problem(server.http.get(INSTANCE, headers={"Accept": "application/zip; transfer-syntax=1.2"}), 406)


def test_an_archive_is_sent_to_nobody_who_did_not_ask_for_one(server: Server) -> None:
    store(server, photo())
    for accept in ("*/*", "application/dicom, application/zip", "multipart/related"):
        content_type = server.http.get("/studies/1.2.3.1", headers={"Accept": accept}).headers["content-type"]
        assert content_type.startswith("multipart/related") or accept.startswith("application/dicom")
    single = server.http.get(INSTANCE, headers={"Accept": "application/dicom, application/zip"})
    assert single.headers["content-type"] == f"application/dicom; transfer-syntax={JPEG_BASELINE}"


# -- which transfer syntaxes there are


def test_metadata_tell_in_which_syntaxes_an_instance_can_be_had(server: Server) -> None:
    store(server, photo())
    (members,) = server.http.get(f"{INSTANCE}/metadata", headers={"Accept": JSON}).json()
    assert members["00083002"] == {"vr": "UI", "Value": [JPEG_BASELINE, EXPLICIT]}
    assert list(members) == sorted(members)
    for syntax in members["00083002"]["Value"]:
        accept = {"Accept": f"application/dicom; transfer-syntax={syntax}"}
        assert server.http.get(INSTANCE, headers=accept).status_code == 200
