"""The library as somebody uses it: searched, narrowed, one disease opened, a case added and withdrawn."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from gateway.access.caller import PERMISSIONS, Role
from gateway.library.diseases import diseases
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.pages import ARRIVAL_MILLISECONDS, store_of_library_diseases, watched_page
from tests.e2e.photos import photo

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GatewayProcess]:
    """A gateway whose library has a psoriasis of a man's forearm, and one of a woman's back."""
    folder = tmp_path_factory.mktemp("library")
    with GatewayProcess(folder, models=store_of_library_diseases(folder / "store", sureness=0.8)) as running:
        _add(running, 101, {"disease": "psoriasis", "sex": "M", "age_band": "40-49", "body_site": "forearm"})
        _add(running, 102, {"disease": "psoriasis", "sex": "F", "body_site": "back", "itch": "true", "size_mm": "12"})
        yield running


@pytest.fixture
def page(browser: Browser, gateway: GatewayProcess) -> Iterator[Page]:
    with watched_page(browser, f"{gateway.url}/library") as opened:
        expect(opened.locator("#entries > li")).to_have_count(len(diseases()), timeout=ARRIVAL_MILLISECONDS)
        yield opened


def test_a_search_goes_by_name_and_look_in_the_pages_language(page: Page) -> None:
    page.locator("#find").fill("silvery scale")
    expect(page.locator("#entries strong")).to_have_text(["Psoriasis"])
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("#entries > li")).to_have_count(0)
    expect(page.locator("#empty")).to_be_visible()
    page.locator("#find").fill("은백색 각질")
    expect(page.locator("#entries strong")).to_have_text(["건선"])


def test_a_count_that_failed_once_is_told_until_the_next_one(page: Page) -> None:
    page.route("**/library/cases/counts?*", lambda route: route.fulfill(status=500), times=1)
    page.locator("#filters [name=sex]").select_option("M")
    expect(page.locator("#trouble")).to_be_visible()
    page.locator("#filters [name=sex]").select_option("F")
    expect(page.locator("#trouble")).to_be_hidden()


def test_of_two_videos_played_in_a_row_the_first_is_let_go(page: Page) -> None:
    held = page.evaluate("""async () => {
      const held = new Set();
      const { createObjectURL: make, revokeObjectURL: letGo } = URL;
      URL.createObjectURL = (blob) => {
        const made = make(blob);
        if (blob.type.includes("json")) held.add(made);
        return made;
      };
      URL.revokeObjectURL = (made) => { held.delete(made); letGo(made); };
      const { playVideo } = await import("/assets/viewer.js");
      await Promise.all([1, 2].map(() => playVideo("/api/v1/diseases", "a video")));
      const playing = document.getElementById("viewer-video").src;
      return [...held].map((made) => made === playing);
    }""")
    assert held == [True]


def test_urgency_and_cases_narrow_it(page: Page) -> None:
    page.locator("#urgency").select_option("urgent")
    urgent = sum(disease.urgency == "urgent" for disease in diseases().values())
    expect(page.locator("#entries > li")).to_have_count(urgent)
    page.locator("#with-cases").check()
    expect(page.locator("#entries > li")).to_have_count(0)
    page.locator("#urgency").select_option("")
    expect(page.locator("#entries strong")).to_have_text(["Psoriasis"])
    expect(page.locator("#entries .frame .kind")).to_have_text("reference case")
    expect(page.locator("#entries .chip.busy")).to_have_text("cases: 2")


def test_sex_age_and_site_narrow_the_cases_and_put_first_what_has_some(page: Page) -> None:
    page.locator("[name=sex]").first.select_option("M")
    expect(page.locator("#found")).to_have_text("Diseases: 53 · cases: 1")
    expect(page.locator("#entries strong").first).to_have_text("Psoriasis")
    page.locator("#age-band").select_option("60-69")
    expect(page.locator("#found")).to_have_text("Diseases: 53 · cases: 0")
    page.locator("#age-band").select_option("")
    page.locator("[name=sex]").first.select_option("")
    page.locator("#body-site").select_option("trunk")
    expect(page.locator("#found")).to_have_text("Diseases: 53 · cases: 1")


def test_a_disease_has_a_page_with_its_drawing_its_cases_and_a_way_back(page: Page) -> None:
    page.locator("[data-disease=psoriasis] a").click()
    expect(page.locator("#entry h1")).to_have_text("Psoriasis")
    expect(page.locator("#shelf")).to_be_hidden()
    expect(page.locator("#entry .example figcaption")).to_have_text("schematic drawing")
    expect(page.locator("#entry .example img.shown")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    woman = page.locator(".case", has_text="female")
    expect(woman.locator(".case-features dd")).to_have_text(["yes", "12"])
    expect(woman.locator("footer")).to_contain_text("added by staff")
    page.locator(".back").click()
    expect(page.locator("#find")).to_be_focused()
    page.go_back()
    expect(page.locator("#entry h1")).to_have_text("Psoriasis")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("#entry h1")).to_have_text("건선")
    expect(page).to_have_title("건선 · Dermgate")


def test_a_case_that_tells_too_much_is_refused_and_one_that_does_not_is_added_and_withdrawn(
    page: Page, gateway: GatewayProcess, tmp_path: Path
) -> None:
    (tmp_path / "case.jpg").write_bytes(photo(103))
    page.goto(f"{gateway.url}/library#keloid")
    page.locator(".adding summary").click()
    page.locator(".adding [name=photo]").set_input_files(tmp_path / "case.jpg")
    page.locator(".adding [name=symptoms]").fill("call 010-1234-5678")
    page.get_by_role("button", name="Add the case").click()
    expect(page.locator(".adding .trouble")).to_contain_text("symptoms", timeout=ARRIVAL_MILLISECONDS)
    page.locator(".adding [name=symptoms]").fill("it itches")
    page.get_by_role("button", name="Add the case").click()
    added = page.locator(".case")
    expect(added.locator(".case-features dd")).to_have_text("it itches", timeout=ARRIVAL_MILLISECONDS)
    expect(added.locator("img.shown")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    added.locator(".withdraw").click()
    expect(added.locator(".withdraw")).to_have_text("Withdraw for good?")
    added.locator(".withdraw").click()
    expect(page.locator(".cases-of")).to_contain_text("no case of it yet", timeout=ARRIVAL_MILLISECONDS)


def test_a_case_that_is_a_video_plays(page: Page, gateway: GatewayProcess) -> None:
    files = {"photo": ("film.mp4", _film(), "video/mp4")}
    gateway.http.post("/api/v1/library/cases", files=files, data={"disease": "urticaria"}).raise_for_status()
    page.goto(f"{gateway.url}/library#urticaria")
    page.get_by_role("button", name="Play the video").click()
    expect(page.locator("#viewer-video")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    page.wait_for_function("document.getElementById('viewer-video').duration > 0")
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#viewer")).to_be_hidden()


def test_whoever_may_not_see_cases_sees_the_diseases_alone(browser: Browser, gateway: GatewayProcess) -> None:
    with watched_page(browser, "about:blank") as page:
        page.route("**/api/v1/caller", _as_one_patient)
        page.goto(f"{gateway.url}/library")
        expect(page.locator("#entries > li")).to_have_count(len(diseases()), timeout=ARRIVAL_MILLISECONDS)
        expect(page.locator("#body-site")).to_be_hidden()
        expect(page.locator("#with-cases")).to_be_hidden()
        page.goto(f"{gateway.url}/library#acne")
        expect(page.locator("#entry h1")).to_have_text("Acne")
        expect(page.locator(".cases-of")).to_be_hidden()


def test_whoever_may_only_look_is_offered_neither_to_add_nor_to_withdraw(
    browser: Browser, gateway: GatewayProcess
) -> None:
    with watched_page(browser, "about:blank") as page:
        page.route("**/api/v1/caller", _as_app)
        page.goto(f"{gateway.url}/library#psoriasis")
        expect(page.locator(".cases .case")).to_have_count(2, timeout=ARRIVAL_MILLISECONDS)
        expect(page.locator(".adding, .withdraw")).to_have_count(0)


def test_however_many_cases_there_are_the_page_says_how_many(browser: Browser, gateway: GatewayProcess) -> None:
    counts = {"cases": 12_345, "diseases": [{"code": "psoriasis", "cases": 12_345, "picture": None}]}
    with watched_page(browser, "about:blank") as page:
        page.route("**/library/cases/counts**", lambda route: route.fulfill(json=counts))
        page.goto(f"{gateway.url}/library")
        expect(page.locator("#found")).to_have_text("Diseases: 53 · cases: 12,345", timeout=ARRIVAL_MILLISECONDS)
        expect(page.locator("[data-disease=psoriasis] .chip.busy")).to_have_text("cases: 12,345")


@pytest.mark.parametrize("place", ["/library", "/library#psoriasis"])
def test_a_phone_never_scrolls_sideways(browser: Browser, gateway: GatewayProcess, place: str) -> None:
    with watched_page(browser, gateway.url + place, locale="ko-KR", phone=True) as page:
        page.wait_for_selector("#entries > li:visible, #entry h1:visible")
        for details in page.locator(".adding summary").all():
            details.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360


def _add(gateway: GatewayProcess, number: int, fields: dict[str, Any]) -> None:
    files = {"photo": ("photo.jpg", photo(number), "image/jpeg")}
    gateway.http.post("/api/v1/library/cases", files=files, data=fields).raise_for_status()


def _as_one_patient(route: Route) -> None:
    route.fulfill(json=route.fetch().json() | {"one_patient": True})


def _as_app(route: Route) -> None:
    route.fulfill(json=route.fetch().json() | {"permissions": sorted(PERMISSIONS[Role.APP])})


def _film() -> bytes:
    """A video of 12 frames that all show one photo."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container, Image.open(io.BytesIO(photo(104))) as picture:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 480, 360, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB").resize((480, 360))), format="rgb24")
        for index in range(12):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()
