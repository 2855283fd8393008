"""Nothing at or below the threshold is handed over, and the refusal says what is lacking."""

import numpy as np
import pytest

from trainer.errors import BelowGate
from trainer.gate import check_gate
from trainer.metrics import Confusion, confusion

LABELS = ("nevus", "melanoma")
COUNTS = {"nevus": 100, "melanoma": 12}


def four_of_five() -> Confusion:
    """Accuracy 0.8: all of four nevi right, the one melanoma taken for a nevus."""
    return confusion(LABELS, np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 0, 0]))


def test_below_the_threshold_is_refused_with_what_each_class_lacks() -> None:
    with pytest.raises(BelowGate) as refusal:
        check_gate(four_of_five(), 0.85, COUNTS)
    message = str(refusal.value)
    assert "0.800" in message
    assert "0.850" in message
    assert "melanoma: 0 of 1 named right, most often taken for nevus; 12 trained on" in message
    assert "nevus: 4 of 4" not in message


def test_equal_to_the_threshold_is_refused() -> None:
    with pytest.raises(BelowGate):
        check_gate(four_of_five(), 0.8, COUNTS)


def test_above_the_threshold_passes() -> None:
    check_gate(four_of_five(), 0.799, COUNTS)


def test_a_class_that_was_never_checked_is_named() -> None:
    table = confusion(LABELS, np.array([0]), np.array([0]))
    with pytest.raises(BelowGate, match="melanoma: no unseen example"):
        check_gate(table, 1.0, COUNTS)
