"""The files of one version: what belongs to it, whether it is what its manifest says, and how it is copied."""

import hashlib
import shutil
from pathlib import Path

from inference.errors import StoreError
from inference.manifest import CARD_NAME, MANIFEST_NAME, MODEL_NAME, PHOTOS_NAME, Manifest, read_manifest
from inference.runtime import MAX_MODEL_BYTES, load_model

REQUIRED = (MODEL_NAME, MANIFEST_NAME, CARD_NAME, PHOTOS_NAME)
OPTIONAL = ("decision.json", "report.html")
"""Kept with a version where it came with them: the gate's word, and the report that was judged by."""

MAX_OTHER_BYTES = 256 * 1024 * 1024
_READ_ONLY = 0o444

FilesMark = tuple[tuple[int, int, int], ...]
"""Changes when a file that a version must have is replaced or written to, at the cost of a few stats."""


def check_files(folder: Path, manifest: Manifest) -> None:
    """Refuse a folder that lacks a file, holds one too large, or a model file with another hash.

    Raises StoreError.
    """
    for name in REQUIRED:
        if not (folder / name).is_file():
            raise StoreError(f"{name} is missing")
    for name, most in ((name, MAX_MODEL_BYTES if name == MODEL_NAME else MAX_OTHER_BYTES) for name in _held(folder)):
        if (folder / name).stat().st_size > most:
            raise StoreError(f"{name} has more than {most} bytes")
    with (folder / MODEL_NAME).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != manifest.model_sha256:
        raise StoreError(f"{MODEL_NAME} has the SHA-256 {found}, the manifest says {manifest.model_sha256}")


def check_version(folder: Path, name: str) -> Manifest:
    """Give the manifest of the version `name` (`task/version`), with the folder's files in order.

    Raises StoreError or ManifestError.
    """
    try:
        manifest = read_manifest(folder)
        if manifest.name != name:
            raise StoreError(f"the manifest in {name} is that of {manifest.name}")
        check_files(folder, manifest)
    except OSError as error:
        raise StoreError(f"a file of {name} cannot be read: {error.strerror}") from error
    return manifest


def check_fit_to_run(folder: Path, name: str) -> None:
    """Refuse a version that a gateway would refuse. Raises StoreError, ManifestError or ModelRefused."""
    check_version(folder, name)
    load_model(folder, threads=1)


def copy_files(source: Path, target: Path) -> None:
    """Copy a version's files, and no others; the copies can only be read."""
    for name in _held(source):
        shutil.copyfile(source / name, target / name)
        (target / name).chmod(_READ_ONLY)


def files_mark(folder: Path) -> FilesMark | None:
    """Give the mark of a version's files; None where one of them is not there."""
    try:
        found = [(folder / name).stat() for name in REQUIRED]
    except OSError:
        return None
    return tuple((status.st_mtime_ns, status.st_size, status.st_ino) for status in found)


def _held(folder: Path) -> list[str]:
    return [name for name in (*REQUIRED, *OPTIONAL) if (folder / name).is_file()]
