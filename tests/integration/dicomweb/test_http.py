"""The application over HTTP: what is refused and how, and what goes over the wire."""

import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import jpeg_ls
import numpy as np
import pydicom
import pytest
from PIL import Image

from dicomweb.multipart import MultipartParser, PartBegin, PartData, closing, part_head
from tests.integration.dicomweb.conftest import IDLE_SECONDS, MAX_BODY_BYTES, Server
from tests.unit.dicomweb.samples import EXPLICIT, IMPLICIT, JPEG_BASELINE, element, jpeg, part10, photo

JSON = "application/dicom+json"
MULTIPART = 'multipart/related; type="application/dicom"'
INSTANCE = "/studies/1.2.3.1/series/1.2.3.2/instances/1.2.3.3"


def body_of(*parts: bytes) -> bytes:
    return b"".join(part_head("bb", {"Content-Type": "application/dicom"}) + part for part in parts) + closing("bb")


def store(
    server: Server, *parts: bytes, path: str = "/studies", body: bytes | None = None, **headers: str
) -> httpx.Response:
    content = body_of(*parts) if body is None else body
    defaults = {"Content-Type": f"{MULTIPART}; boundary=bb", "Accept": JSON}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return server.http.post(path, content=content, headers={**defaults, **named})


def parts_of(response: httpx.Response) -> list[tuple[dict[str, str], bytes]]:
    parser = MultipartParser(response.headers["content-type"].partition("boundary=")[2])
    parts: list[tuple[dict[str, str], bytes]] = []
    for event in parser.feed(response.content):
        if isinstance(event, PartBegin):
            parts.append((dict(event.headers), b""))
        elif isinstance(event, PartData):
            parts[-1] = (parts[-1][0], parts[-1][1] + event.data)
    parser.finish()
    return parts


def assert_problem(response: httpx.Response, status: int, words: str = "") -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert words in response.json()["detail"]


# -- storing what is wrong


def test_an_unreadable_part_fails_alone(server: Server) -> None:
    response = store(server, photo(), b"this is no DICOM" * 100)
    assert response.status_code == 202
    assert response.json()["00081199"]["Value"][0]["00081155"]["Value"] == ["1.2.3.3"]
    assert response.json()["0008119A"]["Value"] == [{"00081197": {"vr": "US", "Value": [0xC000]}}]
    assert "part 2: no DICM at byte 128" in response.headers["warning"]


def test_only_unreadable_parts_are_a_conflict(server: Server) -> None:
    assert store(server, b"junk", photo()[:-50]).status_code == 409
    assert server.http.get("/studies").status_code == 204


def test_another_study_than_the_path_names_is_refused(server: Server) -> None:
    response = store(server, photo(), path="/studies/1.2.9")
    assert response.status_code == 409
    (failed,) = response.json()["00081198"]["Value"]
    assert (failed["00081155"]["Value"], failed["00081197"]["Value"]) == (["1.2.3.3"], [0xA900])
    assert server.http.get(INSTANCE).status_code == 404


def test_the_same_again_is_success_and_other_content_under_its_uid_is_not(server: Server) -> None:
    assert store(server, photo()).status_code == 200
    assert store(server, photo()).status_code == 200
    response = store(server, photo(patient_id="P-9"))
    assert response.status_code == 409
    assert response.json()["00081198"]["Value"][0]["00081197"]["Value"] == [0x0111]
    assert "P-9" not in response.text + response.headers["warning"]


def test_a_uid_that_would_leave_the_archive_is_refused(server: Server) -> None:
    response = store(server, photo(instance="../../etc/passwd"))
    assert response.status_code == 409
    assert "SOPInstanceUID is no UID" in response.headers["warning"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "no boundary"),
        (b"--bb--\r\n", "no part"),
        (b"--bb\r\nA: b\r\n\r\n" + b"x" * 100, "ends inside part 1"),
        (b"--bb\r\nbroken\r\n\r\nx\r\n--bb--", "header line of part 1"),
    ],
)
def test_bodies_that_are_no_multipart_store_nothing(server: Server, body: bytes, words: str) -> None:
    assert_problem(store(server, body=body), 400, words)


def test_a_good_part_in_a_body_that_breaks_off_is_not_stored(server: Server) -> None:
    assert_problem(store(server, body=body_of(photo())[:-10]), 400, "ends inside part 1")
    assert server.http.get(INSTANCE).status_code == 404


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("", 415),
        ('multipart/related; type="text/plain"; boundary=bb', 415),
        (MULTIPART, 400),
        (MULTIPART + '; boundary="a\tb"', 400),
    ],
)
def test_what_is_no_store_request_is_refused(server: Server, content_type: str, status: int) -> None:
    assert_problem(store(server, photo(), Content_Type=content_type), status)


