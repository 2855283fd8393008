"""Why a photo cannot be used, in words, and how to take it again.

The names are those of the tables of codes; the advice is this folder's own.
"""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from gateway.conversion.codes.tables import Codes, current_codes
from gateway.language import Language


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What one reason code is called, and the advice that fits it."""

    name: Mapping[Language, str]
    advice: Mapping[Language, str]


def reason_texts() -> Mapping[str, ReasonText]:
    """Every reason by its code."""
    return _reason_texts(current_codes())


@functools.lru_cache(maxsize=2)
def _reason_texts(codes: Codes) -> Mapping[str, ReasonText]:
    advice: Mapping[str, Mapping[Language, str]] = json.loads(
        resources.files(__package__).joinpath("reasons.json").read_text("utf-8")
    )
    return MappingProxyType({
        slug: ReasonText({"en": codes.quality[slug].english, "ko": codes.quality[slug].korean}, texts)
        for slug, texts in advice.items()
    })  # fmt: skip
