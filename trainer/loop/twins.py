"""Nearly the same picture twice among samples: which of them may be learnt from. Pure but for the comparing."""

from collections.abc import Sequence

import numpy as np

from trainer.loop.votes import Held, Why
from trainer.photos.claims import Seen
from trainer.photos.duplicates import near_duplicates


def set_twins_aside(
    samples: Sequence[Seen], labels: Sequence[str], known: Sequence[Seen], known_labels: Sequence[str]
) -> tuple[Held, ...]:
    """Those of the samples that are nearly the same picture as an earlier one, or as one of the base set `known`.

    Under one label the earlier one stays and the copy waits: it adds nothing, and could stand on another side of the
    split. Under two labels both wait, but for those of the base set, which are not the gateway's to doubt. Samples are
    in the order in which they came; `labels` and `known_labels` are theirs.
    """
    everything = [*known, *samples]
    if len(everything) < 2:
        return ()
    said = [*known_labels, *labels]
    held: dict[int, Held] = {}
    for low, high in near_duplicates(np.stack([one.thumb for one in everything])).tolist():
        first, second = sorted((low, high))
        if second < len(known):
            continue
        if said[first] != said[second] and first >= len(known):
            held.setdefault(first, _held(everything, said, first, second))
        held.setdefault(second, _held(everything, said, second, first))
    return tuple(held[place] for place in sorted(held))


def _held(everything: Sequence[Seen], said: Sequence[str], place: int, other: int) -> Held:
    own, twin = everything[place].claim.name, everything[other].claim.name
    what = "" if said[place] == said[other] else f", which is said to be {said[other]}"
    return Held(own, said[place], Why.NEAR_DUPLICATE, f"nearly the same picture as {twin}{what}")
