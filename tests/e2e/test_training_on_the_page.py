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


def test_a_trainers_key_sees_the_rounds_though_it_may_see_no_destinations(tmp_path: Path, browser: Browser) -> None:
    with GatewayProcess(tmp_path) as here, browser.new_context(locale="en-GB") as context:
        here.http.post("/api/v1/models/outcomes", json=TRAINED).raise_for_status()
        created = here.run("keys", "create", "trainer", "--role", "trainer")
        context.add_init_script(f"sessionStorage.setItem('dermgate-key', '{created.stdout.split()[-1]}')")
        page = context.new_page()
        page.goto(f"{here.url}/operations")
        expect(page.locator("#key-trouble")).to_contain_text("deliveries.read")
        expect(page.locator("#outcomes > li")).to_contain_text("disease/2")
