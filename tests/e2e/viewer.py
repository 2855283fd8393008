"""OHIF, as the gateway serves it, in a headless browser: what its list says and what its viewport shows."""

import base64
import io
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page, Response, Route, sync_playwright

from tests.peers import require

TOLERANCE = 12.0
"""Largest difference of a cell's mean colour, of 255; on average a third of that."""

_CELLS = 12
_LOADING_SECONDS = 120.0
_PICTURE_SECONDS = 90.0
_LIST_SECONDS = 60.0
_ARGUMENTS = [
    "--no-sandbox", "--no-first-run", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    # OHIF draws with WebGL; a machine without graphics has it in software.
    "--ignore-gpu-blocklist", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]  # fmt: skip
_ROWS = """() => [...document.querySelectorAll('tr')].map(
  row => [...row.children].map(cell => cell.innerText.trim()).join(' | '))"""
_CANVAS = """() => {
  const area = one => one.getBoundingClientRect().width * one.getBoundingClientRect().height;
  const all = [...document.querySelectorAll('canvas.cornerstone-canvas')].filter(
    one => one.getBoundingClientRect().width > 300);
  all.sort((one, other) => area(other) - area(one));
  return all.length ? all[0].toDataURL('image/png') : null;
}"""

Pixels = npt.NDArray[np.float64]


@dataclass
class Viewer:
    """The viewer's page; what the browser complains about and who else it asks is kept."""

    page: Page
    url: str
    elsewhere: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def row(self, *texts: str) -> str:
        """The row of the study list that holds all of these; raises AssertionError with the best one there is."""
        self._go("/viewer/")
        deadline, best = time.monotonic() + _LIST_SECONDS, ""
        while time.monotonic() < deadline:
            for row in self.page.evaluate(_ROWS):
                if sum(text in row for text in texts) > sum(text in best for text in texts):
                    best = row
            if all(text in best for text in texts):
                return best
            self.page.wait_for_timeout(250)
        raise AssertionError(f"the list does not show {texts}; nearest: {best!r}")

    def open(self, study_instance_uid: str, series_instance_uid: str) -> None:
        """Open a series in the viewport."""
        query = f"StudyInstanceUIDs={study_instance_uid}&initialSeriesInstanceUID={series_instance_uid}"
        self._go(f"/viewer/viewer?{query}")

    def _go(self, path: str) -> None:
        # A busy machine may take long over OHIF's ten megabytes of scripts.
        self.page.goto(f"{self.url}{path}", wait_until="domcontentloaded", timeout=_LOADING_SECONDS * 1000)

    def names(self, text: str) -> None:
        """Wait until the page says this somewhere."""
        self.page.get_by_text(text).first.wait_for(timeout=_PICTURE_SECONDS * 1000)

    def shows(self, picture: Image.Image, tolerance: float = TOLERANCE) -> None:
        """Wait until the viewport shows this picture, and a moment later still; raises AssertionError."""
        deadline, steady, last = time.monotonic() + _PICTURE_SECONDS, 0, "no canvas came up"
        while steady < 2:
            assert time.monotonic() < deadline, last
            self.page.wait_for_timeout(500)
            canvas = self.page.evaluate(_CANVAS)
            last = difference(_decoded(canvas), picture, tolerance) if canvas else last
            steady = steady + 1 if not last else 0

    def note_request(self, route: Route) -> None:
        """Let nothing out but to the gateway."""
        if route.request.url.startswith((self.url, "data:", "blob:")):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()

    def note_response(self, response: Response) -> None:
        """Remember what the gateway refused."""
        if response.status >= 400:
            self.refused.append(f"{response.status} {response.url}")


@contextmanager
def viewer(url: str, **context: Any) -> Iterator[Viewer]:
    """The viewer of the gateway at `url`, in a browser of its own."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=require("chromium"), args=_ARGUMENTS)
        opened = browser.new_context(viewport={"width": 1400, "height": 900}, service_workers="block", **context)
        made = Viewer(opened.new_page(), url)
        opened.route("**/*", made.note_request)
        made.page.on("response", made.note_response)
        made.page.on(
            "console",
            lambda message: made.violations.append(message.text) if "Content Security" in message.text else None,
        )
        yield made
        browser.close()


def _decoded(data_url: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data_url.partition(",")[2]))).convert("RGB")


def difference(canvas: Image.Image, picture: Image.Image, tolerance: float = TOLERANCE) -> str:
    """How the canvas differs from the picture fitted into it, in words; "" where it shows it, and nothing beside it."""
    shown = np.asarray(canvas, np.float64)
    scale = min(canvas.width / picture.width, canvas.height / picture.height)
    width, height = round(picture.width * scale), round(picture.height * scale)
    left, top = (canvas.width - width) // 2, (canvas.height - height) // 2
    wanted = _cells(np.asarray(picture.convert("RGB").resize((width, height), Image.Resampling.BOX), np.float64))
    off = np.abs(_cells(shown[top : top + height, left : left + width]) - wanted)
    beside = shown.copy()
    beside[max(0, top - 2) : top + height + 2, max(0, left - 2) : left + width + 2] = 0
    if off.max() > tolerance or off.mean() > tolerance / 3:
        return f"cells off by at most {off.max():.1f}, on average {off.mean():.1f}"
    return "something is drawn beside the picture" if beside.max() > 60 else ""


def _cells(pixels: Pixels) -> Pixels:
    """Mean colours [12, 12, 3]."""
    rows = np.array_split(pixels, _CELLS, axis=0)
    return np.array([[cell.reshape(-1, 3).mean(axis=0) for cell in np.array_split(row, _CELLS, 1)] for row in rows])
