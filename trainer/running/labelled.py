"""The labelled photos of a run, read with every check, and what is told about them before anything is fitted."""

from dataclasses import replace

from rich.console import Console

from inference.manifest import Task
from trainer.errors import BadData
from trainer.fitting.durable import write_text
from trainer.photos.claims import Claims
from trainer.photos.dataset import Plan, assemble
from trainer.photos.fingerprint import read_sides, write_manifest
from trainer.photos.gateway_client import GatewayClient
from trainer.photos.gateway_source import key_from_environment, read_gateway
from trainer.photos.photo import Dataset, Wanted, of_split
from trainer.photos.probe import Probe, probe, probe_table
from trainer.photos.reading import read_photos
from trainer.running.asked import Asked, Source
from trainer.tasks import DISEASE

_WANTED: dict[Task, Wanted | None] = {"disease": "diagnosis", "suitability": None}
_SHOWN = 5


def read_labelled(asked: Asked) -> Dataset:
    """Read the photos that a run is about. Raises BadData for whatever is wrong with them."""
    earlier = read_sides(asked.source.sides) if asked.source.sides else {}
    plan = Plan(wanted=_WANTED[asked.task], seed=asked.recipe.seed, earlier=earlier)
    source = asked.source
    if source.claims is not None:
        return assemble(source.claims, replace(plan, duplicates="together"))
    if source.gateway is not None:
        if source.facts is not None:
            raise BadData("--facts goes with a folder of photos: a gateway says itself what it knows of them")
        return assemble(_from_gateway(source.gateway, source), plan)
    if source.photos is None:
        raise BadData("name a folder of photos, or a gateway")
    return read_photos(source.photos, source.labels, plan, facts=source.facts)


def tell(dataset: Dataset, asked: Asked, console: Console) -> Probe | None:
    """Say how many photos there are, what was left out and what gives the label away; keep it in the run's folder.

    What the probe found is given back for the report; None where diagnoses are not asked for.
    """
    counts = ", ".join(f"{len(of_split(dataset.photos, side))} {side}" for side in ("train", "val", "test"))
    lines = [f"{len(dataset.photos)} photos: {counts}; data fingerprint {dataset.fingerprint[:16]}"]
    lines += dataset.notes
    lines += [f"left out: {one.name}: {one.why}" for one in dataset.left_out[:_SHOWN]]
    if len(dataset.left_out) > _SHOWN:
        lines.append(f"left out: {len(dataset.left_out) - _SHOWN} more, all in data.txt")
    found = probe(dataset.photos, "diagnosis") if asked.task == DISEASE else None
    if found is not None:
        lines.append(probe_table(found))
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    everything = [*lines, *(f"left out: {one.name}: {one.why}" for one in dataset.left_out[_SHOWN:])]
    write_text(asked.run / "data.txt", "\n".join(everything) + "\n")
    write_manifest(dataset.photos, asked.run)
    return found


def _from_gateway(url: str, source: Source) -> Claims:
    if source.cache is None:
        raise BadData("photos from a gateway need a folder to keep them in: --cache DIR")
    return read_gateway(GatewayClient(url, key_from_environment()), source.cache)
