"""What an explanation says, in the reader's language."""

import functools
import json
from collections.abc import Mapping
from importlib import resources

from gateway.explanation.kept import Explanation
from gateway.explanation.legend import Legend, is_drawable
from gateway.intake.explainable import Explainable
from gateway.intake.reasons import reason_texts
from gateway.language import Language
from gateway.library.diseases import diseases


def name_of(wanted: Explainable, language: Language) -> str:
    """What the disease or the fault is called; its code where nobody has named it."""
    if wanted.task == "suitability":
        return reason_texts()[wanted.code].name[language]
    known = diseases().get(wanted.code)
    return wanted.code if known is None else known.name[language]


def what_it_tells(explanation: Explanation, wanted: Explainable, language: Language) -> str:
    """What the map says, in a sentence or two."""
    return _text(_kind(explanation, wanted), language).format(
        name=name_of(wanted, language), before=_percent(explanation.probability), after=_percent(explanation.without)
    )


def what_it_is_not(explanation: Explanation, wanted: Explainable, language: Language) -> str:
    """That it is a hint and no evidence, whether of a demonstration, and of which model where that is another one."""
    said = [_text("fault_note" if wanted.task == "suitability" else "disease_note", language)]
    if explanation.demonstration:
        said.append(_text("demonstration", language))
    if explanation.explained_by != explanation.answered_by:
        names = {"answered": explanation.answered_by, "explained": explanation.explained_by}
        said.append(_text("other_model", language).format(**names))
    return " ".join(said)


def legend_of(explanation: Explanation, wanted: Explainable, language: Language) -> Legend:
    """The words to draw below the map; in English where this machine has no letters for Korean."""
    tells = what_it_tells(explanation, wanted, language)
    if not is_drawable(tells) and language != "en":
        return legend_of(explanation, wanted, "en")
    low, high = ("sharp", "soft") if explanation.method == "patches" else ("low", "high")
    ends = (_text(low, language), _text(high, language)) if explanation.clear else None
    return Legend(tells, what_it_is_not(explanation, wanted, language), ends)


def _kind(explanation: Explanation, wanted: Explainable) -> str:
    kind = "fault" if wanted.task == "suitability" else "disease"
    if not explanation.clear:
        return f"{kind}_unclear"
    return "softness" if explanation.method == "patches" else kind


def _percent(probability: float) -> str:
    """Whole per cents, and never a certainty."""
    return f"{min(max(round(probability * 100), 1), 99)}%"


def _text(name: str, language: Language) -> str:
    return _texts()[name][language]


@functools.cache
def _texts() -> Mapping[str, Mapping[Language, str]]:
    found: Mapping[str, Mapping[Language, str]] = json.loads(
        resources.files(__package__).joinpath("texts.json").read_text("utf-8")
    )
    return found
