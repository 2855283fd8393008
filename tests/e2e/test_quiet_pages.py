"""Every page, in each of its ordinary states: nothing fails behind its back, nothing is said on the console."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Response, expect

from gateway.web.composing import PAGES
from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.pages import ARRIVAL_MILLISECONDS, store_of_library_diseases
from tests.e2e.photos import photo

pytestmark = pytest.mark.peer

PLACES = [*(page.path for page in PAGES), "/library#nevus"]  # the last, since a change of the fragment opens nothing
SHOWN = "#freshness:not(:empty), #found:not(:empty), #key:not([hidden])"
"""Whether a page has looked at what it shows, or asks for a key."""
AFTERWARDS_MILLISECONDS = 300
"""For what a page does once it has looked: fetching pictures, watching what follows."""
# Each thing that the pages show may be switched off.
ALL_OFF = '[explanation]\nwhen = "never"\n[intake]\nreport = false\n'


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of_library_diseases(tmp_path_factory.mktemp("store"), sureness=0.8)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[GatewayProcess]:
    """A gateway without a worklist, a destination, a viewer, reports or explanations."""
    with GatewayProcess(tmp_path_factory.mktemp("bare"), ALL_OFF, models=models) as running:
        _fill(running)
        yield running


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[GatewayProcess]:
    """A gateway as it comes, but for two hospitals and keys, without which it does not answer."""
    with GatewayProcess(tmp_path_factory.mktemp("keyed"), '[[hospitals]]\nname = "south"\n', models=models) as running:
        _fill(running)
        _create_key(running, "administrator")
        yield running


def test_pages_of_a_gateway_with_all_switched_off_are_quiet_in_both_languages(
    browser: Browser, bare: GatewayProcess
) -> None:
    with complaints_of(browser) as (page, complaints):
        for place in PLACES:
            visit(page, bare.url + place)
            page.get_by_role("button", name="한국어").click()
            page.wait_for_timeout(AFTERWARDS_MILLISECONDS)
            page.get_by_role("button", name="English").click()
            page.wait_for_timeout(AFTERWARDS_MILLISECONDS)
    assert complaints == []


def test_where_no_explanations_are_made_none_is_offered(browser: Browser, bare: GatewayProcess) -> None:
    with complaints_of(browser) as (page, _):
        visit(page, bare.url)
        expect(page.locator(".card .verdict")).to_be_visible()
        expect(page.locator(".explain")).to_be_hidden()


def test_an_empty_gateway_is_quiet(browser: Browser, keyed: GatewayProcess) -> None:
    south = _create_key(keyed, "clinician", "--hospital", "south")
    with complaints_of(browser, south) as (page, complaints):
        for place in PLACES:
            visit(page, keyed.url + place)
    assert complaints == []


@pytest.mark.parametrize("role", ["administrator", "clinician", "app", "trainer", "monitor"])
def test_a_key_is_asked_for_nothing_that_it_may_not(browser: Browser, keyed: GatewayProcess, role: str) -> None:
    with complaints_of(browser, _create_key(keyed, role)) as (page, complaints):
        for place in PLACES:
            visit(page, keyed.url + place)
    assert complaints == []


def test_who_sends_no_photos_is_offered_neither_to_post_one_nor_to_ask_a_doctor(
    browser: Browser, keyed: GatewayProcess
) -> None:
    for role, offered in (("app", True), ("trainer", False)):
        with complaints_of(browser, _create_key(keyed, role)) as (page, _):
            visit(page, keyed.url)
            expect(page.locator(".asking p").first).to_be_visible()
            expect(page.locator("#post")).to_be_visible(visible=offered)
            expect(page.locator(".ask")).to_be_visible(visible=offered)


def test_a_page_without_a_key_asks_once_and_then_waits_for_one(browser: Browser, keyed: GatewayProcess) -> None:
    with complaints_of(browser) as (page, complaints):
        page.clock.install()
        page.goto(f"{keyed.url}/operations")
        expect(page.locator("#key-title")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
        page.clock.run_for(60_000)
    assert [words for words in complaints if not words.startswith("console")] == [f"401 {keyed.url}/api/v1/caller"]


def test_what_a_key_may_do_is_asked_anew_after_an_hour_and_when_the_gateway_is_back(
    browser: Browser, bare: GatewayProcess
) -> None:
    with complaints_of(browser) as (page, _):
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/caller") else None)
        page.clock.install()
        visit(page, f"{bare.url}/operations")
        page.clock.run_for(60_000)
        assert len(asked) == 1
        page.clock.fast_forward("01:00:00")
        time_goes_on(page, lambda: len(asked) == 2)
        page.route("**/readyz", lambda route: route.abort())
        time_goes_on(page, page.locator("#health.bad").is_visible)
        page.unroute("**/readyz")
        time_goes_on(page, lambda: len(asked) == 3)
        expect(page.locator("#health.good")).to_be_visible()
        page.clock.run_for(60_000)
        assert len(asked) == 3


def time_goes_on(page: Page, until: Callable[[], bool]) -> None:
    """On the page's clock, for ten minutes at most; a look that is under way is let come to its end."""
    for _ in range(60):
        if until():
            return
        page.clock.run_for(10_000)
        page.wait_for_timeout(AFTERWARDS_MILLISECONDS)
    assert until()


def visit(page: Page, url: str) -> None:
    """Open a page, and let it look at everything."""
    page.goto(url)
    page.wait_for_selector(SHOWN, state="attached", timeout=ARRIVAL_MILLISECONDS)
    page.wait_for_timeout(AFTERWARDS_MILLISECONDS)


@contextmanager
def complaints_of(browser: Browser, key: str = "") -> Iterator[tuple[Page, list[str]]]:
    """A page, and what was said on its console, thrown, or asked for in vain until the block ends."""
    complaints: list[str] = []

    def answered(response: Response) -> None:
        if response.status >= 400:
            complaints.append(f"{response.status} {response.url}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page that is left drops the events it listens to
            complaints.append(f"{request.failure} {request.url}")

    with browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}) as context:
        if key:
            context.add_init_script(f"sessionStorage.setItem('dermgate-key', '{key}')")
        page = context.new_page()
        page.on("console", lambda said: complaints.append(f"console {said.type}: {said.text}"))
        page.on("pageerror", lambda error: complaints.append(f"thrown: {error}"))
        page.on("response", answered)
        page.on("requestfailed", failed)
        yield page, complaints


def _fill(gateway: GatewayProcess) -> None:
    gateway.accepted(photo(1), {"patient_id": "P-1", "body_site": "forearm"})
    files = {"photo": ("photo.jpg", photo(2), "image/jpeg")}
    gateway.http.post("/api/v1/library/cases", files=files, data={"disease": "nevus"}).raise_for_status()


def _create_key(gateway: GatewayProcess, role: str, *options: str) -> str:
    done = gateway.run("keys", "create", role, "--role", role, *options)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]
