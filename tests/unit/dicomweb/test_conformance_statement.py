"""The conformance statement says what the code does."""

from pathlib import Path

import pytest
from pydicom.datadict import keyword_for_tag

import dicomweb.app
from dicomweb.capabilities.operations import OPERATIONS
from dicomweb.settings import DicomWebSettings
from gateway.archive.match_keys import SUPPORTED_KEYS
from gateway.config import HttpSettings

_TEXT = (Path(dicomweb.app.__file__).parent / "CONFORMANCE.md").read_text("utf-8")


@pytest.mark.parametrize("name", sorted({path.rpartition("/")[2] for _, path in OPERATIONS} - {""}))
def test_every_resource_is_stated(name: str) -> None:
    assert name in _TEXT


@pytest.mark.parametrize(
    "media_type", sorted({each for one in OPERATIONS.values() for each in (*one.gives, *one.takes)})
)
def test_every_media_type_is_stated(media_type: str) -> None:
    assert media_type.removeprefix("multipart/related; type=").strip('"') in _TEXT


def test_every_key_that_matches_is_stated() -> None:
    assert [keyword_for_tag(tag) for tag in SUPPORTED_KEYS if keyword_for_tag(tag) not in _TEXT] == []


def test_limits_are_those_of_the_settings() -> None:
    settings = DicomWebSettings()
    gibibytes = HttpSettings().max_request_bytes // 1024**3
    assert f"{gibibytes} GiB, {settings.max_store_parts} parts, {settings.idle_seconds:.0f} seconds" in _TEXT
    assert f"`limit` ({settings.default_limit} unless given, {settings.max_limit} at most)" in _TEXT
    assert f"{settings.max_decoded_bytes // 1024**2} MiB an instance or picture" in _TEXT
