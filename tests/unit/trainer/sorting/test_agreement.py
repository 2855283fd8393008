"""Agreement of rules with doctors, against numbers worked out by hand."""

import numpy as np
import pytest

from trainer.sorting.agreement import agreement_of, as_text, kappa_of


def test_nothing_to_compare_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        agreement_of([], [])
    with pytest.raises(ValueError, match="same photos"):
        agreement_of(["usable"], [])


def test_kappa_is_cohens() -> None:
    """Cohen's own kind of table: 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no give 0.4."""
    one = np.array([True] * 25 + [False] * 25)
    other = np.array([True] * 20 + [False] * 5 + [True] * 10 + [False] * 15)
    assert kappa_of(one, other) == pytest.approx(0.4)


@pytest.mark.parametrize(("other", "kappa"), [([True, False], 1.0), ([False, True], -1.0), ([True, True], 0.0)])
def test_kappa_at_its_ends(other: list[bool], kappa: float) -> None:
    assert kappa_of(np.array([True, False]), np.array(other)) == pytest.approx(kappa)


def test_what_each_reason_catches_stands_beside_the_false_rejects() -> None:
    doctors = ["usable"] * 10 + ["watermark"] * 4
    rules = ["usable"] * 9 + ["out_of_focus"] + ["watermark", "out_of_focus", "usable", "usable"]
    agreement = agreement_of(doctors, rules)
    assert agreement.false_rejects.value == pytest.approx(0.1)
    assert agreement.caught["watermark"].value == pytest.approx(0.5)
    assert agreement.named["watermark"].value == pytest.approx(0.25)
    assert agreement.kappa.low <= agreement.kappa.value <= agreement.kappa.high
    assert set(agreement.caught) == {"watermark"}
    assert any("watermark: refused 0.500" in line for line in as_text(agreement))
