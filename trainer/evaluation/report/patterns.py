"""Sentences of other parts of the trainer in Korean, pattern by pattern.

They are made in English, for the console too. A sentence that no pattern answers to is shown as it is, because a
warning in the wrong language is better than none.
"""

import re
from collections.abc import Callable, Sequence

from trainer.evaluation.report import words

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def rules(told: Sequence[tuple[str, str | Callable[[re.Match[str]], str]]]) -> tuple[_Rule, ...]:
    """Patterns of whole English sentences, each with the Korean one or what makes it of the match."""
    return tuple((re.compile(pattern), _spoken(korean)) for pattern, korean in told)


def _spoken(korean: str | Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
    return (lambda match: match.expand(korean)) if isinstance(korean, str) else korean


def first(told: tuple[_Rule, ...], english: str) -> str:
    """The Korean of the first pattern that fits; the English where none does."""
    found = ((rule.fullmatch(english), korean) for rule, korean in told)
    return next((korean(match) for match, korean in found if match), english)


def label(code: str) -> str:
    """A label in Korean."""
    return words.label(code).ko


def labels(codes: str) -> str:
    """Labels in Korean, apart by commas as they came."""
    return ", ".join(label(code) for code in codes.split(", "))
