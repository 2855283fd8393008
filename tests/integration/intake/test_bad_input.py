"""What is no usable request: the right status, a problem document that says what is wrong, and nothing stored."""

import io
import socket
import struct
import time
import zlib
from collections.abc import Iterator
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from gateway.intake import receive
from gateway.intake.request import PhotoFields
from gateway.operations import body_limit, http_server
from tests.e2e.photos import photo
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK

GOOD = photo(1)


@pytest.fixture(autouse=True)
def nothing_is_stored(served: Served) -> Iterator[None]:
    """No test here leaves a row, an event or an object behind."""
    before = served.holdings()
    yield
    assert served.holdings() == before


def _jpeg_that_claims(width: int, height: int) -> bytes:
    data = bytearray(GOOD)
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _png_that_claims(width: int, height: int, samples: int = 1000) -> bytes:
    header = _png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    coded = _png_chunk(b"IDAT", zlib.compress(bytes(samples)))
    return b"\x89PNG\r\n\x1a\n" + header + coded + _png_chunk(b"IEND", b"")


def _small() -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.full((223, 400, 3), 128, np.uint8)).save(target, "JPEG")
    return target.getvalue()


def _tiff_of_8_pixels() -> bytes:
    target = io.BytesIO()
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(target, "TIFF")
    return target.getvalue()


