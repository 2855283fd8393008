"""The HTTP side of the shipped gateway under requests made from its own description, sound ones and wrong ones."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK

PROJECT = Path(__file__).parents[2]
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")


@pytest.mark.parametrize("examples", [3, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_no_request_that_the_description_leads_to_is_an_error_of_the_server(tmp_path: Path, examples: int) -> None:
    with GatewayProcess(tmp_path) as gateway:
        done = subprocess.run(
            [
                *(SCHEMATHESIS, "run", f"http://{LOOPBACK}:{gateway.http_port}/api/v1/openapi.json"),
                *("--checks", "not_a_server_error", "--phases", "examples,coverage,fuzzing", "--warnings", "off"),
                *("--max-examples", str(examples), "--seed", "20260", "--continue-on-failure", "--no-color"),
            ],
            cwd=tmp_path,
            env=os.environ | {"SCHEMATHESIS_HOOKS": "tests.e2e.openapi_media_types", "PYTHONPATH": str(PROJECT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr
        assert gateway.http.get("/readyz").status_code == 200
