"""What is known of the patient, written as numbers for a disease model."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.manifest import ContextVocabulary


@dataclass(frozen=True, slots=True)
class PatientContext:
    """What was said about the patient: DICOM sex (F, M, O), age in years, body-site slug; None = not said."""

    sex: str | None = None
    age_years: float | None = None
    body_site: str | None = None


UNKNOWN_CONTEXT = PatientContext()


def encode_context(context: PatientContext, vocabulary: ContextVocabulary) -> NDArray[np.float32]:
    """Write the context as [1, K]: one-hot sex, then age band, then body site, in the vocabulary's order.

    What was not said, or stands not in the vocabulary, is left all zeros.
    """
    fields = _fields(context, vocabulary).values()
    return np.asarray([[hit for field in fields for hit in field]], dtype=np.float32)


def told_facts(context: PatientContext, vocabulary: ContextVocabulary | None) -> tuple[str, ...]:
    """Which of `sex`, `age` and `body_site` reach a model of this vocabulary; none where it has none."""
    if vocabulary is None:
        return ()
    return tuple(name for name, hits in _fields(context, vocabulary).items() if any(hits))


def _fields(context: PatientContext, vocabulary: ContextVocabulary) -> dict[str, list[bool]]:
    return {
        "sex": [name == context.sex for name in vocabulary.sex],
        "age": [_in_band(context.age_years, band) for band in vocabulary.age_bands],
        "body_site": [name == context.body_site for name in vocabulary.body_sites],
    }


def _in_band(age_years: float | None, band: tuple[int, int]) -> bool:
    lowest, below = band
    return age_years is not None and lowest <= age_years < below
