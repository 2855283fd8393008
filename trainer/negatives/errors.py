"""Why pictures of other things than skin cannot be had or used.

TrainingError
└── NoNegatives  no packages, no photographs in them, or a folder that is none of ours; says which
"""

from trainer.errors import TrainingError


class NoNegatives(TrainingError):
    """There are no pictures that are not skin, and the message says why."""
