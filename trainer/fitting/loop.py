"""The fit, from top to bottom: stages, epochs, what is judged, kept and written.

An epoch's draws depend on the seed and its number alone, and after each one everything needed is on disk: a run that
was killed and resumed gives the same weights, bit for bit, as one that was not.
"""

import math
import time
from dataclasses import replace
from typing import Any

from torch import Tensor
from torch.nn.functional import cross_entropy

from trainer.fitting import budget
from trainer.fitting.checkpoint import Checkpoint, identity_of, load_checkpoint, save_checkpoint
from trainer.fitting.course import Course, Weights
from trainer.fitting.epoch import Epoch
from trainer.fitting.errors import CannotResume, Diverged, Interrupted
from trainer.fitting.feeding import Computed, Feed, feed_for
from trainer.fitting.freezing import cut_of
from trainer.fitting.learner import Learner, Seen, Stopped
from trainer.fitting.machine import prepare, seed_for
from trainer.fitting.objective import balanced_accuracy, class_weights, score
from trainer.fitting.processes import Team
from trainer.fitting.recipe import Stage
from trainer.fitting.run_facts import run_facts
from trainer.fitting.run_folder import RunFolder
from trainer.fitting.stopping import Wish, listening
from trainer.fitting.task import FittingTask
from trainer.fitting.watching import Silent, Watcher
from trainer.networks.layers import layers_text
from trainer.networks.size import check_hidden_size
from trainer.networks.staged import StagedNetwork

_JUDGING = 0.4  # of a step's time: forward without backward


def fit(
    task: FittingTask,
    watcher: Watcher,
    folder: RunFolder | None = None,
    *,
    resume: bool = False,
    team: Team | None = None,
) -> tuple[Epoch, ...]:
    """Fit the network in place; it ends with its best (or last) weights, in evaluation mode, on the CPU.

    Raises TooSmall before anything is fitted, CannotResume, Interrupted when told to stop, and Diverged. Without a
    `folder` nothing is written.
    """
    with listening() as wish:
        try:
            return _Fit(task, watcher, folder, team or Team(), wish).run(resume=resume)
        finally:
            watcher.close()


