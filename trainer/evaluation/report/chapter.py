"""One model on one set of photos, as a chapter of the report."""

from collections.abc import Sequence

from trainer.evaluation.findings import Calibration, Findings
from trainer.evaluation.plots.curves import reliability_diagram, risk_coverage_curve, roc_curves, score_histogram
from trainer.evaluation.plots.tables import confusion_map, recall_dots
from trainer.evaluation.report import spoken, summary, tables, words
from trainer.evaluation.report.figures import plot
from trainer.evaluation.report.gallery import Thumbnail, gallery
from trainer.evaluation.report.markup import Html, both, element, listed
from trainer.evaluation.report.referrals import referral_section
from trainer.evaluation.said import Said

_DASH = Said(" A dash: these photos cannot tell.", " 줄표: 이 사진들로는 알 수 없음.")
_EACH_ITS_OWN = Said(
    "Intervals: 95 %. Every photo counts as of another patient, so shares of photos (accuracy, recall, sensitivity and "
    "so on) have Wilson's interval, all other numbers one by drawing photos 2000 times.",
    "신뢰구간: 95 %. 사진마다 환자가 다르므로 사진의 비율(정확도, 재현율, 민감도 등)은 윌슨 구간, 나머지 수치는 사진을 "
    "2000회 다시 뽑아 구함.",
)
_BY_PATIENT = Said(
    "Intervals: 95 %, all of them by drawing whole patients 2000 times.",
    "신뢰구간: 95 %, 모두 환자 단위로 2000회 다시 뽑아 구함.",
)


def chapter(
    findings: Findings, key: str, thumbnails: tuple[Thumbnail, ...] = (), warnings: Sequence[Said] = ()
) -> Html:
    """The whole chapter; `key` is unlike those of the other chapters; `warnings` are what the photos give away."""
    parts = [
        element("h2", both(Said(findings.title, findings.korean or spoken.title(findings.title).ko))),
        _size(findings),
        _can_and_cannot(findings, warnings),
        _section(Said("Numbers", "수치"), tables.headline_table(findings), _how_sure(findings)),
        _section(Said("What was taken for what", "무엇을 무엇으로 판정했나"), _confusions(findings, key)),
        _section(Said("Each label", "라벨별"), plot(_recalls(findings, key)), tables.class_table(findings)),
        _section(Said("Thresholds and certainty", "임계값과 확신도"), _curves(findings, key)),
        *_referrals(findings, key),
        _section(Said("Calibration", "보정"), _calibration(findings.calibration)),
        _section(Said("Prediction sets", "예측 집합"), _note(_SETS), tables.sets_table(findings.sets)),
        _section(Said("Groups", "집단별"), *_groups(findings)),
    ]
    if findings.latency is not None:
        parts.append(_section(Said("Time of one photo", "사진 한 장의 시간"), *_latency(findings)))
    if thumbnails:
        parts.append(_section(Said("Worst mistakes", "가장 큰 실수"), _note(_WORST), gallery(thumbnails)))
    return element("section", *parts, kind="chapter")


def _referrals(findings: Findings, key: str) -> list[Html]:
    if findings.ways is None:
        return []
    title = Said("Who goes to a doctor", "의사에게 가는 사진")
    return [_section(title, *referral_section(findings.ways, findings.scored, key))]


_SETS = Said(
    "How many labels must be named so that the true one is among them, as often as promised. The threshold comes from "
    "photos of other patients.",
    "약속한 빈도로 정답이 포함되려면 라벨을 몇 개 제시해야 하는지. 임계값은 다른 환자의 사진에서 정함.",
)
_WORST = Said(
    "The truth had the least probability here. The numbers: confidence, and probability given to the truth. Photos of "
    "people: this report stays on the machines that may hold them.",
    "정답에 가장 낮은 확률을 준 사진. 숫자: 확신도 / 정답에 준 확률. 사람의 사진이므로 허용된 기기에만 둘 것.",
)


def _section(title: Said, *inside: Html) -> Html:
    return element("section", element("h3", both(title)), *inside)


def _note(words_said: Said) -> Html:
    return element("p", both(words_said), kind="note")


def _how_sure(findings: Findings) -> Html:
    """Which interval stands beside the numbers of this chapter."""
    own = findings.patients == len(findings.scored)
    return element("p", both(_EACH_ITS_OWN if own else _BY_PATIENT), both(_DASH), kind="note")


def _size(findings: Findings) -> Html:
    photos, patients = len(findings.scored), findings.patients
    said = Said(f"{photos} photos of {patients} patients", f"환자 {patients}명의 사진 {photos}장")
    at = Said(f", threshold {findings.threshold:.2f}", f", 임계값 {findings.threshold:.2f}")
    return element("p", both(said), both(at), kind="size")


