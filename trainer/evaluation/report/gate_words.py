"""What the gate says in Korean: its demands, what it found, and what to collect."""

import re

from trainer.evaluation.report.particles import with_direction
from trainer.evaluation.report.patterns import first, label, rules
from trainer.evaluation.said import Said

_CHECKS = rules((
    (r"accuracy", "정확도"),
    (r"balanced accuracy", "균형 정확도"),
    (r"calibration error", "보정 오차"),
    (r"accuracy beside the served model's", "서비스 중인 모델 대비 정확도 차이"),
    (r"test photos", "시험용 사진 수"),
    (r"test photos of the rarest class", "가장 드문 라벨의 시험용 사진 수"),
    (r"test patients", "시험용 환자 수"),
    (r"usable photos let through", "통과한 사용 가능 사진"),
    (r"megabytes of the file", "파일 크기 (메가바이트)"),
    (r"milliseconds a photo", "사진 한 장의 시간 (밀리초)"),
    (r"recall of (.+)", lambda one: f"재현율: {label(one[1])}"),
))  # fmt: skip

_ENDS = {"lower end ": "95 % 하한이 ", "lower end over patients ": "환자 단위 95 % 하한이 ", None: ""}
_BOUNDS = {"above": "초과", "at least": "이상", "at most": "이하"}
_WANTED = rules((
    (r"(lower end (?:over patients )?)?(above|at least|at most) (\S+)",
     lambda one: f"{_ENDS[one[1]]}{one[3]} {_BOUNDS[one[2]]}"),
))  # fmt: skip

_CHECK_NOTES = rules((
    (r"(\d+) photos are too few to show it", r"사진 \1장으로는 보일 수 없음"),
    (r"(about )?(\d+) of (\d+) must be right",
     lambda one: f"{one[3]}장 중 {'약 ' if one[1] else ''}{one[2]}장이 맞아야 함"),
    (r"no test photo of it", "시험용 사진이 없음"),
    (r"the temperature wants more photos on the tune side, or the model fewer epochs",
     "온도를 위해 조정용 사진을 늘리거나 학습 에폭을 줄일 것"),
    (r"at P\(usable\) (\S+)", r"P(사용 가능) \1에서"),
    (r"no model serves yet", "아직 서비스 중인 모델이 없음"),
    (r"the served model tells other labels apart", "서비스 중인 모델은 다른 라벨을 구분함"),
    (r"the model that serves cannot be asked: .*", "서비스 중인 모델에 물어볼 수 없음"),
    (r"(\S+) serves and knows other labels", r"서비스 중인 \1의 라벨이 다름"),
    (r"there is no file yet", "아직 파일이 없음"),
    (r"[a-z0-9_]+", lambda one: label(one[0])),
))  # fmt: skip

_REASONS = rules((
    (r"(\d+) of (\d+) named right(?:, most often taken for (\S+?))?(?:, (\d+) photos of others taken for it)?",
     lambda one: f"{one[2]}장 중 {one[1]}장만 맞힘{_taken(one[3])}{_of_others(one[4])}"),
    (r"(\d+) trained on", r"학습에 쓴 사진 \1장"),
    (r"not learnt at all: a start", "전혀 배우지 못함: 우선 이만큼"),
    (r"(\d+) test photos are too few to tell chance from skill at (\S+): with about (\d+), .* on (\S+) of .*",
     r"시험용 사진 \1장으로는 기준 \2에서 우연과 실력을 가릴 수 없음: 약 \3장이면 비율 \4로 맞히는 모델이면 보임"),
    (r"(\d+) of (\d+) usable photos were refused: .*",
     r"사용 가능한 사진 \2장 중 \1장을 거부함: 그와 비슷한 사용 가능 사진을 모을 것"),
    (r"(\d+) test photos, (\d+) asked for", r"시험용 사진 \1장, 요구는 \2장"),
    (r"of (\d+) further patients, at least one photo each", r"다른 환자 \1명의 사진을 한 장씩 이상"),
    (r"(\d+) test photos of it, (\d+) asked for", r"시험용 사진 \1장, 요구는 \2장"),
    (r"(\d+) of (\d+) named right is above (\S+), its lower end is not: .*",
     r"\2장 중 \1장을 맞혀 \3보다 높으나 하한은 그렇지 않음: 같은 비율로 시험용 사진이 더 많으면 넘음"),
    (r"(\d+) of (\d+) taken for (.+?)( \(malignant for benign\))?: collect look-alikes, of both",
     lambda one: f"{one[2]}장 중 {one[1]}장을 {with_direction(label(one[3]))} 판정함"
                 f"{' (악성을 양성으로)' if one[4] else ''}: 서로 닮은 사진을 양쪽 모두 모을 것"),
    (r"(\d+) of (\d+) test photos of known skin type show it: .*",
     r"피부 유형이 알려진 시험용 사진 \2장 중 \1장뿐: 어두운 피부에 대해서는 아무것도 주장할 수 없음"),
    (r"no test photo tells its skin type: .*",
     "피부 유형이 알려진 시험용 사진이 없음: 어두운 피부에 대해서는 아무것도 주장할 수 없음"),
))  # fmt: skip

_FOUND = re.compile(r"(nothing to measure|\S+?)(?: \((\S+) to (\S+)\))?(?:, (\d+) photos)?(?:; (.*))?", re.DOTALL)
_WISH = re.compile(r"(.+?): ((?:[\d ]+ more to (?:test with|train on)(?:, )?)*)(?: - )?(.*)", re.DOTALL)
_START = "a start, no rule names enough: "
_ALL = {"all": "전체", "Fitzpatrick V-VI": "피츠패트릭 V–VI형"}


def check_name(english: str) -> Said:
    """What a demand of the gate is called."""
    return Said(english, first(_CHECKS, english))


def wanted(english: str) -> Said:
    """What the gate wants, as `above 0.8`."""
    return Said(english, first(_WANTED, english))


def found(english: str) -> Said:
    """What the gate found: a number, its interval and photos, a note."""
    match = _FOUND.fullmatch(english)
    if match is None:
        return Said(english, english)
    number, low, high, photos, told = match.groups()
    parts = ["측정할 것이 없음" if number == "nothing to measure" else number]
    parts[0] += f" ({low}~{high})" if low else ""
    parts += [f"사진 {photos}장"] if photos else []
    return Said(english, ", ".join(parts) + (f"; {first(_CHECK_NOTES, told)}" if told else ""))


def wish(english: str) -> Said:
    """A line of photos to collect."""
    match = _WISH.fullmatch(english)
    if match is None:
        return Said(english, english)
    counts = re.sub(r"(\d[\d ]*) more to test with", r"시험용 \1장 더", match[2])
    counts = re.sub(r"(\d[\d ]*) more to train on", r"학습용 \1장 더", counts)
    name = _ALL.get(match[1]) or label(match[1])
    return Said(english, f"{name}: {counts}{' - ' if counts else ''}{_reasons(match[3])}")


def _taken(code: str | None) -> str:
    return f", 주로 {with_direction(label(code))} 오인" if code else ""


def _of_others(photos: str | None) -> str:
    return f", 다른 라벨의 사진 {photos}장을 이것으로 오인" if photos else ""


def _reasons(english: str) -> str:
    """Reasons stand one behind the other; each may begin with the remark that its number is but a start."""
    return "; ".join(_reason(one) for one in english.split("; "))


def _reason(english: str) -> str:
    plain = english.removeprefix(_START)
    return f"{'정해진 규칙이 없어 우선 이만큼: ' if plain != english else ''}{first(_REASONS, plain)}"
