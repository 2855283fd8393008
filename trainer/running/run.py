"""A run from top to bottom: photos, fit, calibration, gate, hand-over, report."""

import logging
from datetime import UTC, datetime

import numpy as np
from rich.console import Console

from inference.manifest import Manifest, UnknownRule
from inference.store import ModelStore
from trainer.errors import BelowGate
from trainer.evaluation.answers import Answers
from trainer.evaluation.card import CardFacts, card
from trainer.evaluation.ledger import look
from trainer.evaluation.report.page import Looked, Report, report_page
from trainer.evaluation.scored import Scored
from trainer.evaluation.temperature import likeliest_temperature
from trainer.fitting.display import Display
from trainer.fitting.durable import write_text
from trainer.fitting.loop import fit
from trainer.fitting.machine import prepare, seed_for
from trainer.fitting.predict import predict
from trainer.fitting.processes import Team, joined
from trainer.fitting.run_folder import RunFolder
from trainer.fitting.task import FittingTask
from trainer.handover.decision import Decision
from trainer.handover.examined import Examined, HeldOut
from trainer.handover.finished import Finished, Papers
from trainer.handover.gate import check_labels
from trainer.handover.publish import HandedOver, hand_over
from trainer.handover.show import show_decision
from trainer.handover.word import gate_word
from trainer.metrics import Floats, softmax
from trainer.networks.opening import open_backbone
from trainer.networks.staged import StagedNetwork
from trainer.photos.photo import Dataset, of_split
from trainer.photos.probe import Probe
from trainer.running.asked import Asked
from trainer.running.assigning import assign
from trainer.running.assignment import Assignment
from trainer.running.beside import serving_answers
from trainer.running.earlier import check_earlier_run
from trainer.running.errors import NotPromoted
from trainer.running.found import FoundOut, find_out
from trainer.running.labelled import read_labelled, tell
from trainer.running.refused import examined_in_full
from trainer.tasks import SUITABILITY

REPORT_NAME = "report.html"
LEDGER_NAME = "looks.jsonl"
_BATCH = 64
_LOG = logging.getLogger(__name__)


def run(asked: Asked, console: Console) -> HandedOver | None:
    """Do what is asked; what was handed over, None in a process that only helped another to fit.

    Raises NotPromoted where the model is in the store and must not serve; TrainingError (BelowGate where the model is
    not good enough) or InferenceError, then the store is as it was. The run's folder holds whatever there is to see.
    """
    with joined() as team:
        dataset = read_labelled(asked)
        check_earlier_run(asked.backbone, dataset)
        probed = None
        if team.leads:
            asked.run.mkdir(parents=True, exist_ok=True)
            probed = tell(dataset, asked, console)
        assignment = assign(dataset, asked)
        check_labels(asked.policy, assignment.labels)
        network = _fitted(assignment, dataset, asked, team, console)
        if not team.leads:
            return None
        return _Ending(assignment, dataset, asked, console, probed).hand_over(network)


def _fitted(assignment: Assignment, dataset: Dataset, asked: Asked, team: Team, console: Console) -> StagedNetwork:
    prepare(asked.recipe, team.local_rank)
    seed_for(asked.recipe, 0)
    network = assignment.network(open_backbone(asked.backbone))
    sides = assignment.sides
    task = FittingTask(network, sides.train.examples, sides.tune.examples, asked.recipe, dataset.fingerprint)
    fit(task, Display(console), RunFolder(asked.run), resume=asked.resume, team=team)
    return network


