"""The command sets of C-STORE."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pynetdicom.dsutils import decode, encode

from dimse.outgoing import MoveOriginator
from dimse.store_messages import MalformedCommand, command_elements, command_field, store_answer, store_request


def response(**changes: object) -> bytes:
    """A C-STORE response to message 7, as pynetdicom writes it; None leaves an element out."""
    ds = Dataset()
    values = {
        "AffectedSOPClassUID": "1.2.3", "CommandField": 0x8001, "MessageIDBeingRespondedTo": 7,
        "CommandDataSetType": 0x0101, "Status": 0, "AffectedSOPInstanceUID": "1.2.3.4",
    }  # fmt: skip
    for keyword, value in (values | changes).items():
        if value is not None:
            setattr(ds, keyword, value)
    encoded = encode(ds, True, True)
    assert encoded is not None
    return encoded


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"CommandField": 0x8030}, "something else"),
        ({"CommandField": None}, "something else"),
        ({"CommandDataSetType": 0x0001}, "something else"),
        ({"MessageIDBeingRespondedTo": 8}, "another message"),
        ({"MessageIDBeingRespondedTo": None}, "another message"),
        ({"Status": None}, "without a status"),
    ],
)
def test_what_is_no_answer_to_our_request_is_refused(changes: dict[str, object], told: str) -> None:
    with pytest.raises(MalformedCommand, match=told):
        store_answer(command_elements(response(**changes)), 7)


@pytest.mark.parametrize("cut", [1, 7, 9, 30])
def test_a_command_that_ends_too_early_is_refused(cut: int) -> None:
    with pytest.raises(MalformedCommand):
        command_elements(response()[:-cut])


def test_elements_of_other_groups_are_refused() -> None:
    with pytest.raises(MalformedCommand):
        command_elements(b"\x10\0\x10\0\x04\0\0\0DOE^")


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_refused(command: bytes) -> None:
    try:
        answer = store_answer(command_elements(command), 7)
    except MalformedCommand:
        return
    assert 0 <= answer.status <= 0xFFFF


@given(status=st.integers(0, 0xFFFF))
def test_every_status_is_read(status: int) -> None:
    assert store_answer(command_elements(response(Status=status)), 7).status == status


def test_what_the_peer_adds_is_read_short_and_printable() -> None:
    answer = store_answer(
        command_elements(response(ErrorComment="No\tway " * 9 + "!", OffendingElement=[0x00100010] * 40)), 7
    )
    assert answer.comment == "Noway " * 9 + "!"
    assert answer.offending_elements == ("00100010",) * 16


def test_the_request_reads_as_the_library_has_it() -> None:
    command = store_request("1.2.840.10008.5.1.4.1.1.77.1.4", "2.25.1", 300, MoveOriginator("MOVER", 12))
    ds = decode(io.BytesIO(command), True, True)
    assert command_field(command_elements(command)) == ds.CommandField == 0x0001
    assert (ds.CommandGroupLength, ds.MessageID, ds.Priority) == (len(command) - 12, 300, 0)
    assert (ds.AffectedSOPClassUID, ds.AffectedSOPInstanceUID) == ("1.2.840.10008.5.1.4.1.1.77.1.4", "2.25.1")
    assert ds.CommandDataSetType != 0x0101
    assert (ds.MoveOriginatorApplicationEntityTitle, ds.MoveOriginatorMessageID) == ("MOVER", 12)
    assert list(ds.keys()) == sorted(ds.keys())


def test_without_a_move_nobody_is_named() -> None:
    ds = decode(io.BytesIO(store_request("1.2", "1.3", 1)), True, True)
    assert "MoveOriginatorApplicationEntityTitle" not in ds


def test_a_comment_that_is_too_long_is_cut() -> None:
    longer = response() + b"\0\0\x02\x09" + (200).to_bytes(4, "little") + b"x" * 200
    assert store_answer(command_elements(longer), 7).comment == "x" * 64


def test_a_response_that_says_nothing_of_a_data_set_has_none() -> None:
    """Some peers leave it out; taken for no answer, the same object would be sent for ever."""
    assert store_answer(command_elements(response(CommandDataSetType=None)), 7).status == 0
