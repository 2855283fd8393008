"""What gives labels away without being skin, as the probe of the photos found it: a model may have learnt that."""

from collections.abc import Sequence

from trainer.evaluation.report.markup import Html, both, element, escaped, joined, table
from trainer.evaluation.said import Said
from trainer.metrics import Estimate
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


def warnings(probe: Probe | None) -> list[Said]:
    """One sentence with the numbers of every group of traits that a model could profit from; none without such."""
    found = [one for one in probe.results if one.suspicious] if probe is not None else []
    return [_warning(found)] if found else []


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


def _row(one: ProbeResult) -> tuple[Html, ...]:
    found = one.balanced_accuracy
    value = joined((escaped(f"{found.value:.3f} "), element("small", escaped(_interval(found, "–")))))
    mark = element("small", both(_AWAY), kind="no") if one.suspicious else Html("")
    return joined((both(_called(one.group)), mark)), value, escaped(f"{one.chance:.3f}")


def _interval(found: Estimate, between: str) -> str:
    return f"{found.low:.3f}{between}{found.high:.3f}"


def _called(group: str) -> Said:
    return Said(group, _GROUPS.get(group, group))
