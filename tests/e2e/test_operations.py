"""Running the shipped gateway: logs, memory, shutdown, roles, and what must not start."""

import http.client
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path

import httpx
import pytest
from pydicom import Dataset

from deploy.demo import processes
from tests.e2e.gateway_process import GatewayProcess, destination
from tests.e2e.load import Load
from tests.e2e.photos import photo, with_orientation
from tests.peers import LOOPBACK, Orthanc, free_port, require

Wait = Callable[..., None]

PLANTED = ("Zaphod", "Beeblebrox", "베블브락스", "PLANTED-ID-4711", "1971-03-04", "19710304", "ACC-PLANTED", "Holiday")
FACTS = {
    "patient_id": "PLANTED-ID-4711",
    "patient_name": "Beeblebrox^Zaphod=베블브락스",
    "patient_birth_date": "1971-03-04",
    "accession_number": "ACC-PLANTED",
    "note": "Holiday",
}


def test_the_log_holds_neither_identity_nor_query_strings(tmp_path: Path, orthanc: Orthanc, wait_for: Wait) -> None:
    with GatewayProcess(tmp_path, destination(orthanc)) as gateway:
        submission = gateway.accepted(photo(1, exif=with_orientation(6), comment=b"Holiday"), FACTS)
        wait_for(lambda: gateway.deliveries(submission["id"]) == ["confirmed"], "it is proven")
        gateway.post(photo(2), {**FACTS, "patient_sex": "Zaphod", "Beeblebrox": "x"})
        gateway.post(b"Zaphod", FACTS)
        gateway.post(photo(3), {**FACTS, "patient_id": "OTHER", "case_id": submission["case_id"]})
        for path in ("/dicom-web/studies", "/api/v1/photos", "/nowhere/Zaphod", "/Beeblebrox"):
            gateway.http.get(path, params={"PatientName": "Beeblebrox^Zaphod", "PatientID": "PLANTED-ID-4711"})
        for body in (b"Zaphod", _broken_part10()):
            part = b"--b\r\nContent-Type: application/dicom\r\n\r\n" + body + b"\r\n--b--\r\n"
            content_type = 'multipart/related; type="application/dicom"; boundary=b'
            gateway.http.post("/dicom-web/studies", content=part, headers={"Content-Type": content_type})
        broken = tmp_path / "broken.dcm"
        broken.write_bytes(_broken_part10())
        subprocess.run(
            [require("storescu"), "-aec", "DERMGATE", LOOPBACK, str(gateway.dimse_port), broken],
            check=False,
            timeout=30,
        )
        gateway.http.get(f"{submission['dicom']['url']}/metadata")
        gateway.http.get("/metrics")
        metrics = gateway.http.get("/metrics").text
        assert gateway.stop() == 0
        log = gateway.log.read_text()
        for planted in PLANTED:
            assert planted not in log
            assert planted not in metrics
        assert "?" not in "".join(str(line.get("route")) for line in gateway.log_lines())
        routes = {line["route"] for line in gateway.log_lines() if line["logger"] == "gateway.http"}
        assert {"/api/v1/photos", "/api/v1/photos/{photo_id}", "/dicom-web/studies", "unrouted"} <= routes
        assert 'route="/api/v1/photos"' in metrics


def test_a_flood_of_large_bad_posts_stays_within_memory(tmp_path: Path) -> None:
    """Bodies over the limit of 64 MB, or of 60 MB that are no picture: at most eight are held, none is kept."""
    with GatewayProcess(tmp_path) as gateway:
        gateway.accepted(photo(1))
        before = _resident_bytes(gateway, "VmRSS")
        with ThreadPoolExecutor(6) as pool:
            statuses = list(pool.map(lambda number: _flood(gateway, number), range(12)))
        assert set(statuses) <= {413, 415, 503}
        peak = _resident_bytes(gateway, "VmHWM") - before
        assert peak < (8 * 64 + 100) * 1024**2, f"{peak / 1024**2:.0f} MB"
        kept = _resident_bytes(gateway, "VmRSS") - before
        assert kept < 150 * 1024**2, f"{kept / 1024**2:.0f} MB"
        assert len(gateway.http.get("/api/v1/photos").json()["photos"]) == 1
        assert gateway.accepted(photo(2))