PICTURES = {
    "no picture": (b"this is no picture at all", 415, "not_a_picture"),
    "a single byte": (b"\xff", 415, "not_a_picture"),
    "a program": (b"\x7fELF" + bytes(100), 415, "not_a_picture"),
    "a document": (b"%PDF-1.7" + bytes(20), 415, "unsupported_picture"),
    "a BigTIFF": (b"II+\0\x08\0" + bytes(20), 415, "unsupported_picture"),
    "a raw photo": (b"\x00\x00\x00\x18ftypcrx " + bytes(20), 415, "unsupported_picture"),
    "a GIF without pixels": (b"GIF89a" + bytes(20), 415, "not_a_picture"),
    "a TIFF of 8 pixels": (_tiff_of_8_pixels(), 422, "too_small"),
    "a HEIC of its brand": (b"\x00\x00\x00\x18ftypheic" + bytes(20), 422, "truncated_picture"),
    "a JPEG of its marker": (b"\xff\xd8\xff", None, None),
    "a JPEG cut in half": (GOOD[: len(GOOD) // 2], 422, "truncated_picture"),
    "a JPEG cut at the end": (GOOD[:-2], 422, "truncated_picture"),
    "a JPEG with a hole": (GOOD[:2000] + GOOD[4000:], None, None),
    "a PNG cut in half": (photo(2, "PNG")[:-3000], 422, "truncated_picture"),
    "a JPEG of 4 gigapixels": (_jpeg_that_claims(65500, 65500), 413, "too_many_pixels"),
    "a PNG of 4 exapixels": (_png_that_claims(2**31 - 1, 2**31 - 1), 413, "too_many_pixels"),
    "a PNG with a long edge": (_png_that_claims(70000, 224, 70001 * 224), 413, "too_many_pixels"),
    "a PNG of which only the header is there": (_png_that_claims(300, 300), 422, "truncated_picture"),
    "a picture of 223 pixels": (_small(), 422, "too_small"),
}


@pytest.mark.parametrize("case", PICTURES)
@pytest.mark.parametrize("later", [False, True], ids=["at once", "with an Idempotency-Key"])
def test_an_unusable_picture_is_refused_in_words(served: Served, case: str, later: bool) -> None:
    picture, status, code = PICTURES[case]
    response = served.post(picture, headers={"Idempotency-Key": f"bad-{case}".replace(" ", "-")} if later else {})
    problem = _problem(response.status_code, response)
    assert response.status_code == status if status else response.status_code in {415, 422}
    assert problem["code"] == code if code else problem["code"]
    assert len(problem["detail"]) > 10


@pytest.mark.parametrize("picture", [b"", None], ids=["0 bytes", "no photo"])
def test_a_form_without_a_photo_names_the_field(served: Served, picture: bytes | None) -> None:
    problem = _problem(422, served.post(picture, {"note": "x"}))
    assert problem["errors"] == [{"field": "photo", "fault": "is missing or empty"}]


FIELDS = {
    "patient_id": "a\\b",
    "issuer_of_patient_id": "x" * 65,
    "patient_name": "a^b^c^d^e^f",
    "patient_birth_date": "1980-13-01",
    "patient_sex": "female",
    "patient_age": "-1",
    "subject": "dog",
    "taken_by": "robot",
    "operator": "x" * 65,
    "consent": "x" * 65,
    "case_id": "nope",
    "lesion_id": "x\x07y",
    "study_instance_uid": "1.2.03",
    "accession_number": "x" * 17,
    "admission_id": "x" * 65,
    "study_description": "x" * 65,
    "referring_physician": "a=b=c=d",
    "requesting_service": "x" * 65,
    "requested_procedure_id": "x" * 17,
    "scheduled_procedure_step_id": "A  B",
    "worklist_item": "no item at all",
    "pixel_spacing_mm": "0",
    "body_site": "moon",
    "laterality": "X",
    "kind": "sketch",
    "burned_in_annotation": "perhaps",
    "recognizable": "2",
    "size_mm": "-3",
    "shape": "x" * 65,
    "symptoms": "x" * 4097,
    "onset": "x" * 65,
    "note": "x" * 4097,
    "ask_doctor": "perhaps",
    "captured_at": "2026-05-06T07:08:09",
    "device_maker": "x" * 65,
    "device_model": "x" * 65,
    "device_serial": "x" * 65,
    "device_software": "x" * 65,
    "polarized": "perhaps",
    "contact": "2",
    "immersion": "BEER",
    "magnification": "nan",
    "nonsense": "x",
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_wrong_value_is_named_by_its_field_and_not_repeated(served: Served, field: str) -> None:
    problem = _problem(422, served.post(GOOD, {field: FIELDS[field]}))
    assert [error["field"] for error in problem["errors"]] == [field]
    assert len(FIELDS[field]) < 5 or FIELDS[field] not in str(problem["errors"][0]["fault"])


def test_every_field_has_a_case_here() -> None:
    assert set(FIELDS) - {"nonsense"} == set(PhotoFields.model_fields)


def test_a_case_and_a_study_at_once_contradict(served: Served) -> None:
    _problem(422, served.post(GOOD, {"case_id": "0" * 32, "study_instance_uid": "1.2.3"}))


def test_a_case_that_is_not_there(served: Served) -> None:
    _problem(422, served.post(GOOD, {"case_id": "0" * 32}))


@pytest.mark.parametrize("key", ["", "with space", "x" * 256])
def test_an_idempotency_key_that_is_none(served: Served, key: str) -> None:
    _problem(422, served.post(GOOD, headers={"Idempotency-Key": key}))


# -- the form itself

CLOSING = b"\r\n--b--\r\n"
PHOTO_HEAD = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p"\r\n\r\n'
FIELD = b'--b\r\nContent-Disposition: form-data; name="note"\r\n\r\n'
FORM = "multipart/form-data; boundary=b"

FORMS = {
    "JSON": ("application/json", b"{}", 415),
    "the bare picture": ("image/jpeg", GOOD, 415),
    "no content type": ("", GOOD, 415),
    "no boundary": ("multipart/form-data", PHOTO_HEAD + GOOD + CLOSING, 415),
    "an empty boundary": ('multipart/form-data; boundary=""', PHOTO_HEAD + GOOD + CLOSING, 415),
    "a long boundary": (f"multipart/form-data; boundary={'b' * 71}", b"", 415),
    "another multipart": ("multipart/related; boundary=b", PHOTO_HEAD + GOOD + CLOSING, 415),
    "another boundary than announced": ("multipart/form-data; boundary=c", PHOTO_HEAD + GOOD + CLOSING, 422),
    "no end": (FORM, PHOTO_HEAD + GOOD, 422),
    "nothing": (FORM, b"", 422),
    "a part without a name": (FORM, b"--b\r\nContent-Type: image/jpeg\r\n\r\n" + GOOD + CLOSING, 422),
    "a part with an empty name": (FORM, b'--b\r\nContent-Disposition: form-data; name=""\r\n\r\nx' + CLOSING, 422),
    "a field twice": (FORM, FIELD + b"a\r\n" + FIELD + b"b\r\n" + PHOTO_HEAD + GOOD + CLOSING, 422),
    "two photos": (FORM, PHOTO_HEAD + GOOD + b"\r\n" + PHOTO_HEAD + GOOD + CLOSING, 422),
    "a field that is no UTF-8": (FORM, FIELD + b"\xff\xfe\r\n" + PHOTO_HEAD + GOOD + CLOSING, 422),
    "a header that does not end": (FORM, b"--b\r\nX-" + b"a" * 8192, 422),
    "headers without number": (FORM, b"--b\r\n" + b"X: y\r\n" * 5000, 422),
    "65 fields": (
        FORM,
        b"".join(b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % i for i in range(65)) + CLOSING,
        422,
    ),
    "a long field": (FORM, FIELD + b"x" * 20000 + b"\r\n" + PHOTO_HEAD + GOOD + CLOSING, 413),
    "a photo over the limit": (FORM, PHOTO_HEAD + GOOD + bytes(101 * 1024) + CLOSING, 413),
    "a body over the limit": (FORM, PHOTO_HEAD + bytes(3 * 1024 * 1024) + CLOSING, 413),
}


@pytest.mark.parametrize("case", FORMS)
@pytest.mark.parametrize("chunked", [False, True], ids=["whole", "chunked"])
def test_a_form_that_cannot_be_read(served: Served, case: str, chunked: bool) -> None:
    content_type, body, status = FORMS[case]
    headers = {"Content-Type": content_type} if content_type else {}
    content = (body[at : at + 10_000] for at in range(0, len(body), 10_000)) if chunked else body
    _problem(status, served.http.post("/api/v1/photos", content=content, headers=headers))


def test_what_follows_the_form_is_passed_over_within_the_limit(served: Served) -> None:
    body = PHOTO_HEAD + b"no picture" + CLOSING + b"epilogue" * 1000
    response = served.http.post("/api/v1/photos", content=body, headers={"Content-Type": FORM})
    assert _problem(415, response)["code"] == "not_a_picture"


# -- senders that stall

HEAD = f"POST /api/v1/photos HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {FORM}\r\n".encode()


def test_a_body_that_stalls_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "IDLE_SECONDS", 0.2)
    answer = _spoken(served, HEAD + b"Content-Length: 1000\r\n\r\n" + PHOTO_HEAD)
    assert b" 408 " in answer
    assert b"application/problem+json" in answer


def test_a_body_that_trickles_without_end_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receive, "WHOLE_SECONDS", 0.5)
    with _connected(served) as connection:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        started = time.monotonic()
        answer = b""
        connection.settimeout(0.02)
        while not answer and time.monotonic() - started < 5:
            connection.sendall(b"1\r\n-\r\n")
            answer = _received(connection)
        assert b" 408 " in answer or b" 422 " in answer


def test_a_sender_who_leaves_in_the_middle_leaves_nothing(served: Served) -> None:
    with _connected(served) as connection:
        connection.sendall(HEAD + b"Content-Length: 100000\r\n\r\n" + PHOTO_HEAD + GOOD[:1000])
        time.sleep(0.05)
    assert served.get("/healthz") == {"status": "alive"}


def test_a_head_that_does_not_come_is_given_up(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "HEAD_SECONDS", 0.2)
    assert b" 408 " in _spoken(served, HEAD)
    assert b" 408 " in _spoken(served, b"")


def test_a_head_without_end_is_refused(served: Served) -> None:
    with _connected(served) as connection:
        connection.sendall(HEAD)
        answer = b""
        try:
            for _ in range(200):
                connection.sendall(b"X-Filling: " + b"y" * 8000 + b"\r\n")
        except OSError:
            pass
        answer = _received(connection)
    assert b" 431 " in answer or answer == b"", "the connection may be reset before the answer is read"
    assert served.get("/healthz") == {"status": "alive"}


def test_a_head_in_one_endless_line_is_refused(served: Served) -> None:
    assert b" 431 " in _spoken(served, b"GET /" + b"x" * (http_server.MAX_HEAD_BYTES + 1))
    assert served.get("/healthz") == {"status": "alive"}


def test_small_bodies_are_bounded_too(served: Served) -> None:
    body = b'{"usable": true, "reason": "' + b"x" * (body_limit.MAX_BODY_BYTES + 1) + b'"}'
    url = f"/api/v1/photos/{'0' * 32}/label"
    _problem(413, served.http.post(url, content=body, headers={"Content-Type": "application/json"}))
    _problem(413, served.http.post(url, content=iter([body]), headers={"Content-Type": "application/json"}))


def _problem(status: int, response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    document: dict[str, Any] = response.json()
    assert document["status"] == status
    assert document["detail"]
    return document


def _connected(served: Served) -> socket.socket:
    return socket.create_connection((LOOPBACK, served.port), timeout=5)


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65536)
    except (TimeoutError, ConnectionError):
        return b""


def _spoken(served: Served, request: bytes) -> bytes:
    """Everything the server says to these bytes, until it closes."""
    with _connected(served) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := _received(connection):
            answer += chunk
        return answer
