import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.language import Language, choose_language

ASKED: list[tuple[str | None, Language, Language]] = [
    (None, "en", "en"),
    (None, "ko", "ko"),
    ("", "ko", "ko"),
    ("ko", "en", "ko"),
    ("ko-KR", "en", "ko"),
    ("KO-kr", "en", "ko"),
    ("en-US,en;q=0.9", "ko", "en"),
    ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "en", "ko"),
    ("en;q=0.7, ko;q=0.8", "en", "ko"),
    ("ko, en", "en", "ko"),
    ("en, ko", "ko", "en"),
    ("fr, ko;q=0.1", "en", "ko"),
    ("fr", "ko", "ko"),
    ("kok", "en", "en"),
    ("*", "ko", "ko"),
    ("*, en;q=0.2", "en", "ko"),
    ("en;q=0, *;q=0.5", "en", "ko"),
    ("ko;q=0, en;q=0", "ko", "ko"),
    ("ko;q=0", "en", "en"),
    ("ko;q=high, en;q=0.1", "ko", "en"),
    ("ko;q=nan, en;q=0.1", "ko", "en"),
    ("ko;Q=0.5;x=y, en", "ko", "en"),
    (";;;,,,=", "ko", "ko"),
    ("fr," * 200 + "ko", "en", "en"),
    ("fr," * 169 + "x,ko;q=0.1,en", "en", "en"),
]


@pytest.mark.parametrize(("header", "default", "expected"), ASKED)
def test_the_language_is_what_the_caller_prefers_of_what_is_spoken(
    header: str | None, default: Language, expected: Language
) -> None:
    assert choose_language(header, default) == expected


@given(st.text() | st.text("koenq*=;,.-01 ", max_size=40), st.sampled_from(["en", "ko"]))
def test_whatever_is_asked_for_a_spoken_language_is_chosen(header: str, default: Language) -> None:
    assert choose_language(header, default) in ("en", "ko")


@given(st.text(st.characters(exclude_characters=",;-*"), max_size=10), st.sampled_from(["en", "ko"]))
def test_a_language_that_is_not_spoken_leaves_the_default(tag: str, default: Language) -> None:
    if tag.strip().lower() not in ("en", "ko"):
        assert choose_language(tag, default) == default
