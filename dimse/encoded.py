"""An encoded data set on its way out: read from where it lies, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from dimse.errors import UnavailableInstance, UnreadableInstance
from dimse.part10 import read_head


@dataclass(frozen=True, slots=True)
class EncodedDataSet:
    """The `length` bytes of `stream` from `offset` on, encoded in `transfer_syntax_uid`; may be read repeatedly."""

    stream: BinaryIO
    offset: int
    length: int
    transfer_syntax_uid: str

    @classmethod
    def of_file(cls, stream: BinaryIO) -> "EncodedDataSet":
        """The data set of a DICOM file. Raises UnavailableInstance, and UnreadableInstance where it is none."""
        try:
            head = read_head(stream)
            size = stream.seek(0, 2)
        except OSError as error:
            raise _unavailable(error) from error
        if size <= head.data_set_offset:
            raise UnreadableInstance("the file holds no data set")
        return cls(stream, head.data_set_offset, size - head.data_set_offset, head.transfer_syntax_uid)

    def blocks(self, size: int) -> Iterator[bytes]:
        """Every byte, in blocks of `size`, the last one shorter. Raises UnavailableInstance."""
        try:
            self.stream.seek(self.offset)
            for start in range(0, self.length, size):
                yield _read_exactly(self.stream, min(size, self.length - start))
        except OSError as error:
            raise _unavailable(error) from error

    def whole_file(self) -> bytes:
        """Every byte of the file that it lies in. Raises UnavailableInstance."""
        try:
            self.stream.seek(0)
            return self.stream.read()
        except OSError as error:
            raise _unavailable(error) from error


def _read_exactly(stream: BinaryIO, size: int) -> bytes:
    block = stream.read(size)
    while len(block) < size:
        more = stream.read(size - len(block))
        if not more:
            raise UnavailableInstance("the file ends before its end")
        block += more
    return block


def _unavailable(error: OSError) -> UnavailableInstance:
    return UnavailableInstance(f"the file cannot be read: {error.strerror or type(error).__name__}")
