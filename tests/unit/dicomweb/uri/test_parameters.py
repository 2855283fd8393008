"""The query of WADO-URI: what must be there, what each parameter may be."""

import pytest

from dicomweb.query import QueryError
from dicomweb.rendering.image_facts import image_facts
from dicomweb.rendering.parameters import Annotation, Region, Rendering, Viewport, VoiWindow
from dicomweb.uri.parameters import UriRequest, parse_uri_request

NAMED = {"requestType": "WADO", "studyUID": "1.1", "seriesUID": "1.2", "objectUID": "1.3"}


def parsed(**values: str) -> UriRequest:
    return parse_uri_request(list({**NAMED, **values}.items()))


@pytest.mark.parametrize("name", list(NAMED))
def test_each_of_the_four_is_needed_and_named(name: str) -> None:
    with pytest.raises(QueryError, match=name):
        parse_uri_request([pair for pair in NAMED.items() if pair[0] != name])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("requestType", "wado"),
        ("studyUID", "../../etc/passwd"),
        ("objectUID", "1.3,1.4"),
        ("frameNumber", "0"),
        ("frameNumber", "x"),
        ("frameNumber", "1,2"),
        ("imageQuality", "101"),
        ("rows", "0"),
        ("columns", "x"),
        ("region", "0,0,1"),
        ("region", "0.5,0,0.5,1"),
        ("region", "0,0,1.1,1"),
        ("windowCenter", "1"),
        ("windowWidth", "1"),
        ("anonymize", "no"),
        ("transferSyntax", "jpeg"),
    ],
)
def test_wrong_values_are_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        parsed(**{name: value})


def test_a_parameter_twice_is_refused() -> None:
    with pytest.raises(QueryError, match="twice"):
        parse_uri_request([*NAMED.items(), ("studyUID", "1.9")])


def test_a_picture_is_asked_for_as_over_rs() -> None:
    read = parsed(
        rows="24", columns="32", imageQuality="50", windowCenter="40", windowWidth="400", imageAnnotation="patient"
    )
    assert read.rendering == Rendering(
        annotations=frozenset({Annotation.PATIENT}), quality=50, viewport=Viewport(32, 24), window=VoiWindow(40, 400)
    )
    assert read.wants_picture
    assert not parsed().wants_picture


def test_a_region_is_in_parts_of_the_picture() -> None:
    facts = image_facts(
        {"00280010": {"vr": "US", "Value": [48]}, "00280011": {"vr": "US", "Value": [64]}}, lambda _: b""
    )
    region = parsed(region="0.25,0,0.75,0.5").region
    assert region is not None
    assert region.of(facts) == Region(16, 0, 32, 24)


def test_the_transfer_syntax_goes_with_the_type_of_files() -> None:
    read = parsed(contentType="application/dicom, image/png;q=0.5", transferSyntax="1.2.840.10008.1.2.1")
    assert read.accepted is not None
    assert [each.media_type.get("transfer-syntax") for each in read.accepted] == ["1.2.840.10008.1.2.1", None]


def test_what_is_not_done_here_is_told() -> None:
    assert parsed(presentationUID="1.2").warnings == ["The presentationUID parameter is not supported."]
