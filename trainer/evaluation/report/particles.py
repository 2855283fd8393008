"""Korean particles that depend on the sound a word ends with."""

_FIRST_SYLLABLE, _LAST_SYLLABLE, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8
_DIGITS = {"0": 21, "1": 8, "2": 0, "3": 16, "4": 0, "5": 0, "6": 1, "7": 8, "8": 8, "9": 0}  # as they are read
_LETTERS = {"l": _RIEUL, "m": 16, "n": 4}  # of words in Latin letters those that surely end in a consonant


def with_object(word: str) -> str:
    """The word as an object: 을 after a consonant, 를 after a vowel."""
    return f"{word}{'을' if _final(word) else '를'}"


def with_direction(word: str) -> str:
    """The word as what something is taken for: 으로 after a consonant but rieul, else 로."""
    return f"{word}{'으로' if _final(word) not in (0, _RIEUL) else '로'}"


def _final(word: str) -> int:
    """Number of the final consonant in Unicode's order of syllables (UAX 15, Hangul), 0 for none."""
    last = next((sign for sign in reversed(word) if sign.isalnum()), "")
    if last and _FIRST_SYLLABLE <= ord(last) <= _LAST_SYLLABLE:
        return (ord(last) - _FIRST_SYLLABLE) % _FINALS
    return _DIGITS.get(last, _LETTERS.get(last.lower(), 0))
