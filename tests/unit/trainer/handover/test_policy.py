"""A policy is read strictly: whatever is not understood is named with its place, and nothing begins."""

from contextlib import suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.errors import BadPolicy
from trainer.handover.gate import check_labels
from trainer.handover.policy import (
    BUNDLED,
    MAX_POLICY_BYTES,
    bundled_policy,
    exactly,
    parse_policy,
    read_policy,
    threshold_alone,
)

LEAST = "[accuracy]\nthreshold = 0.8\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "accuracy is missing"),
        ("[accuracy]\n", "accuracy.threshold is missing"),
        ("[accuracy", "Expected ']'"),
        ("[accuracy]\nthreshold = 0.8\ntreshold = 0.9\n", "accuracy.treshold is no key that is known"),
        (LEAST + "[recal]\ndefault = 0.1\n", "recal is no key that is known"),
        ("[accuracy]\nthreshold = 1.0\n", "accuracy.threshold: must be less than 1"),
        ("[accuracy]\nthreshold = -0.1\n", "accuracy.threshold: must be greater than or equal to 0"),
        ('[accuracy]\nthreshold = "0.8"\n', "accuracy.threshold: must be a number"),
        ("[accuracy]\nthreshold = true\n", "accuracy.threshold: must be a number"),
        ("[accuracy]\nthreshold = nan\n", "accuracy.threshold: must be a finite number"),
        ("[accuracy]\nthreshold = inf\n", "accuracy.threshold: must be a finite number"),
        ("[accuracy]\nthreshold = 1e-999999\n", "accuracy.threshold: must have no more than"),
        ("[accuracy]\nthreshold = [0.8]\n", "accuracy.threshold: must be"),
        ('[accuracy]\nthreshold = 0.8\nby = "guess"\n', "accuracy.by: must be 'observed', 'wilson' or 'patients'"),
        (LEAST + "[recall.classes]\nmelanoma = 2\n", "recall.classes.melanoma: must be less than or equal to 1"),
        (LEAST + "[photos]\nat_least = 2.5\n", "photos.at_least: must be"),
        (LEAST + "[photos]\nat_least = -1\n", "photos.at_least: must be greater than or equal to 0"),
        (LEAST + "[limits]\nfile_megabytes_at_most = 0\n", "limits.file_megabytes_at_most: must be greater than 0"),
        (LEAST + "[int8]\nfaster_by_at_least = 1\n", "int8.faster_by_at_least: must be less than 1"),
    ],
)
def test_what_is_not_understood_is_named_with_its_place(text: str, told: str) -> None:
    with pytest.raises(BadPolicy) as refusal:
        parse_policy(text, "own.toml")
    assert any(fault.startswith("own.toml: ") and told in fault for fault in refusal.value.faults)


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(BadPolicy) as refusal:
        parse_policy('[accuracy]\nby = "guess"\n[served]\nmargin = -1\n')
    assert len(refusal.value.faults) == 3


@given(st.text(max_size=200))
def test_any_text_is_a_policy_or_refused(text: str) -> None:
    with suppress(BadPolicy):
        assert parse_policy(text).accuracy


def test_a_file_that_is_missing_too_large_or_no_text_is_refused(tmp_path: Path) -> None:
    large, binary = tmp_path / "large.toml", tmp_path / "binary.toml"
    large.write_text("#" * (MAX_POLICY_BYTES + 1))
    binary.write_bytes(b"\xff\xfe")
    for path, told in ((tmp_path / "absent.toml", "cannot be read"), (large, "more than"), (binary, "UTF-8")):
        with pytest.raises(BadPolicy, match=told) as refusal:
            read_policy(path)
        assert str(tmp_path) not in str(refusal.value)


def test_a_floor_for_a_class_that_is_none_is_refused_before_a_run() -> None:
    policy = parse_policy(LEAST + "[recall.classes]\nmelanom = 0.5\n")
    with pytest.raises(
        BadPolicy, match=r"recall\.classes\.melanom is no label of this model; they are nevus, melanoma"
    ):
        check_labels(policy, ("nevus", "melanoma"))
    check_labels(threshold_alone("0.5"), ("nevus", "melanoma"))


@pytest.mark.parametrize("threshold", ["1", "-0.1", "nan", float("inf")])
def test_a_threshold_that_is_no_share_is_refused(threshold: str | float) -> None:
    with pytest.raises(BadPolicy, match=r"accuracy\.threshold"):
        bundled_policy().with_threshold(threshold)


def test_the_bundled_policy_is_read_and_explains_every_section() -> None:
    policy = bundled_policy()
    assert policy.accuracy.threshold == Decimal("0.80")
    assert None not in dict(policy).values()
    assert BUNDLED.read_text(encoding="utf-8").count("#") > 20


def test_numbers_are_kept_as_they_stand() -> None:
    assert exactly(parse_policy("[accuracy]\nthreshold = 0.1\n").accuracy.threshold) == Fraction(1, 10)
    assert exactly(threshold_alone(0.1).accuracy.threshold) == Fraction(1, 10)
    assert threshold_alone(0).accuracy.threshold == 0


def test_rules_that_are_left_out_are_not_made_up() -> None:
    assert set(threshold_alone(0.8).model_dump(exclude_none=True)) == {"accuracy"}


def test_another_threshold_leaves_the_rest_as_it_was() -> None:
    policy = bundled_policy().with_threshold(0.85)
    assert policy.accuracy.threshold == Decimal("0.85")
    assert policy.recall == bundled_policy().recall


def test_the_fingerprint_is_of_what_is_said_not_of_comments_and_order() -> None:
    classes = "[recall.classes]\na = 0.1\nb = 0.2\n"
    turned = "# words\n[recall.classes]\nb = 0.2\na = 0.1\n" + LEAST
    assert parse_policy(LEAST + classes).fingerprint() == parse_policy(turned).fingerprint()
    assert parse_policy(LEAST).fingerprint() != parse_policy(LEAST + classes).fingerprint()