class _Fit:
    """One call of `fit`."""

    def __init__(self, task: FittingTask, watcher: Watcher, folder: RunFolder | None, team: Team, wish: Wish) -> None:
        self._task, self._team, self._wish = task, team, wish
        self._watcher: Watcher = watcher if team.leads else Silent()
        self._folder = folder
        self._machine = prepare(task.recipe, team.local_rank)
        origin = task.network.backbone.origin
        backbone = f"{origin.name} {origin.sha256}"
        self._identity = identity_of(task.recipe, task.fingerprint, backbone, team.size)
        self._course = Course()
        self._since = time.perf_counter()

    def run(self, *, resume: bool) -> tuple[Epoch, ...]:
        network, stages = self._task.network, self._task.recipe.stages
        self._describe(resume=resume)
        self._machine.settle(network)
        learner_state = self._resumed() if resume else None
        self._team.align(network)
        while self._course.stage < len(stages):
            self._stage(stages[self._course.stage], learner_state)
            learner_state = None
        if self._team.longest(float(self._wish.told)):
            raise Interrupted(self._words_of_interruption())  # what follows a fit would be a hand-over
        network.requires_grad_(True)
        network.to("cpu").eval()
        self._write_end()
        return tuple(self._course.epochs)

    def _describe(self, *, resume: bool) -> None:
        """Count layers and units before anything is fitted, and show them."""
        inputs, _ = next(self._task.tune.in_order(2))
        if not self._task.is_part:
            check_hidden_size(self._task.network, inputs)
        text = layers_text(self._task.network, inputs)
        self._watcher.say(text)
        if self._folder and self._team.leads:
            self._folder.open(resume=resume)
            self._folder.write_layers(text)

    def _resumed(self) -> dict[str, Any] | None:
        if self._folder is None:
            raise CannotResume("without a run folder there is nothing to resume")
        kept = load_checkpoint(self._folder.checkpoint, self._identity, self._task.network)
        self._course = kept.course
        self._watcher.say(f"goes on after epoch {self._course.next_epoch - 1}")
        return kept.learner

    def _stage(self, stage: Stage, learner_state: dict[str, Any] | None) -> None:
        """Freeze, plan, and fit until the stage is over; then go back to the best weights."""
        network, recipe, course = self._task.network, self._task.recipe, self._course
        cut = cut_of(network, stage)
        learner = Learner(network, cut, recipe, self._machine, self._team)
        feed = self._feed(stage, cut)
        if course.planned is None:
            course.planned = self._planned(stage, learner, feed)
            self._save(None)
        steps = self._task.steps(self._task.training)
        learner.begin(stage, self._class_weights(), max(course.planned, 1), steps)
        if learner_state is not None:
            learner.restore(learner_state)
        while not course.stage_over(recipe):
            self._epoch(stage, learner, feed)
            self._save(learner)
        self._leave(learner)

    def _feed(self, stage: Stage, cut: int) -> Feed:
        computed = Computed(self._task, cut, self._machine)
        if self._course.variants is None:
            self._course.variants = self._passes(stage, computed)
        keeping = replace(stage, variants=self._course.variants)
        return feed_for(computed, self._task, keeping, self._course.first_epoch, self._watcher.say)

    def _passes(self, stage: Stage, computed: Computed) -> int:
        """How many passes of the frozen part are kept: what the stage asks for, or what its budget allows."""
        total = self._task.recipe.budget_seconds
        if total is None or not stage.variants:
            return stage.variants
        pass_seconds = self._team.longest(computed.batch_seconds()) * self._task.steps(self._task.training)
        self._account()
        left = total - self._course.spent_seconds
        seconds = budget.allotment(self._task.recipe.stages, self._course.stage, left)
        return budget.passes_within(stage, seconds, pass_seconds)

    def _planned(self, stage: Stage, learner: Learner, feed: Feed) -> int:
        """How many epochs the stage gets: what it asks for, or what its part of the budget allows."""
        recipe, course, total = self._task.recipe, self._course, self._task.recipe.budget_seconds
        if total is None:
            return stage.epochs
        batches = feed.training(course.next_epoch)
        step_seconds = learner.step_seconds(batches, self._task.training.classes)
        steps = self._task.steps(self._task.training) + _JUDGING * self._task.steps(self._task.tune)
        self._account()
        seconds = budget.allotment(recipe.stages, course.stage, total - course.spent_seconds)
        course.deadline = course.spent_seconds + seconds
        planned = budget.epochs_within(stage, seconds, steps * step_seconds)
        if not course.epochs and course.stage == len(recipe.stages) - 1:
            planned = max(planned, 1)  # or nothing would have been fitted at all
        course.plans.append(budget.words(stage, planned, seconds, steps * step_seconds))
        self._watcher.say(course.plans[-1])
        return planned

    def _epoch(self, stage: Stage, learner: Learner, feed: Feed) -> None:
        """Fit on every example once, judge on the tune side, remember the best."""
        course, number = self._course, self._course.next_epoch
        seed_for(self._task.recipe, number, self._team.rank)
        self._watcher.begin_epoch(number, stage.part, self._task.steps(self._task.training))
        orders = _Orders(self._wish, self._seconds_left())
        try:
            seen = learner.epoch(feed.training(number), orders, self._watch)
            logits = learner.judge(learner.heeding(feed.tune(), orders))
        except Stopped as stopped:
            raise Interrupted(self._words_of_interruption()) from stopped
        self._tell_if_cut(number, seen)
        epoch = self._judged(number, stage, learner, logits, seen)
        course.epochs.append(epoch)
        course.stale = 0 if epoch.best else course.stale + 1
        if epoch.best:
            with learner.kept():
                course.best_weights = _snapshot(self._task.network)
        self._watcher.end_epoch(epoch)

    def _seconds_left(self) -> float:
        """Until an epoch that is under way must end; without a budget, for ever."""
        course, total = self._course, self._task.recipe.budget_seconds
        if course.deadline is None or total is None:
            return math.inf
        return budget.latest_end(course.deadline, total) - course.spent_seconds - (time.perf_counter() - self._since)

    def _tell_if_cut(self, number: int, seen: Seen) -> None:
        steps = self._task.steps(self._task.training)
        if seen.examples <= len(self._task.training.targets) - 2 * self._team.size:
            self._course.plans.append(budget.cut_words(number, seen.steps, steps))
            self._watcher.say(self._course.plans[-1])

    def _judged(self, number: int, stage: Stage, learner: Learner, logits: Tensor, seen: Seen) -> Epoch:
        targets, recipe, course = self._task.tune.targets, self._task.recipe, self._course
        named = logits.argmax(1)
        loss, accuracy = float(cross_entropy(logits, targets)), float((named == targets).float().mean())
        if not math.isfinite(loss):
            raise Diverged("the loss on the tune side is no number any more; try a smaller learning rate")
        balanced = balanced_accuracy(named, targets)
        found = score(recipe.judged_by, loss, accuracy, balanced)
        best = course.is_best(found)
        course.best_score = found if best else course.best_score
        return Epoch(
            number=number,
            stage=stage.part,
            seconds=seen.seconds,
            step_milliseconds=1000 * seen.seconds / max(1, seen.steps),
            loss=seen.loss,
            accuracy=seen.accuracy,
            tune_loss=loss,
            tune_accuracy=accuracy,
            tune_balanced_accuracy=balanced,
            learning_rate=learner.rate,
            best=best,
        )

    def _watch(self, seen: Seen) -> None:
        self._watcher.step(seen.steps, seen.loss, seen.accuracy, 1000 * seen.seconds / seen.steps)

    def _leave(self, learner: Learner) -> None:
        """End the stage with the weights that the recipe keeps."""
        network, course = self._task.network, self._course
        with learner.kept():
            weights = _snapshot(network)
        if self._task.recipe.keep_best and course.best_weights is not None:
            weights = course.best_weights
        network.load_state_dict(weights)
        course.next_stage()

    def _class_weights(self) -> Tensor:
        training = self._task.training
        return class_weights(training.targets, training.classes, self._task.recipe.rarity)

    def _account(self) -> None:
        """Add the time since the last call to what was spent; the slowest process counts."""
        now = time.perf_counter()
        self._course.spent_seconds += self._team.longest(now - self._since)
        self._since = now

    def _save(self, learner: Learner | None) -> None:
        self._account()
        if self._folder is None or not self._team.leads:
            return
        state = learner.state() if learner else None
        save_checkpoint(
            self._folder.checkpoint,
            self._identity,
            Checkpoint(self._course, self._task.network.state_dict(), state),
        )
        self._folder.write_epochs(self._course.epochs)
        self._folder.write_run(run_facts(self._task, self._course, self._machine, self._team, "running"))

    def _write_end(self) -> None:
        if self._folder is None or not self._team.leads:
            return
        self._folder.write_weights(self._task.network.state_dict())
        self._folder.write_curves(self._course.epochs)
        self._folder.write_run(run_facts(self._task, self._course, self._machine, self._team, "finished"))

    def _words_of_interruption(self) -> str:
        done = self._course.next_epoch - 1
        if self._folder is None:
            return f"stopped after epoch {done}; nothing is kept, as there is no run folder"
        where = "after the last epoch" if self._over else f"in epoch {done + 1}; epoch {done} is kept"
        return f"stopped {where}: go on with --resume {self._folder.path}"

    @property
    def _over(self) -> bool:
        return self._course.stage == len(self._task.recipe.stages)


class _Orders:
    """What may end an epoch: a wish to stop, and the clock, `seconds` from now."""

    def __init__(self, wish: Wish, seconds: float) -> None:
        self._wish, self._end = wish, time.perf_counter() + seconds

    def told(self) -> bool:
        return self._wish.told

    def late(self) -> bool:
        return time.perf_counter() >= self._end


def _snapshot(network: StagedNetwork) -> Weights:
    return {name: tensor.detach().cpu().clone() for name, tensor in network.state_dict().items()}
