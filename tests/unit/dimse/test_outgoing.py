import io
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom.uid import ExplicitVRLittleEndian

from dimse.errors import UnavailableInstance, UnreadableInstance
from tests.unit.dimse.samples import photo


def test_a_file_that_is_gone_is_said_to_be_unavailable(tmp_path: Path) -> None:
    gone = replace(photo().outgoing, open_file=(tmp_path / "gone.dcm").open)  # type: ignore[arg-type]  # fails first
    with pytest.raises(UnavailableInstance, match="cannot be read"), gone.opened():
        pass


def test_a_file_in_another_syntax_than_said_is_refused() -> None:
    """Sent under the wrong presentation context it would be garbage at the peer."""
    wrong = replace(photo().outgoing, transfer_syntax_uid=str(ExplicitVRLittleEndian))
    with pytest.raises(UnreadableInstance, match="transfer syntax"), wrong.opened():
        pass


def test_the_data_set_is_every_byte_behind_the_head() -> None:
    sample = photo()
    with sample.outgoing.opened() as opened:
        data_set = b"".join(opened.blocks(1000))
        assert b"".join(opened.blocks(7)) == data_set, "it may be read again"
    assert sample.file.endswith(data_set)
    assert data_set.startswith(b"\x08\0\x16\0UI")


def test_the_file_is_closed_after_reading() -> None:
    stream = io.BytesIO(photo().file)
    with replace(photo().outgoing, open_file=lambda: stream).opened():
        pass
    assert stream.closed
