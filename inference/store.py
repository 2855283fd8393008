"""The model store: a folder that both the trainer and the gateway can reach.

    TASK/VERSION/{model.onnx, manifest.json, card.md, photos.sha256}    never changed once there
    TASK/serving        the version that serves, in decimal; replaced in one step
    TASK/history        every promotion and rollback: time, what, version; appended to

Whoever changes anything holds a lock on `.lock`; readers need none.
"""

import fcntl
import hashlib
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from inference.durable import new_folder, replace_text
from inference.errors import StoreError
from inference.history import Action, Change, append_change, read_changes, version_before
from inference.manifest import CARD_NAME, MANIFEST_NAME, MODEL_NAME, PHOTOS_NAME, Manifest, Task, read_manifest

TASKS: tuple[Task, ...] = get_args(Task)

_VERSION = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_MAX_SERVING_BYTES = 64
_REQUIRED = (MODEL_NAME, MANIFEST_NAME, CARD_NAME, PHOTOS_NAME)


class ModelStore:
    """A model store in a folder. Holds no state of its own; any number of processes may use one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, task: str, version: int) -> Path:
        """Give the folder of a version, there or not. Raises StoreError for no task, or no version number."""
        if not _VERSION.fullmatch(str(version)):
            raise StoreError(f"{version!r} is no version; versions are whole numbers from 1")
        return self._task_folder(task) / str(version)

    def versions(self, task: str) -> list[int]:
        """List the versions held of a task, ascending. Raises StoreError where there is no store."""
        if not self.root.is_dir():
            raise StoreError("there is no model store at the configured place")
        folder = self._task_folder(task)
        if not folder.is_dir():
            return []
        return sorted(
            int(entry.name) for entry in folder.iterdir() if _VERSION.fullmatch(entry.name) and entry.is_dir()
        )

    def next_version(self, task: str) -> int:
        """Give the number that the next model of a task takes."""
        return max(self.versions(task), default=0) + 1

    def serving(self, task: str) -> int:
        """Read which version serves. Raises StoreError where none does, or one that is not there."""
        path = self._serving_path(task)
        try:
            with path.open(encoding="ascii") as file:
                text = file.read(_MAX_SERVING_BYTES).strip()
        except FileNotFoundError as error:
            raise StoreError(f"no version of {task} serves: the file {task}/serving is missing") from error
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"the file {task}/serving cannot be read") from error
        if not _VERSION.fullmatch(text):
            raise StoreError(f"the file {task}/serving does not name a version")
        self._require(task, int(text))
        return int(text)

    def serving_mark(self, task: str) -> tuple[int, int] | None:
        """Give a mark that changes whenever `serving` is replaced, at the cost of one stat; None without it."""
        try:
            status = self._serving_path(task).stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ino

    def add(self, source: Path) -> int:
        """Copy a model's folder into the store, in one step, as the version its manifest says; return that.

        The same model again is no error. Raises StoreError where a file is missing, the hash is not the manifest's or
        the version is another model already; ManifestError for its manifest.
        """
        manifest = read_manifest(source)
        _check_files(source, manifest.model_sha256)
        folder = self.folder(manifest.task, manifest.version)
        with self._lock():
            if folder.exists():
                _require_same(folder, manifest)
                return manifest.version
            with new_folder(folder) as building:
                for name in _REQUIRED:
                    shutil.copyfile(source / name, building / name)
        return manifest.version

    def promote(self, task: Task, version: int) -> None:
        """Make a version the one that serves. Raises StoreError or ManifestError where it cannot."""
        folder = self._require(task, version)
        manifest = read_manifest(folder)
        if (manifest.task, manifest.version) != (task, version):
            raise StoreError(f"the manifest in {task}/{version} is that of {manifest.name}")
        _check_files(folder, manifest.model_sha256)
        with self._lock():
            self._serve(task, Change(datetime.now(UTC), Action.PROMOTED, version))

    def rollback(self, task: Task) -> int:
        """Make the version that served before this one serve again; return it.

        Going back twice goes back two. Raises StoreError where nothing served before.
        """
        with self._lock():
            version = version_before(self.history(task), self.serving(task))
            if version is None:
                raise StoreError(f"no version of {task} served before this one")
            self._require(task, version)
            self._serve(task, Change(datetime.now(UTC), Action.ROLLED_BACK, version))
        return version

    def history(self, task: str) -> list[Change]:
        """Read every promotion and rollback of a task, oldest first."""
        return read_changes(self._history_path(task))

    def _serve(self, task: str, change: Change) -> None:
        # History first: rolling back passes over an entry that never came to serve.
        append_change(self._history_path(task), change)
        replace_text(self._serving_path(task), f"{change.version}\n")

    def _require(self, task: str, version: int) -> Path:
        folder = self.folder(task, version)
        if not folder.is_dir():
            raise StoreError(f"{task}/{version} is not in the store")
        return folder

    def _task_folder(self, task: str) -> Path:
        if task not in TASKS:
            raise StoreError(f"{task!r} is no task; tasks are {', '.join(TASKS)}")
        return self.root / task

    def _serving_path(self, task: str) -> Path:
        return self._task_folder(task) / "serving"

    def _history_path(self, task: str) -> Path:
        return self._task_folder(task) / "history"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _require_same(folder: Path, manifest: Manifest) -> None:
    if read_manifest(folder) != manifest:
        raise StoreError(f"{manifest.name} is another model already; versions are never replaced")


def _check_files(folder: Path, model_sha256: str) -> None:
    for name in _REQUIRED:
        if not (folder / name).is_file():
            raise StoreError(f"{name} is missing")
    with (folder / MODEL_NAME).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != model_sha256:
        raise StoreError(f"{MODEL_NAME} has the SHA-256 {found}, the manifest says {model_sha256}")
