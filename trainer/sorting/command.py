"""`dermgate-train sort`: photos sorted into usable and unusable by rules, each verdict explained by its numbers."""

import argparse
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track

from inference.rules import SUITABILITY_LABELS, USABLE
from trainer.arguments import share_below_one
from trainer.errors import BadData
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_source import key_from_environment
from trainer.reading import read_picture
from trainer.sorting.agreement import agreement_of, as_text
from trainer.sorting.contact_page import contact_page
from trainer.sorting.errors import SortingError
from trainer.sorting.gateway import GatewayPhotos
from trainer.sorting.labels import read_doctors_labels
from trainer.sorting.measuring import Measures, examine
from trainer.sorting.sorted_photo import SortedPhoto, as_csv
from trainer.sorting.sorter import MAX_FILE_BYTES, Sorter, photo_files, place_of
from trainer.sorting.suggestion import rejected_share, suggest
from trainer.sorting.thresholds import BUNDLED, Thresholds, read_thresholds, written


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
    parser.add_argument("photos", type=Path, nargs="?", metavar="PHOTOS_DIR", help="folder of photos, with its folders")
    parser.add_argument(
        "--gateway", metavar="URL", help="sort a gateway's photos and post rules' labels (key: DERMGATE_KEY)"
    )
    parser.add_argument("--labels", type=Path, metavar="CSV", help="doctors' labels: file, suitability")
    parser.add_argument("--out", type=Path, default=Path("sorted"), metavar="DIR", help="written to (default sorted)")
    parser.add_argument("--thresholds", type=Path, default=BUNDLED, metavar="F", help="TOML; default the bundled one")
    parser.add_argument(
        "--reference-photo", type=Path, metavar="PHOTO", help="good photo: magnification and focus refer to it"
    )
    parser.add_argument("--no-pictures", action="store_true", help="do not draw the pictures that explain")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--copy", action="store_true", help="copy photos to OUT/photos/{usable,unusable/REASON}")
    where.add_argument("--move", action="store_true", help="move them there")
    parser.add_argument(
        "--fit-thresholds", type=Path, metavar="F", help="fit thresholds to the usable photos, write them to F"
    )
    parser.add_argument("--false-rejects", type=share_below_one, default=0.05, help="when fitting (default 0.05)")


def run(options: argparse.Namespace, console: Console) -> int:
    """Sort; return 0. Raises BadData, SortingError, LabelsUnreachable."""
    if (options.photos is None) == (options.gateway is None):
        raise SortingError("either a folder of photos or --gateway is needed")
    if options.gateway is not None and (options.labels or options.copy or options.move):
        raise SortingError("--labels, --copy and --move are for a folder of photos")
    thresholds = _thresholds(options)
    explained = None if options.no_pictures else options.out / "explained"
    try:
        (explained or options.out).mkdir(parents=True, exist_ok=True)
        sorting = _Sorting(Sorter(thresholds, explained), console)
        photos = (
            sorting.of_gateway(options.gateway)
            if options.gateway
            else sorting.of_folder(options.photos, options.out, options.labels)
        )
        _write(options, photos, console)
        if options.fit_thresholds is not None:
            _fit(options, photos, thresholds, console)
    except OSError as error:
        raise SortingError(f"{options.out} cannot be written: {error.strerror}") from error
    return 0


@dataclass(frozen=True, slots=True)
class _Sorting:
    """Runs the sorter over a folder or a gateway under a moving bar."""

    sorter: Sorter
    console: Console

    def of_folder(self, folder: Path, out: Path, labels: Path | None) -> list[SortedPhoto]:
        doctors = read_doctors_labels(labels) if labels is not None else {}
        names = photo_files(folder, out)
        return [
            self.sorter.sort_file(folder / name, name, place, doctors.get(name))
            for place, name in enumerate(self._track(names), 1)
        ]

    def of_gateway(self, url: str) -> list[SortedPhoto]:
        gateway = GatewayPhotos(GatewayClient(url, key_from_environment()))
        said = gateway.said()
        photos = []
        for place, photo_id in enumerate(self._track(list(gateway.photo_ids())), 1):
            data = gateway.client.picture(photo_id)
            if data is None:
                continue  # deleted, or its picture was, since it was listed
            photo = self.sorter.sort_bytes(data, photo_id, place, said.doctors.get(photo_id))
            if photo.verdict is not None and said.rules.get(photo_id) != photo.rule_label:
                gateway.say(photo_id, photo.rule_label)
            photos.append(photo)
        return photos

    def _track(self, names: list[str]) -> Iterator[str]:
        hidden = not self.console.is_terminal
        yield from track(names, "Sorting", console=self.console, transient=True, disable=hidden)


