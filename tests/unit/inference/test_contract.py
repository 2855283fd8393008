from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from inference.contract import check_interface, check_metadata, check_trial, trial_inputs
from inference.errors import ModelRefused
from inference.manifest import ContextVocabulary, Manifest, Patches, UnknownRule
from inference.patches import PatchPlan
from tests.models import make_manifest

SUITABILITY = make_manifest("suitability", patches=Patches.of(PatchPlan(5, 16)))
DISEASE = make_manifest("disease", context=ContextVocabulary(sex=("F", "M"), age_bands=(), body_sites=()))

UNLIKE = make_manifest("disease", unknown=UnknownRule(rule="unlikeness", threshold=0.5))


@dataclass
class Port:
    """An input or output as the runtime describes it."""

    name: str
    shape: list[int | str | None]
    type: str = "tensor(float)"


IMAGE = Port("image", ["N", 3, 32, 32])
PATCHES = Port("patches", ["N", 5, 3, 16, 16])
ANSWER = Port("probabilities", ["N", 8])


@pytest.mark.parametrize(
    ("inputs", "outputs", "told"),
    [
        ([IMAGE], [ANSWER], "inputs are image, the manifest calls for image, patches"),
        ([IMAGE, PATCHES, Port("context", ["N", 2])], [ANSWER], "context"),
        ([IMAGE, PATCHES], [], "outputs are none"),
        ([IMAGE, PATCHES], [ANSWER, Port("embedding", ["N", 9])], "embedding"),
        ([Port("image", ["N", 3, 32, 32], "tensor(uint8)"), PATCHES], [ANSWER], "uint8"),
        ([Port("image", ["N", 3, 64, 64]), PATCHES], [ANSWER], "64"),
        ([Port("image", ["N", 32, 32, 3]), PATCHES], [ANSWER], "image"),
        ([Port("image", [1, 3, 32, 32]), PATCHES], [ANSWER], "image"),
        ([Port("image", []), PATCHES], [ANSWER], "image"),
        ([IMAGE, Port("patches", ["N", 4, 3, 16, 16])], [ANSWER], "patches"),
        ([IMAGE, PATCHES], [Port("probabilities", ["N", 7])], "probabilities"),
    ],
)
def test_another_interface_is_refused(inputs: list[Port], outputs: list[Port], told: str) -> None:
    with pytest.raises(ModelRefused, match=told):
        check_interface(inputs, outputs, SUITABILITY)


def test_the_interface_of_the_manifest_passes_with_free_sizes() -> None:
    check_interface([IMAGE, PATCHES], [ANSWER], SUITABILITY)
    free = Port("image", [None, 3, "height", "width"])
    check_interface([free, PATCHES], [Port("probabilities", ["N", None])], SUITABILITY)


RANKED = [Port("probabilities", ["N", 6]), Port("embedding", ["N", 9])]


@pytest.mark.parametrize(
    ("outputs", "manifest", "told"),
    [
        (RANKED, UNLIKE, "the manifest calls for embedding, probabilities, unlikeness"),
        ([*RANKED, Port("unlikeness", ["N"])], make_manifest("disease"), "outputs are .*unlikeness"),
        ([*RANKED, Port("unlikeness", ["N", 1])], UNLIKE, "unlikeness has the shape"),
        ([*RANKED, Port("unlikeness", [1])], UNLIKE, "unlikeness has the shape"),
        ([*RANKED, Port("unlikeness", ["N"], "tensor(double)")], UNLIKE, "double"),
    ],
)
def test_unlikeness_is_there_where_the_rule_asks_for_it_and_only_there(
    outputs: list[Port], manifest: Manifest, told: str
) -> None:
    with pytest.raises(ModelRefused, match=told):
        check_interface([IMAGE], outputs, manifest)


def test_a_model_that_tells_unlikeness_passes() -> None:
    check_interface([IMAGE], [*RANKED, Port("unlikeness", ["N"])], UNLIKE)


@pytest.mark.parametrize("key", ["task", "labels", "image_size", "preprocessing", "threshold", "temperature"])
def test_metadata_that_lack_or_contradict_the_manifest_are_refused(key: str) -> None:
    metadata = SUITABILITY.onnx_metadata()
    with pytest.raises(ModelRefused, match=key):
        check_metadata({name: value for name, value in metadata.items() if name != key}, SUITABILITY)
    with pytest.raises(ModelRefused, match=key):
        check_metadata(metadata | {key: "other"}, SUITABILITY)


def test_metadata_may_write_a_number_another_way() -> None:
    check_metadata(SUITABILITY.onnx_metadata() | {"threshold": "0.50", "extra": "1"}, SUITABILITY)


def test_the_trial_has_one_row_for_every_input() -> None:
    shapes = {name: array.shape for name, array in trial_inputs(DISEASE).items()}
    assert shapes == {"image": (1, 3, 32, 32), "context": (1, 2)}


def row(*values: float) -> Any:
    return np.asarray([values], dtype=np.float32)


@pytest.mark.parametrize(
    ("probabilities", "embedding", "told"),
    [
        (row(0.5, 0.5), row(1), "6 labels"),
        (row(*[0.25] * 6), row(1), "sum to 1.5"),
        (row(-0.5, 1.5, 0, 0, 0, 0), row(1), "negative"),
        (row(1, 0, 0, 0, 0, 0), row(3, 4), "length 5"),
        (row(1, 0, 0, 0, 0, 0), np.ones((1, 1, 1), np.float32), "shape"),
    ],
)
def test_a_trial_that_gives_no_answer_is_refused(probabilities: Any, embedding: Any, told: str) -> None:
    with pytest.raises(ModelRefused, match=told):
        check_trial({"probabilities": probabilities, "embedding": embedding}, DISEASE)


def test_a_trial_within_the_tolerance_passes() -> None:
    check_trial({"probabilities": row(0.9995, 0, 0, 0, 0, 0), "embedding": row(0.6, 0.8)}, DISEASE)


@pytest.mark.parametrize(
    ("unlikeness", "told"), [(row(0.5), "shape"), (row(1.1)[0], "1.1"), (row(-0.1)[0], "within 0 and 1")]
)
def test_a_trial_whose_unlikeness_means_nothing_is_refused(unlikeness: Any, told: str) -> None:
    outputs = {"probabilities": row(1, 0, 0, 0, 0, 0), "embedding": row(0.6, 0.8), "unlikeness": unlikeness}
    with pytest.raises(ModelRefused, match=told):
        check_trial(outputs, UNLIKE)
