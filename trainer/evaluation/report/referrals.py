"""Who goes to a doctor, why, and how many rightly; what other settings would do; what is unlike all it knows."""

import math

from trainer.evaluation.numbers.referral import Outcome, Referrals
from trainer.evaluation.numbers.referred_groups import GroupReferral
from trainer.evaluation.numbers.sweeps import Setting, Step, Sweep, value_of
from trainer.evaluation.plots.referrals import label_dots, sweep_curves
from trainer.evaluation.referring import ReferralRule
from trainer.evaluation.report import words
from trainer.evaluation.report.figures import plot
from trainer.evaluation.report.markup import Html, both, element, escaped, joined, table
from trainer.evaluation.report.tables import number, with_interval
from trainer.evaluation.said import Said
from trainer.evaluation.scored import Scored
from trainer.evaluation.strangers import Detection
from trainer.evaluation.ways import WaysToADoctor

_PHOTOS = Said("Photos", "사진 수")
_OUTCOME = (
    Said("Go to a doctor", "의사에게 감"),
    Said("Of those, rightly", "그중 마땅한 것"),
    Said("Malignant that do not go", "가지 않는 악성"),
    Said("Of those that do not go, named wrong", "가지 않는 것 중 오답"),
)
_RIGHTLY = Said(
    "Rightly: the first disease is wrong, or the disease is malignant. Somebody who asks for a doctor is sent to one "
    "besides; nobody can count that beforehand.",
    "마땅한 것: 1순위 질환이 틀렸거나 실제로 악성인 사진. 직접 의사를 요청하는 경우는 따로이며 미리 셀 수 없음.",
)
_AROUND = Said(
    "One setting changes, the others stay as they are; the row in force is marked. A dash: nothing to say it of.",
    "한 설정만 바꾸고 나머지는 그대로 둠; 현재 설정의 행을 표시함. 줄표: 해당 사진이 없음.",
)
_STRANGE = Said(
    "Pictures that the model cannot know. ROC-AUC: how well they are told from the photos above, by the model's own "
    "measure of unlikeness and by a low first probability alone.",
    "모델이 알 수 없는 사진. ROC-AUC: 위의 사진들과 구별되는 정도, 모델의 낯섦 점수와 낮은 1순위 확률 각각에 대하여.",
)
_GROUPS = Said(
    "Groups of fewer than 20 photos are left out, and of fewer than 10 malignant photos nothing is said: that is no "
    "sign that all is well there.",
    "사진이 20장 미만인 집단은 제외하고, 악성 사진이 10장 미만이면 말하지 않음: 문제가 없다는 뜻이 아님.",
)
_TOO_FEW = element("em", both(Said("too few to say", "말하기에 너무 적음")))
_IN_FORCE = Said("in force", "현재 설정")
_SETTINGS: dict[Setting, Said] = {
    "disease_threshold": Said("First probability needed to decide", "결정에 필요한 1순위 확률"),
    "refer_malignant": Said("Malignant probability that refers", "의뢰하는 악성 확률"),
    "unknown_threshold": Said("Unlikeness that refers", "의뢰하는 낯섦 점수"),
}


def referral_section(ways: WaysToADoctor, scored: Scored, key: str) -> list[Html]:
    """Everything under its heading; `key` is unlike those of other chapters."""
    rule = ways.rule
    parts = [
        element("p", both(_said_of(rule))),
        _note(_RIGHTLY),
        _outcome_table(ways.referrals.outcome),
        _reason_table(ways.referrals),
        *_labels(ways.referrals, key),
        *_groups(ways.groups),
    ]
    if len(scored):
        parts += [element("h4", both(Said("Other settings", "다른 설정"))), _note(_AROUND), _curves(ways, scored, key)]
        parts += [_sweep_table(sweep, ways.detections) for sweep in ways.sweeps]
    if ways.detections:
        parts += [element("h4", both(Said("Unlike all it knows", "모델이 모르는 사진"))), _note(_STRANGE)]
        parts.append(_detection_table(ways.detections))
    return parts


def _said_of(rule: ReferralRule) -> Said:
    """The settings in force, in a sentence."""
    unknown = rule.unknown
    at = "" if unknown is None else f"{unknown.threshold:.2f}"
    signs = {
        "max_probability": Said(
            f"; or the first probability is below {at} (unlike all it knows)",
            f", 또는 1순위 확률이 {at} 미만일 때 (모르는 사진)",
        ),
        "entropy": Said(
            f"; or the relative entropy is above {at} (unlike all it knows)",
            f", 또는 상대 엔트로피가 {at} 초과일 때 (모르는 사진)",
        ),
        "unlikeness": Said(
            f"; or the unlikeness reaches {at} (unlike all it knows)",
            f", 또는 낯섦 점수가 {at} 이상일 때 (모르는 사진)",
        ),
    }
    sign = Said("", "") if unknown is None else signs[unknown.rule]
    malignant = Said("", "")
    if rule.malignant:
        malignant = Said(
            f"; or the malignant diseases together reach {rule.refer_malignant:.2f}",
            f", 또는 악성 질환의 확률 합이 {rule.refer_malignant:.2f} 이상일 때",
        )
    return Said(
        f"A photo goes to a doctor where its first disease does not reach {rule.threshold:.2f}{malignant.en}{sign.en}.",
        f"의사에게 보내는 사진: 1순위 확률이 {rule.threshold:.2f} 미만일 때{malignant.ko}{sign.ko}.",
    )


