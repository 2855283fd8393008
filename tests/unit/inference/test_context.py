import pytest

from inference.context import UNKNOWN_CONTEXT, PatientContext, encode_context, told_facts
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


@pytest.mark.parametrize(
    ("context", "told"),
    [
        (UNKNOWN_CONTEXT, ()),
        (PatientContext("F", 17.9), ("sex", "age")),
        (PatientContext("O", 60, "heel"), ()),
        (PatientContext("O", 59, "back"), ("age", "body_site")),
    ],
)
def test_what_reaches_the_model_is_named(context: PatientContext, told: tuple[str, ...]) -> None:
    assert told_facts(context, VOCABULARY) == told
    assert told_facts(context, None) == ()
