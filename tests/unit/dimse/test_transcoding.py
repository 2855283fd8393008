import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000, MPEG4HP41, UID, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit
from pynetdicom.dsutils import decode

from dimse import transcoding
from dimse.encoded import EncodedDataSet
from dimse.errors import UnavailableInstance
from dimse.transcoding import CannotTranscode, in_syntax, native_data_set
from tests.unit.dimse.samples import photo, pixels


def read(encoded: bytes, syntax: UID) -> Dataset:
    return decode(io.BytesIO(encoded), syntax.is_implicit_VR, syntax.is_little_endian)


def broken(syntax: UID) -> io.BytesIO:
    """A file that claims `syntax` for pixels that no decoder knows."""
    ds = dcmread(io.BytesIO(photo().file))
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([b"no picture at all"])
    written = io.BytesIO()
    ds.save_as(written)
    return io.BytesIO(written.getvalue())


def test_a_video_is_refused() -> None:
    with pytest.raises(CannotTranscode, match="video"):
        native_data_set(broken(MPEG4HP41), ExplicitVRLittleEndian)


def test_a_video_is_refused_before_it_is_read() -> None:
    stored = EncodedDataSet.of_file(broken(MPEG4HP41))
    stored.stream.close()  # reading it would fail
    with pytest.raises(CannotTranscode, match="video"), in_syntax(stored, ExplicitVRLittleEndian):
        pass


def test_what_is_too_long_to_be_held_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoding, "MAX_DECODED_BYTES", 1000)
    stored = EncodedDataSet.of_file(io.BytesIO(photo(7, transfer_syntax=ExplicitVRLittleEndian).file))
    stored.stream.close()
    with pytest.raises(CannotTranscode, match="memory"), in_syntax(stored, ImplicitVRLittleEndian):
        pass


@pytest.mark.parametrize("held_bytes", [1, 1_000_000])
def test_a_full_disk_or_too_little_memory_here_says_nothing_of_the_picture(
    monkeypatch: pytest.MonkeyPatch, held_bytes: int
) -> None:
    def full(*_arguments: object, **_named: object) -> None:
        raise OSError(28, "No space left on device") if held_bytes == 1 else MemoryError

    monkeypatch.setattr("dimse.transcoding.MAX_HELD_BYTES", held_bytes)
    monkeypatch.setattr("tempfile.TemporaryFile" if held_bytes == 1 else "pydicom.Dataset.decompress", full)
    stored = EncodedDataSet.of_file(io.BytesIO(photo(7).file))
    with pytest.raises(UnavailableInstance), in_syntax(stored, ExplicitVRLittleEndian):
        pass


def test_pixels_that_cannot_be_decoded_are_refused_without_quoting_them() -> None:
    with pytest.raises(CannotTranscode, match="decoding failed") as caught:
        native_data_set(broken(JPEG2000), ExplicitVRLittleEndian)
    assert "Nobody" not in str(caught.value)


def test_no_file_at_all_is_refused() -> None:
    with pytest.raises(CannotTranscode):
        native_data_set(io.BytesIO(b"no DICOM"), ExplicitVRLittleEndian)


def test_a_picture_too_large_to_decode_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcoding, "MAX_DECODED_BYTES", 1000)
    with pytest.raises(CannotTranscode, match="memory"):
        native_data_set(io.BytesIO(photo().file), ExplicitVRLittleEndian)


def test_a_compressed_target_is_refused() -> None:
    with pytest.raises(CannotTranscode):
        native_data_set(io.BytesIO(photo().file), JPEGBaseline8Bit)


@pytest.mark.parametrize("target", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_jpeg_becomes_rgb_and_stays_lossy_under_its_uid(target: UID) -> None:
    sample = photo(seed=5)
    ds = read(native_data_set(io.BytesIO(sample.file), target), target)
    assert ds.SOPInstanceUID == sample.outgoing.sop_instance_uid
    assert ds.PhotometricInterpretation == "RGB"
    assert ds.LossyImageCompression == "01"
    assert ds.LossyImageCompressionMethod == "ISO_10918_1"
    decoded = np.frombuffer(ds.PixelData, np.uint8).reshape(24, 32, 3).astype(int)
    assert np.abs(decoded - pixels(5)).mean() < 25


def test_an_uncompressed_picture_changes_its_encoding_only() -> None:
    sample = photo(seed=6, transfer_syntax=ExplicitVRLittleEndian)
    ds = read(native_data_set(io.BytesIO(sample.file), ImplicitVRLittleEndian), ImplicitVRLittleEndian)
    assert ds.PixelData == pixels(6).tobytes()
    assert ds.PatientName == "Nobody^Never"


def test_what_is_in_the_syntax_already_goes_as_it_is() -> None:
    stored = EncodedDataSet.of_file(io.BytesIO(photo().file))
    with in_syntax(stored, JPEGBaseline8Bit) as encoded:
        assert encoded is stored


@pytest.mark.parametrize("held_bytes", [1, 1_000_000])
def test_what_is_made_for_a_peer_is_read_repeatedly_wherever_it_lies(
    monkeypatch: pytest.MonkeyPatch, held_bytes: int
) -> None:
    monkeypatch.setattr("dimse.transcoding.MAX_HELD_BYTES", held_bytes)
    with in_syntax(EncodedDataSet.of_file(io.BytesIO(photo(7).file)), ExplicitVRLittleEndian) as encoded:
        whole = [b"".join(encoded.blocks(1000)) for _ in range(2)]
    assert whole[0] == whole[1]
    assert len(whole[0]) == encoded.length
    assert read(whole[0], ExplicitVRLittleEndian).PhotometricInterpretation == "RGB"
