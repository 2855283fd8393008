"""The overview in a real browser, over the shipped gateway: what an operator sees and does."""

import re
import subprocess
import sys
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
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A gateway that answers only to keys: its address ("url"), and a key for each role."""
    folder = tmp_path_factory.mktemp("keyed")
    with (
        running_hospital(folder / "hospital", simple=True) as hospital,
        running_gateway(folder / "gateway", hospital, free_port()) as running,
    ):
        roles = ("monitor", "clinician")
        keys = {role: _create_key(folder / "gateway" / "dermgate.toml", role) for role in roles}
        yield {"url": running.url, **keys}


@pytest.fixture
def keyed_page(browser: Browser, keyed: dict[str, str]) -> Iterator[Page]:
    """The overview of the gateway with keys, before one is entered."""
    with browser.new_context(locale="en-GB") as context:
        opened = context.new_page()
        opened.goto(keyed["url"])
        yield opened


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


def test_the_panel_for_a_key_leaves_the_languages_in_reach(keyed_page: Page) -> None:
    expect(keyed_page.locator("#key-title")).to_have_text("A key is needed")
    expect(keyed_page.locator("#key-trouble")).to_be_hidden()
    keyed_page.get_by_role("button", name="한국어").click()
    expect(keyed_page.locator("#key-title")).to_have_text("키가 필요합니다")


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_a_wrong_key_is_refused_in_words_that_can_be_read(keyed_page: Page, language: str) -> None:
    words = {"한국어": "이 키는 유효하지 않습니다", "English": "This key is not valid"}[language]
    keyed_page.get_by_role("button", name=language).click()
    _enter(keyed_page, "dg_no_such_key")
    trouble = keyed_page.locator("#key-trouble")
    expect(trouble.locator("span")).to_have_text(re.compile(words))
    expect(trouble.locator("small")).to_have_text("the key is not valid")
    expect(keyed_page.locator("#key-value")).to_be_editable()
    assert keyed_page.locator("dialog[open]").count() == 0


@pytest.mark.parametrize("language", ["한국어", "English"])
def test_a_key_that_lacks_the_right_can_be_changed_for_one_that_has_it(
    keyed_page: Page, keyed: dict[str, str], language: str
) -> None:
    words = {"한국어": "권한이 없습니다", "English": "lacks the right"}[language]
    keyed_page.get_by_role("button", name=language).click()
    _enter(keyed_page, keyed["monitor"])
    expect(keyed_page.locator("#key-trouble span")).to_have_text(re.compile(words))
    expect(keyed_page.locator("#key-trouble small")).to_have_text("this needs the permission photos.read")
    _enter(keyed_page, keyed["clinician"])
    expect(keyed_page.locator("#key")).to_be_hidden()
    expect(keyed_page.locator("#empty")).to_be_visible()


def test_a_key_in_use_can_be_changed_or_kept(keyed_page: Page, keyed: dict[str, str]) -> None:
    _enter(keyed_page, keyed["clinician"])
    keyed_page.locator("#key-change").click()
    expect(keyed_page.locator("#key-title")).to_have_text("Use another key")
    keyed_page.locator("#key-cancel").click()
    expect(keyed_page.locator("#key")).to_be_hidden()
    expect(keyed_page.locator("#key-change")).to_be_visible()


def test_what_is_no_picture_is_told_in_korean_with_the_gateways_words_in_small_print(
    page: Page, tmp_path: Path
) -> None:
    page.get_by_role("button", name="한국어").click()
    (tmp_path / "letter.jpg").write_bytes(b"no picture at all")
    page.set_input_files("#files", tmp_path / "letter.jpg")
    words = page.locator("#posting .words").first
    expect(words.locator("span")).to_have_text("이 파일은 사진이 아닙니다.")
    expect(words.locator("small")).not_to_be_empty()


def _enter(page: Page, key: str) -> None:
    page.locator("#key-value").fill(key)
    page.locator("#key-form .primary").click()


def _create_key(configuration: Path, role: str) -> str:
    command: list[str | Path] = [Path(sys.executable).with_name("dermgate"), "keys", "create", role, "--role", role]
    done = subprocess.run([*command, "--config", configuration], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()[-1]


def _is_violation(words: str) -> bool:
    return "Content Security Policy" in words or "Refused to" in words
