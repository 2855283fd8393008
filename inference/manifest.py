"""The manifest beside a model: what it is, how it was made, what it scored; strict both ways."""

import json
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from inference.errors import ManifestError
from inference.patches import MAX_PATCH_PIXELS, MAX_PATCHES, Centre, PatchPlan
from inference.preprocess import MODES, SQUASH
from inference.rules import SUITABILITY_LABELS, UnknownSignName

MANIFEST_NAME = "manifest.json"
MODEL_NAME = "model.onnx"
CARD_NAME = "card.md"
PHOTOS_NAME = "photos.sha256"
MAX_MANIFEST_BYTES = 4 * 1024 * 1024

Task = Literal["suitability", "disease"]
Precision = Literal["float32", "int8"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Probability = Annotated[float, Field(ge=0, le=1)]
AgeBand = tuple[Annotated[int, Field(ge=0, le=150)], Annotated[int, Field(ge=1, le=200)]]


class ManifestPart(BaseModel):
    """A part of a manifest: immutable, finite numbers only, and no key in it that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Architecture(ManifestPart):
    """The network: its name, and its hidden layers and units as `inference.graph` counts them."""

    name: str = Field(min_length=1, max_length=200)
    hidden_layers: int = Field(ge=1)
    units: int = Field(ge=1)


class Patches(ManifestPart):
    """The native-resolution patches a suitability model takes; `centres` are fractions of the upright picture."""

    count: int = Field(ge=1, le=MAX_PATCHES)
    size: int = Field(ge=1, le=MAX_PATCH_PIXELS)
    centres: tuple[Centre, ...]

    @classmethod
    def of(cls, plan: PatchPlan) -> Self:
        """Write a plan down."""
        return cls(count=plan.count, size=plan.size, centres=plan.centres)

    @model_validator(mode="after")
    def _is_a_plan(self) -> Self:
        if not self.centres:
            raise ValueError("centres must be given")
        self.plan()
        return self

    def plan(self) -> PatchPlan:
        """Give the plan that `native_patches` takes."""
        return PatchPlan(self.count, self.size, self.centres)


class ContextVocabulary(ManifestPart):
    """What a disease model's `context` input holds: one-hot sex, then age band, then body site, in this order.

    An age band is (lowest, below): from `lowest` up to, not including, `below` full years. All zeros = unknown.
    """

    sex: tuple[Code, ...]
    age_bands: tuple[AgeBand, ...]
    body_sites: tuple[Code, ...]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        for lowest, below in self.age_bands:
            if lowest >= below:
                raise ValueError(f"age band {lowest} to {below} is empty")
        for (_, below), (lowest, _) in zip(self.age_bands, self.age_bands[1:], strict=False):
            if lowest < below:
                raise ValueError("age bands must ascend and not overlap")
        for name in ("sex", "body_sites"):
            _refuse_repeats(name, getattr(self, name))
        if not self.width:
            raise ValueError("the vocabulary is empty")
        return self

    @property
    def width(self) -> int:
        """K, the length of one encoded context."""
        return len(self.sex) + len(self.age_bands) + len(self.body_sites)


class UnknownRule(ManifestPart):
    """When a picture is unlike anything the model knows.

    `max_probability`: the highest probability is below `threshold`. `entropy`: the entropy, divided by that of
    equal probabilities (0 certain .. 1 no idea), is above `threshold`. `unlikeness`: the model's own output of that
    name (0 like the photos trained on .. 1 unlike them) reaches `threshold`.
    """

    rule: UnknownSignName
    threshold: Probability


class Metric(ManifestPart):
    """One measured number with its 95 % interval and the number of photos it stands on, where they are known."""

    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = Field(default=None, ge=0)


class TrainingData(ManifestPart):
    """What the model was made from.

    `fingerprint` is a SHA-256 over the data as the trainer defines it. The SHA-256 of every photo trained on stand
    in the text file `photos_file` beside the manifest, one in lower-case hex a line; `photos` counts them.
    """

    fingerprint: Sha256
    photos: int = Field(ge=0)
    photos_file: Literal["photos.sha256"] = "photos.sha256"


class Manifest(ManifestPart):
    """Everything that stands in `manifest.json`.

    `threshold`: suitability, the least P(usable) of a usable photo; disease, the least first probability of a
    decided ranking. `temperature` is what calibration found; it is applied inside the model file, before its
    softmax, and only recorded here. `demonstration` marks a model that is not for real use. `precision` is that of most
    weights and arithmetic in the file; inputs and outputs are float32 either way.
    """

    task: Task
    version: int = Field(ge=1, le=999_999_999)
    architecture: Architecture
    labels: tuple[Code, ...] = Field(min_length=2, max_length=10_000)
    image_size: int = Field(default=224, ge=32, le=2048)
    preprocessing: str = SQUASH
    precision: Precision = "float32"
    patches: Patches | None = None
    context: ContextVocabulary | None = None
    threshold: Probability
    temperature: float = Field(default=1.0, gt=0, le=1000)
    malignant: tuple[Code, ...] = ()
    unknown: UnknownRule | None = None
    metrics: dict[str, Metric] = Field(default_factory=dict)
    data: TrainingData
    code_version: str = Field(min_length=1, max_length=200)
    created_at: AwareDatetime
    demonstration: bool
    credits: tuple[str, ...] = ()
    model_sha256: Sha256

    @model_validator(mode="after")
    def _fits_its_task(self) -> Self:
        _refuse_repeats("labels", self.labels)
        _refuse_repeats("malignant", self.malignant)
        if self.preprocessing not in MODES:
            raise ValueError(f"preprocessing {self.preprocessing!r} is none of {', '.join(MODES)}")
        if self.task == "suitability":
            self._check_suitability()
        else:
            self._check_disease()
        return self

    def _check_suitability(self) -> None:
        if set(self.labels) != set(SUITABILITY_LABELS):
            raise ValueError(f"labels of a suitability model must be {', '.join(SUITABILITY_LABELS)}")
        for name in ("context", "unknown", "malignant"):
            if getattr(self, name):
                raise ValueError(f"{name} is only for a disease model")

    def _check_disease(self) -> None:
        if self.patches is not None:
            raise ValueError("patches is only for a suitability model")
        strangers = set(self.malignant) - set(self.labels)
        if strangers:
            raise ValueError(f"malignant names what is no label: {', '.join(sorted(strangers))}")

    @property
    def name(self) -> str:
        """The model as answers name it: `task/version`."""
        return f"{self.task}/{self.version}"

    def onnx_metadata(self) -> dict[str, str]:
        """Give the `metadata_props` that the model file must carry, key by key, to be this manifest's.

        The version is not among them: a file keeps its bytes whatever number the store gives it.
        """
        return {
            "task": self.task,
            "labels": json.dumps(self.labels),
            "image_size": str(self.image_size),
            "preprocessing": self.preprocessing,
            "threshold": repr(self.threshold),
            "temperature": repr(self.temperature),
        }


def _refuse_repeats(name: str, values: tuple[str, ...]) -> None:
    if len(set(values)) != len(values):
        raise ValueError(f"{name} names something twice")


def parse_manifest(data: bytes) -> Manifest:
    """Read a manifest from JSON. Raises ManifestError, which names each field that is wrong."""
    if len(data) > MAX_MANIFEST_BYTES:
        raise ManifestError([f"more than {MAX_MANIFEST_BYTES} bytes"])
    try:
        return Manifest.model_validate_json(data, strict=True)
    except ValidationError as error:
        raise ManifestError([_fault(detail["loc"], detail["msg"]) for detail in error.errors()]) from error


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(str(step) for step in place) or 'manifest'}: {message.removeprefix('Value error, ')}"


def read_manifest(folder: Path) -> Manifest:
    """Read `manifest.json` of a model's folder. Raises ManifestError."""
    path = folder / MANIFEST_NAME
    try:
        if path.stat().st_size > MAX_MANIFEST_BYTES:
            raise ManifestError([f"{MANIFEST_NAME} has more than {MAX_MANIFEST_BYTES} bytes"])
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError([f"{MANIFEST_NAME} cannot be read: {error.strerror}"]) from error
    return parse_manifest(data)


def write_manifest(manifest: Manifest, folder: Path) -> Path:
    """Write `manifest.json` into a model's folder, indented, for people to read; return its path."""
    path = folder / MANIFEST_NAME
    path.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return path


def write_photo_hashes(hashes: set[str], folder: Path) -> Path:
    """Write the SHA-256 of the photos trained on, sorted, one a line; return the file's path."""
    path = folder / PHOTOS_NAME
    path.write_text("".join(f"{digest}\n" for digest in sorted(hashes)), encoding="ascii")
    return path


def read_photo_hashes(manifest: Manifest, folder: Path) -> frozenset[str]:
    """Read which photos the model was trained on, as SHA-256 in hex.

    Raises ManifestError where the file is missing or holds another number of them than the manifest says.
    """
    try:
        hashes = frozenset((folder / manifest.data.photos_file).read_text(encoding="ascii").split())
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError([f"data.photos_file: {manifest.data.photos_file} cannot be read"]) from error
    if len(hashes) != manifest.data.photos:
        raise ManifestError([f"data.photos: {manifest.data.photos} said, {len(hashes)} listed"])
    return hashes
