"""Media types, Accept lists, and which representation is chosen."""

import contextlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomweb.media_types import MediaTypeError, parse_accept, parse_media_type
from dicomweb.negotiation import NotAcceptableError, Offer, choose, preferences
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN
from dicomweb.wado import dicom_offers, frame_offers
from tests.unit.dicomweb.instances import stored

JPEG = "1.2.840.10008.1.2.4.50"
DICOM = Offer("application/dicom", multipart=True, transfer_syntax_uid=JPEG)


@pytest.mark.parametrize(
    "text",
    [
        'multipart/related; type="application/dicom"; transfer-syntax=*',
        "multipart/related;type=application/dicom;transfer-syntax=*",
        'Multipart/Related ; TYPE = "application/dicom" ;transfer-syntax="*"; ',
    ],
)
def test_quotes_case_and_spaces_of_parameters_do_not_matter(text: str) -> None:
    media_type = parse_media_type(text)
    assert media_type.essence == "multipart/related"
    assert dict(media_type.parameters) == {"type": "application/dicom", "transfer-syntax": "*"}


@pytest.mark.parametrize("text", ["", "dicom", "a/b; =", 'a/b; type="x', "a/b c", "/", "a/b" + ";x=y" * 5000])
def test_text_that_is_no_media_type_is_refused(text: str) -> None:
    with pytest.raises(MediaTypeError):
        parse_media_type(text)


@pytest.mark.parametrize("text", ["a/b;q=2", "a/b;q=x", "a/b;;q=-1", "a/b c/d"])
def test_lists_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(MediaTypeError):
        parse_accept(text)


def test_entries_are_ordered_by_weight_then_place_and_zero_is_left_out() -> None:
    accepted = parse_accept('a/a;q=0.5, b/b, c/c;type="x,y";q=0, d/d;q=1.0, e/e;q=0.7')
    assert [one.media_type.essence for one in accepted] == ["b/b", "d/d", "e/e", "a/a"]


@given(st.text(alphabet='a/b;,= "\\q.0*\r', max_size=40))
def test_any_accept_header_is_a_list_or_refused(text: str) -> None:
    with contextlib.suppress(MediaTypeError):
        parse_accept(text)


def test_without_accept_everything_is_accepted_unless_strict() -> None:
    assert choose(preferences(None, None, strict=False), [DICOM]) is DICOM
    with pytest.raises(NotAcceptableError):
        preferences(None, None, strict=True)


def test_the_query_parameter_goes_before_the_header() -> None:
    accepted = preferences("text/html", "application/dicom+json", strict=True)
    assert [one.media_type.essence for one in accepted] == ["application/dicom+json"]


def chosen(accept: str, offers: Sequence[Offer]) -> tuple[str, bool, str | None] | None:
    try:
        offer = choose(parse_accept(accept), offers)
    except NotAcceptableError:
        return None
    return offer.media_type, offer.multipart, offer.transfer_syntax_uid


M = "multipart/related; type="
DICOM_TYPE = "application/dicom"


@pytest.mark.parametrize(
    ("stored_syntax", "accept", "expected"),
    [
        (JPEG, f'{M}"application/dicom"', (DICOM_TYPE, True, JPEG)),
        (JPEG, f'{M}"application/dicom"; transfer-syntax=*', (DICOM_TYPE, True, JPEG)),
        (JPEG, f"{M}application/dicom; transfer-syntax={JPEG}", (DICOM_TYPE, True, JPEG)),
        (JPEG, f"{M}application/dicom; transfer-syntax=1.2.840.10008.1.2.1", (DICOM_TYPE, True, "1.2.840.10008.1.2.1")),
        (JPEG, f"{M}application/dicom; transfer-syntax=1.2.840.10008.1.2.4.107", None),
        (JPEG, "application/dicom", (DICOM_TYPE, False, JPEG)),
        (JPEG, "*/*", (DICOM_TYPE, True, JPEG)),
        (JPEG, "multipart/related", (DICOM_TYPE, True, JPEG)),
        (JPEG, f"text/html, {M}application/dicom;q=0.5", (DICOM_TYPE, True, JPEG)),
        (JPEG, "text/html", None),
        (JPEG, f"{M}application/octet-stream", None),
        ("1.2.840.10008.1.2", f"{M}application/dicom", (DICOM_TYPE, True, EXPLICIT_VR_LITTLE_ENDIAN)),
        ("1.2.840.10008.1.2.4.90", f"{M}application/dicom", (DICOM_TYPE, True, EXPLICIT_VR_LITTLE_ENDIAN)),
        (
            "1.2.840.10008.1.2.4.90",
            f"{M}application/dicom;transfer-syntax=*",
            (DICOM_TYPE, True, "1.2.840.10008.1.2.4.90"),
        ),
    ],
)
def test_an_instance_goes_out_as_the_standard_and_the_client_want(
    stored_syntax: str, accept: str, expected: tuple[str, bool, str] | None
) -> None:
    assert chosen(accept, dicom_offers([stored(stored_syntax)])) == expected


def test_several_instances_are_never_a_single_part() -> None:
    offers = dicom_offers([stored(JPEG), stored(EXPLICIT_VR_LITTLE_ENDIAN)])
    assert chosen("application/dicom", offers) is None
    assert chosen(f"{M}application/dicom", offers) == (DICOM_TYPE, True, "as-stored")


OCTETS = "application/octet-stream"


@pytest.mark.parametrize(
    ("stored_syntax", "accept", "expected"),
    [
        (JPEG, f"{M}application/octet-stream; transfer-syntax=*", ("image/jpeg", True, JPEG)),
        (JPEG, f'{M}"*/*"', ("image/jpeg", True, JPEG)),
        (JPEG, f"{M}image/jpeg", ("image/jpeg", True, JPEG)),
        (JPEG, "image/jpeg", ("image/jpeg", False, JPEG)),
        (JPEG, "image/*", ("image/jpeg", False, JPEG)),
        (JPEG, f"{M}application/octet-stream", (OCTETS, True, EXPLICIT_VR_LITTLE_ENDIAN)),
        (JPEG, f"{M}image/jls", None),
        ("1.2.840.10008.1.2.4.80", f"{M}application/octet-stream", (OCTETS, True, EXPLICIT_VR_LITTLE_ENDIAN)),
        ("1.2.840.10008.1.2.4.80", "image/jls", ("image/jls", False, "1.2.840.10008.1.2.4.80")),
        ("1.2.840.10008.1.2.5", OCTETS, (OCTETS, False, EXPLICIT_VR_LITTLE_ENDIAN)),
        ("1.2.840.10008.1.2.4.110", f"{M}application/octet-stream", None),
        ("1.2.840.10008.1.2", f"{M}application/octet-stream", (OCTETS, True, EXPLICIT_VR_LITTLE_ENDIAN)),
        (EXPLICIT_VR_LITTLE_ENDIAN, f"{M}image/jpeg", None),
    ],
)
def test_a_frame_goes_out_as_the_client_can_read_it(
    stored_syntax: str, accept: str, expected: tuple[str, bool, str] | None
) -> None:
    assert chosen(accept, frame_offers(stored(stored_syntax), single=True)) == expected
