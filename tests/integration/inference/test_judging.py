from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.context import UNKNOWN_CONTEXT, PatientContext
from inference.disease import rank
from inference.manifest import ContextVocabulary, Manifest, Patches, UnknownRule
from inference.patches import PatchPlan
from inference.picture import Picture
from inference.prepared import PreparedPicture
from inference.rules import SUITABILITY_LABELS
from inference.runtime import LoadedModel, load_model
from inference.suitability import judge
from tests.models import DISEASES, build_model, certain_of, make_manifest, write_model

VOCABULARY = ContextVocabulary(sex=("F", "M"), age_bands=((0, 50), (50, 150)), body_sites=("face", "back"))


def prepared(seed: int = 0) -> PreparedPicture:
    noise = np.random.default_rng(seed).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return PreparedPicture(Picture(Image.fromarray(noise), 1, 320, 240, "png"))


def loaded(
    folder: Path,
    manifest: Manifest,
    probabilities: dict[str, float] | None = None,
    unlikeness: float | None = None,
) -> LoadedModel:
    model = build_model(manifest, probabilities=probabilities, unlikeness=unlikeness)
    return load_model(write_model(folder, manifest, model), threads=1)


def test_an_unusable_photo_is_told_with_its_reason(tmp_path: Path) -> None:
    answers = certain_of(SUITABILITY_LABELS, "watermark")
    judgement = judge(loaded(tmp_path / "1", make_manifest("suitability", version=3), answers), prepared())
    assert not judgement.usable
    assert [reason.code for reason in judgement.reasons] == ["watermark"]
    assert judgement.reasons[0].probability == pytest.approx(0.9, abs=1e-4)
    assert (judgement.model, judgement.demonstration) == ("suitability/3", True)


@pytest.mark.parametrize(("threshold", "usable"), [(0.89, True), (0.91, False)])
def test_the_manifests_threshold_decides(tmp_path: Path, threshold: float, usable: bool) -> None:
    manifest = make_manifest("suitability", threshold=threshold)
    judgement = judge(loaded(tmp_path / "1", manifest, certain_of(SUITABILITY_LABELS, "usable")), prepared())
    assert judgement.usable is usable
    assert bool(judgement.reasons) is not usable


def test_the_patches_reach_the_model(tmp_path: Path) -> None:
    """Two pictures alike but for the middle, where the only patch is."""
    manifest = make_manifest("suitability", patches=Patches.of(PatchPlan(1, 16)))
    model = loaded(tmp_path / "1", manifest)
    whole, other = prepared(), prepared()
    other.picture.image.paste("white", (152, 112, 168, 128))
    other._made[32, "squash-1"] = whole.whole(32)
    assert judge(model, whole).probability != judge(model, other).probability


def test_a_benign_certain_ranking_refers_nobody(tmp_path: Path) -> None:
    manifest = make_manifest("disease", malignant=("MEL",))
    ranking = rank(
        loaded(tmp_path / "1", manifest, certain_of(DISEASES, "NEV", 0.95)), prepared(), UNKNOWN_CONTEXT, 0.5, 0.1
    )
    assert ranking.decided
    assert ranking.referral_reasons == ()
    assert (ranking.diseases[0].code, ranking.threshold, ranking.model) == ("NEV", 0.5, "disease/1")
    assert ranking.demonstration


def test_an_undecided_unknown_and_maybe_malignant_ranking_refers_for_all_three(tmp_path: Path) -> None:
    manifest = make_manifest("disease", unknown=UnknownRule(rule="entropy", threshold=0.9))
    ranking = rank(
        loaded(tmp_path / "1", manifest, certain_of(DISEASES, "NEV", 0.3)), prepared(), UNKNOWN_CONTEXT, 0.5, 0.1
    )
    assert not ranking.decided
    assert ranking.referral_reasons == ("undecided", "malignant", "unknown")


@pytest.mark.parametrize(
    ("unlikeness", "threshold", "reasons"),
    [(0.8, None, ("unknown",)), (0.69, None, ()), (0.69, 0.6, ("unknown",)), (0.8, 0.9, ())],
)
def test_a_sure_ranking_of_a_picture_unlike_all_known_refers_at_the_threshold_in_force(
    tmp_path: Path, unlikeness: float, threshold: float | None, reasons: tuple[str, ...]
) -> None:
    manifest = make_manifest("disease", malignant=("MEL",), unknown=UnknownRule(rule="unlikeness", threshold=0.7))
    model = loaded(tmp_path / "1", manifest, certain_of(DISEASES, "NEV", 0.95), unlikeness)
    ranking = rank(model, prepared(), UNKNOWN_CONTEXT, 0.5, 0.1, unknown_threshold=threshold)
    assert ranking.unlikeness == pytest.approx(unlikeness)
    assert ranking.referral_reasons == reasons
    assert ranking.decided


def test_a_threshold_of_unlikeness_means_nothing_to_a_model_that_tells_none(tmp_path: Path) -> None:
    manifest = make_manifest("disease", malignant=("MEL",), unknown=UnknownRule(rule="entropy", threshold=0.9))
    model = loaded(tmp_path / "1", manifest, certain_of(DISEASES, "NEV", 0.95))
    ranking = rank(model, prepared(), UNKNOWN_CONTEXT, 0.5, 0.1, unknown_threshold=0.01)
    assert (ranking.unlikeness, ranking.referral_reasons) == (None, ())


def test_unlikeness_follows_the_picture(tmp_path: Path) -> None:
    manifest = make_manifest("disease", unknown=UnknownRule(rule="unlikeness", threshold=0.7))
    model = loaded(tmp_path / "1", manifest)
    one, other = (rank(model, prepared(seed), UNKNOWN_CONTEXT, 0.5, 0.1).unlikeness for seed in (1, 2))
    assert one != other


def test_what_is_known_of_the_patient_reaches_the_model(tmp_path: Path) -> None:
    model = loaded(tmp_path / "1", make_manifest("disease", context=VOCABULARY))
    picture = prepared()
    contexts = [
        UNKNOWN_CONTEXT,
        PatientContext(sex="F"),
        PatientContext(age_years=60),
        PatientContext(body_site="back"),
    ]
    answers = {rank(model, picture, context, 0.5, 0.1).diseases for context in contexts}
    assert len(answers) == 4


def test_the_embedding_has_unit_length_and_follows_the_picture(tmp_path: Path) -> None:
    model = loaded(tmp_path / "1", make_manifest("disease"))
    one, other = (rank(model, prepared(seed), UNKNOWN_CONTEXT, 0.5, 0.1).embedding for seed in (1, 2))
    assert one.shape == (50,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    assert not np.array_equal(one, other)
