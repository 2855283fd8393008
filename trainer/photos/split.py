"""Which photos are fitted on, tuned with, and looked at once: by patient, never by picture."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from trainer.photos.allotment import allot
from trainer.photos.errors import BadSplit
from trainer.photos.photo import SPLITS, LabelledPhoto, Split, Wanted

_TUNE_SHARE = 0.1
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shares:
    """How much of the photos goes to each side, 0..1 and 1 together; `train` and `test` above 0."""

    train: float = 0.7
    val: float = 0.1
    test: float = 0.2

    def __post_init__(self) -> None:
        if min(self.train, self.test) <= 0 or self.val < 0 or abs(self.train + self.val + self.test - 1) > 1e-6:
            raise ValueError("the shares of train, val and test are not above 0 and 1 together")


DEFAULT_SHARES = Shares()


@dataclass(frozen=True, slots=True)
class Member:
    """A photo as splitting sees it: whose it is, its label, the side it was given, and its name for complaints."""

    group: str
    label: str
    given: Split | None
    name: str


@dataclass(frozen=True, slots=True)
class Sides:
    """The side of each member, in their order, and what a reader of results must know of it."""

    sides: tuple[Split, ...]
    notes: tuple[str, ...] = ()


def split(members: Sequence[Member], shares: Shares, seed: int, earlier: Mapping[str, Split] | None = None) -> Sides:
    """Give every photo a side; a group stays on one.

    Sides that the labels give are kept. Where they give train and val but no test, what is called val is held out
    as the test side, and a side to tune with is carved out of train; so it is where they give no val. Where they give
    none, or everything is train, all three sides are allotted, groups in `earlier` to the side that they had: so a
    test side stays unseen while a data set grows. Photos that are given but none to train on, as for an
    evaluation, keep their sides; val alone is the test side.
    Raises BadSplit for a group on two sides, sides given to only some, and where a side would be left empty.
    """
    given = {member.given for member in members}
    if given <= {None} or given == {"train"}:
        return _allotted(members, shares, seed, earlier or {})
    missing = next((member for member in members if member.given is None), None)
    if missing is not None:
        raise BadSplit(f"{missing.name} has no side of the split, while other photos have one")
    refuse_straddling(members)
    if "test" not in given:
        members = [replace(member, given="test") if member.given == "val" else member for member in members]
        note = "the labels name no test side: what they call val is held out as the test side"
        return Sides(*_with_tune_side(members, shares, seed, (note,)))
    if "val" not in given:
        return Sides(*_with_tune_side(members, shares, seed, ()))
    return Sides(tuple(member.given or "train" for member in members))


def refuse_straddling(members: Iterable[Member]) -> None:
    """Raise BadSplit, naming photos, where a group was given two sides."""
    sides: dict[str, Member] = {}
    pairs = []
    for member in members:
        other = sides.setdefault(member.group, member)
        if other.given != member.given:
            pairs.append(f"{other.name} ({other.given}) and {member.name} ({member.given})")
    if pairs:
        more = f"; and {len(pairs) - _SHOWN} more" if len(pairs) > _SHOWN else ""
        raise BadSplit(f"the same patient is on both sides of the split: {'; '.join(pairs[:_SHOWN])}{more}")


def folds(
    photos: Sequence[LabelledPhoto],
    k: int,
    seed: int,
    *,
    wanted: Wanted | None = None,
    tune_share: float = _TUNE_SHARE,
) -> tuple[tuple[LabelledPhoto, ...], ...]:
    """The same photos `k` times, with `split` set anew: each patient is on the test side exactly once.

    Shares of the labels of the task `wanted`, or of both where None, are kept alike. `tune_share` (0..1, of the rest)
    becomes the val side of each fold, also by patient. Raises BadSplit where there are too few patients, ValueError
    for less than two folds.
    """
    if k < 2:
        raise ValueError("cross-validation needs two folds or more")
    members = photo_members(photos, wanted)
    fold_of = allot(_counted(members), [1 / k] * k, seed)
    if len(set(fold_of.values())) < k:
        raise BadSplit(f"{len(fold_of)} patients are too few for {k} folds")

    def fold(held_out: int) -> tuple[LabelledPhoto, ...]:
        rest = [member for member in members if fold_of[member.group] != held_out]
        tune = _tune_groups(rest, tune_share, seed) if tune_share else frozenset()
        sides: dict[str, Split] = dict.fromkeys(tune, "val")
        sides |= {group: "test" for group, number in fold_of.items() if number == held_out}
        return tuple(replace(photo, split=sides.get(photo.patient_id, "train")) for photo in photos)

    return tuple(fold(held_out) for held_out in range(k))


def photo_members(photos: Iterable[LabelledPhoto], wanted: Wanted | None) -> list[Member]:
    """Photos as splitting sees them."""
    return [
        Member(photo.patient_id, stratum(photo.suitability, photo.diagnosis, wanted), photo.split, photo.name)
        for photo in photos
    ]


def stratum(suitability: str | None, diagnosis: str | None, wanted: Wanted | None) -> str:
    """The label whose shares are kept alike on all sides: that of the wanted task, or both."""
    if wanted is None:
        return f"{suitability or ''}/{diagnosis or ''}"
    return (suitability if wanted == "suitability" else diagnosis) or ""


def _allotted(members: Sequence[Member], shares: Shares, seed: int, earlier: Mapping[str, Split]) -> Sides:
    groups = _counted(members)
    fixed = {group: SPLITS.index(side) for group, side in earlier.items() if group in groups}
    side_of = allot(groups, (shares.train, shares.val, shares.test), seed, fixed)
    _refuse_empty({SPLITS[side] for side in side_of.values()}, shares, len(side_of))
    kept = f"{len(fixed)} of {len(groups)} patients keep the side that they had before"
    return Sides(tuple(SPLITS[side_of[member.group]] for member in members), (kept,) if fixed else ())


def _refuse_empty(filled: set[Split], shares: Shares, patients: int) -> None:
    wanted = {side for side in SPLITS if getattr(shares, side) > 0}
    if filled < wanted:
        raise BadSplit(f"{patients} patients are too few: nothing is left for {', '.join(sorted(wanted - filled))}")


def _with_tune_side(
    members: Sequence[Member], shares: Shares, seed: int, notes: tuple[str, ...]
) -> tuple[tuple[Split, ...], tuple[str, ...]]:
    """Sides with a val side carved out of train, in the proportion of the shares; none where nothing is to train."""
    train = [member for member in members if member.given == "train"]
    tune = _tune_groups(train, shares.val / (shares.train + shares.val), seed) if train and shares.val else frozenset()
    sides: list[Split] = ["val" if member.group in tune else member.given or "train" for member in members]
    return tuple(sides), (*notes, "a side to tune with was carved out of train, by patient") if tune else notes


def _tune_groups(train: Sequence[Member], share: float, seed: int) -> frozenset[str]:
    side_of = allot(_counted(train), (1 - share, share), seed)
    tune = frozenset(group for group, side in side_of.items() if side == 1)
    if not tune or len(tune) == len(side_of):
        raise BadSplit(f"{len(side_of)} patients are too few to train on and to tune with")
    return tune


def _counted(members: Iterable[Member]) -> dict[str, Counter[str]]:
    groups: dict[str, Counter[str]] = {}
    for member in members:
        groups.setdefault(member.group, Counter())[member.label] += 1
    return groups
