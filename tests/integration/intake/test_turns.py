"""Photos take turns by all of their pixels."""

import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from PIL import Image

from gateway.intake.turns import Turns
from tests.integration.intake.served import Served

TURN = Turns.take


def _photo(kind: str, pages: int) -> bytes:
    made = io.BytesIO()
    page = Image.new("RGB", (250, 240), (180, 130, 110))
    more = {"save_all": True, "append_images": [page.rotate(90 * number) for number in range(1, pages)]}
    page.save(made, kind, **({"compression": "tiff_lzw"} if kind == "TIFF" else {}), **(more if pages > 1 else {}))
    return made.getvalue()


@pytest.mark.parametrize(("kind", "pages"), [("JPEG", 1), ("PNG", 1), ("TIFF", 3), ("WEBP", 2)])
def test_every_page_counts(kind: str, pages: int, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    @contextmanager
    def take(turns: Turns, pixels: int) -> Iterator[None]:
        taken.append(pixels)
        turn: AbstractContextManager[None] = TURN(turns, pixels)
        with turn:
            yield

    monkeypatch.setattr(Turns, "take", take)
    photo = Image.open(io.BytesIO(_photo(kind, pages)))
    assert getattr(photo, "n_frames", 1) == pages
    assert served.post(_photo(kind, pages)).status_code < 500
    assert taken == [pages * 250 * 240]
