"""What a source says of photos, before pictures are looked at: the same value from every kind of source."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trainer.photos.perceptual import Thumbs
from trainer.photos.photo import LeftOut, SaidBy, Split


@dataclass(frozen=True, slots=True)
class Claim:
    """What one row, file or label says of the photo at `path`; fields as in LabelledPhoto, None where not said.

    `place` says where it was said (a file and a line), for complaints.
    """

    path: Path
    name: str
    place: str
    suitability: str | None = None
    diagnosis: str | None = None
    patient_id: str | None = None
    lesion_id: str | None = None
    split: Split | None = None
    sex: str | None = None
    age: int | None = None
    body_site: str | None = None
    fitzpatrick: int | None = None
    said_by: SaidBy | None = None
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Claims:
    """All that a source says, with what it names and cannot be used, and notes for the report."""

    claims: tuple[Claim, ...]
    left_out: tuple[LeftOut, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A claim, the SHA-256 of the file that it is about, and what its picture looks like (grey, uint8 [32, 32])."""

    sha256: str
    claim: Claim
    thumb: Thumbs
