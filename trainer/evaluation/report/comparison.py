"""What a patient's facts are worth: a table of numbers without them, with them, and of the gain."""

import math

from trainer.evaluation.bootstrap import Difference
from trainer.evaluation.comparing import Compared, Comparison
from trainer.evaluation.report import words
from trainer.evaluation.report.markup import Html, both, element, escaped, joined, table
from trainer.evaluation.report.tables import with_interval
from trainer.evaluation.said import Said

_TITLE = Said("What is said of the patient: what it changes", "환자 정보가 바꾸는 것")
_HOW = Said(
    "The same photos from the picture alone, and with sex, age and body site as far as they are known. The gain is "
    "worked out on the same photos; where its interval holds 0, nothing is shown. Sets of photos in which facts are "
    "missing for a reason flatter it: see what gives the labels away.",
    "같은 사진을 사진만으로, 그리고 알려진 성별·나이·부위와 함께 평가. 차이는 같은 사진에서 구함; 신뢰구간이 0을 "
    "포함하면 입증된 것이 없음. 정보 누락에 까닭이 있는 자료에서는 부풀려짐: 라벨을 드러내는 것 참조.",
)
_FACTS = {
    "sex": Said("sex", "성별"),
    "age_band": Said("age", "나이"),
    "body_site": Said("body site", "부위"),
}


def comparison_section(found: Comparison) -> Html:
    """The whole section of one model."""
    head = (
        Said("Measure", "지표"), Said("Picture alone", "사진만"), Said("With the facts", "정보와 함께"),
        Said("Gain", "차이"),
    )  # fmt: skip
    return element(
        "section",
        element("h2", both(_TITLE)),
        element("p", both(Said(found.title, found.korean or found.title)), kind="size"),
        element("p", both(_HOW), kind="note"),
        element("p", both(_known(found))),
        table(head, [_row(one) for one in found.rows], kind="numbers stacked"),
        kind="data",
    )


def _known(found: Comparison) -> Said:
    english = ", ".join(f"{_FACTS[fact].en} of {count}" for fact, count in found.known.items())
    korean = ", ".join(f"{_FACTS[fact].ko} {count}장" for fact, count in found.known.items())
    return Said(
        f"Of {found.photos} photos are known: {english}. {found.moved} have another first disease with the facts.",
        f"사진 {found.photos}장 중 알려진 것: {korean}. 정보와 함께 1순위가 바뀐 사진: {found.moved}장.",
    )


def _row(one: Compared) -> tuple[Html, ...]:
    return both(words.number(one.name)), with_interval(one.alone), with_interval(one.told), _gain(one.gain)


def _gain(gain: Difference) -> Html:
    if math.isnan(gain.value):
        return Html("–")
    value = escaped(f"{gain.value:+.3f}")
    if math.isnan(gain.low):
        return value
    ends = Said(f"{gain.low:+.3f} to {gain.high:+.3f}", f"{gain.low:+.3f}~{gain.high:+.3f}")  # a dash is a minus here
    return joined((value, Html(" "), element("small", both(ends))))
