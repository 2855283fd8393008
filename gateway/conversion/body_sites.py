"""The body sites a photo can name, as the tables in use have them."""

from collections.abc import Mapping

from gateway.conversion.codes.sites import UNSPECIFIED, BodySite, normal_name
from gateway.conversion.codes.tables import current_codes

__all__ = ["UNSPECIFIED", "BodySite", "body_sites", "find_body_site"]


def body_sites() -> Mapping[str, BodySite]:
    """Every site by slug, ancestors before their descendants wherever the table has them so."""
    return current_codes().body_sites


def find_body_site(name: str) -> BodySite | None:
    """The site meant by a slug, an alias, a Korean or English name, or a code of CID 4029.

    Letter case, spaces and hyphens do not count.
    """
    return current_codes().sites_by_name.get(normal_name(name))
