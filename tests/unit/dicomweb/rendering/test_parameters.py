"""Rendering parameters: what each may be, what is refused, what is left aside with a word."""

import pytest

from dicomweb.query import QueryError
from dicomweb.rendering.parameters import (
    Annotation,
    ColorProfile,
    Region,
    Rendering,
    Viewport,
    VoiWindow,
    WindowFunction,
    parse_rendering,
)


def rendering(**values: str) -> Rendering:
    return parse_rendering(list(values.items())).rendering


@pytest.mark.parametrize("value", ["", "0", "101", "999", "abc", "50.0", "-5", "+5", "５０"])
def test_a_quality_is_an_integer_from_1_to_100(value: str) -> None:
    with pytest.raises(QueryError, match="quality"):
        rendering(quality=value)


@pytest.mark.parametrize(
    "value",
    ["", "abc", "32", "32,", ",32", "0,32", "-1,2", "32,32,a", "1,2,3,4,5,6,7", "9,9,0,0,0,5", "9,9,nan", "40000,1"],
)
def test_a_viewport_is_two_edges_and_at_most_a_region(value: str) -> None:
    with pytest.raises(QueryError, match="viewport"):
        rendering(viewport=value)


@pytest.mark.parametrize(
    "value", ["", "x", "1,2", "1,2,cubic", "a,2,linear", "1,0,linear", "1,0.5,linear", "1,-2,sigmoid", "1,inf,linear"]
)
def test_a_window_is_center_width_and_function(value: str) -> None:
    with pytest.raises(QueryError, match="window"):
        rendering(window=value)


@pytest.mark.parametrize("value", ["", "maybe", "sRGB"])
def test_a_profile_is_one_of_those_the_standard_names(value: str) -> None:
    with pytest.raises(QueryError, match="iccprofile"):
        rendering(iccprofile=value)


def test_an_annotation_that_names_nothing_is_refused() -> None:
    with pytest.raises(QueryError, match="annotation"):
        rendering(annotation="patient,")


def test_a_parameter_twice_is_refused() -> None:
    with pytest.raises(QueryError, match="twice"):
        parse_rendering([("quality", "5"), ("quality", "6")])


def test_unknown_annotations_are_left_aside_and_told_without_what_could_break_a_header() -> None:
    parsed = parse_rendering([("annotation", "patient,weather,a\r\nb")])
    assert parsed.rendering.annotations == {Annotation.PATIENT}
    assert parsed.warnings == ["The following annotation values are not supported: weather, ?"]


def test_a_region_is_read_with_its_gaps_and_its_mirroring() -> None:
    assert rendering(viewport="64,48") == Rendering(viewport=Viewport(64, 48))
    assert rendering(viewport="64,48,,,-10,20.5").region == Region(0, 0, 10, 20.5, flipped_horizontally=True)
    assert rendering(viewport="64,48,4,5").region == Region(4, 5)


def test_windows_and_profiles_are_read() -> None:
    assert rendering(window="40,400,linear-exact").window == VoiWindow(40, 400, WindowFunction.LINEAR_EXACT)
    assert rendering(window="-4e1,.5,sigmoid").window == VoiWindow(-40, 0.5, WindowFunction.SIGMOID)
    assert rendering(iccprofile="displayp3").profile is ColorProfile.DISPLAY_P3


def test_a_thumbnail_knows_its_viewport_only() -> None:
    parsed = parse_rendering([("viewport", "9,9"), ("annotation", "patient"), ("quality", "x")], thumbnail=True)
    assert parsed.rendering == Rendering(viewport=Viewport(9, 9))
    assert len(parsed.warnings) == 2
    with pytest.raises(QueryError, match="thumbnail"):
        parse_rendering([("viewport", "9,9,1,1")], thumbnail=True)


def test_parameters_of_others_are_left_aside() -> None:
    assert parse_rendering([("accept", "image/png"), ("fancy", "")]).rendering == Rendering()


def test_the_key_of_a_rendering_does_not_depend_on_the_process() -> None:
    both = rendering(annotation="technique,patient", quality="5")
    assert both.key.startswith("[<Annotation.PATIENT")
    assert both.key == rendering(annotation="patient,technique", quality="5").key != Rendering().key
