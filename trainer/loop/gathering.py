"""From all that doctors have said to the samples of a round: votes, pictures, quarantine, sides, replay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from inference.manifest import Task
from trainer.loop.classes import hold_few
from trainer.loop.replay import replayed
from trainer.loop.samples import WANTED, Place, Sample, labelled
from trainer.loop.sides import HoldOut, LoopSide, Placed, sides_of
from trainer.loop.twins import set_twins_aside
from trainer.loop.votes import Counted, Held, Why
from trainer.photos.claims import Claim, Claims, Seen
from trainer.photos.csv_source import read_csv
from trainer.photos.facts import add_facts
from trainer.photos.folder_source import read_folder
from trainer.photos.looking import look
from trainer.photos.photo import Split
from trainer.tasks import DISEASE


@dataclass(frozen=True, slots=True)
class Base:
    """The photos that models were made from before anybody labelled any here: a folder, with a CSV or by classes."""

    photos: Path
    labels: Path | None = None
    facts: Path | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What becomes a sample, and of which old ones a round learns again.

    `votes` are asked for of each photo, `floor` photos of a class that is new. Old photos make up at most
    `replay_share` (1: no bound) of those trained on, `replay_most` in number. `hold_out` fixes the sides for ever.
    """

    votes: int = 1
    floor: int = 20
    replay_share: float = 1.0
    replay_most: int = 20_000
    hold_out: HoldOut = field(default_factory=HoldOut)


@dataclass(frozen=True, slots=True)
class Gathered:
    """The samples of a round and those that wait."""

    samples: tuple[Sample, ...]
    held: tuple[Held, ...]

    @property
    def new(self) -> int:
        """How many samples the last round did not know."""
        return sum(sample.is_new for sample in self.samples)


@dataclass(frozen=True, slots=True)
class Memory:
    """What earlier rounds leave to the next: their samples (photo id -> label), the test side, the classes known."""

    learnt: Mapping[str, str]
    test: Sequence[str]
    known: frozenset[str]


def base_claims(base: Base | None, task: Task) -> list[Claim]:
    """What is said of the photos of the base set that have a label of the task; none is opened. Raises BadData."""
    if base is None:
        return []
    said = read_folder(base.photos) if base.labels is None else read_csv(base.labels, base.photos)
    if base.facts is not None:
        said = add_facts(said, base.facts, base.photos)
    return [claim for claim in said.claims if task != DISEASE or claim.diagnosis is not None]


def read_base(base: Base | None, task: Task) -> tuple[Seen, ...]:
    """The photos of the base set that have a label of the task, looked at. Raises BadData."""
    return tuple(seen for seen in look(base_claims(base, task)) if isinstance(seen, Seen))


def gather(
    counted: Counted,
    pictures: Claims,
    base: Sequence[Seen],
    *,
    task: Task,
    rules: Rules,
    memory: Memory,
    seed: int,
) -> Gathered:
    """Put together what a round learns from. `pictures` are the gateway's of photos agreed on."""
    seen, held = _looked_at(counted, pictures, task)
    base_labels = [_label(one.claim, task) for one in base]
    held += set_twins_aside(seen, [_label(one.claim, task) for one in seen], base, base_labels)
    seen = _without(seen, held)
    if task == DISEASE:
        known = memory.known | set(base_labels)
        labels = [_label(one.claim, task) for one in seen]
        held += hold_few([one.claim.name for one in seen], labels, [_whose(one) for one in seen], known, rules.floor)
        seen = _without(seen, held)
    samples = _placed(base, seen, task, rules, memory)
    samples, unlearnt = _only_what_can_be_learnt(samples) if task == DISEASE else (samples, ())
    return Gathered(_rested(samples, rules, seed), (*counted.held, *held, *unlearnt))


