"""Titles and notes on the data in Korean."""

import re

from trainer.evaluation.report.patterns import first, label, labels, rules
from trainer.evaluation.said import Said

_TASKS = {"disease": "질환", "suitability": "적합성"}
_SIDES = {"train": "학습용", "val": "조정용", "test": "시험용"}

_ALWAYS = re.compile(r"always naming (.+) \((\d+) of (\d+), (\S+)\)")


def _always(english: str) -> str:
    """Who always names the commonest label, as a noun that ends in a vowel."""
    match = _ALWAYS.fullmatch(english)
    return english if match is None else f"항상 {label(match[1])}: {match[3]}장 중 {match[2]}장 ({match[4]}) 맞히기"


_TITLES = rules((
    (r"(disease|suitability), made (\S+)", lambda one: f"{_TASKS[one[1]]} 모델, {one[2]} 제작"),
    (r"the test side", r"시험용 사진"),
))  # fmt: skip

_NOTES = rules((
    (r"the threshold (\S+) is not above what (.+) reaches",
     lambda one: f"기준 {one[1]}: {_always(one[2])}의 정확도보다 높지 않음"),
    (r"the model is no better than (always .+): (\d+) of (\d+) named right",
     lambda one: f"모델이 {_always(one[1])}보다 낫지 않음: {one[3]}장 중 {one[2]}장을 맞힘"),
    (r"(\d+) of (\d+) named right \((\S+) to (\S+)\) cannot be told from (always .+): .*",
     lambda one: f"{one[2]}장 중 {one[1]}장을 맞혀 ({one[3]}~{one[4]}) {_always(one[5])}와 구별되지 않음: "
                 "시험용 사진을 늘리거나 모델을 개선할 것"),
    (r"it was not compared with the model that serves: .*", "서비스 중인 모델과 비교하지 못함"),
    (r"what serves is better on the same photos: (\d+) of (\d+) named right, this model (\d+)",
     r"같은 사진에서 서비스 중인 모델이 나음: \2장 중 \1장, 이 모델은 \3장을 맞힘"),
    (r"the patient is unknown for (\d+) photos: .*",
     r"사진 \1장은 환자를 알 수 없음: 거의 같은 사진만 묶고 각각 다른 환자로 셈; 신뢰구간이 좁게 나올 수 있음"),
    (r"only the lesion is known for (\d+) photos: .*",
     r"사진 \1장은 병변만 알려짐: 한 환자의 두 병변이 양쪽에 들어갈 수 있음"),
    (r"(\d+) near-duplicates are of two patients by the labels; .*",
     r"거의 같은 사진 \1쌍이 라벨에서는 서로 다른 환자의 것이나, 한 환자로 셈"),
    (r"(\d+) of (\d+) patients keep the side that they had before", r"환자 \2명 중 \1명은 이전과 같은 쪽에 둠"),
    (r"a side to tune with was carved out of train, by patient", r"학습용 사진에서 환자 단위로 조정용 사진을 떼어 냄"),
    (r"on the (train|val|test) side there is no photo of (.+)",
     lambda one: f"{_SIDES[one[1]]} 사진에 다음이 없음: {labels(one[2])}"),
    (r"patients are told apart by case only: .*",
     "환자를 증례로만 구분함: 다시 온 환자는 다른 환자로 세며 양쪽에 들어갈 수 있음"),
    (r"(\d+) photos, refused by the gateway's models, are of no case: .*",
     r"게이트웨이 모델이 거부한 사진 \1장은 증례가 없음: 각각 다른 환자로 셈"),
    (r"facts for (\d+) of (\d+) photos from (.+)", r"사진 \2장 중 \1장의 정보를 \3에서 읽음"),
    (r"(.+?) has no row for (\d+) photos", r"\1에 사진 \2장의 행이 없음"),
    (r"(\d+) rows of (.+?) name no photo here", r"\2의 \1개 행은 여기 없는 사진의 것"),
    (r"names of folders became codes of diagnoses: (.+)", r"폴더 이름을 진단 코드로 바꿈: \1"),
    (r"columns of (.+?) that are kept but not used: (.+) \(understood are .*", r"\1에서 보관하지만 쓰지 않는 열: \2"),
    (r"(\d+) rows of (.+?) could mean several photos .*", r"\2의 \1개 행은 여러 사진에 맞아 건너뜀"),
    (r"the age is no number of years in (\d+) rows, the first is .*", r"\1개 행의 나이가 햇수가 아님"),
    (r"(\d+) photos were left out, the first is (.+?): .*", r"사진 \1장을 제외함 (첫 번째: \2)"),
))  # fmt: skip


def title(english: str) -> Said:
    """What a report or a chapter is called."""
    return Said(english, first(_TITLES, english))


def note(english: str) -> Said:
    """A sentence on the data."""
    return Said(f"{english[:1].upper()}{english[1:]}.", f"{first(_NOTES, english)}.")
