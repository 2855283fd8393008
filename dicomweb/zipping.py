"""Instances as one ZIP archive, application/zip (PS3.18 8.7.3.3, Supplement 211), made while it is sent."""

import zipfile
from collections.abc import Generator, Iterable, Sequence

from dicomweb.archive import StoredInstance
from dicomweb.parts import Part

_FLUSH_BYTES = 256 * 1024
_HUGE_BYTES = 2**31 - 1


class _Sink:
    """A file that can only be written to, and whose content is taken away now and then."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing is behind it."""

    @property
    def waiting(self) -> int:
        return len(self._written)

    def take(self) -> bytes:
        data = bytes(self._written)
        self._written.clear()
        return data


def zip_names(instances: Sequence[StoredInstance]) -> list[str]:
    """The name of each instance's file: a folder for each series, no identity in it."""
    return [f"{instance.series_instance_uid}/{instance.sop_instance_uid}.dcm" for instance in instances]


def zip_chunks(files: Iterable[tuple[str, Part]], *, deflate: bool) -> Generator[bytes, None, None]:
    """The archive of these named files, piece by piece; no more than a piece is held in memory.

    It bears no moment, so that the same files make the same archive. What is not to be deflated is nevertheless in
    that coding, in blocks that are stored: sizes follow a file here, and a coding that tells its own end is then the
    only one that every reader takes.
    """
    sink = _Sink()
    level = 1 if deflate else 0
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:  # type: ignore[call-overload]  # no seeking is needed
        for name, part in files:
            length = part.source.length or 0
            with archive.open(name, "w", force_zip64=length > _HUGE_BYTES) as file:
                for chunk in part.source.chunks():
                    file.write(chunk)
                    if sink.waiting >= _FLUSH_BYTES:
                        yield sink.take()
    yield sink.take()
