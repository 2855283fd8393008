"""What models that see one thing only are explained by."""

import numpy as np
import pytest

from inference.context import UNKNOWN_CONTEXT, PatientContext
from inference.contract import CONTEXT, IMAGE, PATCHES
from inference.errors import TookTooLong
from inference.explaining.planes import SIDE
from inference.explaining.saliency import MOST_RUNS, explain_disease, explain_fault
from inference.manifest import ContextVocabulary, Manifest, Patches
from inference.patches import PatchPlan
from inference.preprocess import Tensor
from inference.rules import SUITABILITY_LABELS
from tests.models import DISEASES, make_manifest
from tests.unit.inference.explaining.models import one_eyed, prepared, share_of, skin

MEL = DISEASES.index("MEL")
FOCUS, WATERMARK = SUITABILITY_LABELS.index("out_of_focus"), SUITABILITY_LABELS.index("watermark")
VOCABULARY = ContextVocabulary(sex=("F", "M"), age_bands=((0, 50), (50, 150)), body_sites=("face", "back"))


def disease(**changes: object) -> Manifest:
    return make_manifest("disease", image_size=112, **changes)


def sees_dark(inputs: dict[str, Tensor]) -> Tensor:
    """A melanoma, the surer the more dark there is."""
    dark = (inputs[IMAGE].mean(1) < 0.3).mean((1, 2))
    return share_of(0.1 + 30 * dark, MEL, len(DISEASES))


def with_a_dark_spot(y: int, x: int) -> Tensor:
    pixels = skin()
    pixels[y : y + 40, x : x + 40] = 0.1
    return pixels


@pytest.mark.parametrize(("y", "x"), [(20, 30), (100, 140), (180, 260)])
def test_what_a_model_goes_by_is_where_the_map_points(y: int, x: int) -> None:
    model, _ = one_eyed(disease(), sees_dark)
    found = explain_disease(model, prepared(with_a_dark_spot(y, x)), UNKNOWN_CONTEXT, "MEL")
    row, column = np.unravel_index(found.plane.argmax(), found.plane.shape)
    assert y <= (row + 0.5) / SIDE * 240 <= y + 40
    assert x <= (column + 0.5) / SIDE * 320 <= x + 40
    assert found.clear
    assert found.region is not None
    assert found.region.left < (x + 20) / 320 < found.region.right
    assert found.region.top < (y + 20) / 240 < found.region.bottom


def test_the_drop_is_what_hiding_the_region_did() -> None:
    model, _ = one_eyed(disease(), sees_dark)
    found = explain_disease(model, prepared(with_a_dark_spot(100, 140)), UNKNOWN_CONTEXT, "MEL")
    assert found.probability == pytest.approx(0.725, abs=0.05)
    assert found.without < 0.2
    assert (found.label, found.method) == ("MEL", "occlusion")


def test_a_model_that_always_says_the_same_has_no_clear_region() -> None:
    model, _ = one_eyed(disease(), lambda inputs: share_of(np.full(len(inputs[IMAGE]), 0.8), MEL, len(DISEASES)))
    found = explain_disease(model, prepared(skin()), UNKNOWN_CONTEXT, "MEL")
    assert not found.clear
    assert found.region is None
    assert found.plane.max() == 0
    assert found.probability == found.without == pytest.approx(0.8)


def test_a_model_that_answers_by_chance_has_no_clear_region() -> None:
    for seed in range(8):
        chance = np.random.default_rng(seed)
        answers = lambda inputs, chance=chance: share_of(  # noqa: E731 - one stream of draws for each
            chance.uniform(0.4, 0.9, len(inputs[IMAGE])), MEL, len(DISEASES)
        )
        model, _ = one_eyed(disease(), answers)
        assert not explain_disease(model, prepared(skin()), UNKNOWN_CONTEXT, "MEL").clear


def test_a_model_that_goes_by_the_whole_picture_has_no_clear_region() -> None:
    def sees_light(inputs: dict[str, Tensor]) -> Tensor:
        return share_of(inputs[IMAGE].mean((1, 2, 3)), MEL, len(DISEASES))

    model, _ = one_eyed(disease(), sees_light)
    assert not explain_disease(model, prepared(skin()), UNKNOWN_CONTEXT, "MEL").clear


def test_the_same_picture_is_explained_alike_and_in_bounded_runs() -> None:
    model, session = one_eyed(disease(), sees_dark)
    first, second = (
        explain_disease(model, prepared(with_a_dark_spot(60, 60)), UNKNOWN_CONTEXT, "MEL") for _ in range(2)
    )
    assert np.array_equal(first.plane, second.plane)
    assert first.runs <= MOST_RUNS
    assert sum(session.batches) == first.runs + second.runs
    assert max(session.batches) <= 8


