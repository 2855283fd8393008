"""The page over sorted photos can be read: every rule as text, on a bar that shows which side is good."""

import re
from dataclasses import replace

import pytest

from tests.unit.trainer.sorting.numbers import GOOD
from trainer.sorting.contact_page import contact_page
from trainer.sorting.explanation import HEAD, PANEL, WIDTH
from trainer.sorting.meaning import MEANINGS
from trainer.sorting.measuring import MEASURES
from trainer.sorting.rule_rows import rule_rows, share_of_bar
from trainer.sorting.sorted_photo import SortedPhoto
from trainer.sorting.thresholds import BUNDLED, Criterion, Thresholds, read_thresholds
from trainer.sorting.verdict import Finding, judge

BOUNDS = read_thresholds(BUNDLED)


def page_of(**changed: float) -> str:
    measures = replace(GOOD, **changed)  # type: ignore[arg-type]  # numbers of Measures
    photo = SortedPhoto("<b>.jpg", measures, judge(measures, BOUNDS), overlay="000001.jpg")
    return contact_page([photo], ["usable: 1"])


def test_every_measure_is_explained_and_the_page_explains_those_it_shows() -> None:
    assert set(MEANINGS) == set(MEASURES)
    page = page_of()
    for name in {one.measure for one in BOUNDS.criteria}:
        assert f"<dt>{MEANINGS[name][0]}</dt><dd>{MEANINGS[name][1]}</dd>" in page


def test_every_rule_is_text_and_what_is_broken_is_not_folded_away() -> None:
    page = page_of(haze=0.95, focus=0.2, lesion_focus=0.1, contrast=0.9, black_share=0.5)
    card = page[page.index("<figure") :]
    assert card.count('class="rule"') == len(BOUNDS.criteria)
    assert len(re.findall(r'<span class="broken">', card.split("<details>")[0])) == 5
    assert '<span class="broken">' not in card.split("<details>")[1]


def test_the_good_side_is_told_apart_by_the_kind_of_bound() -> None:
    least, most = Criterion("out_of_focus", "focus", "least", 0.5), Criterion("out_of_focus", "haze", "most", 0.5)
    rows = rule_rows(judge(GOOD, Thresholds((least, most))))
    assert rows.count('class="bar least"') == rows.count('class="bar most"') == 1
    assert "≥ 0.5" in rows
    assert "≤ 0.5" in rows
    style = page_of()
    assert ".bar.most::before { inset: 0 50% 0 0" in style


@pytest.mark.parametrize(
    ("value", "bound", "place"), [(1, 2, 0.25), (2, 2, 0.5), (9, 2, 1), (-4, 2, 0), (0, 0, 0), (1, 0, 1)]
)
def test_the_bound_stands_in_the_middle_of_the_bar(value: float, bound: float, place: float) -> None:
    assert share_of_bar(Finding(Criterion("not_skin", "contrast", "most", bound), value)) == place


def test_small_words_of_the_picture_are_cut_off_and_none_is_below_twelve_pixels() -> None:
    page = page_of()
    assert f"aspect-ratio: {WIDTH} / {PANEL}" in page
    assert f"margin-top: {-100 * HEAD / WIDTH:.1f}%" in page
    sizes = [float(one) for one in re.findall(r"font-size: ([\d.]+)rem", page)]
    assert min(sizes) * 16 >= 12
    assert 'href="explained/000001.jpg"' in page, "the whole picture is a click away"
