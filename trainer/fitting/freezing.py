"""Which part of a network learns in a stage."""

from torch import nn

from trainer.fitting.recipe import Stage
from trainer.networks.staged import StagedNetwork


def cut_of(network: StagedNetwork, stage: Stage) -> int:
    """How many of the backbone's stages stay as they are."""
    return {"all": 0, "tail": max(0, network.cuts - stage.blocks), "head": network.cuts}[stage.part]


def freeze(network: StagedNetwork, cut: int) -> None:
    """Let everything learn but the backbone's stages before the cut."""
    network.requires_grad_(True)
    for frozen in _frozen(network, cut):
        frozen.requires_grad_(False)


def learn(network: StagedNetwork, cut: int) -> None:
    """Training mode, but for what is frozen: its batch norms must go on answering as they did."""
    network.train()
    for frozen in _frozen(network, cut):
        frozen.eval()


def _frozen(network: StagedNetwork, cut: int) -> list[nn.Module]:
    # At the last cut all is frozen, and at any other the stages before it.
    return [network.backbone] if cut == network.cuts else list(network.backbone.stages[:cut])