def test_a_stop_under_load_answers_what_is_under_way_and_loses_nothing(tmp_path: Path, orthanc: Orthanc) -> None:
    gateway = GatewayProcess(tmp_path, destination(orthanc))
    with gateway:
        with Load(gateway, apps=3) as load:
            while len(load.answered()) < 10:
                time.sleep(0.05)
            started = time.monotonic()
            assert gateway.stop() == 0
            assert time.monotonic() - started < 10
            stopped_with = len(load.answered())
            gateway.start()
            while len(load.answered()) < stopped_with + 10:
                time.sleep(0.05)
        assert load.faults() == []
        photos = {one["id"] for one in gateway.http.get("/api/v1/photos?limit=200").json()["photos"]}
        assert photos == set(load.answered().values())
        assert gateway.stop() == 0
        assert gateway.run("verify").returncode == 0


def test_a_stop_ends_the_stream_of_events_and_finishes_a_slow_post(tmp_path: Path) -> None:
    with GatewayProcess(tmp_path) as gateway, ExitStack() as opened:
        gateway.accepted(photo(1))
        ended = threading.Event()

        def follow() -> None:
            headers = {"Accept": "text/event-stream"}
            with httpx.stream("GET", f"{gateway.url}/api/v1/events", headers=headers, timeout=30) as stream:
                lines = [line for line in stream.iter_lines() if line.startswith("event:")]
            assert lines[0] == "event: instance.stored"
            ended.set()

        follower = threading.Thread(target=follow)
        follower.start()
        body = _form(photo(2))
        connection = opened.enter_context(closing(http.client.HTTPConnection(LOOPBACK, gateway.http_port, timeout=30)))
        connection.putrequest("POST", "/api/v1/photos")
        connection.putheader("Content-Type", "multipart/form-data; boundary=b")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body[:1000])
        time.sleep(0.3)
        assert gateway.process is not None
        gateway.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.send(body[1000:])
        assert connection.getresponse().status == 201
        assert gateway.process.wait(20) == 0
        follower.join(5)
        assert ended.is_set()


def test_a_second_gateway_on_one_sqlite_file_does_not_start_and_commands_run_beside(tmp_path: Path) -> None:
    with GatewayProcess(tmp_path) as gateway:
        second = gateway.run_program("serve", environment={"DERMGATE_HTTP__PORT": str(free_port())})
        assert second.returncode == 2
        assert "another gateway runs" in second.stderr
        assert "Traceback" not in second.stderr
        assert gateway.run_program("verify").returncode == 0
        assert gateway.run_program("keys", "list").returncode == 0


@pytest.mark.parametrize("taken", ["http", "dimse"])
def test_a_port_that_is_taken_is_named(tmp_path: Path, taken: str) -> None:
    gateway = GatewayProcess(tmp_path)
    with socket.create_server((LOOPBACK, gateway.http_port if taken == "http" else gateway.dimse_port)):
        done = gateway.run_program("serve")
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    assert str(gateway.http_port if taken == "http" else gateway.dimse_port) in last
    assert "Traceback" not in done.stderr


def test_elsewhere_than_on_loopback_a_key_is_needed_first(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path)
    outside = {"DERMGATE_HTTP__HOST": "0.0.0.0"}
    refused = gateway.run_program("serve", environment=outside)
    assert refused.returncode == 2
    assert "dermgate keys create" in refused.stderr


