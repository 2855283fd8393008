"""The body sites a photo can name: slugs, codes of CID 4029 (PS3.16), and words for people.

The table is `body_sites.csv`. A generic site (`forearm`) that CID 4029 has no code for takes the code of its
nearest ancestor; so does a site without a BodyPartExamined term of its own (PS3.16 Annex L).
"""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class BodySite:
    """One site. `code`, `scheme` and `meaning` are never empty; `body_part` may be.

    `own_code` tells a code of its own from an ancestor's; `paired` that right and left differ.
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


UNSPECIFIED = "skin"
"""The site of a photo that names none."""


@functools.cache
def body_sites() -> Mapping[str, BodySite]:
    """Every site by slug, ancestors before their descendants wherever the table has them so."""
    source = resources.files(__package__).joinpath("body_sites.csv").read_text(encoding="utf-8")
    rows = {row["slug"]: row for row in csv.DictReader(source.splitlines())}
    return MappingProxyType({slug: _site(slug, rows) for slug in rows})


def find_body_site(name: str) -> BodySite | None:
    """The site meant by a slug, an alias, or a code of CID 4029; letter case, spaces and hyphens do not count."""
    return _by_name().get(_normal(name))


def _normal(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")


@functools.cache
def _by_name() -> Mapping[str, BodySite]:
    sites = body_sites().values()
    codes = {site.code: site for site in sites if site.own_code}
    aliases = {alias: site for site in sites for alias in site.aliases}
    return MappingProxyType(codes | aliases | dict(body_sites()))


def _site(slug: str, rows: Mapping[str, Mapping[str, str]]) -> BodySite:
    row = rows[slug]
    coded = _nearest(slug, "code", rows)
    return BodySite(
        slug=slug,
        parent=row["parent"] or None,
        scheme=coded["scheme"],
        code=coded["code"],
        meaning=coded["meaning"],
        own_code=bool(row["code"]),
        body_part=_nearest(slug, "body_part", rows)["body_part"],
        paired=row["paired"] == "yes",
        korean=row["korean"],
        english=row["english"],
        aliases=tuple(row["aliases"].split()),
    )


def _nearest(slug: str, column: str, rows: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """The row of the site itself or of its first ancestor with a value in `column`, else the root's."""
    row = rows[slug]
    while not row[column] and row["parent"]:
        row = rows[row["parent"]]
    return row