def test_a_coded_body_is_refused(server: Server) -> None:
    assert_problem(store(server, photo(), Content_Encoding="gzip"), 415, "coded")


def test_a_body_over_the_limit_is_refused_announced_or_not(server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        yield part_head("bb", {})
        for _ in range(MAX_BODY_BYTES // 65536 + 1):
            yield bytes(65536)

    headers = {"Content-Type": f"{MULTIPART}; boundary=bb"}
    assert_problem(server.http.post("/studies", content=chunks(), headers=headers), 413, "larger than")
    url = urlsplit(server.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as raw:
        head = f"POST /dicom-web/studies HTTP/1.1\r\nHost: x\r\nContent-Type: {MULTIPART}; boundary=bb\r\n"
        raw.sendall(f"{head}Content-Length: 999999999999999\r\nExpect: 100-continue\r\n\r\n".encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 413")


def test_a_body_that_stalls_is_given_up(server: Server) -> None:
    url = httpx.URL(server.base_url)
    head = (
        f"POST {url.path}/studies HTTP/1.1\r\nHost: {url.netloc.decode()}\r\nContent-Length: 1000\r\n"
        f"Content-Type: {MULTIPART}; boundary=bb\r\n\r\n--bb\r\n"
    )
    with socket.create_connection((url.host, url.port or 80), timeout=10 * IDLE_SECONDS) as raw:
        raw.sendall(head.encode())
        assert raw.recv(100).startswith(b"HTTP/1.1 408")


def test_too_many_parts_are_refused(server: Server) -> None:
    assert_problem(store(server, *[b"x"] * 60), 413, "more than 50 parts")


def test_a_client_that_goes_away_leaves_nothing(server: Server) -> None:
    url = urlsplit(server.base_url)
    with socket.create_connection((url.hostname or "", url.port or 0), timeout=5) as raw:
        head = f"POST /dicom-web/studies HTTP/1.1\r\nHost: x\r\nContent-Type: {MULTIPART}; boundary=bb\r\n"
        raw.sendall(f"{head}Content-Length: 5000000\r\n\r\n".encode() + body_of(photo())[:-20])
    assert server.http.get("/studies").status_code == 204


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related; boundary=bb",
        "multipart/related; type=application/dicom; boundary=bb",
        'multipart/related; boundary="bb"; type="application/dicom"',
    ],
)
def test_quotes_and_a_missing_type_do_not_matter(server: Server, content_type: str) -> None:
    assert store(server, photo(), Content_Type=content_type).status_code == 200


def test_a_single_file_may_be_the_body(server: Server) -> None:
    assert store(server, body=photo(), Content_Type="application/dicom").status_code == 200
    assert server.http.get(INSTANCE).status_code == 200


# -- searching


@pytest.mark.parametrize("query", ["limit=x", "NoSuchKey=1", "StudyDate=soon", "PatientID=1&PatientID=2"])
def test_queries_that_make_no_sense_are_problems(server: Server, query: str) -> None:
    assert_problem(server.http.get(f"/studies?{query}"), 400)


def test_results_left_over_and_unsupported_matching_are_warned_of(server: Server) -> None:
    store(server, *[photo(instance=f"1.2.3.{n}", number=n) for n in range(1, 6)])
    response = server.http.get("/instances?limit=2&emptyvaluematching=true")
    assert len(response.json()) == 2
    warnings = response.headers.get_list("warning")
    assert ["emptyvaluematching" in warnings[0], "3 additional results" in warnings[1]] == [True, True]


def test_nothing_found_is_204_without_a_body(server: Server) -> None:
    response = server.http.get("/studies?PatientName=%ED%99%8D*")
    assert (response.status_code, response.content) == (204, b"")


def test_json_is_the_only_answer_to_a_search(server: Server) -> None:
    store(server, photo())
    assert_problem(server.http.get("/studies", headers={"Accept": "text/html"}), 406, JSON)
    accept = {"Accept": "text/html, application/dicom+json;q=0.9"}
    assert server.http.get("/studies", headers=accept).headers["content-type"] == JSON
    assert server.http.get(f"/studies?accept={JSON}", headers={"Accept": "text/html"}).status_code == 200


# -- retrieving


def test_the_file_comes_back_byte_for_byte_with_its_preamble_zeroed(server: Server) -> None:
    data = photo()
    store(server, b"MZ" + b"\x90" * 126 + data[128:])
    single = server.http.get(INSTANCE, headers={"Accept": "application/dicom; transfer-syntax=*"})
    assert single.content == data
    assert single.headers["content-length"] == str(len(data))
    ((headers, content),) = parts_of(server.http.get(INSTANCE, headers={"Accept": f"{MULTIPART}; transfer-syntax=*"}))
    assert content == data
    assert headers["content-type"] == f"application/dicom; transfer-syntax={JPEG_BASELINE}"
    assert headers["content-location"] == server.base_url + INSTANCE


def test_a_large_study_is_streamed_with_its_length(server: Server) -> None:
    files = [photo(instance=f"1.2.3.{n}", number=n, frames=[jpeg() + bytes(900_000)]) for n in range(1, 5)]
    for data in files:
        assert store(server, data).status_code == 200
    response = server.http.get("/studies/1.2.3.1", headers={"Accept": f"{MULTIPART}; transfer-syntax=*"})
    assert int(response.headers["content-length"]) == len(response.content)
    assert [content for _, content in parts_of(response)] == files


def test_uncompressed_is_made_when_it_is_asked_for(server: Server) -> None:
    store(server, photo(frames=[jpeg(1), jpeg(2)]))
    accept = {"Accept": f"application/dicom; transfer-syntax={EXPLICIT}"}
    ds = pydicom.dcmread(BytesIO(server.http.get(INSTANCE, headers=accept).content))
    assert (ds.file_meta.TransferSyntaxUID, ds.PhotometricInterpretation) == (EXPLICIT, "RGB")
    expected = b"".join(Image.open(BytesIO(jpeg(seed))).tobytes() for seed in (1, 2))
    assert ds.PixelData == expected
    frame = server.http.get(f"{INSTANCE}/frames/2", headers={"Accept": "application/octet-stream"})
    assert frame.content == expected[len(expected) // 2 :]


def test_implicit_vr_goes_out_explicit(server: Server) -> None:
    names = {0x00080016: "1.2.840.10008.5.1.4.1.1.77.1.4", 0x00080018: "1.2.3.3", 0x0020000D: "1.2.3.1"}
    elements = [element(tag, "UI", uid, implicit=True) for tag, uid in {**names, 0x0020000E: "1.2.3.2"}.items()]
    assert store(server, part10(b"".join(elements), IMPLICIT)).status_code == 200
    content = server.http.get(INSTANCE, headers={"Accept": "application/dicom"}).content
    assert pydicom.dcmread(BytesIO(content)).file_meta.TransferSyntaxUID == EXPLICIT


def test_a_picture_of_another_size_than_announced_is_not_decoded(server: Server) -> None:
    store(server, photo(frames=[jpeg(size=(640, 480))]))
    accept = {"Accept": f"application/dicom; transfer-syntax={EXPLICIT}"}
    assert_problem(server.http.get(INSTANCE, headers=accept), 406, "another size")
    assert server.http.get(INSTANCE, headers={"Accept": "application/dicom"}).status_code == 200


def lossless(syntax: str, frame: bytes) -> bytes:
    """The photo's object with another coding of its frame; 12 bits of grey."""
    numbers = {0x00280002: 1, 0x00280100: 16, 0x00280101: 12, 0x00280102: 11}
    extra = [(tag, element(tag, "US", number)) for tag, number in numbers.items()]
    extra.append((0x00280004, element(0x00280004, "CS", "MONOCHROME2")))
    data = photo(frames=[frame], extra=extra, without=[0x00280006])
    return data.replace(JPEG_BASELINE.encode(), syntax.encode())


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.90"])
def test_a_frame_that_large_decoders_know_goes_out_as_samples_and_a_spoilt_one_costs_its_own_request(
    server: Server, syntax: str
) -> None:
    deep = (np.arange(48 * 64, dtype=np.uint16) % 4096).reshape(48, 64)
    buffer = BytesIO()
    Image.fromarray(deep).save(buffer, "JPEG2000", no_jp2=True, irreversible=False)
    coded = buffer.getvalue() if syntax.endswith("90") else bytes(jpeg_ls.encode_array(deep))
    spoilt = coded[:60] + bytes(byte ^ 0x55 for byte in coded[60:200])
    for frame, status in ((spoilt, 406), (coded, 200)):
        server.http.delete("/studies/1.2.3.1")
        assert store(server, lossless(syntax, frame)).status_code == 200
        for accept in ("application/octet-stream", "multipart/related; type=application/octet-stream"):
            answer = server.http.get(f"{INSTANCE}/frames/1", headers={"Accept": accept})
            assert answer.status_code == status
            assert (deep.tobytes() in answer.content) is (status == 200)
        file = server.http.get(INSTANCE, headers={"Accept": "application/dicom"})
        assert file.status_code == status
        stored = server.http.get(INSTANCE, headers={"Accept": "application/dicom; transfer-syntax=*"})
        assert frame in stored.content
    assert (pydicom.dcmread(BytesIO(file.content)).pixel_array == deep).all()
    (members,) = server.http.get(f"{INSTANCE}/metadata").json()
    assert members["00083002"]["Value"] == [syntax, EXPLICIT]


@pytest.mark.parametrize("accept", ["text/html", f"{MULTIPART}; transfer-syntax=1.2.840.10008.1.2.4.107"])
def test_what_cannot_be_made_is_406(server: Server, accept: str) -> None:
    store(server, photo())
    assert_problem(server.http.get(INSTANCE, headers={"Accept": accept}), 406, "available")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/studies/1.2.9", 404),
        ("/studies/not-a-uid", 400),
        ("/studies/..%2f..%2fetc%2fpasswd", 404),
        ("/studies/1.2.9/series/1.2.3.2/instances/1.2.3.3", 404),
        (f"{INSTANCE}/frames/2", 404),
        (f"{INSTANCE}/frames/0", 400),
        (f"{INSTANCE}/frames/1,x", 400),
        (f"{INSTANCE}/frames/2,1", 400),
        (f"{INSTANCE}/bulkdata/00100010", 404),
        (f"{INSTANCE}/bulkdata/..%2f..%2fx", 404),
        ("/no-such-service", 404),
    ],
)
def test_what_is_not_there_is_a_problem(server: Server, path: str, status: int) -> None:
    store(server, photo())
    assert_problem(server.http.get(path), status)


@pytest.mark.parametrize(
    "accept",
    [
        "multipart/related; type=application/octet-stream; transfer-syntax=*",
        'multipart/related; type="image/jpeg"; transfer-syntax=1.2.840.10008.1.2.4.50',
        "*/*",
    ],
)
def test_a_jpeg_frame_is_labelled_as_what_it_is(server: Server, accept: str) -> None:
    store(server, photo())
    ((headers, content),) = parts_of(server.http.get(f"{INSTANCE}/frames/1", headers={"Accept": accept}))
    assert headers["content-type"] == f"image/jpeg; transfer-syntax={JPEG_BASELINE}"
    assert content.rstrip(b"\0") == jpeg().rstrip(b"\0")


def test_bulk_data_uris_are_absolute_and_lead_to_the_bytes(server: Server) -> None:
    store(server, photo(extra=[(0x00282000, element(0x00282000, "OB", b"icc" * 1000))]))
    (members,) = server.http.get("/studies/1.2.3.1/metadata").json()
    accept = {"Accept": "application/octet-stream"}
    assert server.http.get(members["00282000"]["BulkDataURI"], headers=accept).content == b"icc" * 1000
    picture = server.http.get(members["7FE00010"]["BulkDataURI"], headers={"Accept": "image/jpeg"})
    assert picture.content.rstrip(b"\0") == jpeg().rstrip(b"\0")


@pytest.mark.parametrize("path", ["", "/metadata", "/frames/1", "/bulkdata/7FE00010"])
def test_what_the_client_has_already_is_not_sent_again(server: Server, path: str) -> None:
    store(server, photo())
    tag = server.http.get(INSTANCE + path).headers["etag"].removeprefix("W/")
    again = server.http.get(INSTANCE + path, headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")


def test_head_answers_like_get_without_a_body(server: Server) -> None:
    store(server, photo())
    response = server.http.head(f"{INSTANCE}/metadata")
    assert (response.status_code, response.content) == (200, b"")


# -- who asks


@pytest.mark.parametrize(("method", "path"), [("GET", "/studies"), ("GET", "/studies/1.2.3.1"), ("POST", "/studies")])
def test_a_refused_caller_gets_the_refusal_of_the_archives_owner(server: Server, method: str, path: str) -> None:
    headers = {"Authorization": "Bearer bad", "Content-Type": f"{MULTIPART}; boundary=bb"}
    response = server.http.request(method, path, headers=headers, content=body_of(photo()) if method == "POST" else b"")
    assert_problem(response, 401, "not valid")
    assert response.headers["www-authenticate"] == "Bearer"


def test_methods_that_are_not_served_name_those_that_are(server: Server) -> None:
    response = server.http.delete("/studies")
    assert_problem(response, 405)
    assert {"GET", "POST"} <= set(response.headers["allow"].replace(" ", "").split(","))


def test_samples_are_files_that_pydicom_can_read(tmp_path: Path) -> None:
    path = tmp_path / "photo.dcm"
    path.write_bytes(photo(native=bytes(576)))
    assert pydicom.dcmread(path).pixel_array.shape == (12, 16, 3)
