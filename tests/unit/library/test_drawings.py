import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest

from gateway.library.diseases import diseases
from gateway.library.drawings.colours import colour
from gateway.library.drawings.describing import GENERAL, descriptions
from gateway.library.drawings.picture import HEIGHT, MARK, WIDTH, drawing

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {
    "svg", "title", "defs", "g", "path", "rect", "circle", "ellipse", "text", "clipPath", "radialGradient", "stop",
}  # fmt: skip
MOST_BYTES = 260_000


def test_every_disease_of_the_tables_is_described_and_nothing_else() -> None:
    assert set(descriptions()) == set(diseases())


def test_a_disease_that_a_site_adds_is_drawn_in_general() -> None:
    assert drawing("a_disease_of_the_site", "x") == drawing("a_disease_of_the_site", "x")
    assert b"schematic" in drawing("a_disease_of_the_site", "x")
    assert "a_disease_of_the_site" not in descriptions()
    assert GENERAL in descriptions()


def test_no_two_drawings_are_alike() -> None:
    pictures = {re.sub(rb"<title>.*?</title>", b"", drawing(slug, slug)) for slug in diseases()}
    assert len(pictures) == len(diseases())


def test_no_two_descriptions_are_alike() -> None:
    assert len({str((each.marks, each.ground)) for each in descriptions().values()}) == len(descriptions())


def test_a_name_stays_words_whatever_it_is() -> None:
    hostile = '</title><script>alert(1)</script><a href="x">&'
    root = ET.fromstring(drawing("acne", hostile))
    assert root.findtext(f"{SVG}title") == f"{hostile} ({MARK})"
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= DRAWN


def test_redness_looks_different_on_each_tone_of_skin() -> None:
    assert len({colour("red", "light"), colour("red", "medium"), colour("red", "dark")}) == 3


@pytest.mark.parametrize("slug", diseases())
class TestEveryDrawing:
    def test_is_a_picture_and_nothing_that_runs_or_calls(self, slug: str) -> None:
        content = drawing(slug, slug)
        assert len(content) < MOST_BYTES
        root = ET.fromstring(content)
        assert {node.tag.removeprefix(SVG) for node in root.iter()} <= DRAWN
        for name, value in _attributes(root):
            assert not name.startswith("on")
            assert name not in {"style", "href", "class"}
            assert "url(" not in value or re.fullmatch(r"url\(#[a-z0-9]+\)", value)

    def test_has_its_size_and_says_in_both_languages_that_it_is_schematic(self, slug: str) -> None:
        root = ET.fromstring(drawing(slug, slug))
        assert root.get("viewBox") == f"0 0 {WIDTH:g} {HEIGHT:g}"
        assert MARK in [node.text for node in root.iter(f"{SVG}text")]
        assert any(re.fullmatch(r"\d+ mm", node.text or "") for node in root.iter(f"{SVG}text"))

    def test_refers_only_to_what_it_defines(self, slug: str) -> None:
        root = ET.fromstring(drawing(slug, slug))
        defined = [value for name, value in _attributes(root) if name == "id"]
        used = {value[5:-1] for _, value in _attributes(root) if value.startswith("url(#")}
        assert len(defined) == len(set(defined))
        assert used <= set(defined)


def _attributes(root: ET.Element) -> Iterator[tuple[str, str]]:
    for node in root.iter():
        yield from node.attrib.items()
