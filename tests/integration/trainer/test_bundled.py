"""The bundled models may serve, say honestly what they are, and judge photos nobody trained them on."""

import hashlib
import io
from pathlib import Path

import pytest
from PIL import Image

from inference.bundling import BUNDLED
from inference.context import UNKNOWN_CONTEXT
from inference.disease import rank
from inference.manifest import CARD_NAME, MODEL_NAME, PHOTOS_NAME, read_photo_hashes
from inference.picture import decode_picture
from inference.prepared import PreparedPicture
from inference.runtime import LoadedModel, load_model
from inference.store import TASKS, ModelStore
from inference.suitability import Judgement, judge
from tests.integration.trainer.shared import shared_data
from trainer.faults.registry import FAMILIES, spoil
from trainer.synthetic.album import KINDS, USABLE, synthetic_photo
from trainer.synthetic.families import ANY

MAX_BUNDLED_BYTES = 8_000_000
SEEDS = range(300, 309)
"""Far from the scenes trained on, which start at a million."""


def newest(task: str) -> Path:
    store = ModelStore(BUNDLED)
    return store.folder(task, store.versions(task)[-1])


def prepared(photo: Image.Image) -> PreparedPicture:
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=92)
    return PreparedPicture(decode_picture(file.getvalue(), max_pixels=20_000_000))


def right(judgements: dict[str, list[Judgement]], kind: str) -> list[bool]:
    """Whether each photo of a kind was called usable or not as it should be."""
    return [judgement.usable == (kind == USABLE) for judgement in judgements[kind]]


@pytest.fixture(scope="module", params=TASKS)
def model(request: pytest.FixtureRequest) -> LoadedModel:
    """Each bundled model, loaded as serving loads it."""
    return load_model(newest(request.param), threads=1)


def unseen_photo(kind: str, seed: int) -> Image.Image:
    """A drawn photo, its family of scenes and its family of faults in turn."""
    if kind == USABLE:
        return synthetic_photo(USABLE, seed, (800, 600), family=ANY)
    good = synthetic_photo(USABLE, seed, (800, 600), family=ANY)
    return spoil(good, kind, 0.8, seed, tuple(FAMILIES)[seed // 3 % len(FAMILIES)])


@pytest.fixture(scope="module")
def judgements() -> dict[str, list[Judgement]]:
    """What the bundled suitability model says of unseen synthetic photos, by what they are."""
    suitability = load_model(newest("suitability"), threads=1)
    return {kind: [judge(suitability, prepared(unseen_photo(kind, seed))) for seed in SEEDS] for kind in KINDS}


def test_a_bundled_model_is_small_and_marked_as_a_demonstration(model: LoadedModel) -> None:
    assert model.manifest.demonstration
    assert (model.folder / MODEL_NAME).stat().st_size < MAX_BUNDLED_BYTES


def test_its_card_credits_the_data_and_names_no_place_on_a_machine(model: LoadedModel) -> None:
    card = (model.folder / CARD_NAME).read_text(encoding="utf-8")
    assert "PAD-UFES-20" in card
    assert "10.17632/zr7vgbcyr2.1" in card
    assert "CC BY 4.0" in card
    assert "demonstration" in card
    assert str(Path.home()) not in card
    assert "PHOTOS" in card


def test_its_manifest_reports_what_was_measured_with_intervals(model: LoadedModel) -> None:
    accuracy = model.manifest.metrics["accuracy"]
    assert accuracy.low is not None
    assert accuracy.high is not None
    assert accuracy.low < accuracy.value < accuracy.high
    assert {"balanced_accuracy", "calibration_error"} <= set(model.manifest.metrics)


def test_its_card_says_how_each_label_did(model: LoadedModel) -> None:
    card = (model.folder / CARD_NAME).read_text(encoding="utf-8")
    rows = [line for line in card.splitlines() if line.startswith("|")]
    assert [label for label in model.manifest.labels if not any(label in row for row in rows)] == []


def test_no_photo_kept_for_checking_was_trained_on(model: LoadedModel) -> None:
    real = shared_data("skin-real")
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in real.rglob("*.*") if path.is_file()}
    trained_on = read_photo_hashes(model.manifest, model.folder)
    assert len(hashes) > 90
    assert not hashes & trained_on


def test_every_photo_it_lists_is_one_of_the_training_set(model: LoadedModel) -> None:
    train = shared_data("skin-train")
    hashes = {hashlib.sha256(path.read_bytes()).hexdigest() for path in (train / "photos").iterdir()}
    assert set((model.folder / PHOTOS_NAME).read_text(encoding="ascii").split()) <= hashes


@pytest.mark.parametrize("kind", KINDS)
def test_most_unseen_photos_of_every_kind_are_judged_rightly(judgements: dict[str, list[Judgement]], kind: str) -> None:
    assert sum(right(judgements, kind)) >= 5


def test_few_unseen_photos_are_judged_wrongly(judgements: dict[str, list[Judgement]]) -> None:
    verdicts = [verdict for kind in KINDS for verdict in right(judgements, kind)]
    assert sum(verdicts) >= 0.85 * len(verdicts)


def test_most_faults_are_called_by_their_name(judgements: dict[str, list[Judgement]]) -> None:
    named = [
        judgement.reasons[0].code == kind
        for kind in KINDS
        if kind != USABLE
        for judgement in judgements[kind]
        if judgement.reasons
    ]
    assert sum(named) >= 0.8 * len(SEEDS) * (len(KINDS) - 1)


def test_diseases_are_ranked_with_probabilities_that_sum_to_one() -> None:
    disease = load_model(newest("disease"), threads=1)
    ranking = rank(disease, prepared(synthetic_photo(USABLE, 1, (400, 300))), UNKNOWN_CONTEXT, 0.5, 0.1)
    assert sum(one.probability for one in ranking.diseases) == pytest.approx(1, abs=1e-3)
    assert ranking.demonstration
