"""Where `trainer.suitability.render` looks for what now lies in family a."""

from trainer.faults.a.focus import defocused

__all__ = ["defocused"]