def test_the_model_is_told_of_the_patient_in_each_run() -> None:
    told: list[Tensor] = []

    def remembers(inputs: dict[str, Tensor]) -> Tensor:
        told.append(inputs[CONTEXT])
        return sees_dark(inputs)

    model, _ = one_eyed(disease(context=VOCABULARY), remembers)
    context = PatientContext(sex="F", age_years=60, body_site="back")
    explain_disease(model, prepared(with_a_dark_spot(60, 60)), context, "MEL")
    assert (np.concatenate(told) == np.array([1, 0, 0, 1, 0, 1])).all()


def test_what_takes_too_long_is_given_up() -> None:
    model, session = one_eyed(disease(), sees_dark)
    with pytest.raises(TookTooLong):
        explain_disease(model, prepared(skin()), UNKNOWN_CONTEXT, "MEL", seconds=0)
    assert sum(session.batches) == 0


def test_a_code_that_the_model_does_not_know_is_refused() -> None:
    model, _ = one_eyed(disease(), sees_dark)
    with pytest.raises(KeyError, match="psoriasis"):
        explain_disease(model, prepared(skin()), UNKNOWN_CONTEXT, "psoriasis")


def suitability(patches: bool = True) -> Manifest:
    cut = Patches.of(PatchPlan(5, 48)) if patches else None
    return make_manifest("suitability", image_size=112, patches=cut)


def test_a_mark_that_only_a_patch_shows_is_found_where_the_patch_lies() -> None:
    def sees_green_patches(inputs: dict[str, Tensor]) -> Tensor:
        green = (inputs[PATCHES][:, :, 1] > 0.9).mean((1, 2, 3))
        return share_of(0.05 + 40 * green, WATERMARK, len(SUITABILITY_LABELS))

    pixels = skin()
    pixels[110:130, 150:170, 1] = 1.0  # in the patch of the middle
    model, _ = one_eyed(suitability(), sees_green_patches)
    found = explain_fault(model, prepared(pixels), "watermark")
    assert found.clear
    assert found.region is not None
    assert found.region.left < 0.5 < found.region.right


def sees_soft(inputs: dict[str, Tensor]) -> Tensor:
    steps = np.abs(np.diff(inputs[PATCHES].mean(2), axis=-1)).mean((1, 2, 3))
    return share_of(0.9 - 40 * steps, FOCUS, len(SUITABILITY_LABELS))


def test_the_soft_half_of_a_photo_is_shown() -> None:
    pixels = skin(480, 640)
    pixels[:, 320:] = pixels[:, 320:].mean((0, 1))
    model, session = one_eyed(suitability(), sees_soft)
    found = explain_fault(model, prepared(pixels), "out_of_focus")
    assert (found.method, found.clear) == ("patches", True)
    assert found.plane[:, 32:].mean() > found.plane[:, :24].mean() + 0.5
    assert found.region is not None
    assert found.region.left >= 0.4
    assert found.without < 0.3
    assert found.runs == sum(session.batches) <= MOST_RUNS


@pytest.mark.parametrize("grain", [True, False])
def test_a_photo_that_is_alike_everywhere_lacks_sharpness_nowhere_in_particular(grain: bool) -> None:
    pixels = skin(480, 640) if grain else np.full((480, 640, 3), 0.6, np.float32)
    model, _ = one_eyed(suitability(), sees_soft)
    found = explain_fault(model, prepared(pixels), "out_of_focus")
    assert not found.clear
    assert found.region is None


def test_softness_in_no_order_is_no_clear_region() -> None:
    chance = np.random.default_rng(1)

    def by_chance(inputs: dict[str, Tensor]) -> Tensor:
        values = chance.uniform(0, 1, len(inputs[IMAGE])).astype(np.float32)
        return share_of(values, FOCUS, len(SUITABILITY_LABELS))

    model, _ = one_eyed(suitability(), by_chance)
    assert not explain_fault(model, prepared(skin()), "out_of_focus").clear


def test_a_model_without_patches_is_asked_by_hiding_for_every_fault() -> None:
    model, _ = one_eyed(
        suitability(patches=False),
        lambda inputs: share_of(np.full(len(inputs[IMAGE]), 0.7), FOCUS, len(SUITABILITY_LABELS)),
    )
    found = explain_fault(model, prepared(skin()), "out_of_focus")
    assert (found.method, found.clear) == ("occlusion", False)
