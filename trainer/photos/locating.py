"""Finding the file that a labels file means, never outside the folder of photos."""

import os
from collections.abc import Iterator
from pathlib import Path

from trainer.photos.errors import BadLabels

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MAX_FILES = 1_000_000
MAX_DEPTH = 8
_MAX_NAME = 1024


class MissingPhoto(BadLabels):
    """A photo that the labels name is not there."""


class Locator:
    """Photos under one folder. Names with a suffix are paths under it; a bare name is found in any of its folders."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise BadLabels(f"{folder.name} is no folder")
        self._root = folder.resolve()
        self._by_stem: dict[str, list[Path]] | None = None

    def find(self, name: str, place: str) -> Path:
        """The file called `name`. Raises MissingPhoto, and BadLabels for a path or link that leaves the folder."""
        if not 0 < len(name) <= _MAX_NAME or "\0" in name:
            raise BadLabels(f"{place}: no file is named, or its name is too long")
        path = self._inside(self._root / name, place)
        if path.suffix.lower() not in SUFFIXES:
            return self._by_bare_name(name, place)
        if not os.path.isfile(path):  # noqa: PTH113 - Path.is_file raises for names the system cannot hold
            raise MissingPhoto(f"{place}: {name} cannot be read: no such file")
        return path

    def _by_bare_name(self, name: str, place: str) -> Path:
        if self._by_stem is None:
            self._by_stem = {}
            for path in pictures_under(self._root):
                self._by_stem.setdefault(path.stem, []).append(path)
        stem = Path(name)
        found = [path for path in self._by_stem.get(stem.name, []) if path.is_relative_to(self._root / stem.parent)]
        if not found:
            raise MissingPhoto(f"{place}: there is no {name} with any of {', '.join(SUFFIXES)}")
        if len(found) > 1:
            raise BadLabels(f"{place}: {name} could be any of {len(found)} files")
        return self._inside(found[0], place)

    def _inside(self, path: Path, place: str) -> Path:
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError) as error:  # names the system cannot hold, links in a circle
            raise BadLabels(f"{place}: the file's name cannot be used") from error
        if not resolved.is_relative_to(self._root):
            raise BadLabels(f"{place}: the file lies outside the folder of photos")
        return resolved


def pictures_under(root: Path) -> Iterator[Path]:
    """Every file with a picture's suffix, no links followed into folders; raises BadLabels beyond MAX_FILES."""
    count = 0
    for folder, folders, files in os.walk(root):
        deep = len(Path(folder).relative_to(root).parts) >= MAX_DEPTH
        folders[:] = [] if deep else sorted(each for each in folders if not each.startswith("."))
        for file in sorted(files):
            if file.lower().endswith(SUFFIXES):
                count += 1
                if count > MAX_FILES:
                    raise BadLabels(f"{root.name} holds more than {MAX_FILES} files")
                yield Path(folder, file)
