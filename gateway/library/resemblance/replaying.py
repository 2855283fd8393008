"""A ranking as it was shown before, without reference cases that are gone, or that the reader may not see any more."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

_PICTURE = re.compile(r"/api/v1/library/cases/([0-9a-f]{32})/pictures/[0-9]+", re.ASCII)
"""What `gateway.library.cases.showing.picture_url` gives."""


def named_in(shown: Mapping[str, Any]) -> frozenset[str]:
    """The ids of the cases that a shown ranking names, or has a picture of."""
    return frozenset(case for disease in shown["diseases"] for case in _named(disease))


def without_others(shown: Mapping[str, Any], live: Collection[str]) -> dict[str, Any]:
    """The ranking with these cases alone; a disease whose picture was of another shows its drawing."""
    return {**shown, "diseases": [_with(disease, live) for disease in shown["diseases"]]}


def _with(disease: Mapping[str, Any], live: Collection[str]) -> dict[str, Any]:
    if all(case in live for case in _named(disease)):
        return dict(disease)
    similar = [case for case in disease["similar"] if case["case"] in live]
    pictured = _pictured(disease)
    drawing = {"picture": f"/api/v1/diseases/{disease['code']}/drawing", "picture_kind": "drawing"}
    return {
        **disease,
        **(drawing if pictured is not None and pictured not in live else {}),
        "similar": similar,
        "matched": disease["matched"] if similar else None,
    }


def _named(disease: Mapping[str, Any]) -> Iterator[str]:
    """Answers of an earlier version, kept for a day, name none."""
    yield from (case["case"] for case in disease.get("similar", ()))
    if (pictured := _pictured(disease)) is not None:
        yield pictured


def _pictured(disease: Mapping[str, Any]) -> str | None:
    found = _PICTURE.fullmatch(disease.get("picture") or "")
    return None if found is None else found[1]
