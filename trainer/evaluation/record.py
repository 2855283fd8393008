"""Findings as JSON, for programs: every number with its interval and n; what cannot be said is null."""

import json
import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from trainer.evaluation.comparing import Comparison
from trainer.evaluation.findings import Findings
from trainer.evaluation.session import Tried
from trainer.evaluation.ways import WaysToADoctor
from trainer.metrics import Confusion
from trainer.photos.probe import Probe


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that one run of the command found. `title` names the models; `times` counts the looks at its `photos`.

    `probe` is what gives diagnoses away in them, None where no disease model was tried; `comparisons` are what the
    patients' facts are worth.
    """

    title: str
    made_at: datetime
    tried: tuple[Tried, ...]
    notes: tuple[str, ...]
    photos: int
    times: int
    probe: Probe | None = None
    comparisons: tuple[Comparison, ...] = ()


def as_json(evaluation: Evaluation) -> str:
    """Everything found, indented, keys in a fixed order, NaN as null."""
    whole = {
        "title": evaluation.title,
        "made_at": evaluation.made_at.isoformat(),
        "photos": evaluation.photos,
        "looked_at": evaluation.times,
        "notes": list(evaluation.notes),
        "shortcuts": None if evaluation.probe is None else [asdict(one) for one in evaluation.probe.results],
        "gaps": None if evaluation.probe is None else [asdict(one) for one in evaluation.probe.gaps],
        "comparisons": [asdict(one) for one in evaluation.comparisons],
        "findings": [_findings(one.findings) for one in evaluation.tried],
    }
    return json.dumps(_said(whole), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _findings(found: Findings) -> dict[str, Any]:
    return {
        "title": found.title,
        "photos": len(found.scored),
        "patients": found.patients,
        "threshold": found.threshold,
        "malignant": list(found.malignant),
        "strict_threshold": found.strict_threshold,
        "numbers": {name: asdict(one) for name, one in found.numbers.items()},
        "labels": {
            label: {name: asdict(one) for name, one in numbers.items()} for label, numbers in found.labels.items()
        },
        "classes": [asdict(one) for one in found.classes],
        "table": _table(found.table),
        "verdict_table": None if found.verdict_table is None else _table(found.verdict_table),
        "calibration": asdict(found.calibration),
        "referrals": None if found.ways is None else _ways(found.ways),
        "prediction_sets": [asdict(one) for one in found.sets],
        "subgroups": [asdict(one) for one in found.subgroups],
        "untold": [one.en for one in found.untold],
        "latency": None if found.latency is None else asdict(found.latency),
    }


def _ways(ways: WaysToADoctor) -> dict[str, Any]:
    rule, found = ways.rule, ways.referrals
    return {
        "disease_threshold": rule.threshold,
        "refer_malignant": rule.refer_malignant,
        "unknown": None if rule.unknown is None else rule.unknown.model_dump(),
        "outcome": asdict(found.outcome),
        "reasons": [asdict(one) for one in found.reasons],
        "labels": [asdict(one) for one in found.labels],
        "groups": [asdict(one) for one in ways.groups],
        "sweeps": [asdict(one) for one in ways.sweeps],
        "strangers": [asdict(one) for one in ways.detections],
    }


def _table(table: Confusion) -> dict[str, Any]:
    return {"labels": list(table.labels), "counts": table.counts.tolist()}


def _said(value: object) -> object:
    """The value with null for every number that is none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _said(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    return value
