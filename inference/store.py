"""The model store: a folder that both the trainer and the gateway can reach.

    TASK/VERSION/{model.onnx, manifest.json, card.md, photos.sha256}    never changed once there; read-only
    TASK/VERSION/{decision.json, report.html}                           where the version came with them
    TASK/serving        the version that serves, in decimal; replaced in one step
    TASK/shadow         the version that judges beside it unseen; not there where none does
    TASK/history        everything done with versions: time, what, version; appended to
    .measured/          what was measured of model files, by machine; may be deleted

Whoever changes anything holds a lock on `.lock`; readers need none.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from inference.durable import new_folder
from inference.errors import StoreError
from inference.history import Action, Change, append_change, read_changes, version_before
from inference.manifest import Manifest, Task, read_manifest
from inference.marks import VERSION, Stamp, read_mark, remove_mark, stamp_of, write_mark
from inference.states import State, has_ended, state_of
from inference.version_files import check_files, check_fit_to_run, check_version, copy_files

TASKS: tuple[Task, ...] = get_args(Task)


class ModelStore:
    """A model store in a folder. Holds no state of its own; any number of processes may use one folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, task: str, version: int) -> Path:
        """Give the folder of a version, there or not. Raises StoreError for no task, or no version number."""
        if not VERSION.fullmatch(str(version)):
            raise StoreError(f"{version!r} is no version; versions are whole numbers from 1")
        return self._task_folder(task) / str(version)

    def versions(self, task: str) -> list[int]:
        """List the versions held of a task, ascending. Raises StoreError where there is no store."""
        if not self.root.is_dir():
            raise StoreError("there is no model store at the configured place")
        folder = self._task_folder(task)
        if not folder.is_dir():
            return []
        return sorted(int(entry.name) for entry in folder.iterdir() if VERSION.fullmatch(entry.name) and entry.is_dir())

    @property
    def measured_folder(self) -> Path:
        """Where it is remembered how many threads a model runs quickest on, by model file and machine."""
        return self.root / ".measured"

    def next_version(self, task: str) -> int:
        """Give the number that the next model of a task takes."""
        return max(self.versions(task), default=0) + 1

    def serving(self, task: str) -> int:
        """Read which version serves. Raises StoreError where none does, or one that is not there."""
        version = self.served(task)
        if version is None:
            raise StoreError(f"no version of {task} serves: the file {task}/serving is missing")
        return version

    def served(self, task: str) -> int | None:
        """Read which version serves, None where none does. Raises StoreError for one that is not there."""
        version = read_mark(self._serving_path(task))
        if version is not None:
            self._require(task, version)
        return version

    def serving_mark(self, task: str) -> Stamp | None:
        """Give a mark that changes whenever `serving` is replaced, at the cost of one stat; None without it."""
        return stamp_of(self._serving_path(task))

    def shadow(self, task: str) -> int | None:
        """Read which version judges in the shadow, None where none does.

        Raises StoreError for one that is not there.
        """
        version = read_mark(self._shadow_path(task))
        # A promotion that a crash cut short leaves the mark of what now serves.
        if version is None or version == self._named_by(self._serving_path(task)):
            return None
        self._require(task, version)
        return version

    def shadow_mark(self, task: str) -> Stamp | None:
        """Give a mark that changes whenever `shadow` is replaced, at the cost of one stat; None without it."""
        return stamp_of(self._shadow_path(task))

    def state(self, task: str, version: int) -> State:
        """Tell the state of a version. Raises StoreError where it is not there."""
        self._require(task, version)
        return state_of(
            version,
            serving=self._named_by(self._serving_path(task)),
            shadow=self._named_by(self._shadow_path(task)),
            changes=self.history(task),
        )

    def verify(self, task: str, version: int) -> Manifest:
        """Hold a version's files against its manifest, which is given. Raises StoreError or ManifestError."""
        return check_version(self._require(task, version), f"{task}/{version}")

    def add(self, source: Path) -> int:
        """Copy a model's folder into the store, in one step, as the version its manifest says; return that.

        The same model again is no error. Raises StoreError where a file is missing, the hash is not the manifest's or
        the version is another model already; ManifestError for its manifest.
        """
        manifest = read_manifest(source)
        check_files(source, manifest)
        folder = self.folder(manifest.task, manifest.version)
        with self._lock():
            if folder.exists():
                _require_same(folder, manifest)
                return manifest.version
            with new_folder(folder) as building:
                copy_files(source, building)
        return manifest.version

    def promote(self, task: Task, version: int, *, again: bool = False) -> None:
        """Make a version the one that serves.

        One that served before, or was retired, comes back only by `again` (or by going back). Raises StoreError,
        ManifestError or ModelRefused where it cannot serve.
        """
        self._require_fit(task, version)
        with self._lock():
            if not again and self._has_ended(task, version):
                raise StoreError(f"{task}/{version} is retired: roll back to it, or promote it with --again")
            self._serve(task, Action.PROMOTED, version)

    def rollback(self, task: Task) -> int:
        """Make the version that served before this one serve again; return it.

        Going back twice goes back two; what was retired by hand is passed over. Raises StoreError where nothing
        served before, and StoreError, ManifestError or ModelRefused where that cannot serve.
        """
        with self._lock():
            version = version_before(self.history(task), self.serving(task))
            if version is None:
                raise StoreError(f"no version of {task} served before this one")
            self._require_fit(task, version)
            self._serve(task, Action.ROLLED_BACK, version)
        return version

    def retire(self, task: Task, version: int) -> None:
        """Withdraw a version: it neither serves nor judges in the shadow, nor does going back find it.

        Raises StoreError for the one that serves.
        """
        self._require(task, version)
        with self._lock():
            if version == self._named_by(self._serving_path(task)):
                raise StoreError(f"{task}/{version} serves: promote another version or roll back first")
            self._end_shadow(task, only=version)
            self._note(task, Action.RETIRED, version)

    def put_in_shadow(self, task: Task, version: int, *, displace: bool = True) -> None:
        """Let a version judge beside the one that serves, its answers shown to nobody; one at most does.

        Another one that judges there gives way, unless `displace` is False: then StoreError; a mark that names what is
        not in the store is in nobody's way. Raises StoreError for the one that serves, and StoreError, ManifestError or
        ModelRefused where it cannot run.
        """
        self._require_fit(task, version)
        with self._lock():
            serving, other = self._named_by(self._serving_path(task)), self._named_by(self._shadow_path(task))
            if version == serving:
                raise StoreError(f"{task}/{version} serves already")
            if not displace and other not in (None, serving, version) and other in self.versions(task):
                raise StoreError(f"{task}/{other} judges in the shadow")
            self._note(task, Action.SHADOWED, version)
            write_mark(self._shadow_path(task), version)

    def end_shadow(self, task: Task) -> int | None:
        """Let none judge in the shadow; return the version that did."""
        with self._lock():
            return self._end_shadow(task)

    def history(self, task: str) -> list[Change]:
        """Read everything done with the versions of a task, oldest first."""
        return read_changes(self._task_folder(task) / "history")

    def _serve(self, task: str, action: Action, version: int) -> None:
        # History first: rolling back passes over an entry that never came to serve.
        self._note(task, action, version)
        write_mark(self._serving_path(task), version)
        self._end_shadow(task, only=version)

    def _end_shadow(self, task: str, only: int | None = None) -> int | None:
        path = self._shadow_path(task)
        version = self._named_by(path)
        if not path.exists() or only not in (None, version):
            return None
        remove_mark(path)
        if version is not None:
            self._note(task, Action.UNSHADOWED, version)
        return version

    def _note(self, task: str, action: Action, version: int) -> None:
        append_change(self._task_folder(task) / "history", Change(datetime.now(UTC), action, version))

    def _has_ended(self, task: str, version: int) -> bool:
        return has_ended(version, serving=self._named_by(self._serving_path(task)), changes=self.history(task))

    def _named_by(self, path: Path) -> int | None:
        try:
            return read_mark(path)
        except StoreError:
            return None  # names nothing; whoever loads says so

    def _require(self, task: str, version: int) -> Path:
        folder = self.folder(task, version)
        if not folder.is_dir():
            raise StoreError(f"{task}/{version} is not in the store")
        return folder

    def _require_fit(self, task: str, version: int) -> None:
        check_fit_to_run(self._require(task, version), f"{task}/{version}")

    def _task_folder(self, task: str) -> Path:
        if task not in TASKS:
            raise StoreError(f"{task!r} is no task; tasks are {', '.join(TASKS)}")
        return self.root / task

    def _serving_path(self, task: str) -> Path:
        return self._task_folder(task) / "serving"

    def _shadow_path(self, task: str) -> Path:
        return self._task_folder(task) / "shadow"

    @contextmanager
    def _lock(self) -> Iterator[None]:
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _require_same(folder: Path, manifest: Manifest) -> None:
    if read_manifest(folder) != manifest:
        raise StoreError(f"{manifest.name} is another model already; versions are never replaced")
