"""Pages put together: one frame, which they all have, around what each has of its own."""

from collections.abc import Iterable
from dataclasses import dataclass
from string import Template

FRAME = "frame.html"


@dataclass(frozen=True, slots=True)
class Skip:
    """The link that leads the keyboard past the head: to which element, and its words."""

    target: str
    text: str
    english: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page: where it is, the file of what it has of its own, and what the frame says of it.

    `text` is the key of its name among the pages' words. `english` words stand until the script has put those of the
    reader's language in their place.
    """

    path: str
    file: str
    name: str
    text: str
    english: str
    description: str
    styles: tuple[str, ...]
    skip: Skip

    @property
    def title(self) -> str:
        """What the browser's tab says."""
        return "Dermgate" if self.path == "/" else f"Dermgate · {self.english}"


PAGES = (
    Page(
        path="/",
        file="index.html",
        name="overview",
        text="photosTitle",
        english="Photos",
        description="Dermgate: photos and videos as they come in, their verdicts, DICOM objects and deliveries",
        styles=("overview.css", "answer.css"),
        skip=Skip("photos", "skip", "To the photos"),
    ),
    Page(
        path="/library",
        file="library.html",
        name="library",
        text="library",
        english="Library",
        description="Dermgate: skin diseases with drawings and reference cases",
        styles=("answer.css", "library.css"),
        skip=Skip("find", "skipLibrary", "To the search"),
    ),
    Page(
        path="/operations",
        file="operations.html",
        name="operations",
        text="operations",
        english="Operations",
        description="Dermgate: where photos are delivered to, what waits, what failed",
        styles=("operations.css",),
        skip=Skip("destinations", "skipDestinations", "To the destinations"),
    ),
)
_STYLES_OF_ALL = ("base.css", "frame.css")


def composed(page: Page, frame: str, content: str) -> str:
    """The HTML of a page; raises KeyError and ValueError for a frame that asks for what pages have not."""
    styles = (f'  <link rel="stylesheet" href="/assets/{name}">' for name in (*_STYLES_OF_ALL, *page.styles))
    return Template(frame).substitute(
        title=page.title,
        description=page.description,
        styles="\n".join(styles),
        script=f"{page.name}.js",
        skip=page.skip.target,
        skip_text=page.skip.text,
        skip_english=page.skip.english,
        places="\n".join(_places(page, PAGES)),
        name=page.name,
        content=content,
    )


def _places(current: Page, pages: Iterable[Page]) -> Iterable[str]:
    for page in pages:
        here = ' aria-current="page"' if page is current else ""
        yield f'      <a href="{page.path}"{here} data-text="{page.text}">{page.english}</a>'
