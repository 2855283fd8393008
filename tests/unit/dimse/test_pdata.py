"""Messages cut into PDUs and read back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynetdicom.pdu import P_DATA_TF

from dimse.pdata import (
    BLOCK_BYTES,
    LONGEST_FRAGMENT_BYTES,
    PDU_HEADER,
    Fragment,
    MalformedPdata,
    block_bytes,
    command_pdus,
    data_pdus,
    fragment_bytes,
    fragments,
)

LONGEST_PDUS = st.one_of(st.just(0), st.integers(1024, 2**32 - 1))
IOV_MAX = 1024


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\0\0",
        b"\0\0\0\0\x01\x03",  # a length that does not count what it must
        b"\0\0\0\x05\x01\x03\0",  # longer than the PDU
        b"\xff\xff\xff\xff\x01\x03\0\0",
    ],
)
def test_a_pdu_whose_lengths_do_not_fit_or_that_holds_nothing_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedPdata):
        list(fragments(body))


@given(st.binary(max_size=300))
def test_any_bytes_are_fragments_or_refused(body: bytes) -> None:
    try:
        found = list(fragments(body))
    except MalformedPdata:
        return
    assert sum(6 + len(fragment.data) for fragment in found) == len(body)


@given(longest=LONGEST_PDUS)
def test_a_fragment_is_even_fits_the_peers_pdu_and_a_block_fits_one_call(longest: int) -> None:
    fragment = fragment_bytes(longest)
    assert fragment % 2 == 0
    assert 0 < fragment <= LONGEST_FRAGMENT_BYTES
    assert longest == 0 or fragment + 6 <= longest
    assert block_bytes(fragment) % fragment == 0
    assert block_bytes(fragment) <= BLOCK_BYTES
    assert 2 * (block_bytes(fragment) // fragment) + 2 <= IOV_MAX


@given(data=st.binary(min_size=1, max_size=20_000), longest=st.integers(1024, 6000), blocks_of=st.integers(1, 5))
def test_a_data_set_cut_into_blocks_and_pdus_comes_out_whole(data: bytes, longest: int, blocks_of: int) -> None:
    fragment = fragment_bytes(longest)
    size = fragment * blocks_of
    blocks = [data[start : start + size] for start in range(0, len(data), size)]
    sent = b"".join(bytes(part) for pdus in data_pdus(7, blocks, len(data), fragment) for part in pdus)
    found = _read(sent, longest)
    assert b"".join(piece.data for piece in found) == data
    assert [piece.is_last for piece in found] == [False] * (len(found) - 1) + [True]
    assert {(piece.context_id, piece.is_command) for piece in found} == {(7, False)}


def test_a_command_is_one_pdu_that_the_library_reads() -> None:
    sent = b"".join(bytes(part) for part in command_pdus(3, b"command!", fragment_bytes(0)))
    pdu = P_DATA_TF()
    pdu.decode(sent)
    [item] = pdu.presentation_data_value_items
    assert (item.presentation_context_id, item.presentation_data_value) == (3, b"\x03command!")


def _read(sent: bytes, longest: int) -> list[Fragment]:
    found: list[Fragment] = []
    while sent:
        kind, length = PDU_HEADER.unpack_from(sent)
        assert kind == 4
        assert length <= longest
        found += fragments(sent[6 : 6 + length])
        sent = sent[6 + length :]
    return found
