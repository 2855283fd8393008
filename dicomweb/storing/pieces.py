"""Encoded bytes part of which still lie in a scratch file."""

from collections.abc import Iterator

from dicomweb.archive import Span


class Pieces:
    """Bytes and spans one after another; neighbouring bytes are joined when they are read."""

    def __init__(self) -> None:
        self._pieces: list[bytes | Span] = []
        self.length = 0

    def add(self, piece: bytes | Span) -> None:
        """Append bytes, or the place of bytes."""
        length = len(piece) if isinstance(piece, bytes) else piece.length
        if length:
            self._pieces.append(piece)
            self.length += length

    def extend(self, other: "Pieces") -> None:
        """Append all of another's."""
        for piece in other:
            self.add(piece)

    def __iter__(self) -> Iterator[bytes | Span]:
        gathered: list[bytes] = []
        for piece in self._pieces:
            if isinstance(piece, bytes):
                gathered.append(piece)
                continue
            if gathered:
                yield b"".join(gathered)
                gathered.clear()
            yield piece
        if gathered:
            yield b"".join(gathered)
