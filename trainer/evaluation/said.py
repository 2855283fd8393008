"""Words in English and Korean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """The same in English and in Korean."""

    en: str
    ko: str
