"""The overview in a real browser, over the shipped gateway: what an operator sees and does."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import av
import httpx
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Response, expect

from deploy.demo.gateway import Gateway, running_gateway
from deploy.demo.hospital import running_hospital
from deploy.demo.photos import FAULT_SEEDS, GOOD_SEEDS, draw
from tests.peers import free_port

ARRIVAL_MILLISECONDS = 30_000
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
    expect(card.locator(".archived h4")).to_have_text(["The photo", "Report of what the models found, unverified"])
    expect(card.locator(".archived").first.locator("code")).to_have_count(4)
    expect(card.locator(".archived").last.locator("code")).to_have_count(2)


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
        expect(page.locator("#post-title")).to_have_text("사진·동영상 올리기")


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


def test_what_is_no_picture_is_told_in_either_language_and_the_gateways_words_only_in_theirs(
    page: Page, tmp_path: Path
) -> None:
    (tmp_path / "letter.jpg").write_bytes(b"no picture at all")
    page.set_input_files("#files", tmp_path / "letter.jpg")
    line = page.locator("#posting li").first
    expect(line.locator(".words span")).to_have_text("This file is no photo or video.")
    expect(line.locator("small")).to_be_visible()
    page.get_by_role("button", name="한국어").click()
    expect(line.locator(".chip")).to_have_text("실패")
    expect(line.locator(".words span")).to_have_text("이 파일은 사진이나 동영상이 아닙니다.")
    expect(line.locator("small")).to_be_hidden()
    line.locator("summary").click()
    expect(line.locator("small")).to_be_visible()
    expect(line.locator("small")).to_have_attribute("lang", "en")


def test_a_field_that_is_refused_is_named_as_the_page_names_it(page: Page, good_photo: Path) -> None:
    page.get_by_role("button", name="한국어").click()
    page.locator(".facts summary").click()
    page.locator("[name=patient_age]").fill("131")
    page.set_input_files("#files", good_photo)
    expect(page.locator("#posting .words span").first).to_have_text("입력한 내용을 그대로는 쓸 수 없습니다. (나이)")


def test_a_card_says_whose_it_is_where_it_was_taken_and_of_which_case(
    page: Page, gateway: Gateway, good_photo: Path
) -> None:
    facts = {"patient_id": "P-7", "body_site": "forearm", "laterality": "L", "kind": "dermoscopic"}
    case_id = gateway.post_photo(good_photo, facts)["case_id"]
    gateway.post_photo(good_photo, {"case_id": case_id})
    marked = page.locator(".card", has_text=f"Case {case_id[:6]}")
    expect(marked).to_have_count(2, timeout=ARRIVAL_MILLISECONDS)
    said = marked.last.locator(".subject li")
    expect(said).to_have_text(["Patient P-7", "Forearm, left", "Dermoscopic", f"Case {case_id[:6]}"])
    expect(marked.first.locator(".patient")).to_have_text("Patient P-7")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator(".subject .place", has_text="왼쪽")).to_have_count(1)


def test_a_card_says_what_was_written_with_the_photo(page: Page, gateway: Gateway, good_photo: Path) -> None:
    posted = gateway.post_photo(
        good_photo, {"symptoms": "it itches", "size_mm": "4", "note": "밤에 심함\n<b>둘째 줄</b>"}
    )
    written = page.locator(f'.card[data-photo="{posted["id"]}"] .written')
    expect(written.locator("dt")).to_have_text(["Symptoms", "Size in mm", "Note"], timeout=ARRIVAL_MILLISECONDS)
    expect(written.locator("dd").last).to_have_text("밤에 심함\n<b>둘째 줄</b>", use_inner_text=True)


def test_a_doctors_opinion_stands_above_what_the_model_says_and_its_report_beside_the_models(
    page: Page, gateway: Gateway, good_photo: Path
) -> None:
    case_id = gateway.post_photo(good_photo, {"patient_id": "P-8"})["case_id"]
    _refer_and_answer(gateway, case_id)
    card = page.locator(".card", has_text=case_id[:6])
    said = card.locator(".opinion")
    expect(said.locator(".diagnoses li")).to_have_text(["1 Melanoma", "2 Mole (melanocytic nevus)"])
    expect(said.locator(".comment")).to_have_text("절제를 권합니다.\n2주 안에.", use_inner_text=True)
    expect(said.locator(".signature span")).to_have_text("Minji Kim · Seoul Hospital")
    expect(said.locator(".chip")).to_have_text("a doctor's word")
    heights = [card.locator(name).bounding_box() for name in (".opinion", ".diseases >> nth=0")]
    assert heights[0]["y"] < heights[1]["y"]  # type: ignore[index]
    card.locator(".object > summary").click()
    expect(card.locator(".archived h4").last).to_have_text("Report of the doctor's opinion, verified")
    page.get_by_role("button", name="한국어").click()
    expect(said.locator(".signature strong")).to_have_text("김민지")
    expect(said.locator(".diagnoses li").first).to_have_text("1 악성 흑색종")


@pytest.mark.parametrize(
    ("name", "korean", "english"),
    [
        ("Kim^Minji=金^旼志=김^민지", "김민지", "Minji Kim"),
        ("Kim^Minji=김^민지", "김민지", "Minji Kim"),
        ("김민지", "김민지", "김민지"),
        ("Nowak^Anna^Maria^Dr.^MD", "Dr. Anna Maria Nowak MD", "Dr. Anna Maria Nowak MD"),
        ("=金^旼志", "旼志 金", "旼志 金"),
        ("^^^^", "", ""),
    ],
)
def test_names_of_doctors_are_written_as_people_write_them(page: Page, name: str, korean: str, english: str) -> None:
    written = "async (name) => (await import('/assets/names.js')).personName(name)"
    assert page.evaluate(written, name) == english
    page.get_by_role("button", name="한국어").click()
    assert page.evaluate(written, name) == korean


def _refused(page: Page) -> list[str]:
    """What the page asks for in vain from now on."""
    refused: list[str] = []

    def note(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(answer.url)

    page.on("response", note)
    return refused


def test_a_video_carries_a_film_mark_and_no_picture_is_asked_for_before_there_is_one(
    page: Page, good_photo: Path, tmp_path: Path
) -> None:
    refused = _refused(page)
    page.set_input_files("#files", _film(tmp_path / "v.mp4", good_photo))
    card = page.locator(".card").first
    expect(card.locator(".subject .film")).to_have_text("Video", timeout=ARRIVAL_MILLISECONDS)
    expect(card.locator(".picture button")).to_be_disabled()
    expect(card.locator(".subject .film")).to_have_text(
        re.compile(r"^Video, frame \d+ of 12 judged$"), timeout=ARRIVAL_MILLISECONDS
    )
    expect(card.locator(".picture img.shown")).to_be_visible(timeout=ARRIVAL_MILLISECONDS)
    expect(card.locator(".picture .mark.corner")).to_be_visible()
    assert refused == []


def test_what_failed_later_says_so_in_the_pages_language_and_asks_for_no_picture(
    page: Page, gateway: Gateway, good_photo: Path
) -> None:
    refused = _refused(page)
    page.get_by_role("button", name="한국어").click()
    cut = good_photo.read_bytes()[:-2000]
    posted = httpx.post(
        f"{gateway.url}/api/v1/photos",
        files={"photo": ("cut.jpg", cut)},
        headers={"Prefer": "respond-async"},
        trust_env=False,
    )
    assert posted.status_code == 202
    card = page.locator(f'.card[data-photo="{posted.json()["id"]}"]')
    words = card.locator(".trouble > span")
    expect(words).to_have_text("사진이 잘렸거나 손상되었습니다. 다시 보내십시오.", timeout=ARRIVAL_MILLISECONDS)
    expect(card.locator(".trouble small")).to_be_hidden()
    expect(card.locator(".picture.none .mark")).to_be_visible()
    assert refused == []


def _refer_and_answer(gateway: Gateway, case_id: str) -> None:
    """Ask a doctor, whatever the model says, and answer the referral."""
    with httpx.Client(base_url=f"{gateway.url}/api/v1", trust_env=False, timeout=60) as api:
        api.post(f"/cases/{case_id}/referral").raise_for_status()
        (referral,) = (each for each in api.get("/referrals").json()["referrals"] if each["case_id"] == case_id)
        opinion = {
            "doctor": "Kim^Minji=金^旼志=김^민지",
            "organization": "Seoul Hospital",
            "diagnoses": ["melanoma", "nevus"],
            "comment": "절제를 권합니다.\n2주 안에.",
        }
        api.post(f"/referrals/{referral['id']}/opinion", json=opinion).raise_for_status()


def _film(path: Path, photo: Path) -> Path:
    """A video of 12 frames that all show the photo."""
    with av.open(str(path), "w") as container, Image.open(photo) as picture:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 960, 720, "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.asarray(picture.convert("RGB").resize((960, 720))), format="rgb24")
        for index in range(12):
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _enter(page: Page, key: str) -> None:
    page.locator("#key-value").fill(key)
    page.locator("#key-form .primary").click()


def _create_key(configuration: Path, role: str) -> str:
    command: list[str | Path] = [Path(sys.executable).with_name("dermgate"), "keys", "create", role, "--role", role]
    done = subprocess.run([*command, "--config", configuration], capture_output=True, text=True, check=True, timeout=60)
    return done.stdout.split()[-1]


def _is_violation(words: str) -> bool:
    return "Content Security Policy" in words or "Refused to" in words