def test_models_that_are_gone_make_it_not_ready_and_their_return_makes_it_ready(tmp_path: Path) -> None:
    gateway = GatewayProcess(tmp_path)
    serving = gateway.models / "disease" / "serving"
    content = serving.read_text()
    serving.write_text("77\n")
    gateway.launch()
    assert gateway.process is not None
    with closing(gateway):
        processes.wait_for_ports(gateway.process, [gateway.http_port], gateway.log)
        response = gateway.http.get("/readyz")
        assert response.status_code == 503
        assert "disease" in response.json()["checks"]["models"]
        assert gateway.post(photo(1)).status_code == 503
        assert gateway.http.get("/healthz").status_code == 200
        serving.write_text(content)
        processes.wait_until(gateway.is_ready, gateway.process, gateway.log)
        assert gateway.accepted(photo(1))


@pytest.mark.peer
def test_roles_are_processes_of_their_own_on_postgresql(
    tmp_path: Path, postgres_url: str, orthanc: Orthanc, wait_for: Wait
) -> None:
    front = GatewayProcess(tmp_path / "front", destination(orthanc), database=postgres_url)
    refused = front.run_program("serve")
    assert refused.returncode == 2
    assert "dermgate db upgrade" in refused.stderr
    assert front.run("db", "upgrade").returncode == 0
    back = GatewayProcess(
        tmp_path / "back", destination(orthanc), database=postgres_url, models=tmp_path / "no" / "models"
    )
    back.config.write_text(back.config.read_text().replace(f"{back.folder}/objects", f"{front.folder}/objects"))
    try:
        front.start("--role", "http,dimse")
        submission = front.accepted(photo(1))
        time.sleep(0.5)
        assert front.deliveries(submission["id"]) == ["queued"], "nobody delivers yet"
        back.start("--role", "delivery,schedule")
        wait_for(lambda: front.deliveries(submission["id"]) == ["confirmed"], "the other process delivers")
        assert back.http.get("/healthz").status_code == 200
        assert back.http.get("/metrics").status_code == 200
        for path in ("/api/v1/photos", "/dicom-web/studies", "/"):
            assert back.http.get(path).status_code == 404
        assert not processes.listens(back.dimse_port)
        assert back.stop() == 0
        assert front.stop() == 0
    finally:
        front.close()
        back.close()


def test_a_photo_kept_for_later_survives_a_power_cut(tmp_path: Path, wait_for: Wait) -> None:
    with GatewayProcess(tmp_path) as gateway:
        ids = [gateway.post(photo(n), headers={"Prefer": "respond-async"}).json()["id"] for n in range(6)]
        gateway.kill()
        gateway.start()
        wait_for(lambda: all(gateway.photo(one)["state"] == "accepted" for one in ids), "all are processed", 20)


def _flood(gateway: GatewayProcess, number: int) -> int:
    """Post 70 MB in chunks, or 60 MB that are no picture."""
    megabyte = bytes(1024 * 1024)
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p"\r\n\r\n'

    def body() -> object:
        yield head
        for _ in range(70 if number % 2 else 60):
            yield megabyte
        yield b"\r\n--b--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return httpx.post(f"{gateway.url}/api/v1/photos", content=body(), headers=headers, timeout=60).status_code  # type: ignore[arg-type]  # a generator of bytes


def _resident_bytes(gateway: GatewayProcess, figure: str) -> int:
    assert gateway.process is not None
    status = Path(f"/proc/{gateway.process.pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith(figure)]
    return int(line.split()[1]) * 1024


def _form(picture: bytes) -> bytes:
    head = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p"\r\n\r\n'
    return head + picture + b"\r\n--b--\r\n"


def _broken_part10() -> bytes:
    """An object with identity in it that cannot be archived: values of wrong length and kind."""
    ds = Dataset()
    ds.PatientName, ds.PatientID = "Beeblebrox^Zaphod", "PLANTED-ID-4711"
    return (
        bytes(128)
        + b"DICM"
        + b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00"
        + b"\x10\x00\x10\x00PN\xff\xffZaphod"
    )
