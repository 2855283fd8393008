"""Objects as Korean devices make them, and DCMTK's programs that store them and ask for them."""

import io
import subprocess
from pathlib import Path

from pydicom import dcmread
from pydicom.uid import generate_uid

from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK, require

ESCAPE = b"\x1b$)C"
"""ISO 2022 IR 149 into G1 (PS3.3 C.12.1.1.2, PS3.5 Annex I)."""
IDEOGRAPHIC, HANGUL = "洪^吉洞", "홍^길동"
NAME = f"Hong^Gildong={IDEOGRAPHIC}={HANGUL}"
DESCRIPTION = "왼쪽 팔의 반점"
CHARACTER_SETS = {"ISO 2022 KR": ["", "ISO 2022 IR 149"], "UTF-8": ["ISO_IR 192"]}


def korean(file: bytes, character_set: str, folder: Path, name: str = NAME) -> tuple[Path, str]:
    """The object with Korean texts, in a study of its own; the file and its patient's id."""
    ds = dcmread(io.BytesIO(file))
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        setattr(ds, keyword, generate_uid())
    patient_id = f"KR-{ds.StudyInstanceUID[-12:]}"
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
    ds.decode()
    ds.SpecificCharacterSet = CHARACTER_SETS[character_set]
    ds.PatientID, ds.PatientName, ds.StudyDescription = patient_id, name, DESCRIPTION
    path = folder / "korean.dcm"
    ds.save_as(path, enforce_file_format=True)
    assert (ESCAPE in path.read_bytes()) == (character_set != "UTF-8")
    return path, patient_id


def stored(gateway: GatewayProcess, path: Path, *options: str) -> str:
    """Send a file by storescu; the path of the instance that it becomes."""
    done = run(gateway, "storescu", *options, str(path))
    assert done.returncode == 0, done.stderr
    ds = dcmread(path)
    return f"/dicom-web/studies/{ds.StudyInstanceUID}/series/{ds.SeriesInstanceUID}/instances/{ds.SOPInstanceUID}"


def run(gateway: GatewayProcess, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One of DCMTK's programs that call the gateway; the last of its arguments is its file."""
    command = [str(require(program)), *arguments[:-1], LOOPBACK, str(gateway.dimse_port), arguments[-1]]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
