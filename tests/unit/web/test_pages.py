"""The pages keep to themselves: nothing inline, nothing from elsewhere, words in both languages, right headers."""

import asyncio
import re
from html.parser import HTMLParser
from typing import get_args

import httpx
import pytest
from fastapi import FastAPI

from dimse.reactions import Reaction
from gateway.conversion import errors as conversion
from gateway.delivery.figures import ARRIVED
from gateway.delivery.states import DeliveryState
from gateway.library.diseases import Urgency
from gateway.review.referrals import ASKED, ReferralState
from gateway.web.composing import FRAME, PAGES, Page
from gateway.web.routes import page_files, router
from inference import errors as inference


def test_the_page_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = _ask("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/operations", "text/html; charset=utf-8"),
        ("/library", "text/html; charset=utf-8"),
        ("/assets/overview.js", "text/javascript; charset=utf-8"),
        ("/assets/base.css", "text/css; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
    ],
)
def test_files_have_their_media_type_and_are_never_guessed_at(path: str, media_type: str) -> None:
    answer = _ask(path)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["none.js", "routes.py", "..%2froutes.py", "..%5c..%5capp.py", "%2e%2e", "."])
def test_what_is_no_file_of_the_pages_is_not_found(name: str) -> None:
    assert _ask(f"/assets/{name}").status_code == 404


def test_a_copy_that_is_still_good_is_not_sent_again() -> None:
    etag = _ask("/").headers["etag"]
    assert _ask("/", headers={"If-None-Match": f'"other", W/{etag}'}).status_code == 304
    assert _ask("/", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_answers_as_get_without_the_body() -> None:
    answer = _ask("/", method="HEAD")
    assert answer.status_code == 200
    assert answer.content == b""


@pytest.mark.parametrize("page", ["index.html", "library.html", "operations.html"])
def test_html_holds_no_script_or_style_of_its_own(page: str) -> None:
    for name, attributes in _tags(_source(page)):
        assert name != "style"
        assert not [attribute for attribute in attributes if attribute == "style" or attribute.startswith("on")]
        assert name != "script" or "src" in attributes


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_page_leads_to_all_of_them_and_says_which_it_is(page: Page) -> None:
    html = _ask(page.path).text
    links = [attributes for name, attributes in _tags(html) if name == "a" and "data-text" in attributes]
    places = [each for each in links if (each["href"] or "").startswith("/")]
    assert [each["href"] for each in places] == [each.path for each in PAGES]
    assert [each["href"] for each in places if each.get("aria-current") == "page"] == [page.path]
    assert f'id="{page.skip.target}"' in html
    assert f"<title>{page.title}</title>" in html
    assert not re.search(r"\$\w", html)


def test_the_frame_around_pages_is_no_page() -> None:
    assert _ask(f"/assets/{FRAME}").status_code == 404


def test_words_never_become_markup() -> None:
    for name in page_files():
        if name.endswith(".js"):
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", _source(name)), (
                name
            )


def test_everything_the_pages_refer_to_is_there() -> None:
    for name in page_files():
        for referred in re.findall(r'"(?:/assets/|\./)([^"]+)"', _source(name)):
            assert referred in page_files(), f"{name} refers to {referred}"


def test_both_languages_say_the_same_things() -> None:
    korean, english = _words("ko"), _words("en")
    assert korean == english


def test_every_word_that_is_used_is_there() -> None:
    used = set()
    for name in page_files():
        if name.endswith(".html"):
            used |= set(re.findall(r'data-(?:text|label)="(\w+)"', _source(name)))
        if name.endswith(".js"):
            used |= set(re.findall(r'\btext\("([\w.]+)"', _source(name)))
    assert used <= _words("en")


def test_every_state_has_words() -> None:
    wanted = {f"delivery.{state}" for state in DeliveryState} | {f"referral.{state}" for state in ReferralState}
    assert wanted <= _words("en")


def test_every_way_an_attempt_can_end_has_words() -> None:
    failed = {reaction for reaction in Reaction if reaction.value not in ARRIVED}
    assert {f"outcome.{reaction}" for reaction in failed} <= _words("ko")


def test_every_reason_of_a_referral_has_words() -> None:
    wanted = {f"because.{reason}" for reason in ("undecided", "malignant", "unknown", ASKED)}
    assert wanted <= _words("ko")


def test_every_urgency_has_words_and_a_drawing() -> None:
    assert {f"urgency.{urgency}" for urgency in get_args(Urgency)} <= _words("ko")
    table = re.search(r"URGENCY_ICON = \{(.+?)\}", _source("disease.js"))
    assert table
    drawn = dict(re.findall(r'(\w+): "(\w+)"', table[1]))
    assert set(drawn) == set(get_args(Urgency))
    assert set(drawn.values()) <= _drawings()


def test_every_side_has_words() -> None:
    assert {"side.right", "side.left", "side.both"} <= _words("en")


def test_every_drawing_that_is_used_is_there() -> None:
    drawings = _drawings()
    for name in page_files():
        used = set(re.findall(r'\b(?:icon|fact)\("(\w+)"', _source(name))) if name.endswith(".js") else set()
        assert used <= drawings, name


def test_the_file_list_offers_videos_too() -> None:
    (field,) = (attributes for name, attributes in _tags(_source("index.html")) if attributes.get("type") == "file")
    assert field["accept"] == "image/*,video/*"


def test_every_fault_of_a_picture_has_words() -> None:
    of_judging = {error.code for error in inference.PictureError.__subclasses__()}
    of_converting = {error.code for error in conversion.PictureError.__subclasses__()}
    codes = of_judging | of_converting | {conversion.PictureError.code, conversion.ConversionError.code}
    assert codes
    assert {f"problem.{code}" for code in codes} <= _words("en")


@pytest.mark.parametrize("status", [0, 401, 403, 413, 415, 422, 503])
def test_the_usual_problems_have_words(status: int) -> None:
    assert f"problem.{status}" in _words("ko")


def _ask(path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> httpx.Response:
    app = FastAPI()
    app.include_router(router)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return await client.request(method, path, headers=headers)

    return asyncio.run(ask())


def _source(name: str) -> str:
    return page_files()[name].content.decode()


def _drawings() -> set[str]:
    return set(re.findall(r"^  (\w+): \"M", _source("icons.js"), re.MULTILINE))


def _words(language: str) -> set[str]:
    """The keys of one language's words."""
    return set(re.findall(r'[{\s]"?([\w.]+)"?: "', _source(f"words_{language}.js")))


def _tags(html: str) -> list[tuple[str, dict[str, str | None]]]:
    tags: list[tuple[str, dict[str, str | None]]] = []

    class Collector(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    Collector().feed(html)
    return tags
