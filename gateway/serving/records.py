"""What can be told of the models in the store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from inference.errors import ManifestError, StoreError
from inference.manifest import Architecture, Manifest, Metric, Task, read_manifest
from inference.store import ModelStore

State = Literal["serving", "available", "refused"]


@dataclass(frozen=True, slots=True)
class ManifestSummary:
    """The part of a manifest that people ask for; its fields are the manifest's own."""

    architecture: Architecture
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

    `reason` says why a refused version may not serve; `manifest` and `demonstration` are None where the manifest
    cannot be read. `available` means that nothing is known against it: it is tried when it is promoted.
    """

    task: Task
    version: int
    state: State
    reason: str | None
    demonstration: bool | None
    manifest: ManifestSummary | None


def describe_versions(
    store: ModelStore, task: Task, serving: int | None, refused: Mapping[tuple[Task, int], str]
) -> list[ModelRecord]:
    """Give a record of each version of a task, newest first; none where there is no store."""
    try:
        versions = store.versions(task)
    except StoreError:
        return []
    return [
        _record(store, task, version, "serving" if version == serving else "available", refused.get((task, version)))
        for version in reversed(versions)
    ]


def _record(store: ModelStore, task: Task, version: int, state: State, refusal: str | None) -> ModelRecord:
    try:
        manifest = read_manifest(store.folder(task, version))
    except ManifestError as error:
        return ModelRecord(task, version, "refused", refusal or str(error), None, None)
    if refusal is not None and state != "serving":
        state = "refused"
    reason = refusal if state == "refused" else None
    return ModelRecord(task, version, state, reason, manifest.demonstration, _summary(manifest))


def _summary(manifest: Manifest) -> ManifestSummary:
    return ManifestSummary(
        architecture=manifest.architecture,
        labels=manifest.labels,
        image_size=manifest.image_size,
        threshold=manifest.threshold,
        metrics=manifest.metrics,
        trained_on_photos=manifest.data.photos,
        code_version=manifest.code_version,
        created_at=manifest.created_at,
        credits=manifest.credits,
    )
