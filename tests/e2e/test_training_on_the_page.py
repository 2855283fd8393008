"""What came of retraining is shown to who runs the gateway, in both languages; to who may not read of it, nothing."""

from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.e2e.gateway_process import GatewayProcess
from tests.integration.serving.test_outcomes import REFUSED, TRAINED


def test_rounds_of_training_are_shown_with_what_is_to_be_collected(tmp_path: Path, browser: Browser) -> None:
    with GatewayProcess(tmp_path) as here, browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.goto(f"{here.url}/operations")
        expect(page.locator("#empty")).to_be_visible()
        expect(page.locator("#training")).to_be_hidden()
        for outcome in (REFUSED, TRAINED):
            here.http.post("/api/v1/models/outcomes", json=outcome).raise_for_status()
        page.reload()
        newest, refused = page.locator("#outcomes > li").nth(0), page.locator("#outcomes > li").nth(1)
        expect(newest).to_contain_text("disease/2")
        expect(newest.locator(".chip.good")).to_have_text("good enough to serve")
        expect(newest).to_contain_text("Accuracy on held-out photos: 0.900")
        expect(refused.locator(".chip.warn")).to_have_text("not good enough to serve")
        expect(refused.locator("li")).to_have_text("Melanoma · 20 to test with")
        page.get_by_role("button", name="한국어").click()
        expect(refused.locator("li")).to_have_text("악성 흑색종 · 시험용 20장")
