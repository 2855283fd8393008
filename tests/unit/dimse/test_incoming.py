from typing import Any

import pytest

from dimse.errors import InvalidAddress
from dimse.incoming import Peer, ProviderConfig, ReceivedInstance, StoreRequest, is_loopback
from dimse.part10 import PREAMBLE


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "0.0.0.0"},
        {"host": ""},
        {"port": 70000},
        {"ae_title": "WAY_TOO_LONG_A_TITLE"},
        {"max_pdu_bytes": 0},
        {"max_pdu_bytes": 2**30},
        {"max_associations": 0},
        {"max_object_bytes": 0},
    ],
    ids=str,
)
def test_an_unusable_configuration_is_refused(wrong: dict[str, Any]) -> None:
    """An address that others reach needs a list of peers."""
    good: dict[str, Any] = {"host": "127.0.0.1", "port": 11112, "ae_title": "DERMGATE"}
    with pytest.raises(InvalidAddress):
        ProviderConfig(**(good | wrong))


def test_with_peers_listed_others_than_this_machine_may_call() -> None:
    assert ProviderConfig("0.0.0.0", 11112, "DERMGATE", (Peer("CAMERA", "192.0.2.1"),)).peers[0].ae_title == "CAMERA"


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("::", False), ("pacs", False)]
)
def test_loopback_is_known(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_a_received_instance_becomes_a_file_with_a_zero_preamble_around_the_same_bytes() -> None:
    data_set = b"\x08\0\x05\0CS\x0a\0ISO_IR 192"
    request = StoreRequest("CAMERA", "DERMGATE", "127.0.0.1", "1.2.3", "1.2.3.4", "1.2.840.10008.1.2.1")
    file = ReceivedInstance(request, data_set).part10()
    assert file.startswith(PREAMBLE + b"DICM")
    assert file.endswith(data_set)
