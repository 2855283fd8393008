"""Answers of made-up models with the counts that a test asks for."""

from collections.abc import Mapping, Sequence

import numpy as np

from inference.rules import SUITABILITY_LABELS, USABLE
from trainer.evaluation.scored import Scored
from trainer.handover.examined import Examined

TWO = ("nevus", "melanoma")

# The disease model bundled at the time, on its 121 unseen photos of skin-train: truth (row) and what it was taken for.
SKIN = (
    "actinic_keratosis",
    "basal_cell_carcinoma",
    "melanoma",
    "nevus",
    "squamous_cell_carcinoma",
    "seborrheic_keratosis",
)
SKIN_COUNTS = (
    (26, 5, 0, 0, 0, 1),
    (7, 30, 0, 1, 0, 3),
    (0, 0, 1, 3, 0, 0),
    (0, 2, 0, 16, 0, 3),
    (3, 3, 0, 0, 0, 1),
    (3, 4, 0, 3, 0, 6),
)
SKIN_TRAINED_ON = dict(zip(SKIN, (190, 215, 25, 90, 45, 80), strict=True))
SKIN_MALIGNANT = ("basal_cell_carcinoma", "melanoma", "squamous_cell_carcinoma")


def scored(
    labels: tuple[str, ...],
    counts: Sequence[Sequence[int]],
    *,
    confidence: float = 0.8,
    photos_a_patient: int = 1,
    subgroups: Mapping[str, tuple[str, ...]] | None = None,
) -> Scored:
    """Answers with `counts` [truth, named]; the named label has `confidence`, the others share the rest."""
    table = np.asarray(counts)
    truth = np.repeat(np.arange(len(labels)), table.sum(1))
    named = np.concatenate([np.repeat(np.arange(len(labels)), row) for row in table])
    photos = len(truth)
    probabilities = np.full((photos, len(labels)), (1 - confidence) / (len(labels) - 1))
    probabilities[np.arange(photos), named] = confidence
    patients = tuple(f"patient {number // photos_a_patient}" for number in range(photos))
    names = tuple(f"photo {number}" for number in range(photos))
    return Scored(labels, probabilities, truth.astype(np.int64), patients, names, subgroups or {})


def right_of(right: int, photos: int) -> Scored:
    """Two labels, of which the first `photos` are of the one that matters; `right` of them named right."""
    return scored(TWO, ((right, photos - right), (0, 0)))


def of_disease(answers: Scored, trained_on: int = 100, malignant: tuple[str, ...] = ()) -> Examined:
    """A disease model, trained on so many photos of each label."""
    return Examined("disease", answers, dict.fromkeys(answers.labels, trained_on), malignant=malignant)


def skin_model() -> Examined:
    """A model as skin-train gives it: accuracy 79 of 121, hardly any melanoma found, no dark skin."""
    types = tuple("123"[number % 3] for number in range(121))
    answers = scored(SKIN, SKIN_COUNTS, photos_a_patient=2, subgroups={"fitzpatrick": types})
    return Examined("disease", answers, SKIN_TRAINED_ON, malignant=SKIN_MALIGNANT)


def suitability_model(passed: int, usable: int) -> Examined:
    """All faults found; `passed` of `usable` usable photos let through, the others called out of focus."""
    rows = [[0] * len(SUITABILITY_LABELS) for _ in SUITABILITY_LABELS]
    place, focus = SUITABILITY_LABELS.index(USABLE), SUITABILITY_LABELS.index("out_of_focus")
    for label, row in enumerate(rows):
        row[label] = passed if label == place else 10
    rows[place][focus] = usable - passed
    answers = scored(SUITABILITY_LABELS, rows)
    return Examined("suitability", answers, dict.fromkeys(SUITABILITY_LABELS, 200), usable_threshold=0.5)