def _thresholds(options: argparse.Namespace) -> Thresholds:
    thresholds = read_thresholds(options.thresholds)
    reference: Path | None = options.reference_photo
    if reference is None:
        return thresholds
    try:
        with reference.open("rb") as file:
            data = file.read(MAX_FILE_BYTES)
    except OSError as error:
        raise BadData(f"{reference.name} cannot be read: {error.strerror}") from error
    return thresholds.referring_to(examine(read_picture(data, reference.name)).measures)


def _write(options: argparse.Namespace, photos: list[SortedPhoto], console: Console) -> None:
    summary = [*_counts(photos), *_agreement(photos)]
    for line in summary:
        console.print(line, markup=False, highlight=False)
    (options.out / "sorted.csv").write_text(as_csv(photos), encoding="utf-8", newline="")
    (options.out / "index.html").write_text(contact_page(photos, summary), encoding="utf-8")
    if options.labels is not None or options.gateway is not None:
        (options.out / "agreement.txt").write_text("\n".join(_agreement(photos)) + "\n", encoding="utf-8")
    if options.copy or options.move:
        stayed = _put_in_place(options.photos, options.out, photos, move=options.move)
        if stayed:
            console.print(f"{stayed} stay where they are: a file of that name is there already", highlight=False)
    console.print(f"written: {options.out / 'index.html'}", markup=False, highlight=False)


def _counts(photos: list[SortedPhoto]) -> list[str]:
    counts = Counter(one.label or "no picture" for one in photos)
    return [f"{label}: {counts[label]}" for label in (*SUITABILITY_LABELS, "no picture") if counts[label]]


def _agreement(photos: list[SortedPhoto]) -> list[str]:
    both = [one for one in photos if one.doctor and one.verdict]
    if not both:
        return []
    agreement = agreement_of([one.doctor or "" for one in both], [one.rule_label for one in both])
    rows = [f"  {label} taken for: {_row(row)}" for label, row in _filled(agreement.table.counts.tolist())]
    return [*as_text(agreement), *rows]


def _filled(counts: list[list[int]]) -> Iterator[tuple[str, list[int]]]:
    return ((label, row) for label, row in zip(SUITABILITY_LABELS, counts, strict=True) if any(row))


def _row(row: list[int]) -> str:
    return ", ".join(f"{label} {count}" for label, count in zip(SUITABILITY_LABELS, row, strict=True) if count)


def _put_in_place(source: Path, out: Path, photos: list[SortedPhoto], *, move: bool) -> int:
    """Copy or move every photo; how many stayed, because a file of that name is already there, which stays too."""
    stayed = 0
    for photo in photos:
        target = out / place_of(photo)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            stayed += 1
            continue
        if move:
            shutil.move(source / photo.file, target)
        else:
            shutil.copy2(source / photo.file, target)
    return stayed


def _fit(options: argparse.Namespace, photos: list[SortedPhoto], thresholds: Thresholds, console: Console) -> None:
    usable: list[Measures] = [one.measures for one in photos if one.measures and one.doctor == USABLE]
    fitted = suggest(usable, thresholds, options.false_rejects)
    share = rejected_share(usable, fitted)
    said = f"Fitted to {len(usable)} usable photos, of which {share:.1%} break a bound."
    options.fit_thresholds.write_text(written(fitted, said), encoding="utf-8")
    console.print(f"{said} Written: {options.fit_thresholds}", markup=False, highlight=False)
