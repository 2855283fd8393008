"""Drawings of diseases over HTTP: public knowledge, the same for every caller."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path, Request, Response

from gateway.access.http import CallerDependency
from gateway.library.diseases import diseases
from gateway.library.drawings.picture import MEDIA_TYPE, drawing
from gateway.problems import problems

router = APIRouter(tags=["library"], responses=problems(401))

_DRAWING: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}},
    304: {"description": "not modified"},
}


@router.get("/diseases/{code}/drawing", response_class=Response, responses={**_DRAWING, **problems(404, 422)})
def get_drawing(
    request: Request, _caller: CallerDependency, code: Annotated[str, Path(pattern=r"^[a-z0-9_]{1,64}$")]
) -> Response:
    """Give a disease's schematic drawing, an SVG that says of itself, in Korean and English, that it is one."""
    disease = diseases().get(code)
    if disease is None:
        raise HTTPException(404, "there is no such disease")
    content = drawing(disease.slug, f"{disease.name['ko']} / {disease.name['en']}")
    headers = {
        "Cache-Control": "public, max-age=3600",
        "Content-Security-Policy": "default-src 'none'",
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "X-Content-Type-Options": "nosniff",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type=MEDIA_TYPE, headers=headers)
