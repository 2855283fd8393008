"""A whole gateway whose hospital has a PACS that knows Secondary Capture alone."""

import json
from pathlib import Path

import pytest
from pydicom.uid import JPEGBaseline8Bit, SecondaryCaptureImageStorage

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.integration.delivery.hospital import wait_until
from tests.integration.delivery.leaving import Receiver

PROFILE = """\
[[TransferSyntaxes]]
[Taken]
TransferSyntax1 = JPEGBaseline
TransferSyntax2 = LittleEndianImplicit
[[PresentationContexts]]
[Taken]
PresentationContext1 = SecondaryCaptureImageStorage\\Taken
[[Profiles]]
[Default]
PresentationContexts = Taken
"""


@pytest.mark.peer
def test_a_posted_photo_arrives_as_a_copy_and_its_report_is_not_accepted(tmp_path: Path, receiver: Receiver) -> None:
    (tmp_path / "storescp.cfg").write_text(PROFILE, encoding="ascii")
    receiver.start("-xf", str(tmp_path / "storescp.cfg"), "Default")
    entry = {"name": "old-pacs", "port": receiver.port, "ae_title": "PACS", "proof": "none"}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in entry.items())
    with GatewayProcess(tmp_path / "gateway", f"[[destinations]]\n{lines}secondary_capture = true\n") as gateway:
        submission = gateway.accepted(photo(1))

        def deliveries() -> dict[str, dict[str, object]]:
            shown = gateway.http.get("/api/v1/deliveries").raise_for_status().json()["deliveries"]
            return {delivery["state"]: delivery for delivery in shown}

        wait_until(lambda: {*deliveries()} == {"sent", "not_accepted"}, "both have ended")
        ended = deliveries()
    [held] = receiver.objects()
    assert ended["sent"]["sop_instance_uid"] == submission["dicom"]["sop_instance_uid"] != held.SOPInstanceUID
    assert ended["sent"]["sent_sop_instance_uid"] == held.SOPInstanceUID
    assert ended["sent"]["sent_sop_class_uid"] == held.SOPClassUID == SecondaryCaptureImageStorage
    assert held.file_meta.TransferSyntaxUID == JPEGBaseline8Bit
    assert "only photos have a Secondary Capture copy" in str(ended["not_accepted"]["last_message"])
    assert ended["not_accepted"]["sent_sop_instance_uid"] is None
