"""What one very large STOW request costs the server in memory, and what is left of one that breaks off.

`python -m tests.bench.store_memory` sends 2 GiB in 1 000 instances to a gateway of its own and prints the peak
resident memory of its processes; then it sends half of another such request, hangs up, and prints what is left.
"""

import argparse
import http.client
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.gateway_process import GatewayProcess
from tests.peers import LOOPBACK
from tests.unit.dicomweb.samples import VL_PHOTOGRAPHIC, jpeg, photo

MEBIBYTE = 1024 * 1024
MOST_RESIDENT = 300 * MEBIBYTE
"""Bytes a server may need at its peak."""
_BOUNDARY = "bench-2f6b11c09d"
_TAIL = f"\r\n--{_BOUNDARY}--\r\n".encode()
_KINDS = {"dicom": "application/dicom", "json": "application/dicom+json"}


@dataclass(frozen=True, slots=True)
class Request:
    """A request of `instances` instances of one study and together about `size` bytes; `kind` is dicom or json."""

    study: str
    instances: int
    size: int
    kind: str = "dicom"

    def parts(self) -> Iterator[bytes]:
        """The body, a part at a time, without its end."""
        filler = secrets.token_bytes(MEBIBYTE) * (self.size // self.instances // MEBIBYTE + 1)
        picture = jpeg() + filler[: self.size // self.instances]
        for number in range(1, self.instances + 1):
            yield from self._dicom(number, picture) if self.kind == "dicom" else self._json(number, picture)

    def _dicom(self, number: int, picture: bytes) -> Iterator[bytes]:
        yield _part("application/dicom") + photo(
            study=self.study, series=f"{self.study}.1", instance=self.uid(number), number=number, frames=[picture]
        )

    def _json(self, number: int, picture: bytes) -> Iterator[bytes]:
        metadata = (
            f'{{"00080016":{{"vr":"UI","Value":["{VL_PHOTOGRAPHIC}"]}},'
            f'"00080018":{{"vr":"UI","Value":["{self.uid(number)}"]}},'
            f'"0020000D":{{"vr":"UI","Value":["{self.study}"]}},"0020000E":{{"vr":"UI","Value":["{self.study}.1"]}},'
            f'"7FE00010":{{"vr":"OB","BulkDataURI":"picture/{number}"}}}}'
        )
        yield _part(_KINDS["json"]) + metadata.encode()
        yield _part("image/jpeg", f"Content-Location: picture/{number}\r\n") + picture

    def uid(self, number: int) -> str:
        """The SOP Instance UID of the instance of that number."""
        return f"{self.study}.2.{number}"


def _part(media_type: str, more: str = "") -> bytes:
    return f"\r\n--{_BOUNDARY}\r\nContent-Type: {media_type}\r\n{more}\r\n".encode()


def send(port: int, request: Request, *, stop_after: int | None = None) -> int | None:
    """Send the request; its status, or None where it was broken off after `stop_after` of its parts."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=300)
    try:
        connection.putrequest("POST", "/dicom-web/studies")
        connection.putheader("Content-Type", f'multipart/related; type="{_KINDS[request.kind]}"; boundary={_BOUNDARY}')
        connection.putheader("Accept", "application/dicom+json")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        for number, part in enumerate(request.parts()):
            if number == stop_after:
                return None
            connection.send(b"%x\r\n%s\r\n" % (len(part), part))
        connection.send(b"%x\r\n%s\r\n0\r\n\r\n" % (len(_TAIL), _TAIL))
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()


def peak_resident(process: int) -> int:
    """Peak resident bytes of a process and its children, so far."""
    total = 0
    for one in (process, *_children(process)):
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in Path(f"/proc/{one}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    total += int(line.split()[1]) * 1024
    return total


def _children(process: int) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    direct = [int(one) for one in path.read_text().split()] if path.exists() else []
    return [descendant for child in direct for descendant in (child, *_children(child))]


def stored(gateway: GatewayProcess, study: str) -> int:
    """How many instances of a study can be found."""
    response = gateway.http.get("/dicom-web/studies", params={"StudyInstanceUID": study})
    return int(response.json()[0]["00201208"]["Value"][0]) if response.status_code == 200 else 0


def left_behind(gateway: GatewayProcess) -> list[Path]:
    """Files of objects that are neither kept nor gone."""
    return [path for path in (gateway.folder / "objects" / "pending").rglob("*") if path.is_file()]


def _new_study() -> str:
    return f"2.25.{secrets.randbits(100)}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=2048)
    parser.add_argument("--instances", type=int, default=1000)
    parser.add_argument("--kind", choices=_KINDS, default="dicom")
    options = parser.parse_args()
    size = options.mebibytes * MEBIBYTE
    with tempfile.TemporaryDirectory() as folder, GatewayProcess(Path(folder)) as gateway:
        assert gateway.process is not None
        print(f"at rest: {peak_resident(gateway.process.pid) // MEBIBYTE} MiB")
        whole = Request(_new_study(), options.instances, size, options.kind)
        begun = time.monotonic()
        status = send(gateway.http_port, whole)
        print(f"{options.mebibytes} MiB in {options.instances} instances: {status} in {time.monotonic() - begun:.1f} s")
        print(f"peak: {peak_resident(gateway.process.pid) // MEBIBYTE} MiB; found: {stored(gateway, whole.study)}")
        broken = Request(_new_study(), options.instances, size, options.kind)
        send(gateway.http_port, broken, stop_after=options.instances // 2)
        time.sleep(2)
        print(f"broken off: found {stored(gateway, broken.study)}, files left {len(left_behind(gateway))}")


if __name__ == "__main__":
    main()
