"""Hostile input to a gateway of its own: a clear error within bounded memory and time, and others are served."""

import gzip
import json
import random
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from PIL import Image

from tests.bench.store_memory import MEBIBYTE, MOST_RESIDENT, left_behind, peak_resident
from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK
from tests.unit.dicomweb.samples import UNDEFINED, element, header, part10, photo

JSON = "application/dicom+json"
XML = "application/dicom+xml"
DEFLATED = "1.2.840.10008.1.2.1.99"
MOST_SECONDS = 20.0
"""For any one request, on a machine shared with others."""


class Bystander:
    """Somebody else who searches all the while, and how long the slowest answer took."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._search, daemon=True)
        self.answers = 0
        self.slowest = 0.0
        self.failed: list[str] = []
        self._thread.start()

    def _search(self) -> None:
        with httpx.Client(base_url=self._base_url, trust_env=False, timeout=30) as http:
            while not self._stop.wait(0.02):
                begun = time.monotonic()
                try:
                    status = http.get("/dicom-web/studies?limit=1").status_code
                except httpx.TransportError as error:
                    self.failed.append(repr(error))
                    continue
                self.answers += 1
                self.slowest = max(self.slowest, time.monotonic() - begun)
                if status not in (200, 204):
                    self.failed.append(str(status))

    def end(self) -> None:
        self._stop.set()
        self._thread.join(30)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A running gateway; at the end it is whole, small, and has served somebody else all the while."""
    with GatewayProcess(tmp_path_factory.mktemp("hostile")) as running:
        bystander = Bystander(running.url)
        yield running
        bystander.end()
        assert running.process is not None
        assert running.process.poll() is None
        assert bystander.failed == []
        assert bystander.answers > 10
        assert bystander.slowest < MOST_SECONDS / 2
        assert peak_resident(running.process.pid) < MOST_RESIDENT
        assert left_behind(running) == []


@pytest.fixture(autouse=True)
def _bounded_time() -> Iterator[None]:
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < MOST_SECONDS


def post(
    gateway: GatewayProcess, *parts: bytes, of: str = "application/dicom", body: bytes | None = None, **headers: str
) -> httpx.Response:
    framed = b"".join(b"\r\n--bb\r\nContent-Type: " + of.encode() + b"\r\n\r\n" + part for part in parts)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return gateway.http.post(
        "/dicom-web/studies",
        content=framed + b"\r\n--bb--\r\n" if body is None else body,
        headers={"Content-Type": f'multipart/related; type="{of}"; boundary=bb', "Accept": JSON, **named},
    )


def refused(response: httpx.Response, words: str, status: int = 409) -> None:
    """The part failed, and the warning says why."""
    assert response.status_code == status, response.text
    assert words in response.headers["warning"]


def raw_exchange(gateway: GatewayProcess, send: Callable[[socket.socket], None]) -> bytes:
    """What the server says to bytes that no HTTP client would send; empty where it just hangs up."""
    with socket.create_connection((LOOPBACK, gateway.http_port), timeout=MOST_SECONDS) as connection:
        try:
            send(connection)
            return connection.recv(4096)
        except (BrokenPipeError, ConnectionResetError):
            return b""


def head(length: str, more: str = "", boundary: str = "; boundary=bb") -> bytes:
    return (
        f"POST /dicom-web/studies HTTP/1.1\r\nHost: {LOOPBACK}\r\nConnection: close\r\n{more}"
        f'Content-Type: multipart/related; type="application/dicom"{boundary}\r\nContent-Length: {length}\r\n\r\n'
    ).encode()


# -- data sets


def test_a_deflated_bomb_is_given_up(gateway: GatewayProcess) -> None:
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = bytes(MEBIBYTE)
    bomb = b"".join(deflater.compress(block) for _ in range(1024)) + deflater.flush()
    assert len(bomb) < 2 * MEBIBYTE
    refused(post(gateway, part10(bomb, DEFLATED)), "inflates to more than")


