"""The two tasks, their labels, and what the labels of PAD-UFES-20 are called here."""

from inference.manifest import Task

SUITABILITY: Task = "suitability"
DISEASE: Task = "disease"

DIAGNOSES = {
    "ACK": "actinic_keratosis",
    "BCC": "basal_cell_carcinoma",
    "MEL": "melanoma",
    "NEV": "nevus",
    "SCC": "squamous_cell_carcinoma",
    "SEK": "seborrheic_keratosis",
}
"""Diagnosis code of the dataset -> slug of the disease."""

DISEASE_LABELS = tuple(DIAGNOSES.values())
MALIGNANT = ("basal_cell_carcinoma", "melanoma", "squamous_cell_carcinoma")