def _can_and_cannot(findings: Findings, warnings: Sequence[Said]) -> Html:
    sides = (
        ("can", Said("What it can do", "할 수 있는 것"), summary.can(findings)),
        (
            "cannot",
            Said("What it cannot do, or nobody knows", "할 수 없거나 알 수 없는 것"),
            [*warnings, *summary.cannot(findings)],
        ),
    )
    boxes = [
        element("div", element("h3", both(title)), listed(both(one) for one in sentences), kind=kind)
        for kind, title, sentences in sides
    ]
    return element("div", *boxes, kind="sides")


def _confusions(findings: Findings, key: str) -> Html:
    names = [words.label(label).en for label in findings.scored.labels]
    likeliest = plot(
        confusion_map(findings.table, names, f"{key}-confusion"),
        Said(
            "By the likeliest label; columns are numbered as the rows are", "확률 최대 라벨; 열 번호는 행 번호와 같음"
        ),
    )
    if findings.verdict_table is None:
        return likeliest
    said = Said("By the gateway's verdict at the threshold", "임계값에 따른 게이트웨이 판정")
    return _pair(likeliest, plot(confusion_map(findings.verdict_table, names, f"{key}-verdicts"), said))


def _recalls(findings: Findings, key: str) -> str:
    names = {label: words.label(label).en for label in findings.labels}
    return recall_dots(findings.labels, names, f"{key}-recalls")


_BOUNDS = {
    "highest": Said(
        " That is the highest that is looked for: on the tune side the probabilities say hardly more than chance, and "
        "no temperature mends that.",
        " 이는 찾는 범위의 상한임: 조정용 사진에서 확률이 우연과 거의 다르지 않으며, 온도로는 나아지지 않음.",
    ),
    "lowest": Said(
        " That is the lowest that is looked for: on the tune side it could be surer than can be told.",
        " 이는 찾는 범위의 하한임: 조정용 사진으로는 얼마나 더 확신해도 되는지 알 수 없음.",
    ),
}


def _curves(findings: Findings, key: str) -> Html:
    scored = findings.scored
    plots = [
        plot(roc_curves(scored, f"{key}-roc", findings.malignant), Said("ROC", "ROC")),
        plot(
            reliability_diagram(findings.calibration.bins, scored.confidence.tolist(), f"{key}-reliability"),
            Said("Reliability; bars: how many photos", "신뢰도; 막대: 사진 수"),
        ),
        plot(
            risk_coverage_curve(scored, None if findings.judges_suitability else findings.threshold, f"{key}-risk"),
            Said("Risk and coverage", "위험과 응답률"),
        ),
    ]
    if findings.judges_suitability:
        histogram = score_histogram(scored, findings.threshold, f"{key}-scores")
        plots.append(plot(histogram, Said("P(usable)", "P(사용 가능)")))
    return element("div", *plots, kind="plots four" if len(plots) == 4 else "plots")


def _calibration(found: Calibration) -> Html:
    sides = {"tune side": "조정용 사진", "other half": "환자의 다른 절반"}
    sentence = Said(
        f"Photos of the {found.tuned_on} ask for a temperature of {found.temperature:.2f} on top of the model's own. "
        f"On {found.photos} photos that had no say in it, the calibration error goes from {found.error_as_is:.3f} to "
        f"{found.error_tuned:.3f}, the log loss from {found.log_loss_as_is:.3f} to {found.log_loss_tuned:.3f}.",
        f"{sides[found.tuned_on]}이 요구하는 추가 온도: {found.temperature:.2f}. "
        f"관여하지 않은 사진 {found.photos}장에서 "
        f"보정 오차 {found.error_as_is:.3f} → {found.error_tuned:.3f}, 로그 손실 {found.log_loss_as_is:.3f} → "
        f"{found.log_loss_tuned:.3f}.",
    )
    bound = [both(_BOUNDS[found.at_bound])] if found.at_bound is not None else []
    return element("p", both(sentence), *bound)


def _groups(findings: Findings) -> list[Html]:
    told = listed((both(sentence) for sentence in findings.untold), kind="untold")
    return [told, tables.subgroup_table(findings.subgroups)] if findings.subgroups else [told]


def _latency(findings: Findings) -> list[Html]:
    if findings.latency is None:
        return []
    one = findings.latency
    facts = Said(
        f"{one.photos} photos of {one.pixels / 1e6:.1f} megapixels, {one.threads} thread; {one.machine}; file of "
        f"{one.model_bytes / 1e6:.1f} MB.",
        f"사진 {one.photos}장 ({one.pixels / 1e6:.1f} 메가픽셀), 스레드 {one.threads}개; {one.machine}; 파일 "
        f"{one.model_bytes / 1e6:.1f} MB.",
    )
    return [tables.latency_table(one), _note(facts)]


def _pair(*plots: Html) -> Html:
    return element("div", *plots, kind="pair")
