"""Digests of a file while it passes."""

import hashlib
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.digests import FileDigest
from tests.unit.archive.samples import part10, photo

FILE = part10(photo(picture=b"\xff\xd8" + bytes(9000) + b"\xff\xd9"))


def digested(file: bytes, sizes: list[int]) -> tuple[bytes, FileDigest]:
    digest, kept, offset = FileDigest(), b"", 0
    for size in [*sizes, len(file)]:
        kept += bytes(digest.clean(file[offset : offset + size]))
        offset += size
    return kept, digest


def data_set_of(file: bytes) -> str:
    length = int.from_bytes(file[140:144], "little")
    return hashlib.sha256(file[144 + length :]).hexdigest()


@given(st.lists(st.integers(0, 3000), max_size=20))
def test_chunks_make_no_difference(sizes: list[int]) -> None:
    kept, digest = digested(FILE, sizes)
    assert kept == FILE
    assert digest.sha256 == hashlib.sha256(FILE).hexdigest()
    assert digest.data_set_sha256(lambda: BytesIO(kept)) == data_set_of(FILE)


def test_a_short_file_has_its_data_set_digested_too() -> None:
    file = part10(photo(picture=b"\xff\xd8\xff\xd9"))
    kept, digest = digested(file, [])
    assert digest.data_set_sha256(lambda: BytesIO(kept)) == data_set_of(file)


@pytest.mark.parametrize("sizes", [[], [1, 60, 3], [128], [127, 2]])
def test_an_executable_preamble_is_zeroed(sizes: list[int]) -> None:
    """CVE-2019-11687."""
    kept, digest = digested(b"MZ" + b"\x90" * 126 + FILE[128:], sizes)
    assert kept == bytes(128) + FILE[128:]
    assert digest.sha256 == hashlib.sha256(kept).hexdigest()


def test_other_software_makes_another_file_but_the_same_data_set() -> None:
    ds = photo()
    one, other = part10(ds, software="A 1"), part10(ds, software="LONGER 2")
    digests = [digested(file, [])[1] for file in (one, other)]
    assert digests[0].sha256 != digests[1].sha256
    found = {
        digest.data_set_sha256(lambda file=file: BytesIO(file))  # type: ignore[misc]  # bound at once
        for digest, file in zip(digests, (one, other), strict=True)
    }
    assert len(found) == 1
