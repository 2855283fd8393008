"""A destination that takes everything and proves nothing is not shown as one with which all is well."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo
from tests.integration.delivery.provable import ProvablePacs
from tests.peers import free_port

SETTINGS = """
[[destinations]]
name = "mute"
port = {mute}
ae_title = "PACS"
[[destinations]]
name = "new"
port = {new}
ae_title = "PACS"
hospital = "elsewhere"
[[hospitals]]
name = "default"
[[hospitals]]
name = "elsewhere"
"""


def test_what_is_not_proven_and_what_is_not_taken_is_shown_with_the_reason(
    tmp_path: Path, wait_for: Callable[..., None], browser: Browser
) -> None:
    """Photos are taken and never found again, reports are not taken, and nothing was sent to the other yet."""
    with (
        ProvablePacs(finds=False) as pacs,
        GatewayProcess(tmp_path, SETTINGS.format(mute=pacs.port, new=free_port())) as here,
    ):
        here.accepted(photo(1))
        wait_for(lambda: here.run("deliveries", "status", "--json").stdout.count('"left":1') == 1, "no proof is had")
        with browser.new_context(locale="en-GB") as context:
            page = context.new_page()
            page.goto(f"{here.url}/operations")
            mute = page.locator('[data-name="mute"]')
            expect(mute.locator(".chip.warn")).to_have_text("takes deliveries, not proven")
            expect(mute.locator(".notice").first).to_contain_text("Not proven: sent, but not proven")
            expect(mute.locator(".notice").nth(1)).to_contain_text("Not taken last: ")
            expect(page.locator('[data-name="new"] .chip').nth(1)).to_have_text("not tried yet")
            expect(page.locator(".chip.good")).to_have_count(0)
        assert "takes no queries" in here.run("deliveries", "status").stdout
