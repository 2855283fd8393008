"""Where `trainer.suitability.render` looks for what now lies in family a."""

from trainer.faults.a.distance import from_further

__all__ = ["from_further"]
