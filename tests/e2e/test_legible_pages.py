"""Every page can be read, named and reached: in both languages, light and dark, on a desk and on a phone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.pages import ARRIVAL_MILLISECONDS, store_of_library_diseases, watched_page
from tests.e2e.photos import photo

pytestmark = pytest.mark.peer

LEGIBILITY = Path(__file__).with_name("legibility.js").read_text()
# What stands there once a page has shown everything.
PLACES = {
    "/": ".card .verdict",
    "/library": "#entries > li",
    "/operations": "#empty:not([hidden])",
    "/library#nevus": ".case .withdraw",
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway with a photo about which everything is said, and a case that resembles it."""
    folder = tmp_path_factory.mktemp("legible")
    with GatewayProcess(folder, models=store_of_library_diseases(folder / "store", sureness=0.8)) as running:
        files = {"photo": ("photo.jpg", photo(2), "image/jpeg")}
        case = {"disease": "nevus", "sex": "F", "age_band": "40-49", "body_site": "forearm", "symptoms": "it itches"}
        running.http.post("/api/v1/library/cases", files=files, data=case).raise_for_status()
        facts = {
            "patient_id": "P-1",
            "patient_sex": "F",
            "body_site": "forearm",
            "note": "a note",
            "kind": "dermoscopic",
        }
        running.accepted(photo(1), facts)
        yield running


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
@pytest.mark.parametrize("place", PLACES)
def test_a_page_can_be_read_and_pressed(browser: Browser, gateway: GatewayProcess, place: str, phone: bool) -> None:
    with watched_page(browser, gateway.url + place, phone=phone) as page:
        for language in ("English", "한국어"):
            page.get_by_role("button", name=language).click()
            page.wait_for_selector(PLACES[place], state="attached", timeout=ARRIVAL_MILLISECONDS)
            _open_all(page)
            for scheme in ("light", "dark"):
                page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
                assert page.evaluate(LEGIBILITY) == [], (language, scheme)


@pytest.mark.parametrize("place", PLACES)
def test_whoever_goes_by_keyboard_sees_where_they_are(browser: Browser, gateway: GatewayProcess, place: str) -> None:
    with watched_page(browser, gateway.url + place) as page:
        page.wait_for_selector(PLACES[place], state="attached", timeout=ARRIVAL_MILLISECONDS)
        _open_all(page)
        seen = set()
        for _ in range(40):
            page.keyboard.press("Tab")
            found = page.evaluate(_FOCUS)
            assert found["outlined"], found["what"]
            seen.add(found["what"])
        assert len(seen) > 5


def test_a_file_is_chosen_in_the_pages_language(browser: Browser, gateway: GatewayProcess, tmp_path: Path) -> None:
    (tmp_path / "사진.jpg").write_bytes(photo(3))
    with watched_page(browser, f"{gateway.url}/library#nevus", locale="ko-KR") as page:
        page.locator(".adding summary").click()
        expect(page.locator(".choosing output")).to_have_text("고른 파일 없음")
        page.get_by_label("사진이나 동영상").set_input_files(tmp_path / "사진.jpg")
        expect(page.locator(".choosing output")).to_have_text("사진.jpg")


_FOCUS = """() => {
  const at = document.activeElement;
  const shown = [at, ...(at.type === "file" ? [at.parentElement, at.parentElement.querySelector(".quiet")] : [])];
  const outlined = shown.some((node) => node && getComputedStyle(node).outlineStyle !== "none");
  return { what: at.outerHTML.slice(0, 120), outlined: at === document.body || outlined };
}"""


def _open_all(page: Page) -> None:
    for details in page.locator("details:not([open]) > summary").all():
        if details.is_visible():
            details.click()
