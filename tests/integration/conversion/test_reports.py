"""Others read the reports: dciodvfy, DCMTK's dsrdump, highdicom, and a hospital PACS by C-STORE and STOW-RS."""

import io
import subprocess
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from highdicom.sr import MeasurementReport, srread
from pydicom import dcmread

from dimse.addresses import RemoteAE
from dimse.outgoing import OutgoingInstance
from dimse.reactions import Reaction
from dimse.send import StorageSender
from gateway.conversion.facts import SopClass
from gateway.conversion.findings.document import ReportObject
from gateway.conversion.findings.facts import Probable
from gateway.conversion.findings.model_report import model_report
from tests.peers import LOOPBACK, Orthanc, dciodvfy_errors, require
from tests.unit.conversion.findings.samples import (
    DEVICE,
    IMAGE,
    LESION,
    PLACE,
    disease,
    findings,
    image_header,
    quality_concept,
)
from tests.unit.conversion.findings.test_opinion_report import OPINION, signed

BOUNDARY = "dermgate-test"


def reports() -> list[ReportObject]:
    """What models found, with a fault; a doctor's opinion of it; and what they found on a frame of a video."""
    found = findings(faults=(Probable(quality_concept("out_of_focus"), 0.25),))
    of_video = replace(found, image=replace(IMAGE, sop_class_uid=SopClass.VIDEO_PHOTOGRAPHIC.value), frame=7)
    place = replace(PLACE, sop_instance_uid="2.25.29", instance_number=4)
    for_research = image_header()
    for_research.ContentQualification = "RESEARCH"
    return [
        model_report(found, image_header(), PLACE, DEVICE),
        signed(),
        model_report(of_video, for_research, place, DEVICE),
    ]


@pytest.mark.peer
def test_the_validator_and_the_dumper_read_every_report(tmp_path: Path) -> None:
    for number, report in enumerate(reports()):
        path = tmp_path / f"{number}.dcm"
        path.write_bytes(report.data)
        assert dciodvfy_errors(path) == []
        command = [str(require("dsrdump")), "+U8", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert "Malignant melanoma of skin" in done.stdout
        assert "홍^길동" in done.stdout
        assert not [line for line in done.stderr.splitlines() if line.startswith("E:")]


def test_highdicom_reads_back_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "report.dcm"
    path.write_bytes(reports()[0].data)
    content = srread(path).content
    assert isinstance(content, MeasurementReport)
    # The stubs call a group's measurements plain numbers.
    groups: list[Any] = content.get_image_measurement_groups()
    suitability, first, *others = groups
    assert suitability.get_measurements()[0].value == pytest.approx(0.9321)
    assert [str(first.tracking_uid), first.tracking_identifier] == [LESION.uid, LESION.identifier]
    assert first.finding_type.value == "95324001"
    assert first.finding_sites[0].value.value == "70559009"
    assert [measured.value for measured in first.get_measurements()] == [61.25, 1]
    said = [each.value.value for each in first.get_qualitative_evaluations()]
    assert disease("melanoma").code in said
    assert len(others) == 2


def test_highdicom_reads_back_a_doctors_hypotheses(tmp_path: Path) -> None:
    both = replace(OPINION, diagnoses=(disease("melanoma"), disease("psoriasis")))
    path = tmp_path / "report.dcm"
    path.write_bytes(signed(opinion=both).data)
    document = srread(path)
    assert isinstance(document.content, MeasurementReport)
    groups: list[Any] = document.content.get_image_measurement_groups()
    assert [group.finding_type.value for group in groups] == ["95324001", "95324001"]
    assert [measured.value for group in groups for measured in group.get_measurements()] == [1, 2]
    said = [each.value.value for group in groups for each in group.get_qualitative_evaluations()]
    assert said == [disease("melanoma").code, disease("psoriasis").code]
    assert document.VerificationFlag == "VERIFIED"


@pytest.mark.peer
def test_a_pacs_takes_them_by_c_store_and_gives_them_back(orthanc: Orthanc) -> None:
    with StorageSender(RemoteAE(LOOPBACK, orthanc.dicom_port, orthanc.ae_title), "DERMGATE") as sender:
        for report in reports():
            outgoing = OutgoingInstance(
                report.sop_class_uid,
                report.sop_instance_uid,
                report.transfer_syntax_uid,
                partial(io.BytesIO, report.data),
            )
            assert sender.send(outgoing).reaction is Reaction.STORED
    _assert_given_back(orthanc)


@pytest.mark.peer
def test_a_pacs_takes_them_by_stow(orthanc: Orthanc) -> None:
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    body = b"".join(head + report.data + b"\r\n" for report in reports()) + f"--{BOUNDARY}--\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'
    response = httpx.post(
        f"{orthanc.url}/dicom-web/studies", content=body, headers={"Content-Type": kind}, trust_env=False, timeout=30
    )
    assert response.status_code == 200, response.text
    _assert_given_back(orthanc)


def _assert_given_back(orthanc: Orthanc) -> None:
    for report in reports():
        (held,) = orthanc.instances(report.sop_instance_uid)
        assert dcmread(io.BytesIO(orthanc.fetch_file(held))) == dcmread(io.BytesIO(report.data))
