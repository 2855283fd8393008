"""Fuzzy matching of person names (PS3.18 8.3.4.2): words in any order, each begun. Pure.

A name is kept as words, so that an index can be searched by their beginnings; a key becomes beginnings of words. Words
are compared without case, diacritics, width, spaces and punctuation, Hangul by the keys that type it. Words of a name:

- those of each component of each component group, and those of a component without what divides them: `Gil-Dong` is
  found as `gil`, `dong`, `gildong`;
- family, given and middle name as one: `김^순희` is found as `김순희`;
- of a Korean, Chinese or Japanese name that is written as one word what follows its first character, and in one of four
  or more characters what follows the second: `김순희` is found as `순희`, `山田太郎` as `太郎`;
- of Hangul the first letters of its syllables: `김순희` is found as `ㄱㅅㅎ`.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, takewhile
from typing import Final

from dicomweb.hangul import are_consonants, initial, is_syllable, keys

WORD_LENGTH: Final = 64
_MAX_WORDS: Final = 48
_MAX_NAME_LENGTH: Final = 1024
_MAX_KEY_WORDS: Final = 6
_OF_THE_PERSON: Final = 3
"""Components that name the person: family, given and middle name; prefix and suffix come behind (PS3.5 6.2.1.1)."""
_LONG_NAME: Final = 4
_DIACRITICS: Final = ((0x0300, 0x036F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF))
_PLAIN_LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_HAN: Final = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x3FFFF), (0x3005, 0x3005))

Beginnings = tuple[str, ...]
"""A name fits when each of them begins one of its words; what is likely to be rare comes first."""


@lru_cache(maxsize=1024)
def name_words(*names: str) -> tuple[str, ...]:
    """What names of one person (or object) are found by: at most 48 words of at most 64 characters.

    A word that another one begins with is left out: whatever begins it begins the other.
    """
    found = sorted({keys(word)[:WORD_LENGTH] for name in names for word in _words_of_name(name[:_MAX_NAME_LENGTH])})
    needed = [word for word, following in pairwise([*found, ""]) if not following.startswith(word)]
    return tuple(needed[:_MAX_WORDS])


@lru_cache(maxsize=1024)
def choices(key: str) -> tuple[Beginnings, ...]:
    """What a key asks for: one of these, the beginnings of words in each.

    Empty where only literal matching can tell: a key with `?`, or without a letter. `*` stands between words. Words
    behind the sixth are left aside.
    """
    words = () if "?" in key else tuple(_split(key))[:_MAX_KEY_WORDS]
    if not words:
        return ()
    return tuple(dict.fromkeys(map(_all_beginnings, _divided(words))))


def fits(key: str, *names: str) -> bool:
    """Whether names of one person match a key by their words; literal matching is asked elsewhere."""
    asked = choices(key)
    words = name_words(*names) if asked else ()
    return any(all(any(word.startswith(begun) for word in words) for begun in choice) for choice in asked)


def _words_of_name(name: str) -> Iterator[str]:
    for group in name.split("="):
        for word in _words_of_group([_split(component) for component in group.split("^")]):
            yield word
            if len(word) > 1 and all(map(is_syllable, word)):
                yield "".join(map(initial, word))


def _words_of_group(components: list[list[str]]) -> Iterator[str]:
    for component in components:
        yield from component
        yield "".join(component)
    yield "".join(word for component in components[:_OF_THE_PERSON] for word in component)
    written = [word for component in components for word in component]
    if len(written) == 1:
        yield from _given(written[0])


def _given(name: str) -> Iterator[str]:
    """What may be the given name in a name written as one word."""
    if not all(is_syllable(char) or _is_in(char, _HAN) for char in name):
        return
    if len(name) > 1:
        yield name[1:]
    if len(name) >= _LONG_NAME:
        yield name[2:]


def _divided(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The words as they stand, two neighbours as one, all as one: `gil dong hong` may be `Hong^Gildong`."""
    yield words
    for index in range(len(words) - 1):
        yield (*words[:index], words[index] + words[index + 1], *words[index + 2 :])
    yield ("".join(words),)


def _all_beginnings(words: Iterable[str]) -> Beginnings:
    found = list(dict.fromkeys(beginning for word in words for beginning in _beginnings(word)))
    found.reverse()  # where both are as rare, the given name, which mostly comes later
    found.sort(key=_rarity, reverse=True)
    return tuple(found)


def _rarity(beginning: str) -> int:
    """A first letter says as much of a word as the two or three keys of a whole syllable."""
    return len(beginning) * (3 if are_consonants(beginning) else 1)


def _beginnings(word: str) -> Iterator[str]:
    """Syllables and behind them two first letters or more (`김ㅅㅎ`): what is typed so far, and all first letters."""
    begun = "".join(takewhile(is_syllable, word))
    typed = keys(word[len(begun) :])
    if begun and len(typed) > 1 and are_consonants(typed):
        yield (keys(begun) + typed[0])[:WORD_LENGTH]
        yield ("".join(map(initial, begun)) + typed)[:WORD_LENGTH]
    else:
        yield keys(word)[:WORD_LENGTH]


def _split(text: str) -> list[str]:
    """Words, folded: letters, digits and their marks are kept, whatever else there is divides."""
    folded = _folded(text)
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded).split()


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in decomposed if not _is_in(char, _DIACRITICS))
    return unicodedata.normalize("NFC", plain.translate(_PLAIN_LETTERS))


def _is_in(char: str, ranges: Iterable[tuple[int, int]]) -> bool:
    return any(first <= ord(char) <= last for first, last in ranges)
