"""Hangul as it is typed: the keys of the standard Korean keyboard (KS X 5002), one after another.

A syllable that is still being typed is then a beginning of the finished word, whatever it looks like on the way:
`가나` shows as `ㄱ`, `가`, `간`, `가나`, and its keys are `ㄱㅏㄴㅏ`.

Text is taken in NFKC: syllables, and what is no whole syllable as conjoining letters (U+1100 to U+11FF).
"""

import unicodedata
from functools import lru_cache
from typing import Final

_INITIALS: Final = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS: Final = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
_FINALS: Final = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
_SEVERAL_KEYS: Final = {
    "ㅘ": "ㅗㅏ", "ㅙ": "ㅗㅐ", "ㅚ": "ㅗㅣ", "ㅝ": "ㅜㅓ", "ㅞ": "ㅜㅔ", "ㅟ": "ㅜㅣ", "ㅢ": "ㅡㅣ",
    "ㄳ": "ㄱㅅ", "ㄵ": "ㄴㅈ", "ㄶ": "ㄴㅎ", "ㄺ": "ㄹㄱ", "ㄻ": "ㄹㅁ", "ㄼ": "ㄹㅂ", "ㄽ": "ㄹㅅ",
    "ㄾ": "ㄹㅌ", "ㄿ": "ㄹㅍ", "ㅀ": "ㄹㅎ", "ㅄ": "ㅂㅅ",
}  # fmt: skip
_LETTERS: Final = {
    chr(first + index): _SEVERAL_KEYS.get(letter, letter)
    for first, letters in ((0x1100, _INITIALS), (0x1161, _VOWELS), (0x11A8, _FINALS))
    for index, letter in enumerate(letters)
}
_FIRST: Final = 0xAC00
_LAST: Final = 0xD7A3
_OF_INITIAL: Final = len(_VOWELS) * (len(_FINALS) + 1)


def is_syllable(char: str) -> bool:
    """Whether it is a whole syllable."""
    return _FIRST <= ord(char) <= _LAST


def initial(syllable: str) -> str:
    """The key a whole syllable begins with."""
    return _INITIALS[(ord(syllable) - _FIRST) // _OF_INITIAL]


def keys(text: str) -> str:
    """The keys that type the text, as compatibility letters (U+3131 to U+3163); what is no Hangul is kept."""
    return "".join(map(_keys_of, text))


def are_consonants(typed: str) -> bool:
    """Whether all of these keys are consonants, at least one."""
    return bool(typed) and all("ㄱ" <= key <= "ㅎ" for key in typed)


@lru_cache(maxsize=4096)
def _keys_of(char: str) -> str:
    if not is_syllable(char):
        return _LETTERS.get(char, char)
    return "".join(_LETTERS[letter] for letter in unicodedata.normalize("NFD", char))
