"""Reports as people read them: every value in words, nothing of it run by a browser, Korean whole."""

from typing import Any

import pytest

from dicomweb.rendering.reports.content import Node, read_report
from dicomweb.rendering.reports.layout import HEADERS, as_html, as_plain_text

Members = dict[str, Any]


def code(meaning: str, value: str = "1") -> Members:
    return {
        "vr": "SQ",
        "Value": [{"00080100": {"vr": "SH", "Value": [value]}, "00080104": {"vr": "LO", "Value": [meaning]}}],
    }


def item(value_type: str, name: str, *children: Members, **values: Any) -> Members:
    members: Members = {"0040A040": {"vr": "CS", "Value": [value_type]}, "0040A043": code(name)}
    members |= {tag.removeprefix("t"): element for tag, element in values.items()}
    return members | ({"0040A730": {"vr": "SQ", "Value": list(children)}} if children else {})


def text_item(name: str, words: str) -> Members:
    return item("TEXT", name, t0040A160={"vr": "UT", "Value": [words]})


def report(*content: Members) -> Members:
    root = item("CONTAINER", "Imaging Measurement Report", *content)
    name = {"vr": "PN", "Value": [{"Alphabetic": "Hong^Gildong", "Phonetic": "홍^길동"}]}
    return root | {"00100010": name, "0040A493": {"vr": "CS", "Value": ["UNVERIFIED"]}}


def only(members: Members) -> Node:
    (node,) = read_report(report(members)).content
    return node


def test_every_kind_of_value_is_told_in_words() -> None:
    measured = {
        "vr": "SQ",
        "Value": [{"0040A30A": {"vr": "DS", "Value": [61.5]}, "004008EA": code("percent", "%")}],
    }
    image = {
        "vr": "SQ",
        "Value": [{"00081155": {"vr": "UI", "Value": ["1.2.3"]}, "00081160": {"vr": "IS", "Value": [2]}}],
    }
    assert only(item("NUM", "Certainty", t0040A300=measured)).value == "61.5 %"
    assert only(item("IMAGE", "Source", t00081199=image)).value == "1.2.3, frame 2"
    assert only(item("CODE", "Finding", t0040A168=code("Psoriasis"))).value == "Psoriasis"
    assert only(item("UIDREF", "Tracking", t0040A124={"vr": "UI", "Value": ["1.2"]})).value == "1.2"
    name = {"vr": "PN", "Value": [{"Alphabetic": "Kim^Minji"}]}
    assert only(item("PNAME", "Observer", t0040A123=name)).value == "Kim Minji"
    assert only({"0040DB73": {"vr": "UL", "Value": [1, 2]}}).value == "see item 1.2"


@pytest.mark.parametrize(
    "members", [{}, {"0040A730": {"vr": "SQ", "Value": [None, 1, {}]}}, {"0040A043": {"vr": "SQ"}}]
)
def test_a_report_of_nothing_much_is_a_report(members: Members) -> None:
    assert b"Report" in as_html(read_report(members))
    assert as_plain_text(read_report(members))


def test_nothing_of_a_report_is_markup() -> None:
    made = as_html(read_report(report(text_item("<b>", "<script>alert('x')</script>&\"")))).decode()
    assert "<script" not in made
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&amp;&quot;" in made
    assert "script-src" not in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]


def test_korean_is_whole_in_both_forms() -> None:
    read = read_report(report(text_item("소견", "왼쪽 팔의 건선\n두 번째 줄")))
    html, plain = as_html(read).decode(), as_plain_text(read).decode()
    assert '<meta charset="utf-8">' in html
    assert "왼쪽 팔의 건선<br>두 번째 줄" in html
    assert "소견: 왼쪽 팔의 건선\r\n  두 번째 줄\r\n" in plain
    assert "Hong Gildong (홍 길동)" in plain


def test_depth_is_told_by_indentation_and_bounded() -> None:
    nested = text_item("innermost", "x")
    for depth in range(100):
        nested = item("CONTAINER", f"level {depth}", nested)
    plain = as_plain_text(read_report(report(nested))).decode()
    assert "  level 98\r\n    level 97" in plain
    assert "innermost" not in plain
