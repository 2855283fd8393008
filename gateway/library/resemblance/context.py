"""What cases are narrowed down by, and how that is widened where too few are left.

The ladder goes from all that is known of the patient to nothing: first the body site gives way, to the site it is a
part of and then that one's, and then to any; then the age, to the bands beside it and then to any; the sex last.
"""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from gateway.conversion.body_sites import UNSPECIFIED, BodySite
from gateway.conversion.codes.tables import Codes
from gateway.library.cases.facts import BAND_YEARS, OLDEST_BAND

AgeMatch = Literal["band", "near", "any"]
SiteMatch = Literal["site", "part_of", "any"]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One step of the ladder. None is any.

    `bands` are first years of age bands; `site` is a slug, and what is a part of it counts as well. `age` and
    `site_match` say how near these are to what was asked.
    """

    sex: str | None
    bands: frozenset[int] | None
    site: str | None
    age: AgeMatch
    site_match: SiteMatch


def ladder(
    sex: str | None, age_band: int | None, body_site: str | None, sites: Mapping[str, BodySite]
) -> Iterator[Narrowing]:
    """The steps for what is known, the narrowest first; the last one takes every case.

    A site that `sites` does not have is not known.
    """
    known = body_site if body_site in sites and body_site != UNSPECIFIED else None
    step = Narrowing(
        sex=sex,
        bands=None if age_band is None else frozenset({age_band}),
        site=known,
        age="any" if age_band is None else "band",
        site_match="any" if known is None else "site",
    )
    yield step
    for parent in _ancestors(known, sites):
        step = replace(step, site=parent, site_match="part_of")
        yield step
    if step.site is not None:
        step = replace(step, site=None, site_match="any")
        yield step
    if age_band is not None:
        yield (step := replace(step, bands=_near(age_band), age="near"))
        yield (step := replace(step, bands=None, age="any"))
    if sex is not None:
        yield replace(step, sex=None)


@functools.lru_cache(maxsize=2)
def sites_within(codes: Codes) -> Mapping[str, frozenset[str]]:
    """By slug, a site with everything that is a part of it."""
    sites = codes.body_sites
    within: dict[str, set[str]] = {slug: {slug} for slug in sites}
    for slug in sites:
        for parent in _ancestors(slug, sites):
            within[parent].add(slug)
    return {slug: frozenset(parts) for slug, parts in within.items()}


def _ancestors(slug: str | None, sites: Mapping[str, BodySite]) -> Iterator[str]:
    """From the next one up, without the one that all are a part of: it narrows nothing."""
    site = sites.get(slug or "")
    while site is not None and (above := sites.get(site.parent or "")) is not None and above.parent is not None:
        yield above.slug
        site = above


def _near(band: int) -> frozenset[int]:
    return frozenset({each for each in (band - BAND_YEARS, band, band + BAND_YEARS) if 0 <= each <= OLDEST_BAND})
