"""What gives labels away without being skin, as the probe of the photos found it: a model may have learnt that."""

from collections.abc import Sequence

from trainer.evaluation.report import words
from trainer.evaluation.report.markup import Html, both, element, escaped, joined, table
from trainer.evaluation.said import Said
from trainer.metrics import Estimate
from trainer.photos.gaps import Gap
from trainer.photos.probe import Probe, ProbeResult

_GROUPS = {
    "missing sex": "성별 누락",
    "missing age": "나이 누락",
    "missing body site": "부위 누락",
    "missing skin type": "피부 유형 누락",
    "missing metadata": "정보 누락 전체",
    "resolution": "해상도",
    "aspect": "가로세로비",
    "file size": "파일 크기",
    "JPEG quality": "사진 압축 품질",
    "everything": "위의 모두",
}
_TITLE = Said("What gives the labels away", "피부가 아닌데 라벨을 드러내는 것")
_HOW = Said(
    "How far the label can be guessed from the file and from gaps in what is said, without a look at the skin: "
    "balanced accuracy, cross-validated by patient.",
    "피부를 보지 않고 파일 특성과 정보의 누락만으로 라벨을 맞히는 정도: 균형 정확도, 환자 단위 교차 검증.",
)
_AWAY = Said("gives labels away", "라벨을 드러냄")
_FACTS = {
    "sex": Said("sex", "성별"),
    "age": Said("age", "나이"),
    "body site": Said("body site", "부위"),
    "skin type": Said("skin type", "피부 유형"),
}
_GAPS = Said("What is left unsaid, label by label", "라벨별 정보 누락")
_HOW_GAPS = Said(
    "Share of a label's photos of which a fact is not said, beside all other photos, and how well that gap alone tells "
    "the label from the rest: ROC-AUC, 0.5 not at all. Intervals: 95 %, over patients. A model must not learn gaps: in "
    "use they have other reasons.",
    "라벨의 사진 중 정보가 누락된 비율과 나머지 사진에서의 비율, 그리고 누락 여부만으로 그 라벨을 나머지와 구별하는 "
    "정도: ROC-AUC, 0.5는 구별 불가. 신뢰구간: 95 %, 환자 단위. 실제 사용에서는 누락의 이유가 다르므로 모델이 누락을 "
    "배워서는 안 됨.",
)
_TELLS = Said("tells the label apart", "라벨을 구별함")
_MOST_TOLD = 6


def warnings(probe: Probe | None) -> list[Said]:
    """Sentences with numbers: every group of traits that a model could profit from, and the gaps that tell most."""
    if probe is None:
        return []
    found = [one for one in probe.results if one.suspicious]
    told = sorted(probe.telling, key=lambda gap: -abs(gap.auc.value - 0.5))[:_MOST_TOLD]
    return [*([_warning(found)] if found else []), *(_gap_warning(gap) for gap in told)]


def shortcut_section(probe: Probe | None) -> Html:
    """The probe's table; nothing where nothing could be probed."""
    if probe is None or not probe.results:
        return Html("")
    head = (
        Said("Guessed from", "단서"), Said("Balanced accuracy", "균형 정확도"), Said("By chance", "우연"),
    )  # fmt: skip
    same = [_called(group) for group in probe.unvarying]
    alike = Said(
        f"The same for all photos: {', '.join(one.en for one in same)}.",
        f"모든 사진에서 같음: {', '.join(one.ko for one in same)}.",
    )
    return element(
        "section",
        element("h2", both(_TITLE)),
        element("p", both(_HOW), kind="note"),
        table(head, [_row(one) for one in probe.results], kind="numbers stacked"),
        *([element("p", both(alike), kind="note")] if same else ()),
        *_gap_table(probe.gaps),
        kind="data",
    )


def _warning(found: Sequence[ProbeResult]) -> Said:
    chance = f"{found[0].chance:.3f}"
    groups = [(_called(one.group), one.balanced_accuracy) for one in found]
    english = ", ".join(f"{name.en} {one.value:.3f} ({_interval(one, ' to ')})" for name, one in groups)
    korean = ", ".join(f"{name.ko} {one.value:.3f} ({_interval(one, '~')})" for name, one in groups)
    return Said(
        f"Labels are given away without a look at the skin; balanced accuracy of a guess, {chance} by chance, from "
        f"{english}. The model may have learnt that instead of the skin, and then fails on other photos.",
        f"피부를 보지 않아도 라벨이 드러남. 다음만으로 맞힌 균형 정확도 (우연은 {chance}): {korean}. "
        "모델이 피부 대신 이를 배웠을 수 있으며, 그렇다면 다른 사진에서는 틀림.",
    )


def _gap_warning(gap: Gap) -> Said:
    fact, name, auc = _FACTS[gap.fact], words.label(gap.label), gap.auc
    own, other = gap.missing, gap.elsewhere
    return Said(
        f"Whether {fact.en} is said tells {name.en} apart by itself: it is missing for {own.value:.0%} "
        f"({own.low:.0%} to {own.high:.0%}) of its photos and {other.value:.0%} ({other.low:.0%} to {other.high:.0%}) "
        f"of the others; ROC-AUC {auc.value:.3f} ({_interval(auc, ' to ')}).",
        f"{fact.ko} 정보의 누락만으로 구별됨: {name.ko}. 해당 사진의 {own.value:.0%} ({own.low:.0%}~{own.high:.0%}), "
        f"나머지 사진의 {other.value:.0%} ({other.low:.0%}~{other.high:.0%})에서 누락; "
        f"ROC-AUC {auc.value:.3f} ({_interval(auc, '~')}).",
    )


def _gap_table(gaps: Sequence[Gap]) -> list[Html]:
    if not gaps:
        return []
    head = (
        Said("Not said", "누락된 정보"), Said("Label", "라벨"), Said("Photos", "사진 수"),
        Said("Of its photos", "해당 사진 중"), Said("Of the others", "나머지 사진 중"), Said("ROC-AUC", "ROC-AUC"),
    )  # fmt: skip
    rows = [_gap_row(gap) for gap in gaps]
    note = element("p", both(_HOW_GAPS), kind="note")
    return [element("h3", both(_GAPS)), note, table(head, rows, kind="numbers stacked")]


def _gap_row(gap: Gap) -> tuple[Html, ...]:
    mark = element("small", both(_TELLS), kind="no") if gap.telling else Html("")
    return (
        joined((both(_FACTS[gap.fact]), mark)),
        both(words.label(gap.label)),
        escaped(gap.missing.n),
        *(_valued(one) for one in (gap.missing, gap.elsewhere, gap.auc)),
    )


def _valued(one: Estimate) -> Html:
    return joined((escaped(f"{one.value:.3f} "), element("small", escaped(_interval(one, "–")))))


def _row(one: ProbeResult) -> tuple[Html, ...]:
    found = one.balanced_accuracy
    mark = element("small", both(_AWAY), kind="no") if one.suspicious else Html("")
    return joined((both(_called(one.group)), mark)), _valued(found), escaped(f"{one.chance:.3f}")


def _interval(found: Estimate, between: str) -> str:
    return f"{found.low:.3f}{between}{found.high:.3f}"


def _called(group: str) -> Said:
    return Said(group, _GROUPS.get(group, group))
