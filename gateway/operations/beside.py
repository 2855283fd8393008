"""Another application beside FastAPI's: what lies below its path meets neither its middleware nor its routes."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Beside:
    """ASGI application: requests below `path` go to `beside`, as those of a mounted application do."""

    def __init__(self, app: ASGIApp, path: str, beside: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._below = f"{path}/"
        self._beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on to one of the two."""
        if scope["type"] == "http" and scope["path"].startswith(self._below) and not scope.get("root_path"):
            scope["app_root_path"] = ""
            scope["root_path"] = self._path
            await self._beside(scope, receive, send)
        else:
            await self._app(scope, receive, send)