def _looked_at(counted: Counted, pictures: Claims, task: Task) -> tuple[list[Seen], list[Held]]:
    """The pictures under the labels agreed on, in the order of the words on them."""
    agreed = {one.photo_id: one for one in counted.agreed}
    held = [
        Held(one.name, agreed[one.name].label, Why.NO_PICTURE, one.why)
        for one in pictures.left_out
        if one.name in agreed
    ]
    claims = sorted(
        (claim for claim in pictures.claims if claim.name in agreed), key=lambda claim: agreed[claim.name].number
    )
    seen: list[Seen] = []
    for each in look(labelled(claim, agreed[claim.name].label, task) for claim in claims):
        if isinstance(each, Seen):
            seen.append(each)
        else:
            held.append(Held(each.name, agreed[each.name].label, Why.UNREADABLE, each.why))
    return seen, held


def _placed(base: Sequence[Seen], seen: Sequence[Seen], task: Task, rules: Rules, memory: Memory) -> tuple[Sample, ...]:
    given = base_sides(base, rules.hold_out)
    everything: list[tuple[Seen, Split | None, bool]] = [
        (one, side, True) for one, side in zip(base, given, strict=True)
    ]
    everything += [(one, None, False) for one in seen]
    placed = [Placed(one.sha256, _label(one.claim, task), _whose(one), side) for one, side, _ in everything]
    closed = {one.label for one in placed if one.given == "test"}
    sides = sides_of(placed, frozenset(memory.test), rules.hold_out, closed)
    return tuple(
        Sample(
            claim=one.claim,
            sha256=one.sha256,
            label=where.label,
            place=side,
            is_new=not is_base and memory.learnt.get(one.claim.name) != where.label,
            is_base=is_base,
        )
        for (one, _, is_base), where, side in zip(everything, placed, sides, strict=True)
    )


def base_sides(base: Sequence[Seen], hold_out: HoldOut) -> list[Split]:
    """The sides of the base set, the same in every round: as its labels say where they hold out a test side, else by
    patient; a side to tune with is carved out of train where the labels name none."""
    said = {one.claim.split for one in base}
    by_hash = sides_of([Placed(one.sha256, "", _whose(one)) for one in base], [one.sha256 for one in base], hold_out)
    return [_base_side(one.claim.split, side, said) for one, side in zip(base, by_hash, strict=True)]


def _base_side(given: Split | None, by_hash: LoopSide, said: set[Split | None]) -> Split:
    drawn: Split = "test" if by_hash in ("test", "second") else "val" if by_hash == "val" else "train"
    if "test" not in said or given is None:
        return drawn
    if given == "train" and "val" not in said:
        return "val" if drawn == "val" else "train"
    return given


def _only_what_can_be_learnt(samples: Sequence[Sample]) -> tuple[tuple[Sample, ...], tuple[Held, ...]]:
    """Without samples of diseases of which no photo is on the train side."""
    taught = {sample.label for sample in samples if sample.place == "train"}
    held = tuple(
        Held(sample.claim.name, sample.label, Why.FEW_OF_CLASS, "no photo of this disease is of a patient to train on")
        for sample in samples
        if sample.label not in taught and not sample.is_base
    )
    return tuple(sample for sample in samples if sample.label in taught), held


def _rested(samples: Sequence[Sample], rules: Rules, seed: int) -> tuple[Sample, ...]:
    old = {one.sha256: one.label for one in samples if one.place == "train" and not one.is_new}
    new = sum(one.place == "train" and one.is_new for one in samples)
    kept = replayed(old, new, share=rules.replay_share, most=rules.replay_most, seed=seed)
    resting: Place = "resting"
    return tuple(
        replace(one, place=resting) if one.sha256 in old and one.sha256 not in kept else one for one in samples
    )


def _without(seen: Iterable[Seen], held: Iterable[Held]) -> list[Seen]:
    names = {one.photo_id for one in held}
    return [one for one in seen if one.claim.name not in names]


def _label(claim: Claim, task: Task) -> str:
    said: str | None = getattr(claim, WANTED[task])
    return said or ""


def _whose(one: Seen) -> str:
    """Whose photo it is, for the split: somebody unknown is told by the lesion, or stands alone."""
    claim = one.claim
    return claim.patient_id or (f"lesion:{claim.lesion_id}" if claim.lesion_id else f"alone:{one.sha256}")
