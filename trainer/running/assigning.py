"""From a task's name to its assignment."""

from trainer.disease.assignment import DiseaseAssignment
from trainer.photos.photo import Dataset
from trainer.running.asked import Asked
from trainer.running.assignment import Assignment
from trainer.suitability.assignment import SuitabilityAssignment
from trainer.tasks import DISEASE


def assign(dataset: Dataset, asked: Asked) -> Assignment:
    """Make the examples of a task and all that is particular to it. Raises BadData."""
    if asked.task == DISEASE:
        return DiseaseAssignment(dataset, asked.image_size)
    return SuitabilityAssignment(dataset, asked.image_size, asked.making, asked.workers, asked.cache)
