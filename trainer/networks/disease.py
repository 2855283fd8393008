"""The network that ranks diseases."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer.networks.backbone import Backbone
from trainer.networks.staged import StagedNetwork


class DiseaseNetwork(StagedNetwork):
    """Ranks diseases from the whole picture; what is known of the patient is added late, as further logits.

    The embedding is of the picture alone, so that reference pictures without a patient compare fairly. Context of
    all zeros is "unknown" and adds exactly nothing. `evidence` [C, K] is what the entries of a context weigh, nothing
    by default. It is counted and not fitted: a fit of few photos gives weight to whether a fact is known at all.

    `dropout` is of the embedding, and of a pretrained backbone's features: they say more than few photos need. Those
    of a trunk from scratch are still looked for, and are not found where they are dropped.
    """

    evidence: Tensor

    def __init__(
        self,
        backbone: Backbone,
        classes: int,
        context: int,
        embedding: int = 128,
        dropout: float = 0.3,
        *,
        evidence: Tensor | None = None,
    ) -> None:
        super().__init__()
        self.backbone = backbone
        self.embed = nn.Linear(backbone.width, embedding)
        self.feature_dropout = nn.Dropout(dropout if backbone.pretrained else 0.0)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(embedding, classes)
        self.register_buffer("evidence", torch.zeros(classes, context) if evidence is None else evidence)

    @property
    def classes(self) -> int:
        """C, how many labels there are."""
        return self.head.out_features

    def before(self, cut: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Give features at the cut, and the context as it is."""
        image, context = inputs
        features = self.backbone.begin(image, cut)
        if cut == self.cuts:
            features = self.backbone.finish(features, cut).mean((2, 3))
        return features, context

    def after(self, cut: int, *kept: Tensor) -> Tensor:
        """Logits [N, C] of what `before` gave at the cut."""
        features, context = kept
        pooled = features if cut == self.cuts else self.backbone.finish(features, cut).mean((2, 3))
        return self.answer(pooled, context)[0]

    def forward(self, image: Tensor, context: Tensor) -> Tensor:
        """Logits [N, C] of `image` [N, 3, H, W] and `context` [N, K]."""
        return self.answer(self.pooled(image), context)[0]

    def pooled(self, image: Tensor) -> Tensor:
        """Features [N, width] of `image` [N, 3, H, W], the mean over the backbone's map."""
        features: Tensor = self.backbone(image)
        return features.mean((2, 3))

    def answer(self, pooled: Tensor, context: Tensor) -> tuple[Tensor, Tensor]:
        """Logits [N, C] and the embedding [N, D] of unit length, of pooled features [N, width]."""
        inner = self.embed(self.feature_dropout(pooled))
        logits = self.head(self.dropout(functional.relu(inner))) + context @ self.evidence.T
        return logits, functional.normalize(inner, dim=1)
