"""From unpacked packages to a folder of photographs and its list."""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer.negatives.choosing import read_photograph
from trainer.negatives.errors import NoNegatives
from trainer.negatives.exclusion import Excluded, alike, looks_of
from trainer.negatives.licences import Licence, licence_of, read_licences
from trainer.negatives.listing import Negative, write_list
from trainer.negatives.packages import PACKAGES

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
MAX_PICTURES = 2000
_QUALITY = 90


@dataclass(frozen=True, slots=True)
class _Package:
    """An unpacked package."""

    name: str
    folder: Path
    licences: tuple[Licence, ...]


def collect(unpacked: Mapping[str, Path], out: Path, excluded: Excluded) -> tuple[Negative, ...]:
    """Write the photographs of the packages (name -> folder it was unpacked to) and their list into `out`.

    Pictures that look alike get one group; one that looks like another on an other side of the split, turned or
    mirrored perhaps, is left out. Raises NoNegatives where there is no photograph at all.
    """
    out.mkdir(parents=True, exist_ok=True)
    kept: list[Negative] = []
    for name, folder in unpacked.items():
        package = _Package(name, folder, read_licences(folder / "usr" / "share" / "doc" / name / "copyright"))
        for path in _pictures(folder):
            taken = _taken(path, package, excluded, kept)
            if taken is not None:
                negative, data = taken
                (out / negative.file).write_bytes(data)
                kept.append(negative)
    if not kept:
        raise NoNegatives("there is no photograph in the packages, or all are excluded")
    write_list(out, kept)
    return tuple(kept)


def _pictures(folder: Path) -> Iterator[Path]:
    """The picture files of a package, in order; links are left out, whatever they point to."""
    found = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)
    regular = (path for path in found if path.is_file() and not path.is_symlink())
    for path, _ in zip(regular, range(MAX_PICTURES), strict=False):
        yield path


def _taken(
    path: Path, package: _Package, excluded: Excluded, kept: Sequence[Negative]
) -> tuple[Negative, bytes] | None:
    """One picture and its file, unless it is no photograph, excluded, or there already."""
    photo = read_photograph(path)
    if photo is None:
        return None
    coded = io.BytesIO()
    photo.save(coded, "JPEG", quality=_QUALITY)
    data, looks = coded.getvalue(), looks_of(photo)
    sha256, original = (hashlib.sha256(each).hexdigest() for each in (data, path.read_bytes()))
    if excluded.names(sha256, looks) or excluded.names(original, looks):
        return None
    side = PACKAGES.get(package.name, "train")
    like = [one for one in kept if alike(looks, np.array([int(one.look, 16)], dtype=np.uint64))]
    if any(one.sha256 == sha256 or one.split != side for one in like):
        return None
    name = f"{package.name}__{path.stem}_{sha256[:8]}.jpg"
    negative = Negative(
        file=name,
        package=package.name,
        licence=licence_of(path.relative_to(package.folder).as_posix(), package.licences),
        sha256=sha256,
        look=f"{int(looks[0]):016x}",
        group=like[0].group if like else name,
        split=side,
    )
    return negative, data
