"""Column types of the index: JSON as text, JSON packed, and text that sorts by code point everywhere."""

import zlib
from typing import Any

import orjson
from sqlalchemy import Dialect, LargeBinary, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from dicomweb.at_once import goes_on, is_short, takes_longer

_PACK_LEVEL = 1
_SHORT_BYTES = 64 * 1024
"""Of JSON that is read in a block that has to be short; ten times of what a header usually has."""


class JsonText(TypeDecorator[Any]):
    """JSON kept as readable text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        """To text."""
        return None if value is None else json_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """From text."""
        return None if value is None else orjson.loads(value)


class PackedJson(TypeDecorator[Any]):
    """JSON that is never searched, deflated: a header is some 6 kB as text and 1.5 kB packed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Serialise and pack."""
        return None if value is None else packed(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """Unpack and parse."""
        return None if value is None else unpacked(value)


def json_text(value: Any) -> str:
    """How a `JsonText` column keeps a value."""
    return orjson.dumps(value).decode()


def packed(value: Any) -> bytes:
    """How a `PackedJson` column keeps a value."""
    return zlib.compress(orjson.dumps(value), _PACK_LEVEL)


def unpacked(value: bytes) -> Any:
    """What a `PackedJson` column holds; in a block that has to be short, as long as it is."""
    return orjson.loads(_some(value) if is_short() else zlib.decompress(value))


def _some(value: bytes) -> bytes:
    goes_on()
    inflater = zlib.decompressobj()
    text = inflater.decompress(value, _SHORT_BYTES)
    if not inflater.eof:
        takes_longer()
    return text


def match_text(length: int) -> TypeEngine[str]:
    """Text compared by code point, as SQLite does: PostgreSQL needs "C" for a prefix to be a range of its index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")
