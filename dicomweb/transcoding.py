"""Making Explicit VR Little Endian out of what is stored, for clients that cannot decode (PS3.18 8.7.3.5.2)."""

import struct
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError
from pydicom import dcmread
from pydicom.dataset import FileDataset

from dicomweb.archive import Span
from dicomweb.transfer_syntaxes import EXPLICIT_VR_LITTLE_ENDIAN, NATIVE

_SAMPLES = {"L": 1, "RGB": 3}


class TranscodingError(ValueError):
    """An object that cannot be made uncompressed here; the text says why."""


def decode_frame(data: bytes, rows: int, columns: int) -> tuple[bytes, str]:
    """One compressed frame as interleaved 8-bit samples, row by row, and its photometric interpretation.

    The picture's own header is read first: one that is not `rows` x `columns` is never decoded.

    Raises:
        TranscodingError: no picture, another size, or neither grey nor three-channel colour with 8 bits.
    """
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "JPEG2000")) as picture:
            if picture.size != (columns, rows):
                raise TranscodingError("the coded picture has another size than the header says")
            if picture.mode not in _SAMPLES:
                raise TranscodingError("the coded picture is neither grey nor colour with 8 bits")
            return picture.tobytes(), "RGB" if picture.mode == "RGB" else "MONOCHROME2"
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, struct.error):
        raise TranscodingError("the coded picture cannot be decoded") from None


def read_frame(file: BinaryIO, spans: Sequence[Span]) -> bytes:
    """The bytes of a frame's fragments."""
    return b"".join(_read(file, span) for span in spans)


def _read(file: BinaryIO, span: Span) -> bytes:
    file.seek(span.offset)
    return file.read(span.length)


def to_explicit_little_endian(file: BinaryIO, frames: Sequence[Sequence[Span]], *, max_bytes: int) -> bytes:
    """A stored Part 10 file as Explicit VR Little Endian with uncompressed pixels.

    Args:
        file: the stored file, one that `part10.read_part10` has read.
        frames: where its frames lie.
        max_bytes: bound on the decoded pixel data.

    Raises:
        TranscodingError: it cannot be decoded, or is larger than allowed.
    """
    decoded = None
    try:
        file.seek(0)
        ds = dcmread(file)
        if ds.file_meta.TransferSyntaxUID not in NATIVE:
            decoded = _decode(file, ds, frames, max_bytes)
        return _rewritten(ds, decoded)
    except (AttributeError, KeyError, NotImplementedError, TypeError, struct.error) as error:
        raise TranscodingError("the data set cannot be encoded explicitly") from error


def _decode(
    file: BinaryIO, ds: FileDataset, frames: Sequence[Sequence[Span]], max_bytes: int
) -> tuple[bytes, str] | None:
    rows, columns = int(ds.Rows), int(ds.Columns)
    if rows * columns * int(ds.SamplesPerPixel) * max(len(frames), 1) > max_bytes:
        raise TranscodingError(f"decoded it has more than {max_bytes} bytes")
    if not frames:
        raise TranscodingError("its frames cannot be told apart")
    decoded = list(_decoded_frames(file, frames, rows, columns))
    return b"".join(samples for samples, _ in decoded), decoded[0][1]


def _decoded_frames(
    file: BinaryIO, frames: Sequence[Sequence[Span]], rows: int, columns: int
) -> Iterator[tuple[bytes, str]]:
    for spans in frames:
        yield decode_frame(read_frame(file, spans), rows, columns)


def _rewritten(ds: FileDataset, decoded: tuple[bytes, str] | None) -> bytes:
    if decoded is not None:
        samples, ds.PhotometricInterpretation = decoded
        ds.PixelData = samples + b"\0" * (len(samples) % 2)
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = False
        ds.SamplesPerPixel = 3 if ds.PhotometricInterpretation == "RGB" else 1
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
        if ds.SamplesPerPixel == 3:
            ds.PlanarConfiguration = 0
    ds.file_meta.TransferSyntaxUID = EXPLICIT_VR_LITTLE_ENDIAN  # type: ignore[assignment]  # a plain str is taken
    buffer = BytesIO()
    ds.save_as(buffer, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return buffer.getvalue()
