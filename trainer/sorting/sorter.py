"""Going through photos: read, measure, judge, explain. A file that is no picture is told, never fatal."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.rules import USABLE
from trainer.errors import BadData
from trainer.reading import read_picture
from trainer.sorting.explanation import explanation
from trainer.sorting.measuring import Examination, examine
from trainer.sorting.sorted_photo import SortedPhoto
from trainer.sorting.thresholds import Thresholds
from trainer.sorting.verdict import Verdict, judge

MAX_FILE_BYTES = 64 * 2**20
MAX_FILES = 1_000_000
_SUFFIXES = frozenset({".jpg", ".jpeg", ".png"})
_PLACE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Sorter:
    """`thresholds` to judge by; `explained`, the folder that pictures which explain go to, or None for none."""

    thresholds: Thresholds
    explained: Path | None = None

    def sort_file(self, path: Path, name: str, place: int, doctor: str | None = None) -> SortedPhoto:
        """Sort the file at `path`, known as `name`, the `place`-th of all."""
        try:
            if path.stat().st_size > MAX_FILE_BYTES:
                return SortedPhoto(name, None, None, doctor, f"larger than {MAX_FILE_BYTES} bytes")
            data = path.read_bytes()
        except OSError as error:
            return SortedPhoto(name, None, None, doctor, f"cannot be read: {error.strerror}")
        return self.sort_bytes(data, name, place, doctor)

    def sort_bytes(self, data: bytes, name: str, place: int, doctor: str | None = None) -> SortedPhoto:
        """Sort a coded picture."""
        try:
            examination = examine(read_picture(data, name))
        except BadData as error:
            return SortedPhoto(name, None, None, doctor, str(error).removeprefix(f"{name}: "))
        verdict = judge(examination.measures, self.thresholds)
        overlay = self._explain(examination, verdict, place)
        return SortedPhoto(name, examination.measures, verdict, doctor, overlay=overlay)

    def _explain(self, examination: Examination, verdict: Verdict, place: int) -> str:
        if self.explained is None:
            return ""
        name = f"{place:0{_PLACE_DIGITS}}.jpg"
        explanation(examination, verdict).save(self.explained / name, "JPEG", quality=85)
        return name


def photo_files(folder: Path, out: Path) -> list[str]:
    """Names within `folder` of all files that may be photos, in order, by suffix; links that lead outside are left out.

    What lies in `out`, which the sorter writes to, is no photo to sort. Raises BadData where there is no such folder,
    it is `out` itself, and for none or too many.
    """
    if not folder.is_dir():
        raise BadData(f"{folder} is no folder")
    if out.resolve() == folder.resolve():
        raise BadData(f"{folder} holds the photos; name another folder to write to")
    names = sorted(_names(folder, out.resolve()))
    if not names:
        raise BadData(f"{folder} holds no file ending in {', '.join(sorted(_SUFFIXES))}")
    return names


def _names(folder: Path, out: Path) -> Iterator[str]:
    root = folder.resolve()
    for count, path in enumerate(folder.rglob("*")):
        if count >= MAX_FILES:
            raise BadData(f"{folder} holds more than {MAX_FILES} files")
        if path.suffix.lower() in _SUFFIXES and path.is_file() and _is_within(path.resolve(), root, out):
            yield path.relative_to(folder).as_posix()


def _is_within(path: Path, root: Path, out: Path) -> bool:
    return path.is_relative_to(root) and not path.is_relative_to(out)


def place_of(photo: SortedPhoto) -> Path:
    """Where a sorted photo belongs: `photos/usable/` or `photos/unusable/REASON/`, where the trainer reads a class.

    Folders within the folder it is from become part of its name, since a class has none. A file that is no picture
    belongs beside `photos`.
    """
    name = "__".join(Path(photo.file).parts)
    if not photo.label:
        return Path("no_picture", name)
    return Path("photos", USABLE, name) if photo.label == USABLE else Path("photos", "unusable", photo.label, name)
