"""Fixtures of the end-to-end tests."""

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.gateway_process import GatewayProcess, destination
from tests.peers import Orthanc, require

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, orthanc_server: Orthanc) -> Iterator[GatewayProcess]:
    """A running gateway that delivers to the Orthanc of the run."""
    folder = tmp_path_factory.mktemp("gateway")
    site = '[site]\ninstitution = "서울병원"\ntimezone = "Asia/Seoul"\n'
    with GatewayProcess(folder, site + destination(orthanc_server)) as running:
        yield running


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], bool], str, float], None]:
    """Wait for a condition; fail saying what did not come about."""

    def wait(condition: Callable[[], bool], what: str, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
            time.sleep(0.05)

    return wait
