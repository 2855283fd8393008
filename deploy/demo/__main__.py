"""`make demo`: the main job on this machine, from posted photos to copies at a hospital that really holds them.

Ends with status 0 only when every accepted photo is at the hospital, and every spoilt one was rejected.
"""

import argparse
import signal
import sys
import tempfile
import time
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from rich.console import Console
from rich.progress import track

from deploy.demo import processes
from deploy.demo.gateway import Gateway, running_gateway
from deploy.demo.hospital import Hospital, running_hospital
from deploy.demo.photos import FAULTS, GOOD_FACTS, draw_photos
from deploy.demo.results import Result, show

_USUAL_HTTP_PORT = 8080
_DELIVERY_SECONDS = 120.0
_UNPAGED_WIDTH = 120  # columns, where the output is no terminal


def main() -> int:
    """Run the demonstration; return the exit status."""
    arguments = _arguments()
    console = Console(width=None if sys.stdout.isatty() else _UNPAGED_WIDTH, highlight=False)
    # An exception instead of a sudden end, so that the programs beside us are ended as well.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    with _folder(arguments.keep) as name:
        folder = Path(name).absolute()
        try:
            return _demonstrate(console, folder, arguments)
        except processes.ProgramFailed as error:
            console.print(f"The demonstration cannot run: {error}", style="red", markup=False)
            console.print("With --keep DIR the logs of the gateway and of the hospital are kept.")
            return 1


def _demonstrate(console: Console, folder: Path, arguments: argparse.Namespace) -> int:
    port = processes.free_port(_USUAL_HTTP_PORT)
    with (
        running_hospital(folder / "hospital", simple=arguments.simple_pacs) as hospital,
        running_gateway(folder / "gateway", hospital, port) as gateway,
    ):
        _say_what_listens(console, gateway, hospital)
        results = _wait_for_arrival(gateway, hospital, _post(console, gateway, folder / "photos"))
        show(console, results, hospital.kind)
        status = _judge(console, results)
        if not arguments.exit:
            _stay(console, gateway)
    return status


def _say_what_listens(console: Console, gateway: Gateway, hospital: Hospital) -> None:
    dicom = f"{processes.LOOPBACK}:{gateway.dicom_port}"
    console.print(f"Gateway at {gateway.url}, DICOM at {dicom}; this machine only", soft_wrap=True)
    console.print(f"Hospital {hospital.kind}, AE title {hospital.ae_title}: {hospital.listening}", soft_wrap=True)


def _post(console: Console, gateway: Gateway, folder: Path) -> list[Result]:
    photos = draw_photos(folder)
    total = len(GOOD_FACTS) + len(FAULTS)
    progress = track(photos, "Drawing and posting photos", total=total, console=console, transient=True)
    return [Result(photo, gateway.post_photo(photo.path, photo.facts)) for photo in progress]


def _wait_for_arrival(gateway: Gateway, hospital: Hospital, results: list[Result]) -> list[Result]:
    """Look again until everything accepted is sent and found, or the time is up."""
    deadline = time.monotonic() + _DELIVERY_SECONDS
    while True:
        held = hospital.holds(result.instance for result in results if result.instance)
        results = [result.seen(gateway.photo(result.submission["id"]), held=held) for result in results]
        if all(result.arrived for result in results) or time.monotonic() > deadline:
            return results
        time.sleep(0.5)


def _judge(console: Console, results: list[Result]) -> int:
    """Say what is not as it should be; a good photo that was rejected is a warning, unless all of them were."""
    arrived = [result for result in results if result.accepted and result.arrived]
    wrong = {
        "Spoilt, and yet accepted": [result for result in results if result.accepted and not result.as_expected],
        "Not at the hospital": [result for result in results if not result.arrived],
        "Good, and yet rejected": [result for result in results if not result.accepted and not result.as_expected],
    }
    for words, concerned in wrong.items():
        if concerned:
            console.print(f"[yellow]{words}:[/] {', '.join(result.photo.title for result in concerned)}")
    failed = wrong["Spoilt, and yet accepted"] or wrong["Not at the hospital"] or not arrived
    if not failed:
        console.print(f"[green]{len(arrived)} photos are at the hospital; every spoilt one was rejected.[/]")
    return 1 if failed else 0


def _stay(console: Console, gateway: Gateway) -> None:
    console.print(f"Open [bold]{gateway.url}/[/] in a browser, and post photos of your own. Ctrl-C ends it.")
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("Ending.")


def _folder(keep: Path | None) -> AbstractContextManager[str]:
    """Where everything lies: the folder to keep, or a temporary one that goes at the end."""
    if keep is None:
        return tempfile.TemporaryDirectory(prefix="dermgate-demo-")
    keep.mkdir(parents=True, exist_ok=True)
    return nullcontext(str(keep))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description="The main job, shown on this machine.")
    parser.add_argument("--exit", action="store_true", help="end after the tables instead of staying up")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep archive, photos and logs in this folder")
    parser.add_argument("--simple-pacs", action="store_true", help="do not use Orthanc though it is installed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
