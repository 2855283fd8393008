"""What is said about the patient, as training input, without letting the gaps in it speak.

In PAD-UFES-20 whether `sex` is filled in gives the diagnosis away. So a missing value is first drawn at random from
those known in the training data, for each epoch anew; then facts are left out (all zeros = unknown) by a coin that
does not look at the case, mostly all of them: a picture must be told by itself, or what lies in the facts already is
never looked for in it. "Unknown" thus says nothing, and the model still works without it.

What the facts weigh is counted: how much more often a fact is seen with a label than with all. Only photos of which the
fact is known are counted, so here as well a gap says nothing.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from inference.context import PatientContext, encode_context
from inference.manifest import ContextVocabulary
from trainer.photos.photo import LabelledPhoto

AGE_BANDS = ((0, 20), (20, 30), (30, 40), (40, 50), (50, 60), (60, 70), (70, 80), (80, 120))
_LEFT_OUT = 0.3  # chance of each fact to be left out
_ALL_LEFT_OUT = 0.8  # chance of all of a case to be left out together

_TRUST = 0.75  # facts go together (age and site): taken for independent they would be counted twice
_AS_IF_SEEN = 2.0  # photos of each label, for each value of a fact, that are distributed as all are

Facts = NDArray[np.int64]
"""[N, 3]: position within the vocabulary's sexes, age bands and body sites; -1 where unknown."""


Evidence = NDArray[np.float32]
"""[C, K]: what each entry of a context adds to each label's logit."""


def vocabulary_of(photos: Sequence[LabelledPhoto], fewest: int = 5) -> ContextVocabulary:
    """Sex, age bands and the body sites that at least `fewest` photos have."""
    sites = [photo.body_site for photo in photos if photo.body_site]
    kept = tuple(sorted(site for site in set(sites) if sites.count(site) >= fewest))
    return ContextVocabulary(sex=("F", "M"), age_bands=AGE_BANDS, body_sites=kept)


def facts_of(photos: Sequence[LabelledPhoto], vocabulary: ContextVocabulary) -> Facts:
    """Look each photo's sex, age and body site up in the vocabulary, as serving does."""
    facts = np.full((len(photos), 3), -1, dtype=np.int64)
    for row, photo in zip(facts, photos, strict=True):
        context = encode_context(PatientContext(photo.sex, photo.age, photo.body_site), vocabulary)[0]
        start = 0
        for column, width in enumerate(_widths(vocabulary)):
            hits = np.flatnonzero(context[start : start + width])
            row[column] = hits[0] if len(hits) else -1
            start += width
    return facts


def drawn(facts: Facts, rng: np.random.Generator) -> Facts:
    """Fill the gaps at random from what is known, then leave facts out regardless of the case."""
    filled = facts.copy()
    for column in filled.T:
        known = column[column >= 0]
        gaps = column < 0
        if len(known):
            column[gaps] = rng.choice(known, int(gaps.sum()))
    filled[rng.random(filled.shape) < _LEFT_OUT] = -1
    filled[rng.random(len(filled)) < _ALL_LEFT_OUT] = -1
    return filled


def encoded(facts: Facts, vocabulary: ContextVocabulary) -> NDArray[np.float32]:
    """One-hot [N, K] in the order the manifest fixes: sex, age band, body site; unknown stays zero."""
    widths = _widths(vocabulary)
    context = np.zeros((len(facts), sum(widths)), dtype=np.float32)
    start = 0
    for column, width in zip(facts.T, widths, strict=True):
        known = np.flatnonzero(column >= 0)
        context[known, start + column[known]] = 1
        start += width
    return context


def evidence(facts: Facts, targets: NDArray[np.int64], vocabulary: ContextVocabulary, classes: int) -> Evidence:
    """How much each fact speaks for each label: three quarters of the logarithm of its likelihood ratio, smoothed.

    `targets` [N] are the labels of the photos that `facts` are of. A fact that no photo has speaks for none.
    """
    parts = []
    for column, width in zip(facts.T, _widths(vocabulary), strict=True):
        known = column >= 0
        counts = np.zeros((classes, width))
        np.add.at(counts, (targets[known], column[known]), 1)
        parts.append(_log_ratios(counts))
    return np.asarray(_TRUST * np.concatenate(parts, axis=1), dtype=np.float32)


def _log_ratios(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """[C, W] counts to logarithms of how much likelier each value is with each label than with all; unseen: 0."""
    ever = counts.sum(0) > 0
    overall = counts.sum(0)[ever] / max(counts.sum(), 1)
    seen = counts[:, ever] + _AS_IF_SEEN * counts.shape[1] * overall
    ratios = np.zeros_like(counts)
    ratios[:, ever] = np.log(seen / seen.sum(1, keepdims=True) / overall)
    return ratios


def _widths(vocabulary: ContextVocabulary) -> tuple[int, int, int]:
    return len(vocabulary.sex), len(vocabulary.age_bands), len(vocabulary.body_sites)
