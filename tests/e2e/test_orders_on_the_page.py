"""The worklist beside the posting form, in a real browser: an order is chosen, and its photos are its patient's."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.config import Settings
from tests.e2e.photos import fill_store, photo
from tests.integration.intake.served import Served
from tests.peers import LOOPBACK, free_port
from tests.worklist_peer import WorklistServer, order

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def ris() -> Iterator[WorklistServer]:
    with WorklistServer() as server:
        server.schedule(order(1), order(2, PatientName="Kim^Younghee=金^英姬=김^영희"))
        yield server


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, ris: WorklistServer) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("gateway")
    fill_store(folder / "models", folder / "made")
    tree = {
        "archive": {"database": f"sqlite:///{folder}/dermgate.db", "storage": f"{folder}/objects"},
        "models": {"store": folder / "models"},
        "http": {"port": free_port()},
        "dimse": {"port": free_port()},
        "worklist": {"host": LOOPBACK, "port": ris.port, "ae_title": ris.ae_title},
    }
    with Served(Settings.model_validate(tree)) as made:
        yield made


@pytest.fixture
def page(browser: Browser, gateway: Served) -> Iterator[Page]:
    with browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}) as context:
        opened = context.new_page()
        faults: list[str] = []
        opened.on("pageerror", lambda error: faults.append(str(error)))
        opened.goto(f"http://{LOOPBACK}:{gateway.port}")
        opened.locator(".facts summary").click()
        yield opened
        assert faults == []


def test_an_order_that_is_chosen_says_whose_the_photo_is(page: Page, gateway: Served, tmp_path: Path) -> None:
    page.get_by_label("Name, patient ID or accession number").fill("P-1")
    choice = page.locator("#order")
    expect(choice.locator("option")).to_have_text(
        ["no order", "09:30 · Hong Gildong · P-1 · ACC1 · Photo of the forearm"]
    )
    choice.select_option(index=1)
    expect(page.locator("[name=patient_id]")).to_be_disabled()
    picture = tmp_path / "photo.jpg"
    picture.write_bytes(photo(1))
    page.set_input_files("#files", picture)
    expect(page.locator(".card").first.get_by_text("Patient P-1")).to_be_visible(timeout=30_000)
    assert gateway.get("/api/v1/photos")["photos"][0]["worklist"]["state"] == "found"
    page.get_by_role("button", name="한국어").click()
    expect(choice.locator("option").nth(1)).to_have_text(re.compile("홍 길동"))
    choice.select_option(index=0)
    expect(page.locator("[name=patient_id]")).to_be_enabled()


def test_a_korean_name_and_an_accession_number_find_their_order(page: Page) -> None:
    search = page.get_by_label("Name, patient ID or accession number")
    search.fill("ACC2")
    expect(page.locator("#order option").nth(1)).to_contain_text("P-2")


def test_who_may_not_see_the_worklist_any_more_has_nothing_of_it_left_in_the_page(page: Page) -> None:
    search = page.get_by_label("Name, patient ID or accession number")
    search.fill("P-1")
    page.locator("#order").select_option(index=1)
    page.route("**/api/v1/worklist?*", lambda route: route.fulfill(status=403, json={}))
    search.fill("P-2")
    expect(page.locator("#order-field")).to_be_hidden()
    expect(page.locator("#order option")).to_have_count(1)
    assert page.locator("#order").input_value() == ""
    expect(page.locator("[name=patient_id]")).to_be_enabled()


def test_a_worklist_that_is_down_is_said_to_be_and_photos_go_on(
    page: Page, gateway: Served, ris: WorklistServer, tmp_path: Path
) -> None:
    ris.stop()
    try:
        page.get_by_label("Name, patient ID or accession number").fill("P-9")
        expect(page.get_by_text("The worklist does not answer.")).to_be_visible()
        gateway.gateway.worklist.forget()
        gateway.accepted(photo(3), {"accession_number": "ACC1"})
        expect(page.get_by_text("order to be looked up")).to_be_visible(timeout=30_000)
    finally:
        ris.start()