@pytest.mark.parametrize("depth", [200, 10_000])
@pytest.mark.parametrize("has_length", [True, False])
def test_deep_sequences_are_refused(gateway: GatewayProcess, depth: int, has_length: bool) -> None:
    if has_length:
        behind = [20 * (depth - level) for level in range(depth)]
        deep = b"".join(header(0x00400555, "SQ", left - 12) + header(0xFFFEE000, "", left - 20) for left in behind)
    else:
        deep = (header(0x00400555, "SQ", UNDEFINED) + header(0xFFFEE000, "", UNDEFINED)) * depth
        deep += (header(0xFFFEE00D, "", 0) + header(0xFFFEE0DD, "", 0)) * depth
    response = post(gateway, part10(element(0x00080018, "UI", "1.2.3.3") + deep))
    assert response.status_code == 409
    assert "(0040,0555)" in response.headers["warning"]


@pytest.mark.parametrize("depth", [200, 10_000])
def test_deep_metadata_is_refused(gateway: GatewayProcess, depth: int) -> None:
    uids = '{"00080016":{"vr":"UI","Value":["1.2"]},"00080018":{"vr":"UI","Value":["1.3"]},'
    deep = uids + '"00400555":{"vr":"SQ","Value":[{' * depth + "}]}" * depth + "}"
    refused(post(gateway, deep.encode(), of=JSON), "metadata is no JSON" if depth > 1000 else "nested deeper")
    refused(post(gateway, b"[" * depth, of=JSON), "metadata is no JSON")
    attribute = '<DicomAttribute tag="00400555" vr="SQ"><Item number="1">'
    deep = "<NativeDicomModel>" + attribute * depth + "</Item></DicomAttribute>" * depth + "</NativeDicomModel>"
    refused(post(gateway, deep.encode(), of=XML), "nested deeper")


def test_an_entity_bomb_is_refused(gateway: GatewayProcess) -> None:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 30))
    bomb = f'<!DOCTYPE a [<!ENTITY a0 "aaaa">{entities}]><NativeDicomModel>&a29;</NativeDicomModel>'
    refused(post(gateway, bomb.encode(), of=XML), "document type")
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><NativeDicomModel>&x;</NativeDicomModel>'
    refused(post(gateway, outside.encode(), of=XML), "document type")


def test_metadata_of_very_many_values_is_refused(gateway: GatewayProcess) -> None:
    refused(post(gateway, b"[" + b"[]," * 2_000_000 + b"[]]", of=JSON), "more than")
    refused(post(gateway, b'["' + b"x" * (17 * MEBIBYTE) + b'"]', of=JSON), "more metadata than is taken")


