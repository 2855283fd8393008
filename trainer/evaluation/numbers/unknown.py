"""How well a ranking's doubt tells pictures that it cannot know from those that it can."""

import numpy as np

from trainer.evaluation.bootstrap import DRAWS, estimate
from trainer.evaluation.numbers.ranking import auc
from trainer.evaluation.scored import Probabilities, Scored
from trainer.metrics import Estimate


def unknown_auc(known: Scored, strangers: Probabilities, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """AUC of 1 - confidence: answers [M, C] to pictures of other things against those to known ones.

    Each stranger counts as a patient of its own. NaN where either side is empty.
    """
    clusters = known.clusters()
    own = np.arange(len(strangers)) + clusters.max(initial=-1) + 1
    doubt = 1 - np.concatenate([known.confidence, strangers.max(1)])
    is_stranger = np.arange(len(doubt)) >= len(known)
    return estimate(auc(doubt, is_stranger), np.concatenate([clusters, own]), draws=draws, seed=seed)
