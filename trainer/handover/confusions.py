"""Which labels are taken for which: to know what kind of photo to collect, not only how many."""

from collections.abc import Iterator

from trainer.handover.decision import Lack, Wanted
from trainer.metrics import Confusion

_SHOWN = 4
_LEAST_SHARE = 0.1  # of a label's photos; rarer mistakes are nobody's first task
_LEAST_PHOTOS = 2  # one photo is no pattern


def worst_confusions(table: Confusion, malignant: tuple[str, ...] = ()) -> tuple[Wanted, ...]:
    """The pairs to look at first: malignant taken for benign before all, then by their share of the label's photos."""
    pairs = sorted(_pairs(table), key=lambda pair: (-_missed(pair, malignant), -_share(table, pair), pair[:2]))
    return tuple(_wanted(table, pair, malignant) for pair in pairs[:_SHOWN])


_Pair = tuple[str, str, int]
"""A true label, what it was taken for, and of how many photos."""


def _pairs(table: Confusion) -> Iterator[_Pair]:
    for row, truth in enumerate(table.labels):
        for column, taken in enumerate(table.labels):
            photos = int(table.counts[row, column])
            enough = photos >= _LEAST_PHOTOS and photos >= _LEAST_SHARE * int(table.counts[row].sum())
            if row != column and enough:
                yield truth, taken, photos


def _missed(pair: _Pair, malignant: tuple[str, ...]) -> bool:
    return pair[0] in malignant and pair[1] not in malignant


def _share(table: Confusion, pair: _Pair) -> float:
    return pair[2] / int(table.counts[table.labels.index(pair[0])].sum())


def _wanted(table: Confusion, pair: _Pair, malignant: tuple[str, ...]) -> Wanted:
    truth, taken, photos = pair
    total = int(table.counts[table.labels.index(truth)].sum())
    weight = " (malignant for benign)" if _missed(pair, malignant) else ""
    why = f"{photos} of {total} taken for {taken}{weight}: collect look-alikes, of both"
    return Wanted(truth, (Lack.CONFUSED,), None, None, why)
