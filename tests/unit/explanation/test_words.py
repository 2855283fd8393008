import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.explanation.kept import MAX_BYTES, Explanation, read_kept
from gateway.explanation.words import legend_of, what_it_is_not, what_it_tells
from gateway.intake.explainable import Explainable
from gateway.language import Language
from inference.explaining.planes import SIDE
from inference.explaining.region import Box
from inference.explaining.saliency import Method, Saliency

MELANOMA = Explainable("disease", "melanoma", 0.63, "disease/1")
WATERMARK = Explainable("suitability", "watermark", 0.9, "suitability/3")
BOX = Box(0.25, 0.5, 0.75, 1.0)


def explanation(
    *, method: Method = "occlusion", clear: bool = True, by: str = "disease/1", demonstration: bool = True
) -> Explanation:
    plane = np.linspace(0, 1, SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE)
    saliency = Saliency(plane, "melanoma", method, 0.634, 0.142, clear, 0.4, BOX if clear else None, 55)
    return Explanation.of(saliency, "disease/1", by, demonstration, datetime(2026, 11, 21, tzinfo=UTC))


def test_it_tells_what_hiding_does() -> None:
    told = what_it_tells(explanation(), MELANOMA, "en")
    assert "from 63% to 14%" in told
    assert "melanoma" in told.lower()
    assert "63%에서 14%로" in what_it_tells(explanation(), MELANOMA, "ko")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_kind_is_told_in_both_languages_with_nothing_left_open(language: Language) -> None:
    methods: tuple[Method, ...] = ("occlusion", "patches")
    told = {
        what_it_tells(explanation(method=method, clear=clear), wanted, language)
        for method in methods for clear in (True, False) for wanted in (MELANOMA, WATERMARK)
    }  # fmt: skip
    assert not [one for one in told if "{" in one]
    assert len(told) >= 5


@pytest.mark.parametrize(("language", "words"), [("en", "no evidence"), ("ko", "증거가 아닙니다")])
@pytest.mark.parametrize("wanted", [MELANOMA, WATERMARK])
def test_it_always_says_that_it_is_no_evidence(wanted: Explainable, language: Language, words: str) -> None:
    assert words in what_it_is_not(explanation(demonstration=False), wanted, language)


def test_a_demonstration_and_another_model_are_told() -> None:
    plain = what_it_is_not(explanation(demonstration=False), MELANOMA, "en")
    assert "demonstration" not in plain
    said = what_it_is_not(explanation(by="disease/2"), MELANOMA, "en")
    assert "demonstration" in said
    assert "disease/1" in said
    assert "disease/2" in said


def test_a_disease_that_nobody_has_named_goes_by_its_code() -> None:
    assert "unheard_of" in what_it_tells(explanation(), Explainable("disease", "unheard_of", 0.5, "disease/1"), "ko")


def test_colours_are_explained_only_where_there_are_any() -> None:
    assert legend_of(explanation(clear=False), MELANOMA, "en").ends is None
    assert legend_of(explanation(), MELANOMA, "en").ends == ("matters little", "matters most")
    assert legend_of(explanation(method="patches"), WATERMARK, "en").ends == ("sharpest", "least sharp")


def test_a_machine_without_korean_letters_draws_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.explanation.words.is_drawable", str.isascii)
    assert "probability falls" in legend_of(explanation(), MELANOMA, "ko").title


def test_what_is_kept_is_read_back() -> None:
    made = explanation()
    read = read_kept(made.model_dump_json().encode())
    assert read == made
    assert read is not None
    assert read.box == BOX
    assert read.plane == pytest.approx(np.linspace(0, 1, SIDE * SIDE).reshape(SIDE, SIDE), abs=0.003)


@given(st.binary(max_size=300))
def test_anything_else_is_no_explanation(data: bytes) -> None:
    assert read_kept(data) is None


@pytest.mark.parametrize("spoilt", [
    {"format": 2}, {"plane_steps": "AAAA"}, {"plane_steps": "é" * 4}, {"probability": 1.5}, {"region": [0, 0, 2, 1]},
    {"more": 1},
])  # fmt: skip
def test_what_was_kept_otherwise_is_no_explanation(spoilt: dict[str, object]) -> None:
    document = explanation().model_dump(mode="json")
    assert read_kept(json.dumps(document).encode()) is not None
    assert read_kept(json.dumps(document | spoilt).encode()) is None


def test_what_is_too_large_is_not_read() -> None:
    assert len(explanation().model_dump_json()) < MAX_BYTES // 2
    assert read_kept(explanation().model_dump_json().encode() + b" " * MAX_BYTES) is None
