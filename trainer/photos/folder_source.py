"""Labels from folders: one folder per class, optionally below train, val and test."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from inference.rules import SUITABILITY_LABELS
from trainer.photos import words
from trainer.photos.claims import Claim, Claims
from trainer.photos.errors import BadLabels
from trainer.photos.locating import MAX_FILES, SUFFIXES
from trainer.photos.photo import LeftOut, Split

MAX_CLASSES = 10_000
_UNUSABLE = "unusable"
_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class _Class:
    """A folder whose pictures share a label; one of the two is None."""

    folder: Path
    suitability: str | None
    diagnosis: str | None
    split: Split | None


def read_folder(root: Path) -> Claims:
    """Read `root/CLASS/*.jpg` or `root/{train,val,test}/CLASS/*.jpg`; pictures are .jpg, .jpeg, .png or .webp.

    A class is a suitability label (`usable`, a reason, or `unusable/REASON`) or else the name of a disease, which
    becomes a slug; its own name is kept in the facts. Nothing here tells patients apart.
    Raises BadLabels for a folder without classes, `unusable` without a reason, a folder within a class, a link that
    leaves the root, and beyond MAX_CLASSES classes or MAX_FILES files.
    """
    if not root.is_dir():
        raise BadLabels(f"{root.name} is no folder")
    claims: list[Claim] = []
    left_out: list[LeftOut] = []
    home = root.resolve()
    for found in _classes(home):
        for path in _files(found.folder):
            if len(claims) + len(left_out) >= MAX_FILES:
                raise BadLabels(f"{root.name} holds more than {MAX_FILES} files")
            name = path.relative_to(home).as_posix()
            if path.suffix.lower() in SUFFIXES:
                claims.append(_claim(found, path, name, home))
            else:
                left_out.append(LeftOut(name, f"its name ends in none of {', '.join(SUFFIXES)}"))
    if not claims:
        raise BadLabels(f"{root.name} holds no folder of pictures for a class")
    return Claims(tuple(claims), tuple(left_out), tuple(_renamed(claims)))


def _renamed(claims: Sequence[Claim]) -> Iterator[str]:
    """Which folders are known by another name than their own."""
    names = {(claim.facts["diagnosis_as_given"], claim.diagnosis) for claim in claims if claim.diagnosis}
    told = [f"{given} is {code}" for given, code in sorted(names, key=str) if given != code]
    if told:
        more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
        yield f"names of folders became codes of diagnoses: {', '.join(told[:_MOST_NAMED])}{more}"


def _claim(found: _Class, path: Path, name: str, home: Path) -> Claim:
    if not path.resolve().is_relative_to(home):
        raise BadLabels(f"{name} leads out of the folder of photos")
    return Claim(
        path=path,
        name=name,
        place=name,
        suitability=found.suitability,
        diagnosis=found.diagnosis,
        split=found.split,
        facts={"diagnosis_as_given": found.folder.name} if found.diagnosis else {},
    )


def _classes(root: Path) -> Iterator[_Class]:
    folders = _folders(root)
    if folders and all(words.is_split(folder.name) for folder in folders):
        for side in folders:
            for folder in _folders(side):
                yield from _classes_at(folder, words.split(side.name))
    else:
        for folder in folders:
            yield from _classes_at(folder, None)


def _classes_at(folder: Path, split: Split | None) -> Iterator[_Class]:
    name = words.slug(folder.name)
    within = _folders(folder)
    if name == _UNUSABLE:
        if _files(folder) or not within:
            raise BadLabels(f"{folder.name} says no reason: put the photos into {_UNUSABLE}/REASON")
        for reason in within:
            yield _suitability_class(reason, split)
        return
    _refuse_folders(folder, within)
    if name in SUITABILITY_LABELS:
        yield _Class(folder, name, None, split)
        return
    disease = words.diagnosis(folder.name)
    if disease is None:
        raise BadLabels(f"the folder {folder.name!r} names no class")
    yield _Class(folder, None, disease, split)


def _suitability_class(folder: Path, split: Split | None) -> _Class:
    name = words.slug(folder.name)
    if name not in SUITABILITY_LABELS[1:]:
        raise BadLabels(f"{_UNUSABLE}/{folder.name} is no reason; one of {', '.join(SUITABILITY_LABELS[1:])}")
    _refuse_folders(folder, _folders(folder))
    return _Class(folder, name, None, split)


def _refuse_folders(folder: Path, within: Sequence[Path]) -> None:
    if within:
        raise BadLabels(f"the class {folder.name} holds a folder {within[0].name}; pictures lie directly in a class")


def _folders(folder: Path) -> list[Path]:
    found = sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith("."))
    if len(found) > MAX_CLASSES:
        raise BadLabels(f"{folder.name} holds more than {MAX_CLASSES} folders")
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_file() and not each.name.startswith("."))
