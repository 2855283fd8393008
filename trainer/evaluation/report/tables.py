"""The tables of a report: every number with its interval and how many photos it stands on."""

import math

from trainer.evaluation.conformal import PredictionSets
from trainer.evaluation.findings import Findings
from trainer.evaluation.latency import Latency, Milliseconds
from trainer.evaluation.report import words
from trainer.evaluation.report.markup import Html, both, element, escaped, joined, table
from trainer.evaluation.said import Said
from trainer.evaluation.subgroups import Field, Group
from trainer.metrics import Estimate

_MEASURE = Said("Measure", "지표")
_VALUE = Said("Value", "값")
_INTERVAL = Said("95 % interval", "95 % 신뢰구간")
_PHOTOS = Said("Photos", "사진 수")
_TOO_FEW = Said("too few to say", "말하기에 너무 적음")
_LISTED = 10
_AREAS = (
    "macro_auc", "usable_auc", "malignant_auc", "unknown_auc_not_skin", "unknown_auc_other_disease",
    "unlikeness_auc_not_skin", "unlikeness_auc_other_disease",
)  # fmt: skip
_NOTHING = Html("–")


def number(value: float, places: int = 3) -> Html:
    """A number, or a dash where it cannot be said."""
    return _NOTHING if math.isnan(value) else escaped(f"{value:.{places}f}")


def interval(estimate: Estimate) -> Html:
    """`0.812–0.901`, or a dash."""
    return _NOTHING if math.isnan(estimate.low) else Html(f"{number(estimate.low)}–{number(estimate.high)}")


def with_interval(estimate: Estimate | None) -> Html:
    """`0.850 0.812–0.901`, the interval small; a dash where there is nothing to say it of."""
    if estimate is None or math.isnan(estimate.value) or not estimate.n:
        return _NOTHING
    return joined((number(estimate.value), Html(" "), element("small", interval(estimate))))


def headline_table(findings: Findings) -> Html:
    """The headline numbers, in two halves side by side; with what needs no model where that is no 0."""
    blind = _without_a_model(findings)
    rows = [
        (_measure(name, blind), element("strong", number(one.value)), interval(one), escaped(one.n))
        for name, one in findings.numbers.items()
    ]
    middle = (len(rows) + 1) // 2
    halves = [
        table((_MEASURE, _VALUE, _INTERVAL, _PHOTOS), part, kind="numbers") for part in (rows[:middle], rows[middle:])
    ]
    return element("div", *halves, kind="halves")


def _measure(name: str, blind: dict[str, Said]) -> Html:
    beside = [element("small", both(blind[name]))] if name in blind else []
    return joined((both(words.number(name)), *beside))


def _without_a_model(findings: Findings) -> dict[str, Said]:
    if not len(findings.scored):
        return {}
    label, share = findings.commonest
    name, chance = words.label(label), Said("by chance: 0.500", "우연: 0.500")
    even = f"{1 / max(len(findings.labels), 1):.3f}"
    return {
        "accuracy": Said(f"always {name.en}: {share:.3f}", f"항상 {name.ko}: {share:.3f}"),
        "balanced_accuracy": Said(f"by chance: {even}", f"우연: {even}"),
        **dict.fromkeys(_AREAS, chance),
    }


def class_table(findings: Findings) -> Html:
    """Each label against the rest."""
    head = (
        Said("Label", "라벨"), _PHOTOS, Said("Sensitivity", "민감도"), Said("Specificity", "특이도"),
        Said("PPV", "양성 예측도"), Said("NPV", "음성 예측도"), Said("F1", "F1"), Said("ROC-AUC", "ROC-AUC"),
        Said("Average precision", "평균 정밀도"),
    )  # fmt: skip
    rows = []
    for one in findings.classes:
        scored = findings.labels.get(one.label)
        shares = (with_interval(share) for share in (one.sensitivity, one.specificity, one.ppv, one.npv))
        areas = [with_interval(scored[name]) if scored else _NOTHING for name in ("auc", "average_precision")]
        f1 = number(one.f1) if one.sensitivity.n else _NOTHING
        rows.append((both(words.label(one.label)), escaped(one.sensitivity.n), *shares, f1, *areas))
    return table(head, rows, kind="numbers stacked")


def sets_table(sets: tuple[PredictionSets, ...]) -> Html:
    """Conformal prediction sets."""
    head = (
        Said("Method", "방법"), Said("Promised", "약속"), Said("Held the truth", "정답 포함"),
        Said("Labels in a set", "집합 크기"), Said("Exactly one", "하나뿐"), Said("Worst label", "가장 낮은 라벨"),
    )  # fmt: skip
    rows = [
        (escaped(one.method.upper()), escaped(f"{one.level:.0%}"), with_interval(one.coverage),
         with_interval(one.size), with_interval(one.single), _worst(one))
        for one in sets
    ]  # fmt: skip
    return table(head, rows, kind="numbers")


def subgroup_table(fields: tuple[Field, ...]) -> Html:
    """Every field's groups under one another."""
    head = (
        Said("Group", "집단"), _PHOTOS, Said("Patients", "환자 수"), Said("Accuracy", "정확도"),
        Said("Balanced accuracy", "균형 정확도"),
    )  # fmt: skip
    rows = [row for field in fields for row in _field_rows(field)]
    return table(head, rows, kind="numbers")


def latency_table(latency: Latency) -> Html:
    """Steps of one photo."""
    steps = (
        (Said("Decode", "디코딩"), latency.decode), (Said("Preprocess", "전처리"), latency.preprocess),
        (Said("Model", "모델"), latency.run), (Said("Together", "합계"), latency.total),
    )  # fmt: skip
    head = (Said("Step", "단계"), Said("Median, ms", "중앙값, ms"), Said("95th percentile, ms", "95 백분위, ms"))
    return table(head, [(both(name), *_milliseconds(step)) for name, step in steps], kind="numbers")


def _milliseconds(step: Milliseconds) -> tuple[Html, Html]:
    return number(step.median, 1), number(step.p95, 1)


def _worst(sets: PredictionSets) -> Html:
    if not sets.by_label:
        return _NOTHING
    label = min(sets.by_label, key=lambda one: sets.by_label[one])
    return joined((both(words.label(label)), Html(" "), number(sets.by_label[label], 2)))


def _field_rows(field: Field) -> list[tuple[Html, ...]]:
    name = both(words.field(field.name))
    rows = [_group_row(name, group) for group in field.groups if group.accuracy is not None]
    few = [group for group in field.groups if group.accuracy is None]
    if few:
        values = [(words.value(group.value), group.photos) for group in few[:_LISTED]]
        more = " …" if len(few) > _LISTED else ""
        listed = Said(
            ", ".join(f"{value.en} ({photos})" for value, photos in values) + more,
            ", ".join(f"{value.ko} ({photos})" for value, photos in values) + more,
        )
        called = joined((name, Html(": "), both(listed)))
        photos, patients = sum(group.photos for group in few), sum(group.patients for group in few)
        verdict = element("em", both(_TOO_FEW))
        rows.append((called, escaped(photos), escaped(patients), verdict, verdict))
    if field.unknown:
        unknown = joined((name, Html(": "), both(Said("unknown", "알 수 없음"))))
        rows.append((unknown, escaped(field.unknown), _NOTHING, _NOTHING, _NOTHING))
    return rows


def _group_row(name: Html, group: Group) -> tuple[Html, ...]:
    called = joined((name, Html(": "), both(words.value(group.value))))
    counts = (escaped(group.photos), escaped(group.patients))
    return called, *counts, with_interval(group.accuracy), with_interval(group.balanced_accuracy)
