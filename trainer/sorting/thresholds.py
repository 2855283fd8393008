"""The bounds that a usable photo keeps, read from and written to TOML.

Bundled: `thresholds.toml` beside this module.
"""

import math
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from inference.rules import REASON_CODES
from trainer.sorting.errors import BadThresholds
from trainer.sorting.measuring import MEASURES, Measures

Side = Literal["least", "most"]

BUNDLED = Path(__file__).with_name("thresholds.toml")
REFERENCED = ("lesion_share", "focus")
"""Measures whose reference may come from a picture."""

_MAX_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Criterion:
    """One bound: `measure` must be at least, or at most, `reference` x `ratio`; otherwise `reason` applies."""

    reason: str
    measure: str
    side: Side
    reference: float
    ratio: float = 1.0

    @property
    def threshold(self) -> float:
        """The bound itself, in the measure's unit."""
        return self.reference * self.ratio


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every criterion, in the file's order."""

    criteria: tuple[Criterion, ...]

    def referring_to(self, measures: Measures) -> "Thresholds":
        """The same with the references of magnification and focus taken from a picture's measures.

        Raises BadThresholds where the picture has no value to refer to.
        """
        for name in REFERENCED:
            if getattr(measures, name) <= 0:
                raise BadThresholds(f"the reference photo has no {name} to refer to")
        return Thresholds(
            tuple(
                replace(one, reference=float(getattr(measures, one.measure)))
                if one.measure in REFERENCED and one.ratio != 1
                else one
                for one in self.criteria
            )
        )


def read_thresholds(path: Path) -> Thresholds:
    """Read a file; raises BadThresholds for what is unknown, no number or missing, naming the place."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadThresholds(f"{path.name} is larger than {_MAX_BYTES} bytes")
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadThresholds(f"{path.name} cannot be read: {error}") from error
    criteria = [one for reason, table in tables.items() for one in _of_reason(path.name, reason, table)]
    if not criteria:
        raise BadThresholds(f"{path.name} has no criterion")
    return Thresholds(tuple(criteria))


def written(thresholds: Thresholds, heading: str) -> str:
    """The file's text, under `heading` as comment lines."""
    lines = [f"# {line}" for line in heading.splitlines()]
    reason = ""
    for one in thresholds.criteria:
        if one.reason != reason:
            reason = one.reason
            lines += ["", f"[{reason}]"]
        bound = f"{one.threshold:.6g}"
        if one.ratio != 1:
            bound = f"{{ reference = {one.reference:.6g}, ratio = {one.ratio:.6g} }}"
        lines.append(f"{one.measure} = {{ {one.side} = {bound} }}")
    return "\n".join(lines) + "\n"


def _of_reason(file: str, reason: str, table: Any) -> list[Criterion]:
    if reason not in REASON_CODES:
        raise BadThresholds(f"{file}: [{reason}] is none of {', '.join(REASON_CODES)}")
    if not isinstance(table, dict):
        raise BadThresholds(f"{file}: {reason} must be a table")
    return [one for measure, bounds in table.items() for one in _of_measure(file, reason, measure, bounds)]


def _of_measure(file: str, reason: str, measure: str, bounds: Any) -> list[Criterion]:
    place = f"{file}: {reason}.{measure}"
    if measure not in MEASURES:
        raise BadThresholds(f"{place} is none of the measures {', '.join(MEASURES)}")
    if not isinstance(bounds, dict) or not bounds:
        raise BadThresholds(f"{place} must be a table with least or most")
    found: list[Criterion] = []
    for key, value in bounds.items():
        side: Side | None = "least" if key == "least" else "most" if key == "most" else None
        if side is None:
            raise BadThresholds(f"{place}.{key} is neither least nor most")
        reference, ratio = _bound(f"{place}.{key}", value)
        found.append(Criterion(reason, measure, side, reference, ratio))
    return found


def _bound(place: str, value: Any) -> tuple[float, float]:
    if not isinstance(value, dict):
        return _number(place, value), 1.0
    if set(value) != {"reference", "ratio"}:
        raise BadThresholds(f"{place} must be a number, or a table of reference and ratio")
    return _number(f"{place}.reference", value["reference"]), _number(f"{place}.ratio", value["ratio"])


def _number(place: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise BadThresholds(f"{place} = {value!r} is no number of 0 or more")
    return float(value)
