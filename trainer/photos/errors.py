"""What can be wrong with labelled photos, as one small tree.

trainer.errors.BadData
├── BadLabels       a labels file, a row of it, a folder or a photo; says the file and the line
│   ├── UnknownHeader   the columns of a labels file belong to no dialect that is understood
│   └── CacheBusy       another run is at work on the cache of a gateway's labels: it passes
├── BadSplit        a patient on two sides, or a split that leaves a side empty
├── NearDuplicates  nearly the same picture on two sides or under two labels; carries the pairs
└── LabelsUnreachable  a running gateway did not hand over its labels or a picture
    └── NotAllowed      its key is not valid, or may not do what was asked: asking again is of no use
"""

from collections.abc import Sequence

from trainer.errors import BadData

_SHOWN = 10


class BadLabels(BadData):
    """A labels file, one of its rows, a folder or a photo cannot be used."""


class UnknownHeader(BadLabels):
    """No dialect has these columns."""


class CacheBusy(BadLabels):
    """Another run holds the cache of a gateway's labels."""


class BadSplit(BadData):
    """The sides of the split are not apart, or one of them is empty."""


class LabelsUnreachable(BadData):
    """The gateway cannot be reached, refused, or answered something else."""


class NotAllowed(LabelsUnreachable):
    """The gateway does not take the key, or its role may not do what was asked."""


class NearDuplicates(BadData):
    """Nearly the same picture stands on two sides of the split, or under two labels; `pairs` names all of them."""

    def __init__(self, why: str, pairs: Sequence[tuple[str, str]]) -> None:
        shown = "; ".join(f"{first} and {second}" for first, second in pairs[:_SHOWN])
        more = f"; and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
        super().__init__(f"{why}: {shown}{more}")
        self.pairs = tuple(pairs)
