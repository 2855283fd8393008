"""A request and an answer of HTTP, as much of them as delivery needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

MAX_ANSWER_BYTES = 1024 * 1024
"""Far above what a store response or an answer about one instance takes."""


class Body(Protocol):
    """What a request carries."""

    def chunks(self) -> Iterable[bytes]:
        """The bytes, in pieces that memory can bear; each call begins anew."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the server; `length` is how many bytes its body has."""

    method: str
    target: str
    headers: Mapping[str, str]
    length: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: header names in lower case; `body` is None where it was longer than is read."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = b""

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
