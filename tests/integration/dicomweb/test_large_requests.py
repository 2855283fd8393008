"""A STOW request far larger than the memory the server may have for it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.store_memory import MEBIBYTE, MOST_RESIDENT, Request, left_behind, peak_resident, send, stored
from tests.e2e.gateway_process import GatewayProcess

_MOST_GROWTH = 48 * MEBIBYTE
"""What a request may add to the server's memory, whatever its size."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    with GatewayProcess(tmp_path_factory.mktemp("large")) as running:
        yield running


def _resident(gateway: GatewayProcess) -> int:
    assert gateway.process is not None
    return peak_resident(gateway.process.pid)


@pytest.mark.parametrize("kind", ["dicom", "json"])
def test_memory_does_not_grow_with_the_body(gateway: GatewayProcess, kind: str) -> None:
    request = Request(f"2.25.1{len(kind)}", 64, 128 * MEBIBYTE, kind)
    before = _resident(gateway)
    assert send(gateway.http_port, request) == 200
    assert _resident(gateway) - before < _MOST_GROWTH
    assert stored(gateway, request.study) == 64


@pytest.mark.parametrize("kind", ["dicom", "json"])
def test_a_request_that_breaks_off_leaves_nothing(gateway: GatewayProcess, kind: str) -> None:
    request = Request(f"2.25.2{len(kind)}", 16, 32 * MEBIBYTE, kind)
    assert send(gateway.http_port, request, stop_after=9) is None
    deadline = time.monotonic() + 20
    while left_behind(gateway) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_behind(gateway) == []
    assert stored(gateway, request.study) == 0
    assert send(gateway.http_port, request) == 200
    assert stored(gateway, request.study) == 16


@pytest.mark.long
@pytest.mark.parametrize("kind", ["dicom", "json"])
def test_two_gibibytes_in_a_thousand_instances(tmp_path: Path, kind: str) -> None:
    with GatewayProcess(tmp_path) as gateway:
        request = Request(f"2.25.3{len(kind)}", 1000, 2048 * MEBIBYTE, kind)
        assert send(gateway.http_port, request) == 200
        assert _resident(gateway) < MOST_RESIDENT
        assert stored(gateway, request.study) == 1000
