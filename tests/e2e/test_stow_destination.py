"""A gateway that delivers to another by STOW-RS: proved by a search, and mended without a restart."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.peers import Orthanc

Wait = Callable[..., None]


def stow(url: str, **values: str) -> str:
    """A [[destinations]] entry for a DICOMweb server."""
    entry = {"name": "web", "kind": "stow", "url": url} | values
    return "[[destinations]]\n" + "".join(f'{name} = "{value}"\n' for name, value in entry.items())


def key_for(gateway: GatewayProcess, name: str) -> str:
    """A new key with which objects can be stored at the gateway and looked for."""
    done = gateway.run("keys", "create", name, "--role", "gateway")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def revoke(gateway: GatewayProcess, name: str) -> None:
    """End a key."""
    keys = [json.loads(line) for line in gateway.run("keys", "list", "--json").stdout.splitlines()]
    (key_id,) = (key["id"] for key in keys if key["name"] == name)
    assert gateway.run("keys", "revoke", key_id).returncode == 0


def test_one_gateway_delivers_to_another_and_goes_on_when_its_key_is_changed(tmp_path: Path, wait_for: Wait) -> None:
    token = tmp_path / "token"
    with GatewayProcess(tmp_path / "there") as there:
        token.write_text(key_for(there, "first"))
        entry = stow(f"{there.url}/dicom-web", token_file=str(token))
        with GatewayProcess(tmp_path / "here", entry, models=there.models) as here:
            assert here.run("check").returncode == 0
            submission = here.accepted(photo(1))
            wait_for(lambda: here.deliveries(submission["id"]) == ["confirmed"], "it is there, and found there")
            copy = there.http.get(
                f"{submission['dicom']['url']}/metadata", headers={"Authorization": f"Bearer {token.read_text()}"}
            )
            assert copy.status_code == 200
            revoke(there, "first")
            second = here.accepted(photo(2))
            wait_for(lambda: "HTTP 401" in (standing(here)["trouble"] or ""), "it says why it waits")
            assert standing(here)["is_down"]
            assert "HTTP 401" in here.run("check").stdout
            wait_for(lambda: here.deliveries(second["id"]) == ["queued"], "it waits between two tries")
            token.write_text(key_for(there, "second"))
            wait_for(lambda: here.deliveries(second["id"]) == ["confirmed"], "it went by itself")
        log = here.log.read_text()
    assert token.read_text() not in log
    assert "Bearer" not in log


@pytest.mark.peer
def test_orthanc_gets_photos_and_reports_by_stow_and_shows_them(
    tmp_path: Path, orthanc: Orthanc, wait_for: Wait
) -> None:
    with GatewayProcess(tmp_path / "here", stow(orthanc.dicom_web)) as here:
        submission = here.accepted(photo(1))
        wait_for(lambda: standing(here)["states"] == {"confirmed": 2}, "the photo and its report are found there")
        (orthanc_id,) = orthanc.instances(submission["dicom"]["sop_instance_uid"])
        assert orthanc.fetch_file(orthanc_id)[128:] == here.dicom(submission)[128:]


@pytest.mark.peer
def test_the_page_shows_what_is_down_and_sends_again(
    tmp_path: Path, orthanc: Orthanc, wait_for: Wait, browser: Browser
) -> None:
    orthanc.stop()
    with GatewayProcess(tmp_path / "here", stow(orthanc.dicom_web)) as here:
        here.accepted(photo(1))
        wait_for(lambda: standing(here)["is_down"], "nobody is there")
        with browser.new_context(locale="ko-KR") as context:
            page = context.new_page()
            faults: list[str] = []
            page.on("pageerror", lambda error: faults.append(str(error)))
            page.goto(f"{here.url}/operations")
            card = page.locator('[data-name="web"]')
            expect(card.locator(".chip.bad")).to_be_visible()
            expect(card.locator("p.trouble")).to_contain_text("nothing listens")
            orthanc.start()
            expect(card.locator(".legend")).to_contain_text("확인됨 2", timeout=30_000)
            expect(card.locator(".chip.bad")).to_have_count(0)
            assert page.locator("svg.hour rect.sent").count() >= 1
            page.get_by_role("button", name="English").click()
            expect(card.locator(".legend")).to_contain_text("confirmed 2")
            assert faults == []


def standing(gateway: GatewayProcess) -> dict[str, Any]:
    """How the one destination stands."""
    (found,) = gateway.http.get("/api/v1/destinations").raise_for_status().json()["destinations"]
    return dict(found)
