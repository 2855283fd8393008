import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.errors import ManifestError
from inference.manifest import (
    MAX_MANIFEST_BYTES,
    ContextVocabulary,
    Manifest,
    Metric,
    Patches,
    UnknownRule,
    parse_manifest,
    read_manifest,
    read_photo_hashes,
    write_manifest,
    write_photo_hashes,
)
from inference.patches import PatchPlan
from tests.models import PHOTOS, make_manifest

SUITABILITY = make_manifest("suitability", patches=Patches.of(PatchPlan(5, 96)))
DISEASE = make_manifest(
    "disease",
    context=ContextVocabulary(sex=("F", "M"), age_bands=((0, 18), (18, 60)), body_sites=("face",)),
    unknown=UnknownRule(rule="entropy", threshold=0.95),
    metrics={"top1": Metric(value=0.66, low=0.6, high=0.72, n=256)},
    credits=("PAD-UFES-20, CC BY 4.0",),
)


def as_json(manifest: Manifest, **changes: Any) -> bytes:
    facts = json.loads(manifest.model_dump_json())
    for place, value in changes.items():
        part = facts
        *path, last = place.split("__")
        for step in path:
            part = part[step]
        part[last] = value
    return json.dumps(facts).encode()


@pytest.mark.parametrize(
    ("manifest", "changes", "told"),
    [
        (SUITABILITY, {"task": "segmentation"}, "task"),
        (SUITABILITY, {"version": 0}, "version"),
        (SUITABILITY, {"version": "1"}, "version"),
        (SUITABILITY, {"version": True}, "version"),
        (SUITABILITY, {"surprise": 1}, "surprise"),
        (SUITABILITY, {"architecture__surprise": 1}, "architecture.surprise"),
        (SUITABILITY, {"labels": ["usable", "not_skin"]}, "labels"),
        (SUITABILITY, {"labels": [*SUITABILITY.labels, "usable"]}, "labels names something twice"),
        (SUITABILITY, {"image_size": 10_000}, "image_size"),
        (SUITABILITY, {"preprocessing": "crop-9"}, "preprocessing"),
        (SUITABILITY, {"precision": "int4"}, "precision"),
        (SUITABILITY, {"patches__centres": []}, "centres"),
        (SUITABILITY, {"patches__centres": [[0.5, 0.5]]}, "centre"),
        (SUITABILITY, {"patches__count": 1000}, "patches.count"),
        (SUITABILITY, {"threshold": 1.1}, "threshold"),
        (SUITABILITY, {"temperature": 0}, "temperature"),
        (SUITABILITY, {"malignant": ["usable"]}, "malignant"),
        (SUITABILITY, {"model_sha256": "ABC"}, "model_sha256"),
        (SUITABILITY, {"created_at": "2026-01-02T03:04:05"}, "created_at"),
        (SUITABILITY, {"data__photos_file": "../../secret"}, "data.photos_file"),
        (SUITABILITY, {"demonstration": None}, "demonstration"),
        (DISEASE, {"patches": json.loads(SUITABILITY.model_dump_json())["patches"]}, "patches"),
        (DISEASE, {"malignant": ["flu"]}, "flu"),
        (DISEASE, {"labels": ["MEL"]}, "labels"),
        (DISEASE, {"labels": ["a b", "c"]}, "labels.0"),
        (DISEASE, {"context__age_bands": [[18, 60], [0, 18]]}, "ascend"),
        (DISEASE, {"context__age_bands": [[18, 18]]}, "empty"),
        (DISEASE, {"context__sex": ["F", "F"]}, "sex"),
        (DISEASE, {"unknown__rule": "guess"}, "unknown.rule"),
        (DISEASE, {"metrics": {"top1": {"value": "high"}}}, "metrics.top1.value"),
    ],
)
def test_a_wrong_field_is_named(manifest: Manifest, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ManifestError) as refusal:
        parse_manifest(as_json(manifest, **changes))
    assert told in str(refusal.value)


def test_every_missing_field_is_named() -> None:
    with pytest.raises(ManifestError) as refusal:
        parse_manifest(b"{}")
    required = {name for name, field in Manifest.model_fields.items() if field.is_required()}
    assert {fault.split(":")[0] for fault in refusal.value.faults} == required


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"{", b"\xff\xfe", b'{"version": NaN}', b"[" * 100_000])
def test_what_is_no_manifest_is_refused(data: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(data)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_manifest_error(data: bytes) -> None:
    with pytest.raises(ManifestError):
        parse_manifest(data)


def test_a_huge_manifest_is_not_even_read(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_bytes(b" " * (MAX_MANIFEST_BYTES + 1))
    with pytest.raises(ManifestError, match="bytes"):
        read_manifest(tmp_path)


def test_a_missing_manifest_is_told(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("manifest", [SUITABILITY, DISEASE], ids=["suitability", "disease"])
def test_what_was_written_is_read_back(manifest: Manifest, tmp_path: Path) -> None:
    write_manifest(manifest, tmp_path)
    assert read_manifest(tmp_path) == manifest


def test_a_manifest_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        SUITABILITY.version = 2


def test_the_name_is_task_and_version() -> None:
    assert make_manifest("disease", version=7).name == "disease/7"


def test_the_plan_of_the_patches_survives_the_file() -> None:
    patches = parse_manifest(as_json(SUITABILITY)).patches
    assert patches is not None
    assert patches.plan() == PatchPlan(5, 96)


def test_the_files_metadata_leave_the_version_out() -> None:
    metadata = make_manifest("suitability", version=3).onnx_metadata()
    assert metadata == make_manifest("suitability", version=4).onnx_metadata()
    assert json.loads(metadata["labels"]) == list(SUITABILITY.labels)


def test_the_photos_trained_on_are_listed_beside_the_manifest(tmp_path: Path) -> None:
    write_photo_hashes(PHOTOS, tmp_path)
    assert read_photo_hashes(SUITABILITY, tmp_path) == PHOTOS


def test_a_list_of_photos_that_is_missing_or_too_short_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="photos_file"):
        read_photo_hashes(SUITABILITY, tmp_path)
    write_photo_hashes(set(), tmp_path)
    with pytest.raises(ManifestError, match=r"data\.photos"):
        read_photo_hashes(SUITABILITY, tmp_path)


def test_manifests_from_before_there_was_a_choice_of_precision_are_of_float32() -> None:
    facts = json.loads(SUITABILITY.model_dump_json())
    del facts["precision"]
    assert parse_manifest(json.dumps(facts).encode()).precision == "float32"
    assert parse_manifest(as_json(SUITABILITY, precision="int8")).precision == "int8"
