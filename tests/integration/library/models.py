"""Small disease models over diseases that the library has."""

from pathlib import Path

import numpy as np

from inference.manifest import ContextVocabulary
from inference.rules import SUITABILITY_LABELS
from inference.store import ModelStore
from tests.e2e.photos import add_model
from tests.models import build_model, make_manifest, write_model

DISEASES = ("actinic_keratosis", "basal_cell_carcinoma", "melanoma", "nevus")
VOCABULARY = ContextVocabulary(sex=("F", "M"), age_bands=((0, 50), (50, 120)), body_sites=("arm", "back", "forearm"))


def fill_store(store: Path, folder: Path) -> None:
    """Every photo is usable; a network of random weights ranks it."""
    add_model(store, folder, "suitability", 1, SUITABILITY_LABELS[0])
    add_disease_model(store, folder, 1)


def add_disease_model(store: Path, folder: Path, version: int) -> None:
    """Let a disease model serve; each version has weights, and a file, of its own."""
    manifest = make_manifest("disease", version=version, labels=DISEASES, malignant=DISEASES[:3], context=VOCABULARY)
    model = build_model(manifest)
    first = model.graph.initializer[0]
    weights = np.frombuffer(first.raw_data, dtype=np.float32)
    first.raw_data = np.random.default_rng(version).permutation(weights).tobytes()
    models = ModelStore(store)
    models.add(write_model(folder / f"disease-{version}", manifest, model))
    models.promote("disease", version)
