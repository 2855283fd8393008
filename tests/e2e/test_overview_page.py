"""The overview in a real browser, over the shipped gateway: what an operator sees and does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from deploy.demo.gateway import Gateway, running_gateway
from deploy.demo.hospital import running_hospital
from deploy.demo.photos import FAULT_SEEDS, GOOD_SEEDS, draw
from tests.peers import free_port, require

ARRIVAL_MILLISECONDS = 30_000
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("overview")
    with (
        running_hospital(folder / "hospital", simple=True) as hospital,
        running_gateway(folder / "gateway", hospital, free_port()) as running,
    ):
        yield running


@pytest.fixture(scope="module")
def good_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("photos"), "none", GOOD_SEEDS[0])


@pytest.fixture(scope="module")
def blurred_photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("photos"), "out_of_focus", FAULT_SEEDS["out_of_focus"])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = require("chromium")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, gateway: Gateway) -> Iterator[Page]:
    """The overview in English; the test fails where the page breaks its own rules or raises an error."""
    complaints: list[str] = []
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("console", lambda message: complaints.append(message.text) if _is_violation(message.text) else None)
    opened.goto(gateway.url)
    yield opened
    context.close()
    assert complaints == []


def test_a_posted_photo_appears_with_verdict_object_and_delivery(page: Page, good_photo: Path) -> None:
    page.set_input_files("#files", good_photo)
    card = page.locator(".card").first
    expect(card.locator(".verdict")).to_have_text("Usable", timeout=ARRIVAL_MILLISECONDS)
    expect(card.locator(".picture img.shown")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    expect(card.get_by_text("hospital: sent")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    expect(card.get_by_text("demonstration model, not a diagnosis")).to_be_visible()
    card.locator(".object summary").click()
    expect(card.locator(".uids code")).to_have_count(4)


def test_a_rejected_photo_says_why_and_what_helps_in_both_languages(page: Page, blurred_photo: Path) -> None:
    page.set_input_files("#files", blurred_photo)
    card = page.locator(".card").first
    expect(card.locator(".verdict")).to_have_text("Not usable", timeout=ARRIVAL_MILLISECONDS)
    advice = card.locator(".advice").first
    english = advice.inner_text()
    page.get_by_role("button", name="한국어").click()
    expect(card.locator(".verdict")).to_have_text("사용 불가")
    expect(advice).not_to_have_text(english)
    expect(page.locator("html")).to_have_attribute("lang", "ko")


def test_what_is_no_picture_is_refused_in_words_and_its_name_stays_a_name(page: Page, tmp_path: Path) -> None:
    hostile = tmp_path / "<img src=x onerror=alert(1)>.jpg"
    hostile.write_bytes(b"no picture at all")
    page.set_input_files("#files", hostile)
    line = page.locator("#posting li").first
    expect(line.locator(".chip")).to_have_text("failed")
    expect(line.locator(".file")).to_have_text(hostile.name)
    assert line.locator(".words").inner_text()
    assert page.locator("#posting img").count() == 0


def test_a_paired_body_site_asks_for_the_side(page: Page) -> None:
    page.locator(".facts summary").click()
    expect(page.locator("#laterality-field")).to_be_hidden()
    page.locator("#body-site").select_option("forearm")
    expect(page.locator("#laterality-field")).to_be_visible()


def test_health_is_shown(page: Page) -> None:
    expect(page.locator("#health-text")).to_have_text("Ready")


def test_the_browsers_language_is_taken(browser: Browser, gateway: Gateway) -> None:
    with browser.new_context(locale="ko-KR") as context:
        page = context.new_page()
        page.goto(gateway.url)
        expect(page.locator("#post-title")).to_have_text("사진 올리기")


def test_a_phone_never_scrolls_sideways(browser: Browser, gateway: Gateway, page: Page, good_photo: Path) -> None:
    page.set_input_files("#files", good_photo)
    expect(page.locator("#posting .chip").first).to_have_text("posted", timeout=ARRIVAL_MILLISECONDS)
    with browser.new_context(viewport={"width": 320, "height": 640}, is_mobile=True, has_touch=True) as context:
        phone = context.new_page()
        phone.goto(gateway.url)
        phone.wait_for_selector(".card .verdict")
        phone.locator(".object summary").first.click()
        assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def _is_violation(words: str) -> bool:
    return "Content Security Policy" in words or "Refused to" in words
