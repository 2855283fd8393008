"""`dermgate reconcile`, and what `dermgate check` says of the worklist."""

from pathlib import Path

import pytest

from gateway.cli import main
from gateway.commands.checking.worklist import look_at_worklist
from gateway.config import WorklistSettings
from tests.e2e.photos import photo as picture
from tests.integration.intake.conftest import MakeSettings, model_store, settings_for
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK, free_port
from tests.worklist_peer import WorklistServer

__all__ = ["model_store", "settings_for"]


def test_a_gateway_that_does_not_answer_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    url = f"http://{LOOPBACK}:{free_port()}"
    assert main(["reconcile", "0" * 32, "--url", url, "--patient-id", "P-1"]) == 2
    assert "no answer from" in capsys.readouterr().err
    for case in ("../x", "nosuchcase"):
        assert main(["reconcile", case, "--url", url, "--patient-id", "P-1"]) == 2
        assert "CASE: is no id of a case" in capsys.readouterr().err


def test_a_case_gets_its_patient(
    settings_for: MakeSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Served(settings_for(tmp_path)) as gateway:
        url = f"http://{LOOPBACK}:{gateway.port}"
        case = gateway.accepted(picture(1))["case_id"]
        assert main(["reconcile", case, "--url", url]) == 2
        assert "patient_id" in capsys.readouterr().err
        assert main(["reconcile", case, "--url", url, "--patient-id", "P-1", "--patient-sex", "X"]) == 2
        assert "patient_sex: must be F, M or O\n" in capsys.readouterr().err
        assert main(["reconcile", case, "--url", url, "--patient-id", "P-1", "--json"]) == 0
        assert '"corrected": 2' in capsys.readouterr().out.replace('":2', '": 2')
        assert main(["reconcile", case, "--url", url, "--patient-id", "P-1"]) == 0
        assert "right before" in capsys.readouterr().out


def test_a_worklist_that_is_down_is_told_of_and_none_is_no_fault() -> None:
    assert look_at_worklist(WorklistSettings(), "DERMGATE") is None
    down = WorklistSettings(host=LOOPBACK, port=free_port(), ae_title="RIS", seconds=1)
    assert "nothing listens" in str(look_at_worklist(down, "DERMGATE"))


@pytest.mark.peer
def test_a_worklist_that_lets_us_in_is_well() -> None:
    with WorklistServer() as server:
        settings = WorklistSettings(host=LOOPBACK, port=server.port, ae_title="RIS")
        assert look_at_worklist(settings, "DERMGATE") == ""
    with WorklistServer("--refuse") as server:
        settings = WorklistSettings(host=LOOPBACK, port=server.port, ae_title="RIS")
        assert "reject" in str(look_at_worklist(settings, "DERMGATE"))