def _note(said: Said) -> Html:
    return element("p", both(said), kind="note")


def _outcome_table(outcome: Outcome) -> Html:
    head = (Said("At the settings in force", "현재 설정"), Said("Share", "비율"), Said("Of photos", "대상 사진 수"))
    shares = (outcome.referred, outcome.rightly, outcome.missed, outcome.wrong_kept)
    rows = [
        (both(name), with_interval(one), escaped(one.n)) for name, one in zip(_OUTCOME, shares, strict=True) if one.n
    ]
    return table(head, rows, kind="numbers")


def _reason_table(found: Referrals) -> Html:
    head = (
        Said("Reason", "이유"), Said("Of all photos", "전체 중"), Said("For this reason alone", "이 이유만으로"),
        Said("Rightly", "마땅한 것"),
    )  # fmt: skip
    rows = [
        (both(words.REASONS[one.reason]), *(with_interval(each) for each in (one.share, one.alone, one.rightly)))
        for one in found.reasons
    ]
    return table(head, rows, kind="numbers")


def _labels(found: Referrals, key: str) -> list[Html]:
    if not found.labels:
        return []
    names = {one.label: words.label(one.label).en for one in found.labels}
    head = (
        Said("Label", "라벨"), _PHOTOS, Said("Recall", "재현율"), Said("Goes to a doctor", "의사에게 감"),
        Said("Does not go", "가지 않음"),
    )  # fmt: skip
    rows = [
        (
            joined((both(words.label(one.label)), _malignant_mark() if one.malignant else Html(""))),
            escaped(one.recall.n),
            with_interval(one.recall),
            with_interval(one.referred),
            escaped(round((1 - one.referred.value) * one.referred.n)),
        )
        for one in sorted(found.labels, key=lambda one: not one.malignant)
    ]
    return [plot(label_dots(found.labels, names, f"{key}-referred")), table(head, rows, kind="numbers stacked")]


def _groups(groups: tuple[GroupReferral, ...]) -> list[Html]:
    if not groups:
        return []
    head = (
        Said("Group", "집단"), _PHOTOS, Said("Goes to a doctor", "의사에게 감"),
        Said("Malignant photos", "악성 사진 수"), Said("Of those, go", "그중 의사에게 감"),
    )  # fmt: skip
    rows = [
        (
            joined((both(words.field(one.field)), Html(": "), both(words.value(one.value)))),
            escaped(one.photos),
            with_interval(one.referred),
            escaped(one.malignant),
            _TOO_FEW if one.malignant_referred is None else with_interval(one.malignant_referred),
        )
        for one in groups
    ]
    return [table(head, rows, kind="numbers"), _note(_GROUPS)]


def _malignant_mark() -> Html:
    return element("small", both(Said("malignant", "악성")), kind="no")


def _curves(ways: WaysToADoctor, scored: Scored, key: str) -> Html:
    plots = []
    for sweep in ways.sweeps:
        value = value_of(ways.rule, sweep.setting)
        assert value is not None
        drawn = sweep_curves(scored, ways.rule, sweep.setting, value, f"{key}-{sweep.setting}")
        plots.append(plot(drawn, _SETTINGS[sweep.setting]))
    return element("div", *plots, kind="plots")


def _sweep_table(sweep: Sweep, detections: tuple[Detection, ...]) -> Html:
    kinds = [words.STRANGERS[one.kind] for one in detections]
    gone = [Said(f"{one.en}: go", f"{one.ko}: 감") for one in kinds]
    head = (_SETTINGS[sweep.setting], *_OUTCOME, *gone)
    return table(head, [_step_row(step) for step in sweep.steps], kind="numbers stacked")


def _step_row(step: Step) -> tuple[Html, ...]:
    outcome = step.outcome
    shares = (outcome.referred, outcome.rightly, outcome.missed, outcome.wrong_kept, *step.strangers)
    mark = element("small", both(_IN_FORCE), kind="yes") if step.in_force else Html("")
    named = number(step.value, 2 if math.isclose(step.value, round(step.value, 2)) else 3)
    return joined((named, mark)), *(with_interval(one) for one in shares)


def _detection_table(detections: tuple[Detection, ...]) -> Html:
    head = (
        Said("Pictures", "사진"), Said("How many", "장수"), Said("ROC-AUC of unlikeness", "낯섦 점수의 ROC-AUC"),
        Said("ROC-AUC of a low first probability", "낮은 1순위 확률의 ROC-AUC"),
        Said("Called unknown", "모른다고 판정"), Said("Go to a doctor", "의사에게 감"),
    )  # fmt: skip
    rows = [
        (
            both(words.STRANGERS[one.kind]),
            escaped(one.pictures),
            *(with_interval(each) for each in (one.by_unlikeness, one.by_doubt, one.unknown, one.referred)),
        )
        for one in detections
    ]
    return table(head, rows, kind="numbers stacked")
