"""A bound on the size and the time of request bodies, for all that do not see to it themselves."""

import asyncio
from collections.abc import Collection

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.problems import Problem

MAX_BODY_BYTES = 64 * 1024
BODY_SECONDS = 30.0


class BodyLimit:
    """ASGI middleware; `exempt` are paths whose bodies are bounded elsewhere, with all below one that ends with `/`."""

    def __init__(self, app: ASGIApp, exempt: Collection[str]) -> None:
        self._app = app
        self._exempt = tuple(exempt)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a body that ends."""
        if scope["type"] != "http" or self._is_exempt(scope):
            await self._app(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), send)

    def _is_exempt(self, scope: Scope) -> bool:
        path: str = scope["path"]
        return any(path.startswith(one) if one.endswith("/") else path == one for one in self._exempt)


def _bounded(receive: Receive) -> Receive:
    left = MAX_BODY_BYTES
    whole = False
    ends_at = asyncio.get_running_loop().time() + BODY_SECONDS

    async def bounded() -> Message:
        nonlocal left, whole
        if whole:  # what is waited for now is the client's going away
            return await receive()
        try:
            async with asyncio.timeout_at(ends_at):
                message = await receive()
        except TimeoutError as error:
            raise Problem(408, "the body did not arrive in time", headers={"Connection": "close"}) from error
        left -= len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if left < 0:
            raise Problem(413, f"the request is larger than {MAX_BODY_BYTES} bytes", headers={"Connection": "close"})
        return message

    return bounded