def test_many_heavy_headers_stay_within_memory(gateway: GatewayProcess) -> None:
    items = b"".join(
        struct.pack("<HH2sHH", 0x0009 + 2 * (n // 200), 0x1000 + n % 200, b"US", 2, 1) for n in range(12_000)
    )
    nested = header(0x00400555, "SQ", len(items) + 8) + header(0xFFFEE000, "", len(items)) + items
    parts = [photo(study="2.25.1", instance=f"2.25.1.{n}", extra=[(0x00400555, nested)]) for n in range(12)]
    response = post(gateway, *parts)
    assert response.status_code == 200, response.text
    (last,) = gateway.http.get("/dicom-web/studies/2.25.1/series/1.2.3.2/instances/2.25.1.11/metadata").json()
    assert len(last["00400555"]["Value"][0]) == 12_000
    assert gateway.http.get("/dicom-web/studies/2.25.1/series/1.2.3.2/instances/2.25.1.11/frames/1").content
    response = post(gateway, *[part10(nested[:-1]) for _ in range(12)])
    assert response.status_code == 409


@pytest.mark.parametrize("charset", ["ISO_IR 999", "\\ISO 2022 IR 149", "utf-8", "\\" * 60, "<script>"])
def test_wrong_character_sets_lose_no_object(gateway: GatewayProcess, charset: str) -> None:
    instance = f"2.25.2.{zlib.crc32(charset.encode())}"
    wrong = [
        (0x00080005, element(0x00080005, "CS", charset)),
        (0x00100010, element(0x00100010, "PN", b"\x1b$)C\xff\xfe\x1b^\x80=\xc8\xab=")),
    ]
    data = photo(study="2.25.2", series="2.25.2.0", instance=instance, extra=wrong)
    assert post(gateway, data).status_code == 200
    path = f"/dicom-web/studies/2.25.2/series/2.25.2.0/instances/{instance}"
    (members,) = gateway.http.get(f"{path}/metadata").json()
    assert members["00080005"]["Value"] == ["ISO_IR 192"]
    asked = gateway.http.get(f"{path}/metadata", headers={"Accept": f'multipart/related; type="{XML}"'})
    assert asked.status_code == 200


def test_metadata_in_a_wrong_character_set_is_refused(gateway: GatewayProcess) -> None:
    text = json.dumps([{"00100010": {"vr": "PN", "Value": [{"Alphabetic": "길동"}]}}], ensure_ascii=False)
    refused(post(gateway, text.encode("cp949"), of=JSON), "no JSON")
    refused(post(gateway, text.encode("utf-16"), of=JSON), "no JSON")
    document = '<?xml version="1.0" encoding="{}"?><NativeDicomModel>길동</NativeDicomModel>'
    refused(post(gateway, document.format("klingon").encode(), of=XML), "Native DICOM Model")
    refused(post(gateway, document.format("UTF-8").encode("cp949"), of=XML), "Native DICOM Model")


def test_mutated_files_never_break_the_server(gateway: GatewayProcess) -> None:
    seeded = random.Random(5)
    original = photo(study="2.25.3", series="2.25.3.1", instance="2.25.3.2")
    for number in range(60):
        mutant = bytearray(original)
        for _ in range(seeded.randint(1, 40)):
            mutant[seeded.randrange(132, len(mutant))] = seeded.randrange(256)
        response = post(gateway, bytes(mutant[: seeded.randrange(200, len(mutant) + 1)] if number % 3 else mutant))
        assert response.status_code in (200, 409), response.text
        for item in response.json().get("00081199", {}).get("Value", []):
            url = item["00081190"]["Value"][0]
            for path in ("", "/metadata", "/frames/1", "/rendered", "/thumbnail", "/bulkdata/7FE00010"):
                assert gateway.http.get(url + path).status_code < 500, path


def test_sizes_that_overflow_are_not_decoded(gateway: GatewayProcess) -> None:
    instance = "2.25.4.2"
    extra = [
        (0x00280010, element(0x00280010, "US", 65535)),
        (0x00280011, element(0x00280011, "US", 65535)),
        (0x00280008, element(0x00280008, "IS", "2147483647")),
        (0x00280100, element(0x00280100, "US", 65528)),
    ]
    data = photo(study="2.25.4", series="2.25.4.1", instance=instance, native=bytes(576), extra=extra)
    assert post(gateway, data).status_code == 200
    path = f"/dicom-web/studies/2.25.4/series/2.25.4.1/instances/{instance}"
    for resource in ("/frames/1", "/frames/2147483647", "/frames/1/rendered", "/rendered", "/thumbnail"):
        assert 400 <= gateway.http.get(path + resource).status_code < 500


@pytest.mark.parametrize("claimed", [(48, 64), (30_000, 30_000), (65_535, 65_535)])
def test_a_codestream_that_lies_costs_its_own_request(gateway: GatewayProcess, claimed: tuple[int, int]) -> None:
    """What JPEG 2000 says of its size is asked for as samples and as a picture, whatever the header says."""
    buffer = BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG2000", no_jp2=True)
    stream = bytearray(buffer.getvalue())
    at = stream.index(b"\xff\x51") + 6
    for offset in (0, 16):  # the size of the reference grid, and of a tile
        stream[at + offset : at + offset + 8] = struct.pack(">II", 65_535, 65_535)
    instance = f"2.25.9.{claimed[0]}"
    extra = [(tag, element(tag, "US", size)) for tag, size in zip((0x00280010, 0x00280011), claimed, strict=True)]
    data = photo(study="2.25.9", series="2.25.9.1", instance=instance, frames=[bytes(stream)], extra=extra)
    data = data.replace(b"1.2.840.10008.1.2.4.50", b"1.2.840.10008.1.2.4.90")
    assert post(gateway, data).status_code == 200
    path = f"/dicom-web/studies/2.25.9/series/2.25.9.1/instances/{instance}"
    asked = [("/frames/1", "application/octet-stream"), ("", "application/dicom"), ("/rendered", "image/jpeg")]
    for resource, accept in [*asked, ("/thumbnail", "image/png")]:
        assert gateway.http.get(path + resource, headers={"Accept": accept}).status_code in (400, 406)


def test_an_executable_preamble_is_zeroed(gateway: GatewayProcess) -> None:
    data = b"MZ" + b"\x90" * 126 + photo(study="2.25.5", series="2.25.5.1", instance="2.25.5.2")[128:]
    assert post(gateway, data).status_code == 200
    url = "/dicom-web/studies/2.25.5/series/2.25.5.1/instances/2.25.5.2"
    kept = gateway.http.get(url, headers={"Accept": "application/dicom; transfer-syntax=*"}).content
    assert kept == bytes(128) + data[128:]


@pytest.mark.parametrize(
    "uid",
    ["../../../escaped-4f1c", "/etc/escaped-4f1c", "..\\escaped-4f1c", "1.2/../escaped-4f1c", "1.2\0escaped-4f1c"],
)
def test_uids_are_never_paths(gateway: GatewayProcess, uid: str) -> None:
    for data in (photo(instance=uid), photo(series=uid), photo(study=uid)):
        assert post(gateway, data).status_code == 409
    members = {"00080016": {"vr": "UI", "Value": ["1.2"]}, "00080018": {"vr": "UI", "Value": [uid]}}
    assert post(gateway, json.dumps(members).encode(), of=JSON).status_code == 409
    for path in (f"/studies/{quote(uid, safe='')}", f"/studies/1/series/1/instances/1/bulkdata/{quote(uid, safe='')}"):
        assert gateway.http.get(f"/dicom-web{path}").status_code in (400, 404)
    assert not list(Path(gateway.folder).parent.rglob("*escaped-4f1c*"))


# -- bodies


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ('multipart/related; type="application/dicom"', 400),
        ('multipart/related; type="application/dicom"; boundary=""', 400),
        (f'multipart/related; type="application/dicom"; boundary={"b" * 71}', 400),
        (f"multipart/related; {'a=b; ' * 20_000}boundary=bb", 415),
        ("multipart/form-data; boundary=bb", 415),
    ],
)
def test_without_a_usable_boundary_nothing_is_read(gateway: GatewayProcess, content_type: str, status: int) -> None:
    try:
        response = post(gateway, photo(), Content_Type=content_type)
    except httpx.TransportError:  # a header of this size may end the connection
        assert len(content_type) > 60_000
    else:
        assert response.status_code in (status, 400, 431)


