import pytest

from dicomweb.finishing import accepts_gzip


@pytest.mark.parametrize(
    "header",
    [
        "",
        "identity",
        "br",
        "gzip;q=0",
        "gzip;q=0.0",
        "*;q=0",
        "identity, gzip;q=0.5",
        "gzip;q=x",
        "gzip;q=2",
        "g zip",
        ";",
    ],
)
def test_gzip_is_not_sent_to_who_does_not_want_it(header: str) -> None:
    assert not accepts_gzip(header)


@pytest.mark.parametrize(
    "header",
    [
        "gzip",
        "GZIP",
        "gzip, deflate",
        "br, gzip;q=0.8",
        "*",
        "*;q=0.1",
        "x-gzip",
        "identity;q=0.5, gzip",
        "deflate,gzip ; q=1.0",
    ],
)
def test_gzip_is_sent_to_who_takes_it(header: str) -> None:
    assert accepts_gzip(header)


def test_a_very_long_list_of_codings_is_read_in_part_only() -> None:
    assert not accepts_gzip("br," * 100 + "gzip")
