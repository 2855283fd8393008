"""Files read by their descriptors: what lies in memory, what does not, and one that is being written."""

import errno
import os
from pathlib import Path

import pytest

from dicomweb.at_once import TakesLongerError
from gateway.archive.page_cache import borrowed, open_cached


def test_what_was_just_written_is_read(tmp_path: Path) -> None:
    (tmp_path / "object").write_bytes(bytes(range(256)) * 1000)
    with open_cached(f"{tmp_path}/object") as file:
        assert file.seek(256_000 - 2) == 255_998
        assert file.read(10) == b"\xfe\xff"
        assert file.read(10) == b""
        file.seek(1)
        assert file.read(3) == b"\1\2\3"
        assert file.seek(0, os.SEEK_END) == 256_000
        file.seek(0)
        assert len(file.read()) == 256_000


def test_it_tells_and_moves_its_place_like_any_file(tmp_path: Path) -> None:
    (tmp_path / "object").write_bytes(b"abcdef")
    with open_cached(f"{tmp_path}/object") as file:
        assert file.readable()
        assert file.seekable()
        file.seek(2)
        assert file.tell() == 2
        assert file.read(1) == b"c"
        assert file.seek(1, os.SEEK_CUR) == 4
        assert file.read() == b"ef"
        assert file.seek(100) == 100
        assert file.read() == b""
        with pytest.raises(ValueError, match="before the beginning"):
            file.seek(-7, os.SEEK_END)


@pytest.mark.parametrize("reason", [errno.EAGAIN, errno.EOPNOTSUPP])
def test_what_is_not_in_memory_or_cannot_be_told_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int
) -> None:
    (tmp_path / "object").write_bytes(b"abc")

    def refuses(*_arguments: object) -> int:
        raise OSError(reason, "not now")

    monkeypatch.setattr(os, "preadv", refuses)
    with open_cached(f"{tmp_path}/object") as file, pytest.raises(TakesLongerError):
        file.read(3)


def test_any_other_fault_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "object").write_bytes(b"abc")

    def fails(*_arguments: object) -> int:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "preadv", fails)
    with open_cached(f"{tmp_path}/object") as file, pytest.raises(OSError, match="broken"):
        file.read(3)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_cached(f"{tmp_path}/nothing")


def test_a_borrowed_descriptor_stays_open_and_where_it_was(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "object", os.O_RDWR | os.O_CREAT)
    os.write(descriptor, b"abc")
    with borrowed(descriptor) as file:
        assert file.read() == b"abc"
    os.write(descriptor, b"def")
    os.close(descriptor)
    assert (tmp_path / "object").read_bytes() == b"abcdef"
