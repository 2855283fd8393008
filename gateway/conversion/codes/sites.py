"""Body sites: slugs, codes of CID 4029 (PS3.16), and words for people.

A generic site (`forearm`) that CID 4029 has no code for takes the code of its nearest ancestor; so does a site
without a BodyPartExamined term of its own (PS3.16 Annex L).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from gateway.conversion.codes.body_parts import BODY_PARTS
from gateway.conversion.codes.cells import COMMON_COLUMNS, YES_NO, flag_faults, row_faults
from gateway.conversion.codes.files import Cells, Row, Rows

FILE: Final = "body_sites.csv"
COLUMNS: Final = (*COMMON_COLUMNS, "parent", "body_part", "paired", "aliases")
UNSPECIFIED: Final = "skin"
"""The site of a photo that names none; every other site is part of it."""


@dataclass(frozen=True, slots=True)
class BodySite:
    """One site. `code`, `scheme` and `meaning` are never empty; `body_part` may be.

    `own_code` tells a code of its own from an ancestor's; `paired` that right and left differ; `source` where the
    row comes from.
    """

    slug: str
    parent: str | None
    scheme: str
    code: str
    meaning: str
    own_code: bool
    body_part: str
    paired: bool
    korean: str
    english: str
    aliases: tuple[str, ...] = ()
    source: str = ""


def site_faults(rows: Rows) -> Iterator[str]:
    """What is wrong with the table as a whole, each fault with its place."""
    for row in rows.values():
        faults = (*row_faults(row, coded=row.slug == UNSPECIFIED), *_own_faults(row), *_parent_faults(row, rows))
        yield from (f"{row.place}: {fault}" for fault in faults)
    yield from _name_faults(rows)


def sites_of(rows: Rows) -> Mapping[str, BodySite]:
    """Every site by slug, in the table's order; the rows have no faults."""
    return MappingProxyType({slug: _site(slug, rows) for slug in rows})


def sites_by_name(sites: Mapping[str, BodySite]) -> Mapping[str, BodySite]:
    """Every site by whatever it can be called by, each as `normal_name` has it.

    That is its slug, an alias, its own code, or its Korean or English name where no other site is called so.
    """
    codes = {normal_name(site.code): site for site in sites.values() if site.own_code}
    aliases = {alias: site for site in sites.values() for alias in site.aliases}
    return MappingProxyType(_by_words(sites.values()) | codes | aliases | dict(sites))


def normal_name(name: str) -> str:
    """A name as it is looked for: letter case, spaces and hyphens do not count, nor how a letter is composed."""
    return normalize("NFC", name).strip().lower().replace(" ", "_").replace("-", "_")


def _by_words(sites: Iterable[BodySite]) -> dict[str, BodySite]:
    called: dict[str, list[BodySite]] = defaultdict(list)
    for site in sites:
        for word in {normal_name(site.korean), normal_name(site.english)}:
            called[word].append(site)
    return {word: meant[0] for word, meant in called.items() if len(meant) == 1}


def _own_faults(row: Row) -> Iterator[str]:
    yield from flag_faults(row, ["paired"])
    if row.cells["body_part"] not in {"", *BODY_PARTS}:
        yield "body_part: a term of PS3.16 Annex L that skin is on, or empty"
    if any(alias != normal_name(alias) for alias in row.cells["aliases"].split()):
        yield "aliases: lower case, words joined by _"


def _parent_faults(row: Row, rows: Rows) -> Iterator[str]:
    parent = row.cells["parent"]
    if row.slug == UNSPECIFIED:
        if parent:
            yield f"parent: {UNSPECIFIED!r} is part of nothing"
    elif parent not in rows:
        yield f"parent: no row is named {parent!r}"
    elif _is_its_own_ancestor(row, rows):
        yield "parent: the site would be part of itself"


def _is_its_own_ancestor(row: Row, rows: Rows) -> bool:
    above = row.cells["parent"]
    for _ in range(len(rows)):
        if above not in rows or above == row.slug:
            return above == row.slug
        above = rows[above].cells["parent"]
    return True


def _name_faults(rows: Rows) -> Iterator[str]:
    """Names that mean two sites: whatever finds one, slug, alias or own code, stands for it alone."""
    meant = {slug: slug for slug in rows}
    for row in rows.values():
        for column, name in _names(row):
            other = meant.setdefault(normal_name(name), row.slug)
            if other != row.slug:
                yield f"{row.place}: {column}: {name!r} is a name of {other!r} already"


def _names(row: Row) -> Iterator[tuple[str, str]]:
    """What a row is called beside its slug, each name with its column."""
    if row.cells["code"]:
        yield "code", row.cells["code"]
    for alias in row.cells["aliases"].split():
        yield "aliases", alias


def _site(slug: str, rows: Rows) -> BodySite:
    cells = rows[slug].cells
    coded = _nearest(slug, "code", rows)
    return BodySite(
        slug=slug,
        parent=cells["parent"] or None,
        scheme=coded["scheme"],
        code=coded["code"],
        meaning=coded["meaning"],
        own_code=bool(cells["code"]),
        body_part=_nearest(slug, "body_part", rows)["body_part"],
        paired=YES_NO[cells["paired"]],
        korean=cells["korean"],
        english=cells["english"],
        aliases=tuple(cells["aliases"].split()),
        source=cells["source"],
    )


def _nearest(slug: str, column: str, rows: Rows) -> Cells:
    """The cells of the site itself or of its first ancestor with a value in `column`, else the root's."""
    cells = rows[slug].cells
    while not cells[column] and cells["parent"]:
        cells = rows[cells["parent"]].cells
    return cells