class _Ending:
    """What follows a fit: calibrated on the tune side, measured on the test side, judged, handed over, written up."""

    def __init__(
        self, assignment: Assignment, dataset: Dataset, asked: Asked, console: Console, probed: Probe | None
    ) -> None:
        self._probed = probed
        self._assignment, self._dataset, self._asked, self._console = assignment, dataset, asked, console
        self._store = ModelStore(asked.store)
        self._made_at = datetime.now(UTC)
        self._looks = 0
        self._unknown: UnknownRule | None = None
        self._latest: FoundOut | None = None

    def hand_over(self, network: StagedNetwork) -> HandedOver:
        self._looks = self._looked_once_more()
        finished, tune = self._finished(network)
        served = serving_answers(self._store, self._assignment, of_split(self._dataset.photos, "test"))
        try:
            handed = hand_over(finished, self._asked.policy, self._store, self._asked.run, served)
        except BelowGate as refused:
            show_decision(refused.decision, self._console)
            self._report_refused(finished, tune, refused.decision)
            raise
        show_decision(handed.decision, self._console)
        self._say_report()
        self._tell(handed)
        return handed

    def _report_refused(self, finished: Finished, tune: Scored, decision: Decision) -> None:
        try:
            found = self._found(examined_in_full(finished), tune, finished.threshold)
            self._write_report(self._page(found, decision))
        except Exception:  # noqa: BLE001 - whatever it is, why the model was refused must still be said
            _LOG.exception("of the model that the gate refused no report could be made; the refusal stands")
        else:
            self._say_report()

    def _looked_once_more(self) -> int:
        """A test side that is looked at often is no test any more: count it, beside the runs."""
        photos = of_split(self._dataset.photos, "test")
        times = look(self._asked.run.parent / LEDGER_NAME, photos, [self._assignment.task], self._made_at)
        often = "once" if times == 1 else f"{times} times"
        where = self._asked.run.parent.name or "."
        self._say(f"this test side has been looked at {often}, counting every run in the folder {where}")
        return times

    def _finished(self, network: StagedNetwork) -> tuple[Finished, Scored]:
        assignment, asked = self._assignment, self._asked
        sides, labels = assignment.sides, assignment.labels
        tune_logits = predict(network, sides.tune.examples.in_order(_BATCH)).numpy()
        temperature = round(likeliest_temperature(tune_logits, sides.tune.examples.targets.numpy()), 4)
        tune = sides.tune.scored(labels, _answers(tune_logits, temperature, assignment.priors))
        threshold = assignment.threshold(tune)
        logits = predict(network, sides.test.examples.in_order(_BATCH))
        scored = sides.test.scored(labels, _answers(logits.numpy(), temperature, assignment.priors))
        told_side = assignment.side(sides.test).told()
        told = None
        if told_side is not None:
            with_facts = predict(network, told_side.examples.in_order(_BATCH)).numpy()
            told = sides.test.scored(labels, _answers(with_facts, temperature, assignment.priors))
        extras = assignment.particulars(tune)
        self._unknown = extras.unknown
        finished = Finished(
            examined=Examined(
                assignment.task,
                scored,
                assignment.trained_on(),
                usable_threshold=threshold if assignment.task == SUITABILITY else None,
                malignant=assignment.malignant,
                made_from=self._held_out() if assignment.task == SUITABILITY else None,
                told=told,
            ),
            architecture=f"{network.backbone.name}, {assignment.architecture}",
            served=assignment.served(network, temperature),
            outputs=assignment.outputs,
            training=assignment.side(sides.train),
            test=assignment.side(sides.test),
            image_size=assignment.image_size,
            threshold=threshold,
            temperature=temperature,
            photos=frozenset(photo.sha256 for photo in self._dataset.photos if photo.split != "test"),
            fingerprint=self._dataset.fingerprint,
            demonstration=asked.demonstration,
            credits=(*asked.credits, *_credits(network)),
            measure=lambda examined: self._found(examined, tune, threshold).metrics(),
            describe=lambda manifest, examined, decision: self._papers(manifest, network, examined, tune, decision),
            patches=extras.patches,
            context=extras.context,
            unknown=extras.unknown,
            created_at=self._made_at,
        )
        return finished, tune

    def _held_out(self) -> HeldOut:
        photos = of_split(self._dataset.photos, "test")
        return HeldOut(len(photos), len({photo.patient_id for photo in photos}))

    def _papers(
        self, manifest: Manifest, network: StagedNetwork, examined: Examined, tune: Scored, decision: Decision
    ) -> Papers:
        found_out = self._found(examined, tune, manifest.threshold)
        found = found_out.alone
        words = self._assignment.words()
        facts = CardFacts(
            intended_use=words.intended_use,
            made_from=words.made_from,
            limits=words.limits,
            recipe=self._asked.command,
            unseen=words.unseen,
            table=found.table,
            weights=_weights(network),
            classes=found.classes,
            subgroups=found.subgroups,
            untold=tuple(said.en for said in found.untold),
        )
        page = self._page(found_out, decision)
        self._write_report(page)
        return Papers(card(manifest, facts), page)

    def _found(self, examined: Examined, tune: Scored, threshold: float) -> FoundOut:
        """What there is to say of some answers; worked out once, as thousands of draws take seconds."""
        if self._latest is None or self._latest.alone.scored is not examined.scored:
            self._latest = find_out(examined, tune, threshold, self._unknown)
        return self._latest

    def _page(self, found: FoundOut, decision: Decision) -> str:
        return report_page(
            Report(
                title=f"{self._assignment.task}, made {self._made_at:%Y-%m-%d}",
                made_at=self._made_at,
                findings=found.chapters,
                gate=gate_word(decision),
                looked=(Looked(len(of_split(self._dataset.photos, "test")), self._looks),),
                notes=(*decision.warnings, *self._dataset.notes),
                curves=self._asked.run / "curves.svg",
                probe=self._probed,
                comparisons=() if found.comparison is None else (found.comparison,),
            )
        )

    def _write_report(self, page: str) -> None:
        write_text(self._asked.run / REPORT_NAME, page)

    def _say_report(self) -> None:
        self._say(f"report: {self._asked.run / REPORT_NAME}")

    def _tell(self, handed: HandedOver) -> None:
        task = self._assignment.task
        self._say(
            f"{task}/{handed.version} is in the store: {handed.size.layers} hidden layers, {handed.size.units} units, "
            f"{handed.file_bytes / 1e6:.1f} MB"
        )
        if self._asked.promote and handed.decision.only_guesses:
            raise NotPromoted(
                f"{task}/{handed.version} does not serve: it is no better than always naming "
                f"{handed.decision.only_guesses}. It stays a candidate; to let it serve all the same: "
                f"dermgate models promote {task}/{handed.version}"
            )
        if self._asked.promote:
            self._store.promote(task, handed.version)
            self._say(f"{task}/{handed.version} serves; gateways on this store switch within seconds")
        else:
            self._say(f"let it serve: dermgate models promote {task}/{handed.version}")

    def _say(self, words: str) -> None:
        self._console.print(words, markup=False, highlight=False, soft_wrap=True)


def _answers(logits: Floats, temperature: float, priors: tuple[float, ...]) -> Answers:
    weighted = np.asarray(softmax(logits, temperature), dtype=np.float64) * np.array(priors)
    return Answers(np.asarray(weighted / weighted.sum(1, keepdims=True)))


def _credits(network: StagedNetwork) -> tuple[str, ...]:
    origin = network.backbone.origin
    return tuple(words for words in (origin.credit, origin.licence) if words)


def _weights(network: StagedNetwork) -> str:
    origin = network.backbone.origin
    return f"started from {origin.name} (SHA-256 {origin.sha256})" if origin.pretrained else "trained from scratch"
