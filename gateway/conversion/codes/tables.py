"""All tables of codes as one value: those of the package, with a site's own rows laid over them.

The tables are known all over a process: whoever composes it (`use_codes`) chooses them once, at the start.
"""

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.conversion.codes import diseases, quality, sites
from gateway.conversion.codes.diseases import CodedDisease
from gateway.conversion.codes.errors import CodesError
from gateway.conversion.codes.files import Rows, check_folder, read_table
from gateway.conversion.codes.quality import QualityConcept
from gateway.conversion.codes.sites import BodySite

_Faults = Callable[[Rows], Iterator[str]]

_TABLES: Final[Mapping[str, tuple[Sequence[str], _Faults]]] = {
    sites.FILE: (sites.COLUMNS, sites.site_faults),
    diseases.FILE: (diseases.COLUMNS, diseases.disease_faults),
    quality.FILE: (quality.COLUMNS, quality.quality_faults),
}
"""File -> its columns, and what finds its faults."""


@dataclass(frozen=True, slots=True, eq=False)
class Codes:
    """Every table by slug; `sites_by_name` finds a body site by anything that it can be called by."""

    body_sites: Mapping[str, BodySite]
    sites_by_name: Mapping[str, BodySite]
    diseases: Mapping[str, CodedDisease]
    quality: Mapping[str, QualityConcept]


def load_codes(folder: Path | None = None) -> Codes:
    """The tables, with the rows of `folder`'s files (`body_sites.csv`, `diseases.csv`, `quality.csv`, each optional).

    A row replaces the one with the same slug or is a new one. Raises CodesError naming every bad row.
    """
    if folder is None:
        return _bundled()
    check_folder(folder, _TABLES)
    return _codes(folder)


def use_codes(codes: Codes) -> None:
    """From now on these are the tables of this process."""
    _IN_USE[0] = codes


def current_codes() -> Codes:
    """The tables of this process; the bundled ones until others are chosen."""
    return _IN_USE[0] or _bundled()


_IN_USE: Final[list[Codes | None]] = [None]


@functools.cache
def _bundled() -> Codes:
    return _codes(None)


def _codes(folder: Path | None) -> Codes:
    tables = {name: read_table(name, columns, folder) for name, (columns, _) in _TABLES.items()}
    faults = [fault for name, (_, find) in _TABLES.items() for fault in find(tables[name])]
    if faults:
        raise CodesError(faults)
    body_sites = sites.sites_of(tables[sites.FILE])
    return Codes(
        body_sites=body_sites,
        sites_by_name=sites.sites_by_name(body_sites),
        diseases=diseases.diseases_of(tables[diseases.FILE]),
        quality=quality.concepts_of(tables[quality.FILE]),
    )
