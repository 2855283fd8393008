"""Why a photo cannot be used, in words, and how to take it again."""

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from gateway.language import Language


@dataclass(frozen=True, slots=True)
class ReasonText:
    """What one reason code is called, and the advice that fits it."""

    name: Mapping[Language, str]
    advice: Mapping[Language, str]


@functools.cache
def reason_texts() -> Mapping[str, ReasonText]:
    """Every reason by its code."""
    entries = json.loads(resources.files(__package__).joinpath("reasons.json").read_text("utf-8"))
    return MappingProxyType({code: ReasonText(**entry) for code, entry in entries.items()})
