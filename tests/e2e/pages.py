"""What the tests of the pages share: models of the library's diseases, a page that is watched."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from inference.manifest import ContextVocabulary
from inference.store import ModelStore
from tests.e2e.photos import add_model
from tests.models import build_model, certain_of, make_manifest, write_model

DISEASES = ("nevus", "melanoma", "seborrheic_keratosis", "tinea_corporis")
ARRIVAL_MILLISECONDS = 30_000
_CONTEXT = ContextVocabulary(sex=("F", "M"), age_bands=((0, 40), (40, 130)), body_sites=("forearm", "face"))


def store_of_library_diseases(folder: Path, *, sureness: float) -> Path:
    """A model store whose models find every photo usable, and a nevus with this probability."""
    store = folder / "models"
    add_model(store, folder / "made", "suitability", 1, "usable")
    manifest = make_manifest("disease", labels=DISEASES, malignant=("melanoma",), context=_CONTEXT)
    model = build_model(manifest, probabilities=certain_of(DISEASES, "nevus", sureness))
    models = ModelStore(store)
    models.add(write_model(folder / "made" / "named", manifest, model))
    models.promote("disease", 1)
    return store


@contextmanager
def watched_page(browser: Browser, url: str, *, locale: str = "en-GB", phone: bool = False) -> Iterator[Page]:
    """The page; the block fails where it breaks its own rules or raises an error."""
    complaints: list[str] = []
    width, height = (360, 740) if phone else (1280, 900)
    context = browser.new_context(
        locale=locale, viewport={"width": width, "height": height}, is_mobile=phone, has_touch=phone
    )
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if _is_violation(said.text) else None)
    page.goto(url)
    yield page
    context.close()
    assert complaints == []


def _is_violation(words: str) -> bool:
    return "Content Security Policy" in words or "Refused to" in words
