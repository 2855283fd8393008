"""The file of thresholds: what is refused, what is read, what is fitted."""

from dataclasses import replace
from pathlib import Path

import pytest

from inference.rules import REASON_CODES
from tests.unit.trainer.sorting.numbers import GOOD
from trainer.sorting.errors import BadThresholds
from trainer.sorting.suggestion import rejected_share, suggest
from trainer.sorting.thresholds import BUNDLED, read_thresholds, written


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[blurry]\nfocus = { least = 1 }", "blurry"),
        ("[out_of_focus]\nsharpness = { least = 1 }", "out_of_focus.sharpness"),
        ("[out_of_focus]\nfocus = { minimum = 1 }", "out_of_focus.focus.minimum"),
        ("[out_of_focus]\nfocus = { least = 'much' }", "out_of_focus.focus.least"),
        ("[out_of_focus]\nfocus = { least = true }", "out_of_focus.focus.least"),
        ("[out_of_focus]\nfocus = { least = nan }", "out_of_focus.focus.least"),
        ("[out_of_focus]\nfocus = { least = -1 }", "out_of_focus.focus.least"),
        ("[out_of_focus]\nfocus = { least = { reference = 1 } }", "out_of_focus.focus.least"),
        ("[out_of_focus]\nfocus = { least = { reference = 1, ratio = 'x' } }", "out_of_focus.focus.least.ratio"),
        ("[out_of_focus]\nfocus = 1", "out_of_focus.focus"),
        ("out_of_focus = 1", "out_of_focus"),
        ("", "no criterion"),
        ("not toml", "cannot be read"),
    ],
)
def test_what_is_wrong_in_the_file_is_named_with_its_place(tmp_path: Path, text: str, place: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(BadThresholds, match=place) as refused:
        read_thresholds(file)
    assert "mine.toml" in str(refused.value)


def test_a_file_that_is_missing_or_huge_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadThresholds):
        read_thresholds(tmp_path / "none.toml")
    (tmp_path / "huge.toml").write_text("#" * 70_000)
    with pytest.raises(BadThresholds, match="larger"):
        read_thresholds(tmp_path / "huge.toml")


def test_the_bundled_file_has_a_criterion_for_every_reason() -> None:
    assert {one.reason for one in read_thresholds(BUNDLED).criteria} == set(REASON_CODES)


def test_what_is_written_is_read_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "again.toml").write_text(written(read_thresholds(BUNDLED), "two\nlines"))
    assert read_thresholds(tmp_path / "again.toml") == read_thresholds(BUNDLED)


def test_a_reference_photo_moves_magnification_and_focus_and_nothing_else() -> None:
    before = read_thresholds(BUNDLED)
    after = before.referring_to(replace(GOOD, lesion_share=0.2, focus=2.0))
    moved = {one.measure: one.reference for one, old in zip(after.criteria, before.criteria, strict=True) if one != old}
    assert moved == {"lesion_share": 0.2, "focus": 2.0}


def test_a_reference_photo_without_lesion_is_refused() -> None:
    with pytest.raises(BadThresholds, match="lesion_share"):
        read_thresholds(BUNDLED).referring_to(replace(GOOD, lesion_share=0.0))


@pytest.mark.parametrize("false_rejects", [0.0, 0.05, 0.2])
def test_fitted_thresholds_keep_the_share_of_false_rejects(false_rejects: float) -> None:
    photos = [replace(GOOD, focus=0.5 + 0.01 * place, haze=0.2 + 0.003 * place) for place in range(100)]
    fitted = suggest(photos, read_thresholds(BUNDLED), false_rejects)
    share = rejected_share(photos, fitted)
    assert share <= false_rejects
    assert share >= false_rejects - 0.03


def test_too_few_photos_fit_nothing() -> None:
    with pytest.raises(BadThresholds, match="20"):
        suggest([GOOD] * 19, read_thresholds(BUNDLED), 0.05)
