import csv
import json
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unicodedata import normalize

import pytest
from pydicom.sr._cid_dict import cid_concepts
from pydicom.sr._concepts_dict import concepts

from gateway.conversion.body_sites import UNSPECIFIED, BodySite, body_sites, find_body_site
from gateway.conversion.codes.body_parts import BODY_PARTS
from gateway.conversion.codes.check_digit import is_snomed_identifier
from gateway.conversion.codes.sites import sites_by_name
from tests.peers import shared_data

SITES = list(body_sites().values())


def context_group(number: int) -> dict[tuple[str, str], str]:
    """(scheme, code) -> meaning, from pydicom's copy of PS3.16."""
    schemes: Any = cid_concepts[number]
    known: Any = concepts
    return {
        (scheme, code): meaning
        for scheme, names in schemes.items()
        for name in names
        for code, (meaning, *_) in known[scheme][name].items()
    }


CONTEXT_GROUP = context_group(4029)


@cache
def annex_l() -> frozenset[str]:
    """The terms of Body Part Examined, from highdicom's copy of PS3.16 Annex L."""
    spec = find_spec("highdicom")
    assert spec is not None
    assert spec.origin is not None
    file = Path(spec.origin).parent / "_standard" / "anatomic_regions.json"
    return frozenset(json.loads(file.read_text(encoding="utf-8")))


@cache
def page() -> str:
    return (Path(__file__).parents[3] / "docs" / "codes.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["", "nowhere", "371311001", "elbow grease"])
def test_a_site_that_is_none_is_not_found(name: str) -> None:
    assert find_body_site(name) is None


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_every_site_is_found_by_its_names_however_they_are_composed(site: BodySite) -> None:
    for name in (site.korean, normalize("NFD", site.korean), site.english, site.english.upper()):
        assert find_body_site(name) == site


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_the_page_lists_every_site_as_it_is(site: BodySite) -> None:
    line = f"| `{site.slug}` | {site.korean} | {site.english} | {'R, L, B' if site.paired else ''} | {site.code}"
    assert (f"{line} |\n" in page()) is site.own_code
    assert site.own_code or f"{line} (" in page()


def test_a_name_of_two_sites_finds_neither() -> None:
    twins = {slug: replace(body_sites()[slug], english="Twin") for slug in ("hand", "foot")}
    assert "twin" not in sites_by_name(twins)
    assert sites_by_name(twins)["손"].slug == "hand"


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_every_code_stands_in_the_context_group_and_has_its_check_digit(site: BodySite) -> None:
    assert CONTEXT_GROUP[site.scheme, site.code] == site.meaning
    assert site.scheme != "SCT" or is_snomed_identifier(site.code)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_every_site_has_words_a_parent_and_a_known_body_part(site: BodySite) -> None:
    assert site.korean
    assert site.english
    assert (site.parent in body_sites()) or site.slug == UNSPECIFIED
    assert site.body_part in BODY_PARTS | {""}
    assert find_body_site(site.slug) == site


def test_every_body_part_that_is_taken_is_a_term_of_the_standard() -> None:
    assert annex_l() >= BODY_PARTS


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.slug)
def test_every_row_says_where_it_comes_from(site: BodySite) -> None:
    own = "PS3.16 CID 4029" if site.own_code else {"PS3.16 Annex L", "PS3.16 CID 4029 (ancestor)"}
    assert site.source in own


def test_names_and_codes_are_never_shared() -> None:
    names = [name for site in SITES for name in (site.slug, *site.aliases)]
    assert len(names) == len(set(names))
    codes = [(site.scheme, site.code) for site in SITES if site.own_code]
    assert len(codes) == len(set(codes))


def test_words_are_never_shared() -> None:
    for words in ([site.korean for site in SITES], [site.english for site in SITES]):
        assert len(words) == len(set(words))


def test_a_generic_site_takes_its_nearest_ancestors_code_and_keeps_its_body_part() -> None:
    forearm = body_sites()["forearm"]
    assert (forearm.code, forearm.meaning) == ("371311000", "Skin of upper extremity")
    assert forearm.body_part == "FOREARM"
    assert not forearm.own_code


def test_a_code_finds_the_site_it_is_the_own_code_of() -> None:
    found = find_body_site("371311000")
    assert found is not None
    assert found.slug == "upper_limb"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("FOREARM", "forearm"), ("upper-arm", "upper_arm"), ("Lower Leg", "lower_leg"), ("belly", "abdomen")],
)
def test_case_hyphens_and_everyday_words_do_not_matter(name: str, slug: str) -> None:
    assert find_body_site(name) == body_sites()[slug]


@pytest.mark.parametrize("folder", ["skin-train", "skin-real"])
def test_every_site_of_the_shared_photos_is_known(folder: str) -> None:
    labels: Path = shared_data("data", folder, "labels.csv")
    with labels.open(encoding="utf-8") as source:
        named = {row["body_site"] for row in csv.DictReader(source)} - {""}
    assert named
    assert not [name for name in named if find_body_site(name) is None]
