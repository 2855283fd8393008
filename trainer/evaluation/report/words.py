"""What labels, numbers and fields are called, in both languages; codes that are not here are shown as they are."""

from inference.rules import ReferralReason
from trainer.evaluation.said import Said
from trainer.evaluation.strangers import Kind

LABELS = {
    "usable": Said("usable", "사용 가능"),
    "lesion_too_small": Said("lesion too small", "병변이 너무 작음"),
    "scattered_lesions": Said("scattered lesions", "흩어진 병변"),
    "out_of_focus": Said("out of focus", "초점 흐림"),
    "watermark": Said("watermark", "워터마크"),
    "underexposed": Said("underexposed", "노출 부족"),
    "overexposed": Said("overexposed", "노출 과다"),
    "not_skin": Said("not skin", "피부가 아님"),
    "actinic_keratosis": Said("actinic keratosis", "광선각화증"),
    "basal_cell_carcinoma": Said("basal cell carcinoma", "기저세포암"),
    "melanoma": Said("melanoma", "흑색종"),
    "nevus": Said("nevus", "모반"),
    "squamous_cell_carcinoma": Said("squamous cell carcinoma", "편평세포암"),
    "seborrheic_keratosis": Said("seborrheic keratosis", "지루각화증"),
}

NUMBERS = {
    "accuracy": Said("Accuracy", "정확도"),
    "balanced_accuracy": Said("Balanced accuracy (mean recall)", "균형 정확도 (평균 재현율)"),
    "macro_f1": Said("F1, mean over labels", "F1 (라벨 평균)"),
    "macro_auc": Said("ROC-AUC, mean over labels", "ROC-AUC (라벨 평균)"),
    "log_loss": Said("Log loss (lower is better)", "로그 손실 (낮을수록 좋음)"),
    "brier": Said("Brier score (lower is better)", "브라이어 점수 (낮을수록 좋음)"),
    "calibration_error": Said("Calibration error, bins of equal width", "보정 오차 (등폭 구간)"),
    "calibration_error_equal_mass": Said("Calibration error, bins of equal mass", "보정 오차 (등빈도 구간)"),
    "aurc": Said("Area under risk-coverage (lower is better)", "위험-응답률 곡선 아래 면적 (낮을수록 좋음)"),
    "usable_auc": Said("ROC-AUC of P(usable)", "P(사용 가능)의 ROC-AUC"),
    "usable_passed": Said("Usable photos passed, at the threshold", "임계값에서 통과한 사용 가능 사진"),
    "spoilt_refused": Said("Unusable photos refused, at the threshold", "임계값에서 거른 사용 불가 사진"),
    "caught_at_5_percent": Said("Unusable photos caught at 5 % false rejects", "오거부 5 %에서 걸러낸 사용 불가 사진"),
    "within_first_3": Said("True disease within the first 3", "상위 3개 안에 정답"),
    "decided_share": Said("Share decided, at the threshold", "임계값에서 결정된 비율"),
    "accuracy_when_decided": Said("Accuracy when decided", "결정된 사진의 정확도"),
    "accuracy_at_75_percent_coverage": Said("Accuracy of the surest 75 %", "가장 확신하는 75 %의 정확도"),
    "unknown_auc_not_skin": Said(
        "ROC-AUC of its doubt, not skin against skin", "의심 정도의 ROC-AUC, 피부 아님 대 피부"
    ),
    "unknown_auc_other_disease": Said(
        "ROC-AUC of its doubt, diseases it does not know", "의심 정도의 ROC-AUC, 모르는 질환"
    ),
    "unlikeness_auc_not_skin": Said(
        "ROC-AUC of unlikeness, not skin against skin", "낯섦 점수의 ROC-AUC, 피부 아님 대 피부"
    ),
    "unlikeness_auc_other_disease": Said(
        "ROC-AUC of unlikeness, diseases it does not know", "낯섦 점수의 ROC-AUC, 모르는 질환"
    ),
    "referred_share": Said("Share that goes to a doctor", "의사에게 보내는 비율"),
    "referred_rightly": Said("Of those, rightly (named wrong, or malignant)", "그중 마땅한 비율 (오답이거나 악성)"),
    "malignant_not_referred": Said("Malignant that does not go to a doctor", "의사에게 보내지 않는 악성"),
    "malignant_auc": Said("ROC-AUC, malignant against benign", "악성 대 양성 ROC-AUC"),
}

