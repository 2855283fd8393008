"""What the model can and cannot do, in sentences: natural frequencies, and what the photos cannot tell."""

from collections.abc import Sequence

from trainer.evaluation.findings import Findings
from trainer.evaluation.report import words
from trainer.evaluation.said import Said
from trainer.metrics import Estimate

_WEAK = 0.5
_STRONG = 0.85
_FEW = 30


def can(findings: Findings) -> list[Said]:
    """What it does well enough to say so: always with the interval."""
    sentences = _suitability_can(findings) if findings.judges_suitability else _disease_can(findings)
    strong = [label for label, numbers in findings.labels.items() if numbers["recall"].low >= _STRONG]
    if strong:
        names = _names(strong)
        sentences.append(
            Said(
                f"It finds reliably: {names.en} (recall surely above {_STRONG}).",
                f"확실히 찾아냄: {names.ko} (재현율이 확실히 {_STRONG} 이상).",
            )
        )
    return sentences


def cannot(findings: Findings) -> list[Said]:
    """What it fails at, and what these photos do not show."""
    sentences = [_weak(findings, label) for label, found in findings.labels.items() if found["recall"].value < _WEAK]
    absent = [label for label in findings.scored.labels if label not in findings.labels]
    if absent:
        names = _names(absent)
        sentences.append(
            Said(
                f"No photo of: {names.en}. Nothing is known of them here.",
                f"다음 사진이 없음: {names.ko}. 이에 대해 알 수 있는 것이 없음.",
            )
        )
    few = [label for label, found in findings.labels.items() if found["recall"].n < _FEW]
    if few:
        names = _names(few)
        sentences.append(
            Said(
                f"Fewer than {_FEW} photos, so hardly more than a hint: {names.en}.",
                f"사진이 {_FEW}장 미만이라 참고만 가능: {names.ko}.",
            )
        )
    return [*sentences, *findings.untold]


def _suitability_can(findings: Findings) -> list[Said]:
    numbers = findings.numbers
    return _known(
        _of_hundred(numbers["usable_passed"], "usable photos, it passes", "사용 가능한 사진", "통과"),
        _of_hundred(numbers["spoilt_refused"], "unusable photos, it refuses", "사용 불가 사진", "거부"),
        _of_hundred(
            numbers["caught_at_5_percent"],
            "unusable photos it would refuse, at 5 usable ones refused by mistake,",
            "사용 불가 사진 (사용 가능 5장을 잘못 거부할 때)",
            "거부",
        ),
    )


def _disease_can(findings: Findings) -> list[Said]:
    numbers = findings.numbers
    return _known(
        _of_hundred(numbers["accuracy"], "photos, its first disease is right in", "사진", "1순위가 정답"),
        _of_hundred(numbers["within_first_3"], "photos, the true disease is among its first three in", "사진",
                    "정답이 상위 3개에 포함"),
        _of_hundred(numbers["decided_share"], "photos, it decides", "사진", "결정"),
        _of_hundred(numbers["accuracy_when_decided"], "decided photos, it is right in", "결정된 사진", "정답"),
    )  # fmt: skip


def _weak(findings: Findings, label: str) -> Said:
    recall, name = findings.labels[label]["recall"], words.label(label)
    found, taken = round(recall.value * recall.n), findings.table.most_taken_for(label)
    other = words.label(taken) if taken else Said("", "")
    mistaken = Said(
        f", most often taking it for {other.en}" if taken else "", f", 주로 {other.ko}(으)로 오인" if taken else ""
    )
    return Said(
        f"It misses {name.en}: finds {found} of {recall.n}{mistaken.en}.",
        f"{name.ko}을(를) 놓침: {recall.n}장 중 {found}장만 찾음{mistaken.ko}.",
    )


def _of_hundred(share: Estimate, what: str, of: str, does: str) -> Said | None:
    if not share.low <= share.value:  # NaN: nothing to say it of
        return None
    value, low, high = (round(100 * one) for one in (share.value, share.low, share.high))
    return Said(
        f"Of 100 {what} about {value} (95 % interval {low} to {high}).",
        f"{of} 100장 중 약 {value}장 {does} (95 % 신뢰구간 {low}~{high}).",
    )


def _names(labels: Sequence[str]) -> Said:
    called = [words.label(label) for label in labels]
    return Said(", ".join(one.en for one in called), ", ".join(one.ko for one in called))


def _known(*sentences: Said | None) -> list[Said]:
    return [sentence for sentence in sentences if sentence is not None]
