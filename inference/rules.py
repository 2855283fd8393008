"""The rules that turn probabilities into verdicts: plain functions on numbers, no model in sight."""

USABLE = "usable"
REASON_CODES = (
    "lesion_too_small",
    "scattered_lesions",
    "out_of_focus",
    "watermark",
    "underexposed",
    "overexposed",
    "not_skin",
)
SUITABILITY_LABELS = (USABLE, *REASON_CODES)
"""What a suitability model tells apart: one softmax over these eight."""
