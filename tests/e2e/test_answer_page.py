"""The answer to a photo as somebody sees it: diseases with pictures and advice, and a doctor to ask."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from gateway.library.diseases import diseases
from gateway.library.urgency import CARE
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.pages import ARRIVAL_MILLISECONDS, store_of_library_diseases, watched_page
from tests.e2e.photos import photo

pytestmark = pytest.mark.peer

NEVUS = diseases()["nevus"]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway that is fairly sure of a nevus."""
    folder = tmp_path_factory.mktemp("sure")
    with GatewayProcess(folder, models=store_of_library_diseases(folder / "store", sureness=0.82)) as running:
        yield running


@pytest.fixture(scope="module")
def doubting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway that is sure of nothing, and holds a melanoma possible."""
    folder = tmp_path_factory.mktemp("doubting")
    with GatewayProcess(folder, models=store_of_library_diseases(folder / "store", sureness=0.4)) as running:
        yield running


@pytest.fixture
def page(browser: Browser, gateway: GatewayProcess) -> Iterator[Page]:
    with watched_page(browser, gateway.url) as opened:
        yield opened


def test_the_answer_says_what_the_photo_resembles_and_what_to_do_in_either_language(page: Page, tmp_path: Path) -> None:
    card = _posted(page, tmp_path, 1, patient_age="61")
    first = card.locator(".diseases > li").first
    expect(first.locator(".name")).to_have_text("Mole (melanocytic nevus)")
    expect(first.locator(".share")).to_have_text("82%")
    expect(first.locator("figcaption")).to_have_text("schematic drawing")
    expect(first.locator(".example img.shown")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    expect(first.locator(".example img")).to_have_attribute("alt", "Schematic drawing of: Mole (melanocytic nevus)")
    expect(first.locator("summary .chip")).to_have_text(["home care", "not contagious"])
    expect(first.locator("dd")).to_have_text(_told("en"))
    expect(card.locator(".told")).to_have_text("The model went by the picture, age. It does not know: sex, body site.")
    expect(card.get_by_text("demonstration model, not a diagnosis")).to_be_visible()
    expect(first.get_by_role("link", name="More in the library")).to_have_attribute("href", "/library#nevus")
    page.get_by_role("button", name="한국어").click()
    expect(first.locator(".name")).to_have_text("색소성 모반(점)")
    expect(first.locator("figcaption")).to_have_text("모식도")
    expect(first.locator("dd")).to_have_text(_told("ko"))
    expect(card.get_by_text("시연용 모델, 진단이 아님")).to_be_visible()


def test_a_malignant_disease_says_so_opens_by_keyboard_and_stays_open_under_the_finger(
    page: Page, gateway: GatewayProcess, tmp_path: Path
) -> None:
    card = _posted(page, tmp_path, 2)
    melanoma = card.locator(".diseases > li", has_text="Melanoma")
    expect(melanoma.locator(".advice")).to_be_hidden()
    melanoma.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(melanoma.locator("dd").last).to_contain_text("See a dermatologist within days")
    expect(melanoma.locator("summary .chip")).to_have_text(["urgent", "malignant", "not contagious"])
    shown = card.get_attribute("data-photo")
    case_id = gateway.photo(str(shown))["case_id"]
    gateway.http.post(f"/api/v1/cases/{case_id}/referral").raise_for_status()  # the card is made anew
    expect(card.locator(".goes")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    expect(melanoma.locator("dd").last).to_be_visible()
    expect(melanoma.locator("summary")).to_be_focused()


def test_a_doctor_can_be_asked_for_and_the_page_says_who_asked(page: Page, tmp_path: Path) -> None:
    card = _posted(page, tmp_path, 3)
    card.get_by_role("button", name="Ask a dermatologist").click()
    expect(card.locator(".goes strong")).to_have_text("A dermatologist will look at it")
    expect(card.locator(".goes li")).to_have_text(["somebody asked for it"])
    expect(card.locator(".ask")).to_have_count(0)


def test_a_benign_first_disease_stands_beside_a_caution_and_the_way_to_a_doctor(page: Page, tmp_path: Path) -> None:
    card = _posted(page, tmp_path, 8)
    caution = card.locator(".asking")
    expect(caution).to_contain_text("A photo cannot rule out skin cancer.")
    expect(card.locator(".ask")).to_have_count(1)
    assert _top(card.locator(".diseases > li").first) - _top(caution) < 250
    assert _top(caution) < _top(card.locator(".diseases > li").first)
    page.get_by_role("button", name="한국어").click()
    expect(caution).to_contain_text("사진만으로는 피부암을 배제할 수 없습니다.")


def test_a_case_that_nothing_decides_goes_to_a_doctor_for_reasons_in_words(
    browser: Browser, doubting: GatewayProcess, tmp_path: Path
) -> None:
    with watched_page(browser, doubting.url) as page:
        card = _posted(page, tmp_path, 4)
        reasons = card.locator(".goes li")
        expect(reasons).to_have_text(["no disease reaches 50%", "a malignant disease cannot be ruled out"])
        expect(card.locator(".ask")).to_have_count(0)
        expect(card.locator(".answer > :first-child .goes.grave")).to_be_visible()
        page.get_by_role("button", name="한국어").click()
        expect(reasons).to_have_text(["50%에 이른 질환이 없음", "악성 질환을 배제할 수 없음"])


def test_where_the_model_looked_is_shown_on_request_as_a_hint(page: Page, tmp_path: Path) -> None:
    card = _posted(page, tmp_path, 5)
    toggle = card.get_by_role("button", name="Where the model looked")
    expect(toggle).to_have_attribute("aria-pressed", "false")
    toggle.click()
    expect(card.locator(".explain p").first).to_contain_text("no evidence", timeout=ARRIVAL_MILLISECONDS)
    expect(card.locator(".explain button")).to_have_attribute("aria-pressed", "true")
    card.locator(".explain button").click()
    expect(card.locator(".explain p")).to_have_count(0)


def test_an_answer_without_explanation_offers_none(browser: Browser, gateway: GatewayProcess, tmp_path: Path) -> None:
    with watched_page(browser, "about:blank") as page:
        page.route("**/explanation", lambda route: route.fulfill(status=404, json={"status": 404}))
        page.goto(gateway.url)
        card = _posted(page, tmp_path, 6)
        card.locator(".explain button").click()
        expect(card.locator(".explain")).to_be_hidden()
        expect(card.locator(".diseases > li").first).to_be_visible()


@pytest.mark.parametrize("language", ["ko-KR", "en-GB"])
def test_a_phone_shows_all_of_it_without_moving_it_about(
    browser: Browser, gateway: GatewayProcess, tmp_path: Path, language: str
) -> None:
    gateway.accepted(photo(7), {"patient_sex": "F", "body_site": "forearm"})
    with watched_page(browser, gateway.url, locale=language, phone=True) as page:
        page.locator(".diseases .example").first.scroll_into_view_if_needed()
        page.wait_for_selector(".diseases .example img.shown")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(_SHIFTED) < 0.05


# The share of the screen that moved under somebody's eyes after the photos had come (W3C Layout Instability).
_SHIFTED = """
new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput && entry.sources.some(
      ({ node }) => node?.nodeType === 1 && node.closest('.diseases'))) sum += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => resolve(sum), 300);
})
"""


def _posted(page: Page, folder: Path, number: int, **facts: str) -> Locator:
    """Post a photo by the form; its card."""
    path = folder / f"{number}.jpg"
    path.write_bytes(photo(number))
    page.locator(".facts summary").click()
    for name, value in facts.items():
        page.locator(f"[name={name}]").fill(value)
    with page.expect_response(re.compile(r"/api/v1/photos$")) as answer:
        page.set_input_files("#files", path)
    document: dict[str, Any] = answer.value.json()
    card = page.locator(f'.card[data-photo="{document["id"]}"]')
    expect(card.locator(".diseases > li").first).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    return card


def _top(node: Locator) -> float:
    box = node.bounding_box()
    assert box is not None
    return box["y"]


def _told(language: Any) -> list[str]:
    care = CARE[NEVUS.urgency]
    assert NEVUS.features
    assert NEVUS.advice
    return [NEVUS.features[language], care.wait[language], care.home[language], NEVUS.advice[language]]
