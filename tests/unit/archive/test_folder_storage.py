"""Objects in a folder, and what a death at any moment leaves."""

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.archive.errors import StorageFull, UnknownObject
from gateway.archive.folder_storage import MOST_WAITING_OPEN, FolderStorage
from gateway.archive.storage import Kind


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[FolderStorage]:
    made = FolderStorage(tmp_path)
    yield made
    made.close()


def stored(storage: FolderStorage, content: bytes, kind: Kind = Kind.DICOM) -> str:
    pending = storage.begin(kind)
    pending.write(content)
    pending.finish()
    pending.keep()
    return pending.key


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "a" * 32, "A" * 32 + ".dcm", "a" * 32 + ".dcm/x", "a" * 32 + ".exe"]
)
def test_what_is_no_key_is_never_a_path(storage: FolderStorage, key: str) -> None:
    with pytest.raises(UnknownObject):
        storage.open(key)


def test_no_room_is_told_as_such(storage: FolderStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(descriptor: int, data: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    pending = storage.begin(Kind.DICOM)
    monkeypatch.setattr(os, "write", no_room)
    with pytest.raises(StorageFull):
        pending.write(b"x")
    pending.discard()
    assert list(storage.keys()) == list(storage.pending_keys()) == []


def test_what_was_written_is_read(storage: FolderStorage) -> None:
    key = stored(storage, b"abc", Kind.JPEG)
    assert key.endswith(".jpg")
    with storage.open(key) as stream:
        assert stream.read() == b"abc"
    assert storage.size(key) == 3
    assert list(storage.keys()) == [key]
    assert list(storage.pending_keys()) == []


def test_nothing_is_there_before_it_is_finished(storage: FolderStorage) -> None:
    pending = storage.begin(Kind.DICOM)
    pending.write(b"abc")
    with pytest.raises(UnknownObject):
        storage.open(pending.key)
    with pending.read() as stream:
        assert stream.read() == b"abc"


def test_a_discarded_object_leaves_nothing(storage: FolderStorage) -> None:
    pending = storage.begin(Kind.DICOM)
    pending.write(b"abc")
    pending.finish()
    pending.discard()
    pending.discard()
    assert list(storage.keys()) == list(storage.pending_keys()) == []


def test_deleting_twice_is_no_error(storage: FolderStorage) -> None:
    key = stored(storage, b"abc")
    storage.delete(key)
    storage.delete(key)
    with pytest.raises(UnknownObject):
        storage.size(key)


def test_many_wait_without_a_descriptor_each(storage: FolderStorage) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    pending = [storage.begin(Kind.DICOM) for _ in range(200)]
    for number, one in enumerate(pending):
        one.write(bytes([number]))
        one.end()
    assert len(list(Path("/proc/self/fd").iterdir())) == before + MOST_WAITING_OPEN
    storage.finish_all(pending)
    assert sorted(storage.keys()) == sorted(one.key for one in pending)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_living_process_is_left_alone(storage: FolderStorage, tmp_path: Path) -> None:
    pending = storage.begin(Kind.DICOM)
    pending.finish()
    other = FolderStorage(tmp_path)
    assert other.recover(lambda _key: False) == 0
    other.close()
    assert list(storage.keys()) == [pending.key]


STEPS = ("open", "write", "fsync", "link", "folder", "finish", "keep")

DYING = """
import os, signal, sys
from pathlib import Path
from gateway.archive import folder_storage
from gateway.archive.storage import Kind

root, step = Path(sys.argv[1]), sys.argv[2]
storage = folder_storage.FolderStorage(root)

def die(*_arguments, **_keywords):
    os.kill(os.getpid(), signal.SIGKILL)

pending = storage.begin(Kind.DICOM)
print(pending.key, flush=True)
if step == "open": die()
pending.write(b"half")
if step == "write": die()
if step == "fsync": folder_storage.os.fsync = die
if step == "link": folder_storage.Path.hardlink_to = die
if step == "folder": folder_storage.sync_folder = die
pending.finish()
if step == "finish": die()
pending.keep()
die()
"""


# No row is committed before the object is finished.
@pytest.mark.parametrize(("step", "indexed"), [*((step, False) for step in STEPS), ("finish", True), ("keep", True)])
def test_after_a_death_the_index_decides(tmp_path: Path, step: str, indexed: bool) -> None:
    """Killed at each step of writing: what the index names is there, what it does not is gone."""
    died = subprocess.run([sys.executable, "-c", DYING, tmp_path, step], capture_output=True, text=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr
    key = died.stdout.strip()
    after = FolderStorage(tmp_path)
    after.recover(lambda _key: indexed)
    kept = indexed or step == "keep"  # a death after `keep` leaves nothing to decide
    assert list(after.keys()) == ([key] if kept else [])
    assert list(after.pending_keys()) == []
    assert len(list((tmp_path / "pending").iterdir())) == 1
    after.close()
