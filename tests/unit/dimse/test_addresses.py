import pytest

from dimse.addresses import RemoteAE, Timeouts, checked_ae_title
from dimse.errors import InvalidAddress


@pytest.mark.parametrize(
    "title", ["", "    ", "SEVENTEEN_LETTERS", "BACK\\SLASH", "LINE\nFEED", "TAB\t", "피부", "DEL\x7f"]
)
def test_an_unusable_ae_title_is_refused(title: str) -> None:
    with pytest.raises(InvalidAddress):
        checked_ae_title(title)


@pytest.mark.parametrize(
    ("title", "stripped"),
    [("A", "A"), ("  PACS 1 ", "PACS 1"), ("SIXTEEN_LETTERS!", "SIXTEEN_LETTERS!"), ("pacs", "pacs")],
)
def test_an_ae_title_loses_its_padding_and_nothing_else(title: str, stripped: str) -> None:
    assert checked_ae_title(title) == stripped


@pytest.mark.parametrize(
    ("host", "port"),
    [("", 104), ("a b", 104), ("x" * 254, 104), ("host\n", 104), ("host", 0), ("host", 65536), ("host", -1)],
)
def test_an_unusable_host_or_port_is_refused(host: str, port: int) -> None:
    with pytest.raises(InvalidAddress):
        RemoteAE(host, port, "PACS")


def test_a_remote_ae_reads_as_title_and_address() -> None:
    assert str(RemoteAE("pacs.example", 104, " PACS ")) == "PACS at pacs.example:104"


@pytest.mark.parametrize("seconds", [0, -1.0, float("inf"), float("nan")])
def test_a_timeout_that_never_or_always_expires_is_refused(seconds: float) -> None:
    with pytest.raises(InvalidAddress):
        Timeouts(connect_seconds=seconds)


def test_the_answer_to_a_large_message_may_take_longer() -> None:
    timeouts = Timeouts(dimse_seconds=30)
    assert timeouts.response_seconds(0) == 30
    assert timeouts.response_seconds(64 * 1024 * 1024) > 300
