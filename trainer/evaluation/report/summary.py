"""What the model can and cannot do, in sentences: natural frequencies, and what the photos cannot tell."""

import math
from collections.abc import Sequence

from trainer.evaluation.findings import Findings
from trainer.evaluation.numbers.referral import LabelReferral
from trainer.evaluation.report import words
from trainer.evaluation.report.particles import with_direction, with_object
from trainer.evaluation.said import Said
from trainer.metrics import Estimate

_WEAK = 0.5
_STRONG = 0.85
_FEW = 30
_HARDLY = 0.05
_NOTHING = Said("These photos show nothing that it can do.", "이 사진들로 보일 수 있는 것이 없음.")


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
    return sentences or [_NOTHING]


def cannot(findings: Findings) -> list[Said]:
    """What it fails at, and what these photos do not show."""
    sentences = [] if findings.judges_suitability else _disease_cannot(findings)
    sentences += [_weak(findings, label) for label, found in findings.labels.items() if found["recall"].value < _WEAK]
    sentences += [_slips_through(findings, label) for label in findings.labels if _caught(findings, label) < _WEAK]
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
        _of_hundred(
            numbers["usable_passed"], Said("Of 100 usable photos it passes", "사용 가능한 사진 100장 중 통과:")
        ),
        _of_hundred(
            numbers["spoilt_refused"], Said("Of 100 unusable photos it refuses", "사용 불가 사진 100장 중 거부:")
        ),
        _of_hundred(
            numbers["caught_at_5_percent"],
            Said(
                "Where 5 of 100 usable photos may be refused by mistake, it catches of 100 unusable ones",
                "사용 가능한 사진 100장 중 5장의 오거부를 허용하면 사용 불가 사진 100장 중 걸러냄:",
            ),
        ),
    )


def _disease_can(findings: Findings) -> list[Said]:
    told = {
        "within_first_3": Said(
            "Of 100 photos the true disease is among its first three in", "사진 100장 중 상위 3개에 정답:"
        ),
        "accuracy_when_decided": Said("Of 100 photos that it decides it is right in", "결정된 사진 100장 중 정답:"),
    }
    if _decides(findings):
        told = {"decided_share": Said("Of 100 photos it decides", "사진 100장 중 결정:")} | told
    known = {name: words_said for name, words_said in told.items() if name in findings.numbers}
    first = [_named_first(findings)] if _beats_the_commonest(findings) else []
    return _known(*first, *(_of_hundred(findings.numbers[name], words_said) for name, words_said in known.items()))


def _malignant_missed(findings: Findings) -> list[Said]:
    """The malignant ones that nobody sees, label by label; silence where all go to a doctor."""
    if findings.ways is None:
        return []
    return [_missed(one) for one in findings.ways.referrals.labels if one.malignant and one.referred.value < 1]


def _missed(one: LabelReferral) -> Said:
    share, name = one.referred, words.label(one.label)
    kept = share.n - round(share.value * share.n)
    low, high = (round(100 * end) for end in (1 - share.high, 1 - share.low))
    return Said(
        f"Of {share.n} photos of {name.en}, {kept} would not go to a doctor (95 % interval of 100: {low} to {high}).",
        f"의사에게 가지 않는 {name.ko}: 사진 {share.n}장 중 {kept}장 (100장 중 95 % 신뢰구간 {low}~{high}).",
    )


def _disease_cannot(findings: Findings) -> list[Said]:
    if not len(findings.scored):
        return []
    unproven = Said(
        "It is not shown to be better than always naming the commonest disease.",
        "항상 가장 흔한 질환을 답하는 것보다 낫다는 근거가 없음.",
    )
    first = _named_first(findings)
    sentences = [] if _beats_the_commonest(findings) or first is None else [unproven, first]
    if not _decides(findings):
        at = f"{findings.threshold:.2f}"
        few = _of_hundred(
            findings.numbers["decided_share"],
            Said(
                f"It leaves nearly all to the doctor: of 100 photos, the first probability reaches {at} in",
                f"거의 모두 의사에게 맡김: 사진 100장 중 1순위 확률이 {at} 이상:",
            ),
        )
        sentences += _known(few)
    return sentences + _malignant_missed(findings)


def _named_first(findings: Findings) -> Said | None:
    """The accuracy beside what needs no model."""
    said = _of_hundred(
        findings.numbers["accuracy"],
        Said("Of 100 photos its first disease is the true one in", "사진 100장 중 1순위가 정답:"),
    )
    if said is None:
        return None
    label, share = findings.commonest
    name, guess = words.label(label), round(100 / len(findings.scored.labels))
    return Said(
        f"{said.en} Always naming the commonest, {name.en}, would be right in {round(100 * share)}, blind guessing in "
        f"{guess}.",
        f"{said.ko} 항상 가장 흔한 {with_object(name.ko)} 답하면 {round(100 * share)}장, "
        f"무작위로 답하면 {guess}장 정답.",
    )


def _beats_the_commonest(findings: Findings) -> bool:
    return len(findings.scored) > 0 and findings.numbers["accuracy"].low > findings.commonest[1]


def _decides(findings: Findings) -> bool:
    return findings.numbers["decided_share"].value >= _HARDLY


def _weak(findings: Findings, label: str) -> Said:
    recall, name = findings.labels[label]["recall"], words.label(label)
    found, taken = round(recall.value * recall.n), findings.table.most_taken_for(label)
    other = words.label(taken) if taken else Said("", "")
    mistaken = Said(
        f", most often taking it for {other.en}" if taken else "",
        f", 주로 {with_direction(other.ko)} 오인" if taken else "",
    )
    return Said(
        f"It misses {name.en}: finds {found} of {recall.n}{mistaken.en}.",
        f"{with_object(name.ko)} 놓침: {recall.n}장 중 {found}장만 찾음{mistaken.ko}.",
    )


def _caught(findings: Findings, label: str) -> float:
    """Share of a fault that is caught at 5 % false rejects; NaN for what is no fault."""
    estimate = findings.numbers.get(f"caught_at_5_percent_{label}")
    return estimate.value if estimate is not None else math.nan


def _slips_through(findings: Findings, label: str) -> Said:
    caught, photos, name = _caught(findings, label), findings.labels[label]["recall"].n, words.label(label)
    return Said(
        f"Where 5 of 100 usable photos may be refused by mistake, it catches {round(caught * photos)} of {photos}: "
        f"{name.en}.",
        f"사용 가능한 사진의 5 % 오거부를 허용해도 {photos}장 중 {round(caught * photos)}장만 걸러냄: {name.ko}.",
    )


def _of_hundred(share: Estimate, what: Said) -> Said | None:
    if not share.low <= share.value:  # NaN: nothing to say it of
        return None
    value, low, high = (round(100 * one) for one in (share.value, share.low, share.high))
    return Said(
        f"{what.en} about {value} (95 % interval {low} to {high}).",
        f"{what.ko} 약 {value}장 (95 % 신뢰구간 {low}~{high}).",
    )


def _names(labels: Sequence[str]) -> Said:
    called = [words.label(label) for label in labels]
    return Said(", ".join(one.en for one in called), ", ".join(one.ko for one in called))


def _known(*sentences: Said | None) -> list[Said]:
    return [sentence for sentence in sentences if sentence is not None]
