"""Every kind of object in every form of its pixels, against the standard's tables, validators and decoders."""

import io
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread

from gateway.conversion.secondary_capture import as_secondary_capture
from tests.dicom_checks import object_faults
from tests.peers import allowed_complaints, dciodvfy_errors, require
from tests.unit.conversion.object_kinds import KINDS, codestream, file_of, native, pages
from tests.unit.conversion.samples import furthest, grey_scene, scene


@pytest.fixture(scope="module", params=KINDS)
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One object of one kind, written."""
    path = tmp_path_factory.mktemp("objects") / "object.dcm"
    path.write_bytes(file_of(request.param))
    return path


def test_the_object_has_what_its_iod_asks_for_and_none_of_the_faults_that_validators_overlook(file: Path) -> None:
    assert object_faults(file.read_bytes()) == []


@pytest.mark.peer
def test_the_validator_finds_no_error_that_is_not_on_the_list(file: Path) -> None:
    assert dciodvfy_errors(file) == []


@pytest.mark.peer
def test_dcmtk_reads_the_object_without_a_word(file: Path) -> None:
    done = subprocess.run([require("dcmftest"), file], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.startswith("yes:")
    dump = subprocess.run([require("dcmdump"), "-q", file], capture_output=True, text=True, timeout=60, check=False)
    assert (dump.returncode, dump.stderr) == (0, "")


def test_every_allowed_complaint_has_its_reason() -> None:
    assert allowed_complaints()
    assert all(len(reason) > 5 for _iod, _expression, reason in allowed_complaints())


@pytest.mark.parametrize("name", ["photo", "photo of packed samples", "dermoscopic photo", "JPEG 2000 photo"])
@pytest.mark.peer
def test_a_secondary_capture_copy_is_as_good_an_object(name: str, tmp_path: Path) -> None:
    source = dcmread(io.BytesIO(file_of(name)))
    path = tmp_path / "copy.dcm"
    as_secondary_capture(source, software_version="0.1.0").save_as(path, enforce_file_format=True)
    assert object_faults(path.read_bytes()) == []
    assert dciodvfy_errors(path) == []
    assert dcmread(path).PixelData == source.PixelData


@pytest.mark.peer
@pytest.mark.parametrize("name", ["photo of packed samples", "packed pages"])
def test_packed_samples_come_out_as_they_went_in(name: str, tmp_path: Path) -> None:
    file, plain = tmp_path / "packed.dcm", tmp_path / "plain.dcm"
    file.write_bytes(file_of(name))
    subprocess.run([require("dcmdjpls"), file, plain], check=True, capture_output=True, timeout=60)
    expected = np.stack(pages(2 if "pages" in name else 1, 50))
    for path in (file, plain):
        assert (dcmread(path).pixel_array.reshape(expected.shape) == expected).all()


@pytest.mark.parametrize("grey", [False, True])
def test_several_frames_are_decoded_in_their_order(grey: bool, tmp_path: Path) -> None:
    name = "grey pages" if grey else "animation"
    read = dcmread(io.BytesIO(file_of(name))).pixel_array
    expected = np.stack(pages(3, grey=grey))
    assert (read == (np.repeat(expected[..., None], 3, axis=-1) if grey else expected)).all()


@pytest.mark.parametrize(("name", "tolerance"), [("JPEG 2000 photo", 0), ("lossy JPEG 2000 photo", 3)])
def test_a_codestream_is_labelled_so_that_it_is_shown_in_its_colours(name: str, tolerance: int) -> None:
    read = dcmread(io.BytesIO(file_of(name)))
    assert furthest(read.pixel_array, scene()) <= tolerance
    assert read.PixelData[16:].startswith(b"\xff\x4f\xff\x51")


def test_a_grey_codestream_and_samples_stay_grey() -> None:
    read = dcmread(io.BytesIO(b"".join(KINDS["grey JPEG 2000 photo"]().parts)))
    assert (read.pixel_array == grey_scene()).all()
    assert codestream(grey=True).samples == native(pages(1, grey=True)).samples == 1
