"""Which language an answer is given in."""

from typing import Literal

Language = Literal["en", "ko"]

_SPOKEN: dict[str, Language] = {"en": "en", "ko": "ko"}
_LONGEST_HEADER = 512


def choose_language(accept_language: str | None, default: Language) -> Language:
    """The best of Korean and English for an `Accept-Language` (RFC 9110 12.5.4); `default` where neither is asked."""
    best, best_weight = default, 0.0
    for entry in (accept_language or "")[:_LONGEST_HEADER].split(","):
        tag, _, parameters = entry.partition(";")
        weight = _weight(parameters)
        language = tag.strip().lower().partition("-")[0]
        if weight > best_weight and (language in _SPOKEN or language == "*"):
            best, best_weight = _SPOKEN.get(language, default), weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
