"""Apps that post photos without pause, and post again what was not answered."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Self

import httpx

from tests.e2e.gateway_process import GatewayProcess
from tests.e2e.photos import photo

_AGAIN_SECONDS = 0.05
_KEPT_BUSY = {409, 503}
_MOST_SECONDS = 300


@dataclass
class App:
    """One app: each photo has a key of its own, and is posted until it is answered."""

    gateway: GatewayProcess
    number: int
    later: bool = False
    pause_seconds: float = 0.0
    answered: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    repeated: int = 0

    def run(self, stopping: threading.Event) -> None:
        """Post until told to stop, and then until the photo in hand is answered."""
        with httpx.Client(base_url=self.gateway.url, trust_env=False, timeout=30) as http:
            for each in count():
                if stopping.is_set():
                    return
                self._post(http, f"app-{self.number}-{each}", photo(1000 * self.number + each))
                stopping.wait(self.pause_seconds)

    def _post(self, http: httpx.Client, key: str, picture: bytes) -> None:
        headers = {"Idempotency-Key": key} | ({"Prefer": "respond-async"} if self.later else {})
        deadline = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < deadline:
            try:
                response = http.post("/api/v1/photos", files={"photo": picture}, headers=headers)
            except httpx.TransportError:
                self.repeated += 1
                time.sleep(_AGAIN_SECONDS)
                continue
            if response.status_code not in _KEPT_BUSY:
                self._note(key, response)
                return
            time.sleep(_AGAIN_SECONDS)
        self.faults.append(f"{key}: never answered")

    def _note(self, key: str, response: httpx.Response) -> None:
        if response.status_code == (202 if self.later else 201):
            self.answered[key] = response.json()["id"]
        else:
            self.faults.append(f"{key}: {response.status_code} {response.text}")


class Load:
    """Several apps at once, for as long as the block lasts; the last of them lets its photos be processed later.

    Each rests `pause_seconds` after every photo that was answered.
    """

    def __init__(self, gateway: GatewayProcess, apps: int = 4, pause_seconds: float = 0.0) -> None:
        self.apps = [App(gateway, number, number == apps, pause_seconds) for number in range(1, apps + 1)]
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=app.run, args=(self._stopping,)) for app in self.apps]

    def answered(self) -> dict[str, str]:
        """The ids of the submissions that were answered, by their keys."""
        return {key: photo_id for app in self.apps for key, photo_id in list(app.answered.items())}

    def faults(self) -> Sequence[str]:
        """What was answered otherwise than it should have been."""
        return [fault for app in self.apps for fault in app.faults]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()
