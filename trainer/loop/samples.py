"""The samples of one round, and their file: what a round that was killed goes on with is what it began with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from inference.manifest import Task
from trainer.fitting.durable import write_text
from trainer.loop.errors import BookDamaged
from trainer.loop.sides import LoopSide
from trainer.photos.claims import Claim, Claims
from trainer.photos.photo import SPLITS, LeftOut, SaidBy, Split, Wanted

Place = LoopSide | Literal["resting"]
"""Where a sample is in a round; `resting` ones could be trained on and are not, for lack of room."""

SAMPLES_NAME = "samples.jsonl"
WANTED: Mapping[Task, Wanted] = {"disease": "diagnosis", "suitability": "suitability"}
_PLACES: tuple[str, ...] = (*get_args(LoopSide), "resting")
_FIELDS = ("name", "place", "patient_id", "lesion_id", "sex", "age", "body_site", "fitzpatrick", "said_by")
_MAX_LINE = 4 * 2**20  # a base set may have hundreds of columns


@dataclass(frozen=True, slots=True)
class Sample:
    """A photo of a round: what is said of it, the hash of its picture, its label, where it stands.

    `is_new` where the last round knew nothing of it, or another label; `is_base` where it is of the base set.
    """

    claim: Claim
    sha256: str
    label: str
    place: Place
    is_new: bool
    is_base: bool


def write_samples(samples: Iterable[Sample], path: Path) -> None:
    """Write the file, one sample a line."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_text(path, "".join(json.dumps(_document(sample), ensure_ascii=False) + "\n" for sample in samples))


def read_samples(path: Path, task: Task) -> tuple[Sample, ...]:
    """Read the file. Raises BookDamaged for what no round has written."""
    found: list[Sample] = []
    try:
        with path.open("rb") as file:
            while line := file.readline(_MAX_LINE):
                found.append(_sample(json.loads(line), task))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BookDamaged(f"{path.name} of round {path.parent.name} cannot be read") from error
    return tuple(found)


def claims_of(samples: Iterable[Sample]) -> Claims:
    """What a fit is given: every sample on its side; those of photos that were deleted meanwhile are left out."""
    claims: list[Claim] = []
    gone: list[LeftOut] = []
    for sample in samples:
        side = _side(sample.place)
        if side is None:
            continue
        if sample.claim.path.is_file():
            claims.append(replace(sample.claim, split=side))
        else:
            gone.append(LeftOut(sample.claim.name, "the gateway has no picture of it, or no longer"))
    return Claims(tuple(claims), tuple(gone))


def labelled(claim: Claim, label: str, task: Task) -> Claim:
    """The claim with one label, that of the task, and no other."""
    said = label or None
    if WANTED[task] == "diagnosis":
        return replace(claim, suitability=None, diagnosis=said)
    return replace(claim, suitability=said, diagnosis=None)


def _side(place: Place) -> Split | None:
    return next((side for side in SPLITS if side == place), None)


def _document(sample: Sample) -> dict[str, Any]:
    claim = sample.claim
    return {
        "path": str(claim.path),
        **{name: getattr(claim, name) for name in _FIELDS},
        "facts": dict(claim.facts),
        "sha256": sample.sha256,
        "label": sample.label,
        "side": sample.place,
        "new": sample.is_new,
        "base": sample.is_base,
    }


def _sample(document: dict[str, Any], task: Task) -> Sample:
    place = document["side"]
    if place not in _PLACES:
        raise ValueError("no side")
    said_by: SaidBy | None = document["said_by"]
    fields = {name: document[name] for name in _FIELDS} | {"said_by": said_by}
    claim = Claim(path=Path(document["path"]), facts=document["facts"], **fields)
    label = str(document["label"])
    return Sample(
        claim=labelled(claim, label, task),
        sha256=str(document["sha256"]),
        label=label,
        place=place,
        is_new=document["new"],
        is_base=document["base"],
    )
