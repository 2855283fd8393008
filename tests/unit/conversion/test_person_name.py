import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.conversion.errors import InvalidFactsError
from gateway.conversion.person_name import person_name


@pytest.mark.parametrize("text", ["a=b=c=d", "a^b^c^d^e^f"])
def test_more_groups_or_components_than_there_are_is_refused_without_repeating_the_name(text: str) -> None:
    with pytest.raises(InvalidFactsError) as refusal:
        person_name(text, field="operator")
    assert refusal.value.field == "operator"
    assert text not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", ""),
        ("  ", ""),
        ("Hong Gildong", "Hong Gildong"),
        ("Hong^Gildong=洪^吉洞=홍^길동", "Hong^Gildong=洪^吉洞=홍^길동"),
        ("Hong^Gildong^^^", "Hong^Gildong"),
        ("Hong^Gildong==", "Hong^Gildong"),
        ("==홍^길동", "==홍^길동"),
        ("Hong\\Gil\x00dong\n", "Hong Gil dong"),
        (unicodedata.normalize("NFD", "홍길동"), "홍길동"),
        ("Ho\u202eng", "Hong"),
        ("x" * 70 + "^y", "x" * 64),
        ("a\ud800b", "ab"),
    ],
)
def test_names_become_valid_ones(text: str, name: str) -> None:
    assert person_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("홍^길동", "=홍^길동"),
        ("홍길동", "=홍길동"),
        ("Hong^길동", "Hong^길동"),
        ("Hong=洪", "Hong=洪"),
        ("洪^吉洞", "洪^吉洞"),
        ("", ""),
    ],
)
def test_a_name_in_hangul_alone_goes_where_the_site_has_it(text: str, name: str) -> None:
    assert person_name(text, hangul_group=2) == name


@given(st.text(), st.sampled_from([1, 2]))
def test_any_text_is_a_valid_name_or_refused(text: str, hangul_group: object) -> None:
    try:
        name = person_name(text, hangul_group=2 if hangul_group == 2 else 1)
    except InvalidFactsError:
        return
    name.encode("utf-8")
    groups = name.split("=")
    assert len(groups) <= 3
    assert all(len(group) <= 64 and group.count("^") <= 4 for group in groups)
    assert "\\" not in name
    assert not any(unicodedata.category(character) == "Cc" for character in name)
