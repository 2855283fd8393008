"""The application's root under addresses with nothing behind them: `/dicom-web?requestType=WADO`, `/wado?…`."""

from starlette.types import ASGIApp, Receive, Scope, Send


class AtRoot:
    """An ASGI application that answers as `app`, mounted at `base`, does at `base` with a slash."""

    def __init__(self, app: ASGIApp, base: str) -> None:
        self._app = app
        self._base = base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        root = f"{scope.get('root_path', '')}{self._base}"
        await self._app({**scope, "root_path": root, "path": f"{root}/"}, receive, send)
