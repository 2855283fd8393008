"""The reader of forms: what goes in comes out, however it is cut, and nothing makes it keep more than it may."""

import gc
import weakref
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.form import MAX_FIELD_BYTES, MAX_FIELDS, FormError, FormReader, FormTooLarge, NotAForm, PostedForm

BOUNDARY = "limit"
CONTENT_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
MOST = 1000


def encoded(*parts: tuple[str, bytes]) -> bytes:
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode() + value + b"\r\n"
        for name, value in parts
    )
    return body + f"--{BOUNDARY}--\r\n".encode()


def read(body: bytes, size: int = 1 << 20, content_type: str = CONTENT_TYPE) -> PostedForm:
    reader = FormReader(content_type, MOST)
    for at in range(0, len(body), size):
        reader.feed(body[at : at + size])
    return reader.finish()


contents = st.binary(max_size=MOST).filter(lambda value: f"--{BOUNDARY}".encode() not in value)
names = st.text(st.characters(codec="utf-8", exclude_characters='"\\\r\n\0', exclude_categories=["C"]), min_size=1)


@given(contents, st.text(max_size=50).filter(lambda text: BOUNDARY not in text), st.integers(1, 50))
def test_what_goes_in_comes_out_however_it_is_cut(photo: bytes, note: str, size: int) -> None:
    form = read(encoded(("note", note.encode()), ("photo", photo)), size)
    assert form == PostedForm(photo, {"note": note})


@given(st.binary(max_size=300), st.integers(1, 50))
def test_no_bytes_bring_it_down(body: bytes, size: int) -> None:
    for whole in (body, encoded(("photo", b"x"))[:-20] + body, f"--{BOUNDARY}\r\n".encode() + body):
        try:
            form = read(whole, size)
        except FormError:
            continue
        assert isinstance(form, PostedForm)


@given(st.text(max_size=200))
def test_no_content_type_brings_it_down(content_type: str) -> None:
    with suppress(NotAForm):
        FormReader(content_type, MOST)


@pytest.mark.parametrize("boundary", ["b", '"b c"', "x" * 70])
def test_boundaries_of_rfc_2046_are_taken(boundary: str) -> None:
    FormReader(f"Multipart/Form-Data; charset=utf-8; BOUNDARY={boundary}", MOST)


def test_a_photo_at_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert read(encoded(("photo", b"x" * MOST))).photo == b"x" * MOST
    with pytest.raises(FormTooLarge, match="the photo is larger than 1000 bytes"):
        read(encoded(("photo", b"x" * (MOST + 1))), 100)


def test_too_large_is_said_before_the_end_comes() -> None:
    reader = FormReader(CONTENT_TYPE, MOST)
    reader.feed(encoded(("photo", b""))[: -len(f"\r\n--{BOUNDARY}--\r\n")])
    reader.feed(b"x" * 900)
    with pytest.raises(FormTooLarge):
        reader.feed(b"x" * 200)


def test_a_field_has_a_bound_of_its_own() -> None:
    with pytest.raises(FormTooLarge, match="the field 'note'"):
        read(encoded(("note", b"x" * (MAX_FIELD_BYTES + 1))))


@pytest.mark.parametrize("told", ['filename="x.jpg"', "filename*=UTF-8''x.jpg", 'filename=""'])
@pytest.mark.parametrize("size", [0, 10, 10 * MAX_FIELD_BYTES])
def test_a_file_in_another_field_is_told_where_it_belongs(told: str, size: int) -> None:
    head = f'--b\r\nContent-Disposition: form-data; name="file"; {told}\r\nContent-Type: image/jpeg\r\n\r\n'
    reader = FormReader('multipart/form-data; boundary="b"', 1 << 20)
    with pytest.raises(FormError, match="the file belongs into the field 'photo', not 'file'") as raised:
        reader.feed(head.encode() + bytes(size) + b"\r\n--b--\r\n")
    assert not isinstance(raised.value, FormTooLarge)


def test_so_many_fields_and_no_more() -> None:
    assert len(read(encoded(*((f"f{number}", b"") for number in range(MAX_FIELDS)))).fields) == MAX_FIELDS
    with pytest.raises(FormError, match="more than 64"):
        read(encoded(*((f"f{number}", b"") for number in range(MAX_FIELDS + 1))))


def test_a_name_with_quotes_or_beyond_ascii_is_read() -> None:
    assert read(encoded(("이름", "홍".encode()))).fields == {"이름": "홍"}
    assert read(encoded(('a\\"b', b"x"))).fields == {'a"b': "x"}


def test_a_form_that_ends_early_is_refused() -> None:
    with pytest.raises(FormError, match="closing boundary"):
        read(encoded(("photo", b"x" * 10))[:-10])


def test_a_form_is_gone_as_soon_as_nobody_holds_it() -> None:
    """Photos must not wait in memory for the garbage collector."""
    reader = FormReader(CONTENT_TYPE, MOST)
    reader.feed(encoded(("photo", b"x")))
    collected = weakref.ref(reader._collected)
    gc.disable()
    try:
        del reader
        assert collected() is None
    finally:
        gc.enable()