FIELDS = {
    "sex": Said("Sex", "성별"),
    "age_band": Said("Age", "나이"),
    "body_site": Said("Body site", "부위"),
    "fitzpatrick": Said("Skin type (Fitzpatrick)", "피부 유형 (피츠패트릭)"),
    "source": Said("Source", "출처"),
}

IN_PLOTS = {
    "taken for": "판정",
    "truth": "실제",
    "recall, with 95 % interval": "재현율과 95 % 신뢰구간",
    "false positive rate": "위양성률",
    "true positive rate": "진양성률",
    "each label against the rest": "각 라벨 대 나머지",
    "usable against all faults": "사용 가능 대 모든 결함",
    "malignant against benign": "악성 대 양성",
    "confidence": "확신도",
    "share that is right": "맞은 비율",
    "share of photos answered": "응답한 사진의 비율",
    "error among them": "그중 오류율",
    "P(usable)": "P(사용 가능)",
    "share of photos": "사진 비율",
    "usable photos": "사용 가능한 사진",
    "unusable photos": "사용 불가 사진",
    "go to a doctor": "의사에게 감",
    "of those, rightly": "그중 마땅한 것",
    "malignant that do not go": "가지 않는 악성",
    "malignant, goes to a doctor": "악성, 의사에게 감",
    "benign, goes to a doctor": "양성, 의사에게 감",
    "recall of the first disease": "1순위 질환의 재현율",
    "share, with 95 % interval": "비율과 95 % 신뢰구간",
    "disease_threshold": "결정에 필요한 1순위 확률",
    "refer_malignant": "의뢰하는 악성 확률",
    "unknown_threshold": "의뢰하는 낯섦 점수",
}

REASONS: dict[ReferralReason, Said] = {
    "undecided": Said("undecided: no disease is likely enough", "미결정: 충분히 유력한 질환이 없음"),
    "malignant": Said("malignancy not ruled out", "악성 배제 불가"),
    "unknown": Said("unlike all the model knows", "모델이 모르는 사진"),
}

STRANGERS: dict[Kind, Said] = {
    "not_skin": Said("not skin", "피부가 아님"),
    "other_disease": Said("diseases it does not know", "모르는 질환"),
}

VALUES = {"F": Said("female", "여성"), "M": Said("male", "남성")}

FIT_IN_PLOTS = {
    "loss": "손실",
    "accuracy": "정확도",
    "training": "학습용",
    "tune": "조정용",
    "tune, balanced": "조정용, 균형",
    "epoch": "에폭",
    "best": "최고",
    "head only": "머리만",
    "head and last stages": "머리와 마지막 단계",
    "whole network": "망 전체",
}

WITH_NUMBER_IN_PLOTS = {"threshold": "임계값", "confidence": "확신도", "in force": "현재"}

_CAUGHT = "caught_at_5_percent_"


def label(code: str) -> Said:
    """What a label is called."""
    return LABELS.get(code) or Said(code.replace("_", " "), code.replace("_", " "))


def field(name: str) -> Said:
    """What a field of groups is called."""
    return FIELDS.get(name) or Said(name, name)


def value(given: str) -> Said:
    """What a group is called; a code that comes with the photos is shown as it is."""
    return VALUES.get(given) or Said(given, given)


def number(name: str) -> Said:
    """What a headline number is called."""
    if name.startswith(_CAUGHT):
        reason = label(name.removeprefix(_CAUGHT))
        return Said(f"Caught at 5 % false rejects: {reason.en}", f"오거부 5 %에서 걸러냄: {reason.ko}")
    return NUMBERS.get(name) or Said(name.replace("_", " "), name.replace("_", " "))
