"""The model that serves is asked about the same photos, whatever it takes; what cannot be asked is told."""

from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="fitting needs the extra 'train' (torch), which is not installed")

import numpy as np

from inference.manifest import ContextVocabulary, Patches
from inference.patches import PatchPlan
from inference.rules import SUITABILITY_LABELS
from inference.store import ModelStore
from tests.integration.trainer.drawn import DISEASES, draw_diseases, draw_suitability
from tests.models import PHOTOS, build_model, certain_of, make_manifest, overwrite, write_model
from trainer.disease.assignment import DiseaseAssignment
from trainer.errors import BadData
from trainer.evaluation.answers import Answers
from trainer.evaluation.scored import Scored
from trainer.handover.checks import SERVED, all_checks
from trainer.handover.decision import Check
from trainer.handover.examined import Examined, NotCompared, Served
from trainer.handover.policy import bundled_policy
from trainer.photos.dataset import Plan
from trainer.photos.photo import Dataset, LabelledPhoto
from trainer.photos.reading import read_photos
from trainer.running.assignment import Assignment
from trainer.running.beside import serving_answers
from trainer.suitability.assignment import SuitabilityAssignment
from trainer.suitability.plan import Families, Making, Mix

MAKING = Making(Mix(0, 1, 1, 1), Families(("field",), ("a",)))
VOCABULARY = ContextVocabulary(sex=("F", "M"), age_bands=((0, 50),), body_sites=())


@pytest.fixture(scope="module")
def diseases(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """Ten photos of each of two diseases."""
    photos = draw_diseases(tmp_path_factory.mktemp("diseases"), 10)
    return DiseaseAssignment(read_photos(photos, None, Plan(wanted="diagnosis")), 64)


@pytest.fixture(scope="module")
def suitable(tmp_path_factory: pytest.TempPathFactory) -> Assignment:
    """A few photos of each label."""
    photos = draw_suitability(tmp_path_factory.mktemp("suitable"), 8)
    return SuitabilityAssignment(read_photos(photos, None, Plan()), 64, MAKING, 1, None)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


def serve(store: ModelStore, folder: Path, answer: str, **facts: object) -> None:
    """Let a model serve that always answers the same."""
    manifest = make_manifest("suitability" if answer in SUITABILITY_LABELS else "disease", **facts)
    model = build_model(manifest, probabilities=certain_of(manifest.labels, answer))
    store.add(write_model(folder / "made", manifest, model))
    store.promote(manifest.task, 1)


def said(served: Served, assignment: Assignment) -> set[str]:
    assert isinstance(served, Scored)
    assert served.names == assignment.sides.test.names
    return {served.labels[place] for place in served.named.tolist()}


@pytest.mark.parametrize("context", [None, VOCABULARY])
def test_a_disease_model_with_or_without_context_and_labels_in_any_order_is_asked(
    diseases: Assignment, store: ModelStore, tmp_path: Path, context: ContextVocabulary | None
) -> None:
    serve(store, tmp_path, "sunburn", labels=DISEASES[::-1], malignant=(), context=context)
    assert said(serving_answers(store, diseases, ()), diseases) == {"sunburn"}


@pytest.mark.parametrize("patches", [None, Patches.of(PatchPlan(count=5, size=32))])
def test_a_suitability_model_with_or_without_patches_is_asked(
    suitable: Assignment, store: ModelStore, tmp_path: Path, patches: Patches | None
) -> None:
    serve(store, tmp_path, "watermark", patches=patches)
    assert said(serving_answers(store, suitable, ()), suitable) == {"watermark"}


@pytest.mark.parametrize("name", ["serving", "1/manifest.json", "1/model.onnx"])
def test_what_serves_and_cannot_be_read_for_a_moment_is_neither_none_nor_in_the_way(
    diseases: Assignment, store: ModelStore, tmp_path: Path, name: str
) -> None:
    serve(store, tmp_path, "sunburn", labels=DISEASES, malignant=())
    path = store.root / "disease" / name
    kept = path.rename(tmp_path / "kept")
    path.symlink_to(path)  # it can be neither read nor looked at
    with pytest.raises(OSError, match="symbolic links"):
        serving_answers(store, diseases, ())
    path.unlink()
    kept.rename(path)
    assert said(serving_answers(store, diseases, ()), diseases) == {"sunburn"}


def test_without_a_store_or_a_mark_no_model_serves(diseases: Assignment, store: ModelStore) -> None:
    assert serving_answers(store, diseases, ()) is None


def test_a_model_that_knows_other_labels_does_not_stand_in_the_way(
    diseases: Assignment, store: ModelStore, tmp_path: Path
) -> None:
    serve(store, tmp_path, "NEV")
    assert serving_answers(store, diseases, ()) == NotCompared("disease/1 serves and knows other labels", refuses=False)


def test_photos_of_patients_whom_it_was_trained_on_are_no_comparison(
    diseases: Assignment, store: ModelStore, tmp_path: Path
) -> None:
    """What it learnt by heart it names better than any new model can, which the gate would then refuse for ever."""
    serve(store, tmp_path, "sunburn", labels=DISEASES, malignant=())
    everybody = diseases.sides.test.scored(DISEASES, Answers(np.full((len(diseases.sides.test.names), 2), 0.5)))
    photos = [_learnt_by_heart(patient) for patient in everybody.patients]
    served = serving_answers(store, diseases, photos[:1])
    assert isinstance(served, Scored)
    assert served.patients == everybody.patients[1:]
    check = next(_checks(everybody, served))
    assert (check.n, check.note) == (len(everybody) - 1, "1 photos of patients whom it learnt from are left out")
    assert serving_answers(store, diseases, photos) == NotCompared(
        "disease/1 serves and was trained on these very patients", refuses=False
    )


def _learnt_by_heart(patient: str) -> LabelledPhoto:
    return LabelledPhoto(Path("a.jpg"), next(iter(PHOTOS)), "a.jpg", None, "nevus", patient, None, "test")


def _checks(scored: Scored, served: Scored) -> Iterator[Check]:
    examined = Examined("disease", scored, dict.fromkeys(DISEASES, 10))
    return (check for check in all_checks(examined, bundled_policy(), served) if check.name == SERVED)


def test_a_model_that_cannot_be_loaded_is_not_taken_for_none(
    diseases: Assignment, store: ModelStore, tmp_path: Path
) -> None:
    serve(store, tmp_path, "sunburn", labels=DISEASES, malignant=())
    overwrite(store.folder("disease", 1) / "model.onnx", b"damaged")
    served = serving_answers(store, diseases, ())
    assert isinstance(served, NotCompared)
    assert served.refuses
    assert "cannot be asked: model.onnx has the SHA-256" in served.why
    assert str(tmp_path) not in served.why


def test_a_disease_that_no_manifest_can_name_is_refused_before_the_fit(tmp_path: Path) -> None:
    photos = draw_diseases(tmp_path, 8)
    (photos / "nevus").rename(photos / "모반")
    with pytest.raises(BadData, match="'모반' cannot be a label"):
        DiseaseAssignment(read_photos(photos, None, Plan(wanted="diagnosis")), 64)


def test_a_side_without_anything_on_it_is_refused_before_the_fit(tmp_path: Path) -> None:
    draw_suitability(tmp_path / "test", 1)
    data: Dataset = read_photos(tmp_path, None, Plan())
    with pytest.raises(BadData, match="nothing on the side train, val"):
        SuitabilityAssignment(data, 64, MAKING, 1, None)
