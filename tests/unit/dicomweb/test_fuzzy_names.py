"""Fuzzy matching of person names: PS3.18 8.3.4.2, as the conformance statement has it."""

import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.archive import Level
from dicomweb.fuzzy_names import WORD_LENGTH, choices, fits, name_words
from dicomweb.hangul import keys
from dicomweb.matching import object_matches, value_matches
from dicomweb.query import PathKeys, parse_query

SOONHEE = "Kim^Soon-hee=金^順姬=김^순희"
SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=4)
LETTERS = st.text("abcäßøİ홍길ㄱᄀがﾎ洪- '^=", max_size=12)


@pytest.mark.parametrize(
    "key",
    [
        *("kim", "KIM", "Soon", "soon-hee kim", "Soonhee, Kim", "KIM^SOON", "soonh", "hee k", "kimsoon", "Ｋｉｍ"),
        *("Kím", "김", "기", "ㄱ", "김ㅅ", "김수", "김순", "김순ㅎ", "김순희", "김 순희", "순희 김", "순희", "수"),
        *("김^순희^^", "ㄱㅅㅎ", "ㄱㅅ", "ㅅㅎ", "ㄳㅎ", "ﾡﾵﾾ", "김ㅅㅎ", "ㄱ ㅅㅎ", "ㄱㅣㅁㅅㅜㄴ"),
        unicodedata.normalize("NFD", "김순희"),
        *("金", "金順姬", "順姬", "順", "kim 순희", "金 soon", "*순희*", "kim*soon"),
    ],
)  # fmt: skip
def test_a_name_is_found_by_words_that_begin_its_own(key: str) -> None:
    assert fits(key, SOONHEE)


@pytest.mark.parametrize(
    "key",
    ["im", "oon", "lee", "kim lee", "소희", "희순", "ㄱㅎ", "ㅎ ㅅ", "김ㅎ", "김ㅅㄱ", "순희김", "姬", "k?m", "-", ""],
)
def test_what_begins_no_word_of_the_name_does_not_find_it(key: str) -> None:
    assert not fits(key, SOONHEE)


@pytest.mark.parametrize("key", ["김^순희", "순희", "김 순희", "순희 김", "ㄱㅅㅎ", "ㅅㅎ", "김ㅅ"])
@pytest.mark.parametrize("name", ["김순희", "김^순희", "김 순희", "^김순희", "Kim^Soonhee==김순희"])
def test_a_korean_name_is_found_however_it_was_divided(key: str, name: str) -> None:
    assert fits(key, name)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("obrien", "O'Brien^Anne"),
        ("O'Brien", "OBRIEN^ANNE"),
        ("gil dong hong", "Hong^Gildong"),
        ("gildong", "Hong^Gil Dong"),
        ("太郎 山田", "山田^太郎"),
        ("太郎", "山田太郎"),
        ("ヤマ", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        ("lukasz", "Łukasz^M"),
        ("strasse", "STRASSE^X"),
        ("strasse", "Straße^X"),
        ("ARGER", "Ärger^Jörg"),
        ("oe", "Œ^x"),
        ("dr hong", "Hong^Gildong^^Dr."),
        ("남궁", "남궁^민"),
        ("간", "가나"),
        ("고", "과수"),
        ("갑", "값어"),
    ],
)
def test_spelling_is_folded(key: str, name: str) -> None:
    assert fits(key, name)


def test_diacritics_fold_and_letters_that_sound_otherwise_do_not() -> None:
    assert not fits("か", "が")
    assert not fits("ö", "e")


def spellings(word: str) -> Iterator[str]:
    """What stands on the screen after each key: a final consonant goes over to the vowel that follows."""
    for length in range(1, len(word)):
        yield word[:length]
        following = unicodedata.normalize("NFD", word[length])
        yield word[:length] + keys(following[0])
        yield word[:length] + unicodedata.normalize("NFC", following[:2])


@given(SYLLABLES)
def test_every_state_of_typing_a_korean_word_finds_it(word: str) -> None:
    assert all(fits(begun, word) for begun in spellings(word))


@given(SYLLABLES)
def test_the_first_letters_of_a_korean_word_find_it(word: str) -> None:
    letters = "".join(keys(unicodedata.normalize("NFD", char)[0]) for char in word)
    assert all(fits(letters[:length], word) for length in range(1, len(letters) + 1))


@given(st.lists(SYLLABLES | st.text("abcdé", min_size=1, max_size=6), min_size=1, max_size=3), st.randoms())
def test_words_find_a_name_in_any_order(words: list[str], random: object) -> None:
    name = "^".join(words)
    random.shuffle(words)  # type: ignore[attr-defined]  # hypothesis gives a Random
    assert fits(" ".join(words), name)
    assert fits(" ".join(words).upper(), name)


@given(LETTERS, st.integers(0, 12))
def test_what_matches_literally_by_its_beginning_matches_fuzzily(name: str, length: int) -> None:
    key = name[:length]
    if choices(key) and value_matches("PN", key + "*", name):
        assert fits(key, name)


@given(st.text(max_size=80))
def test_any_text_is_a_key_and_a_name_within_bounds(text: str) -> None:
    words = name_words(text)
    assert len(words) <= 48
    assert all(0 < len(word) <= WORD_LENGTH and "\0" not in word for word in words)
    asked = choices(text)
    assert len(asked) <= 7
    assert all(0 < len(begun) <= WORD_LENGTH for choice in asked for begun in choice)
    assert not asked or len(text.split()) > 6 or fits(text, text)


def test_hostile_names_and_keys_take_no_time() -> None:
    begun = time.process_time()
    for text in ("가 " * 500_000, "a^" * 500_000, "é" * 1_000_000, "김ㅅ" * 10_000):
        name_words(text)
        choices(text[:16_384])
    assert time.process_time() - begun < 2


def matches(query: str, name: str) -> bool:
    wanted = parse_query(query, Level.STUDY, PathKeys()).search
    attributes = {"00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]}, "00100020": {"vr": "LO", "Value": ["P1"]}}
    return object_matches(wanted.keys, attributes, fuzzy_names=wanted.fuzzy_names)


def test_only_names_are_fuzzy_and_only_where_it_is_asked_for() -> None:
    assert matches("PatientName=gildong%20hong&fuzzymatching=true", "Hong^Gildong")
    assert not matches("PatientName=gildong%20hong&fuzzymatching=false", "Hong^Gildong")
    assert not matches("PatientName=gildong%20hong", "Hong^Gildong")
    assert not matches("PatientName=gildong&PatientID=p1&fuzzymatching=true", "Hong^Gildong")


@pytest.mark.parametrize("key", ["*ong*", "h?ng^*", "hong^gildong", "-*"])
def test_what_matches_literally_still_matches(key: str) -> None:
    name = "Hong^Gildong" if key != "-*" else "-hong"
    assert matches(f"PatientName={key}", name)
    assert matches(f"PatientName={key}&fuzzymatching=true", name)
