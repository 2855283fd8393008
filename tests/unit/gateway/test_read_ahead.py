"""The index is read ahead as far as there is memory for it, and nothing fails where it cannot be."""

import logging
import threading
from pathlib import Path

import pytest

from gateway.operations import read_ahead
from gateway.operations.read_ahead import ReadAhead, available_bytes, read_through

MANY = 3 * 1024 * 1024 + 5


@pytest.fixture
def index(tmp_path: Path) -> Path:
    path = tmp_path / "index.db"
    path.write_bytes(bytes(MANY))
    return path


def test_a_file_is_read_to_its_end(index: Path) -> None:
    assert read_through(index, most_bytes=10**9, stopping=threading.Event()) == MANY


def test_no_more_is_read_than_there_is_memory_for(index: Path) -> None:
    assert read_through(index, most_bytes=0, stopping=threading.Event()) == 0
    assert read_through(index, most_bytes=1024 * 1024 + 1, stopping=threading.Event()) <= 2 * 1024 * 1024


def test_it_ends_when_the_gateway_does(index: Path) -> None:
    stopping = threading.Event()
    stopping.set()
    assert read_through(index, most_bytes=10**9, stopping=stopping) == 0


def test_what_was_read_is_told(index: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        reading = ReadAhead(index)
        reading.start()
        reading._thread.join(10)
        reading.stop()
    assert "read ahead: 3 MB" in caplog.text


def test_a_file_that_is_gone_is_told_and_no_more(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reading = ReadAhead(tmp_path / "gone.db")
    reading.start()
    reading.stop()
    assert "could not be read ahead: No such file" in caplog.text


def test_the_memory_there_is_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert available_bytes() > 0
    monkeypatch.setattr(read_ahead, "Path", lambda _name: tmp_path / "nothing")
    assert available_bytes() == 0
