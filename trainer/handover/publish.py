"""Handing a model over: gate, file, parity, int8 or not, gate again on the very file, into the store in one step."""

import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx

from inference.errors import ModelRefused, StoreError
from inference.graph import HiddenSize
from inference.store import ModelStore
from trainer.errors import NothingToQuantise
from trainer.handover.decision import Decision, PrecisionChoice
from trainer.handover.draft import Draft, complete, make_draft
from trainer.handover.examined import Examined, FileCost, Served
from trainer.handover.export import to_onnx
from trainer.handover.finished import Finished
from trainer.handover.gate import decide, require_passed
from trainer.handover.parity import check_parity
from trainer.handover.photos_side import ask
from trainer.handover.policy import Policy
from trainer.handover.precision import Tried, choose, float32_alone
from trainer.handover.quantise import to_int8
from trainer.handover.record import write_decision
from trainer.handover.timing import milliseconds_each

MODEL_FOLDER = "model"
"""Within a run's folder: the model as it was handed over, kept there should the store not take it."""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What was put into the store, and the decision that let it through."""

    version: int
    size: HiddenSize
    file_bytes: int
    decision: Decision


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """One draft with the gate's word on the file itself."""

    draft: Draft
    examined: Examined
    decision: Decision

    def tried(self) -> Tried:
        cost = self.examined.file
        assert cost is not None  # every draft was timed
        return Tried(self.draft.manifest.precision, cost, self.examined.scored, self.decision.passed)


def hand_over(finished: Finished, policy: Policy, store: ModelStore, run: Path, served: Served = None) -> HandedOver:
    """Let the model through the gate, as a network and as a file, and add it to the store as the next version.

    `run` is the run's folder, where the decision is written in every case and the model kept. `served` are the answers
    of the model that serves now to the photos of `finished.test`. Raises BelowGate, ExportDiffers, BadPolicy,
    ModelRefused or StoreError; then the store is as it was.
    """
    _require_consistent(finished)
    run.mkdir(parents=True, exist_ok=True)
    early = decide(finished.examined, policy, served)
    write_decision(early, run)
    require_passed(early)
    with tempfile.TemporaryDirectory(dir=run) as name:
        chosen, decision = _best_file(finished, policy, served, store, Path(name))
        write_decision(decision, run)
        require_passed(decision)
        folder = complete(chosen.draft, finished, chosen.examined, decision)
        kept = run / MODEL_FOLDER
        shutil.rmtree(kept, ignore_errors=True)
        shutil.copytree(folder, kept)
    _add(store, kept)
    manifest = chosen.draft.manifest
    size = HiddenSize(manifest.architecture.hidden_layers, manifest.architecture.units)
    return HandedOver(manifest.version, size, chosen.draft.file_bytes, decision)


def _best_file(
    finished: Finished, policy: Policy, served: Served, store: ModelStore, work: Path
) -> tuple[_Judged, Decision]:
    """Export, prove, try int8, judge each file as it will serve; give the better one and the whole decision."""
    version = _next_version(store, finished)
    example = next(finished.test.batches(2))
    graph = to_onnx(finished.served, example, finished.outputs)
    whole = make_draft(finished, _copy(graph), "float32", version, work / "float32")
    parity = check_parity(finished.served, whole.model, finished.test)
    small, why = _int8_draft(finished, policy, graph, version, work)
    drafts = [whole] if small is None else [whole, small]
    times = milliseconds_each([draft.model for draft in drafts], finished.test)
    judged = [_judge(finished, policy, served, draft, ms) for draft, ms in zip(drafts, times, strict=True)]
    choice = _choose(judged, policy, finished, why)
    chosen = next(one for one in judged if one.draft.manifest.precision == choice.chosen)
    return chosen, replace(chosen.decision, parity=parity, precision=choice)


def _int8_draft(
    finished: Finished, policy: Policy, graph: onnx.ModelProto, version: int, work: Path
) -> tuple[Draft | None, str]:
    if policy.int8 is None:
        return None, "the policy does not ask for int8"
    try:
        return make_draft(finished, to_int8(graph, finished.training), "int8", version, work / "int8"), ""
    except (NothingToQuantise, ModelRefused) as error:  # the float32 file is as good as before
        return None, f"not int8: {error}"


def _judge(finished: Finished, policy: Policy, served: Served, draft: Draft, milliseconds: float) -> _Judged:
    answers, told = ask(draft.model, finished.test), finished.test.told()
    examined = replace(
        finished.examined,
        scored=finished.examined.scored.with_answers(answers),
        told=None if told is None else finished.examined.scored.with_answers(ask(draft.model, told)),
        file=FileCost(draft.file_bytes, milliseconds),
    )
    return _Judged(draft, examined, decide(examined, policy, served))


def _choose(judged: list[_Judged], policy: Policy, finished: Finished, why: str) -> PrecisionChoice:
    if len(judged) == 1 or policy.int8 is None:
        return float32_alone(judged[0].tried(), why)
    whole, small = (one.tried() for one in judged)
    return choose(whole, small, policy.int8, finished.examined.usable_threshold)


def _next_version(store: ModelStore, finished: Finished) -> int:
    return store.next_version(finished.examined.task) if store.root.is_dir() else 1


def _add(store: ModelStore, folder: Path) -> None:
    try:
        store.add(folder)
    except OSError as error:
        raise StoreError(
            f"the model passed, but the store cannot be written: {error.strerror}; go on with --resume once it can"
        ) from error


def _copy(graph: onnx.ModelProto) -> onnx.ModelProto:
    # Metadata is written into a graph in place.
    copy = onnx.ModelProto()
    copy.CopyFrom(graph)
    return copy


def _require_consistent(finished: Finished) -> None:
    if finished.examined.usable_threshold not in {None, finished.threshold}:
        raise ValueError("the gate would judge by another threshold than the model's")
    if not np.array_equal(finished.test.examples.targets.numpy(), finished.examined.scored.truth):
        raise ValueError("the answers are of other photos than those of the test side, or in another order")
