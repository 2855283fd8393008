"""What is said of consent in free text: a word of refusal keeps a photo out of the disease library."""

import pytest

from gateway.intake.examples import NO_CONSENT

REFUSED = ["no", "No.", "no consent", "not given", "refused", "declined by mother", "withdrawn 2026-05-01", "objects"]
REFUSED_IN_KOREAN = ["아니오", "동의하지 않음", "동의 안함", "동의 없음", "거부", "철회", "미동의"]
GIVEN = ["", "yes", "given", "treatment, teaching, research", "signed form 12", "동의", "연구 동의함", "known to all"]


@pytest.mark.parametrize("said", [*REFUSED, *REFUSED_IN_KOREAN])
def test_a_word_of_refusal_is_heard(said: str) -> None:
    assert NO_CONSENT.search(said)


@pytest.mark.parametrize("said", GIVEN)
def test_what_refuses_nothing_is_no_refusal(said: str) -> None:
    assert NO_CONSENT.search(said) is None
