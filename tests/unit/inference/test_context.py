import pytest

from inference.context import UNKNOWN_CONTEXT, PatientContext, encode_context
from inference.manifest import ContextVocabulary

VOCABULARY = ContextVocabulary(sex=("F", "M"), age_bands=((0, 18), (18, 60)), body_sites=("face", "back"))


@pytest.mark.parametrize(
    ("context", "encoded"),
    [
        (UNKNOWN_CONTEXT, [0, 0, 0, 0, 0, 0]),
        (PatientContext("F", 0, "face"), [1, 0, 1, 0, 1, 0]),
        (PatientContext("M", 18, "back"), [0, 1, 0, 1, 0, 1]),
        (PatientContext("F", 17.9), [1, 0, 1, 0, 0, 0]),
        (PatientContext("O", 60, "heel"), [0, 0, 0, 0, 0, 0]),
        (PatientContext(age_years=-1), [0, 0, 0, 0, 0, 0]),
    ],
)
def test_a_context_is_one_hot_in_the_vocabularys_order(context: PatientContext, encoded: list[int]) -> None:
    array = encode_context(context, VOCABULARY)
    assert array.tolist() == [encoded]
    assert array.dtype.name == "float32"
    assert array.shape == (1, VOCABULARY.width)
