"""The two tasks, and which diseases are malignant."""

from inference.manifest import Task

SUITABILITY: Task = "suitability"
DISEASE: Task = "disease"

DECIDED = 0.5
"""The first probability from which on a ranking is decided; agreed on, not found."""

MALIGNANT = frozenset(
    {
        "basal_cell_carcinoma",
        "melanoma",
        "merkel_cell_carcinoma",
        "squamous_cell_carcinoma",
        "kaposi_sarcoma",
        "lymphoma",
    }
)
"""Slugs of malignant diseases, wherever a data set has them."""