def test_another_boundary_than_the_body_has_stores_nothing(gateway: GatewayProcess) -> None:
    response = post(gateway, body=b"\r\n--other\r\n\r\n" + photo() + b"\r\n--other--\r\n")
    assert (response.status_code, response.json()["detail"]) == (400, "the body holds no boundary")


def test_an_endless_preamble_and_endless_part_headers_are_not_gathered(gateway: GatewayProcess) -> None:
    junk = b"no boundary here\r\n" * (32 * MEBIBYTE // 18)
    assert post(gateway, body=junk).status_code == 400
    response = post(gateway, body=b"--bb\r\nX: " + b"y" * (32 * MEBIBYTE))
    assert response.status_code == 413
    assert "header of part 1" in response.json()["detail"]
    response = post(gateway, body=b"--bb\r\n" + b"X: y\r\n" * 1_000_000)
    assert response.status_code == 413


def test_very_many_parts_are_not_taken(gateway: GatewayProcess) -> None:
    response = post(gateway, body=b"--bb\r\n\r\nx\r\n" * 100_000 + b"--bb--")
    assert response.status_code == 413
    assert "parts" in response.json()["detail"]


def test_an_endless_request_header_ends_the_connection(gateway: GatewayProcess) -> None:
    def send(connection: socket.socket) -> None:
        connection.sendall(b"POST /dicom-web/studies HTTP/1.1\r\n")
        for _ in range(16):
            connection.sendall(b"X: " + b"y" * MEBIBYTE)

    assert not raw_exchange(gateway, send).startswith(b"HTTP/1.1 2")


def test_a_length_that_is_too_long_is_refused_before_the_body(gateway: GatewayProcess) -> None:
    for length in (str(10**12), "9" * 4000):
        answer = raw_exchange(gateway, lambda connection, text=length: connection.sendall(head(text)))  # type: ignore[misc]
        assert answer.split(b" ")[1] in (b"400", b"413", b"431")


@pytest.mark.parametrize("length", ["-1", "abc", "0x10", "5, 6"])
def test_a_length_that_is_none_is_refused(gateway: GatewayProcess, length: str) -> None:
    answer = raw_exchange(gateway, lambda connection: connection.sendall(head(length)))
    assert answer.split(b" ")[1:2] in ([b"400"], [])


def test_a_body_longer_or_shorter_than_its_length_stores_nothing(gateway: GatewayProcess) -> None:
    uid = "2.25.6.2"
    part = b"--bb\r\n\r\n" + photo(study="2.25.6", series="2.25.6.1", instance=uid) + b"\r\n--bb--\r\n"
    answer = raw_exchange(gateway, lambda connection: connection.sendall(head(str(len(part) - 100)) + part))
    assert answer.split(b" ")[1] == b"400"

    def send(connection: socket.socket) -> None:
        connection.sendall(head(str(len(part) + 100)) + part)
        connection.shutdown(socket.SHUT_WR)

    assert not raw_exchange(gateway, send).startswith(b"HTTP/1.1 2")
    assert gateway.http.get("/dicom-web/studies", params={"StudyInstanceUID": "2.25.6"}).status_code == 204


def test_packed_bodies_are_refused_and_never_unpacked(gateway: GatewayProcess) -> None:
    bomb = gzip.compress(bytes(64 * MEBIBYTE))
    for coding in ("gzip", "deflate", "br", "gzip, gzip", "identity, gzip"):
        assert post(gateway, body=bomb, Content_Encoding=coding).status_code == 415
    assert post(gateway, bomb).status_code == 409
    zipped = BytesIO()
    assert post(gateway, body=zipped.getvalue()).status_code == 400


def test_names_are_told_as_data_and_never_in_headers(gateway: GatewayProcess) -> None:
    script = '<script>alert(1)</script>"\r\nSet-Cookie: a=b'
    data = photo(study="2.25.7", series="2.25.7.1", instance="2.25.7.2", patient_name=script)
    response = post(gateway, data)
    assert response.status_code == 200
    for path in ("", "/2.25.7/metadata", "/2.25.7/series"):
        answer = gateway.http.get(f"/dicom-web/studies{path}", headers={"Accept": JSON})
        assert answer.headers["content-type"] == JSON
        assert "set-cookie" not in answer.headers
    refusal = post(gateway, photo(study="2.25.7", series="2.25.7.1", instance="2.25.7.2", patient_name="Other"))
    assert refusal.status_code == 409
    assert "script" not in str(refusal.headers) + refusal.text
