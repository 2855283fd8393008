"""What an urgency means to a patient: can it wait, and can it be treated at home. Derived from the urgency alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from gateway.conversion.codes.diseases import Urgency
from gateway.language import Language


@dataclass(frozen=True, slots=True)
class Care:
    """Both answers, in every language."""

    wait: Mapping[Language, str]
    home: Mapping[Language, str]


CARE: Final[Mapping[Urgency, Care]] = MappingProxyType(
    {
        "self_care": Care(
            wait={
                "en": "Yes. It may stay as it is.",
                "ko": "네. 그대로 두어도 됩니다.",
            },
            home={
                "en": "Yes. It usually needs no treatment.",
                "ko": "네. 대개 치료가 필요하지 않습니다.",
            },
        ),
        "routine": Care(
            wait={
                "en": "Yes, some weeks, as long as it does not get worse.",
                "ko": "네. 나빠지지 않는다면 몇 주는 괜찮습니다.",
            },
            home={
                "en": "In part. See a doctor where care at home does not help.",
                "ko": "어느 정도는 가능합니다. 나아지지 않으면 진료를 받으십시오.",
            },
        ),
        "soon": Care(
            wait={
                "en": "Not for long: see a doctor within days or a few weeks.",
                "ko": "오래 미루지 마십시오. 며칠에서 몇 주 안에 진료를 받으십시오.",
            },
            home={
                "en": "No. It needs a doctor's treatment.",
                "ko": "아니요. 의사의 치료가 필요합니다.",
            },
        ),
        "urgent": Care(
            wait={
                "en": "No. See a doctor within days, at once if you feel ill or it spreads.",
                "ko": "아니요. 며칠 안에, 몸이 아프거나 번지면 바로 진료를 받으십시오.",
            },
            home={
                "en": "No. Do not treat it yourself.",
                "ko": "아니요. 스스로 치료하지 마십시오.",
            },
        ),
    }
)
