"""Where drawings are."""


def drawing_url(code: str) -> str:
    """The path of a disease's drawing on this host; `code` is the one that rankings use."""
    return f"/api/v1/diseases/{code}/drawing"
