"""What can be told of the models in the store."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from inference.errors import ManifestError, StoreError
from inference.manifest import Architecture, Manifest, Metric, Precision, Task, read_manifest
from inference.store import ModelStore

RecordState = Literal["candidate", "shadow", "active", "retired", "refused"]


@dataclass(frozen=True, slots=True)
class ManifestSummary:
    """The part of a manifest that people ask for; its fields are the manifest's own."""

    architecture: Architecture
    precision: Precision
    labels: tuple[str, ...]
    image_size: int
    threshold: float
    metrics: Mapping[str, Metric]
    trained_on_photos: int
    code_version: str
    created_at: datetime
    credits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One version in the store.

    `serving` says that answers are this version's; `state` is that of the store, or `refused`, and `reason` says why a
    refused version may not serve. One that serves is refused where its files have changed since it was loaded. What is
    a `candidate` is tried when it is promoted. `threads` work on one run where the model is loaded. `manifest` and
    `demonstration` are None where the manifest cannot be read.
    """

    task: Task
    version: int
    state: RecordState
    serving: bool
    reason: str | None
    demonstration: bool | None
    threads: int | None
    manifest: ManifestSummary | None


@dataclass(frozen=True, slots=True)
class Held:
    """What is loaded of a task: the version that serves, those refused and why, threads by version."""

    serving: int | None = None
    refused: Mapping[int, str] = field(default_factory=dict)
    threads: Mapping[int, int] = field(default_factory=dict)


def describe_versions(store: ModelStore, task: Task, held: Held) -> list[ModelRecord]:
    """Give a record of each version of a task, newest first; none where there is no store."""
    try:
        versions = store.versions(task)
    except StoreError:
        return []
    return [_record(store, task, version, held) for version in reversed(versions)]


def _record(store: ModelStore, task: Task, version: int, held: Held) -> ModelRecord:
    refusal = held.refused.get(version)
    manifest: Manifest | None = None
    try:
        manifest = read_manifest(store.folder(task, version))
    except ManifestError as error:
        refusal = refusal or str(error)
    serves = version == held.serving
    return ModelRecord(
        task=task,
        version=version,
        state=_state(store, task, version, serves=serves, refused=refusal is not None),
        serving=serves,
        reason=refusal,
        demonstration=None if manifest is None else manifest.demonstration,
        threads=held.threads.get(version),
        manifest=None if manifest is None else _summary(manifest),
    )


def _state(store: ModelStore, task: Task, version: int, *, serves: bool, refused: bool) -> RecordState:
    if refused:
        return "refused"
    if serves:  # the store may name another one already
        return "active"
    try:
        return store.state(task, version).value
    except StoreError:  # its history cannot be read
        return "candidate"


def _summary(manifest: Manifest) -> ManifestSummary:
    return ManifestSummary(
        architecture=manifest.architecture,
        precision=manifest.precision,
        labels=manifest.labels,
        image_size=manifest.image_size,
        threshold=manifest.threshold,
        metrics=manifest.metrics,
        trained_on_photos=manifest.data.photos,
        code_version=manifest.code_version,
        created_at=manifest.created_at,
        credits=manifest.credits,
    )
