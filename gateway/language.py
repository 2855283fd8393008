"""Which language an answer is given in."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "ko"]

_SPOKEN: Mapping[str, Language] = {"en": "en", "ko": "ko"}
_LONGEST_HEADER = 512


def choose_language(accept_language: str | None, default: Language) -> Language:
    """The best of Korean and English for an `Accept-Language` (RFC 9110 12.5.4); `default` where neither is asked.

    Of two that are asked alike the one named first is taken; one that only `*` stands for comes after it.
    """
    weights = _weights(accept_language or "")
    named = [_SPOKEN[tag] for tag in weights if tag in _SPOKEN]
    others = [language for language in (default, *_SPOKEN.values()) if language not in weights]
    best = max([*named, *others], key=lambda language: _weight_of(language, weights))
    return best if _weight_of(best, weights) > 0 else default


def _weight_of(language: Language, weights: Mapping[str, float]) -> float:
    return weights.get(language, weights.get("*", 0.0))


def _weights(header: str) -> dict[str, float]:
    """The highest weight of each primary tag, in the order they are named."""
    weights: dict[str, float] = {}
    entries = header[:_LONGEST_HEADER].split(",")
    for entry in entries if len(header) <= _LONGEST_HEADER else entries[:-1]:
        tag, _, parameters = entry.partition(";")
        primary = tag.strip().lower().partition("-")[0]
        weights[primary] = max(weights.get(primary, 0.0), _weight(parameters))
    return weights


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.lower() != "q":
        return 1.0
    try:
        return min(max(0.0, float(value)), 1.0)
    except ValueError:
        return 0.0
