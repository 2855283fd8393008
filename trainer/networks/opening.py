"""From what the user names to a backbone."""

from pathlib import Path

from trainer.networks.backbone import Backbone
from trainer.networks.hub import load_transformers
from trainer.networks.trunk import OwnTrunk
from trainer.networks.weights import load_mobilenet, load_own

OWN = "own"


def open_backbone(spec: str | None) -> Backbone:
    """Open the backbone that `spec` names; raises BadWeights where it is none.

    None or `own`: our trunk, from scratch. A path that ends in `.pt`: our trunk as an earlier run left it, in
    `.pth`: a folded MobileNetV2. A folder, or anything else: a `transformers` model, by its folder or its hub id
    (`facebook/dinov2-small`, with `@revision` if wished).
    """
    if spec is None or spec == OWN:
        return OwnTrunk()
    if spec.endswith(".pt"):
        return load_own(Path(spec))
    if spec.endswith(".pth"):
        return load_mobilenet(Path(spec))
    return load_transformers(spec)
