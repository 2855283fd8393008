"""The resources as paths of an OpenAPI 3.1 description, for a description that holds other services beside them."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dicomweb.capabilities.describing import Method, Resource
from dicomweb.capabilities.operations import Operation
from dicomweb.negotiation import JSON

_IN_PATH: Final = re.compile(r"\{(\w+)\}")
_NUMBERS: Final = frozenset({"limit", "offset", "after", "frameNumber", "imageQuality", "rows", "columns", "quality"})
_ATTRIBUTES: Final = "{attributeID}"
_MATCHED: Final = ("PatientID", "PatientName", "StudyDate", "AccessionNumber", "ModalitiesInStudy", "StudyInstanceUID")
"""Some of the attributes that a search takes as a query parameter by keyword or tag."""
_UID: Final = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)*$", "maxLength": 64}
_PATH_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "frames": {"type": "string", "description": "numbers from 1, ascending, with commas between them"},
    "path": {"type": "string"},
}
_BINARY: Final = {"type": "string", "format": "binary"}
_DATA_SETS: Final = {"type": "array", "items": {"type": "object"}, "description": "PS3.18 annex F"}


def as_openapi(resources: Iterable[Resource], prefix: str, refusals: dict[str, Any]) -> dict[str, Any]:
    """The member `paths` of a description: resources below `prefix`, each answering `refusals` by status beside."""
    return {
        f"{prefix}{resource.path}".rstrip("/"): {
            method.name.lower(): _operation(resource.path, method, refusals) for method in resource.methods
        }
        for resource in resources
    }


def _operation(path: str, method: Method, refusals: dict[str, Any]) -> dict[str, Any]:
    operation = method.operation
    is_free = method.name == "OPTIONS"  # needs no credential, and refuses nobody
    described: dict[str, Any] = {
        "tags": ["DICOMweb"],
        "summary": operation.name,
        "operationId": "-".join((*operation.name.lower().split(), method.name.lower(), *re.findall(r"\w+", path))),
        "parameters": [*_path_parameters(path), *_query_parameters(operation.query)],
        "responses": {str(status): _answer(operation, status) for status in operation.statuses},
        **({"security": []} if is_free else {}),
    }
    if not is_free:
        described["responses"] |= refusals
    if operation.takes:
        described["requestBody"] = {"required": True, "content": _contents(operation.takes)}
    return described


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS.get(name, _UID)}
        for name in _IN_PATH.findall(path)
    ]


def _query_parameters(names: Sequence[str]) -> list[dict[str, Any]]:
    named = [name for name in names if "{" not in name]
    matched = _MATCHED if _ATTRIBUTES in names else ()
    return [
        {"name": name, "in": "query", "schema": {"type": "integer" if name in _NUMBERS else "string"}}
        for name in (*matched, *named)
    ]


def _answer(operation: Operation, status: int) -> dict[str, Any]:
    has_body = operation.gives and status != 204
    return {"description": operation.name, **({"content": _contents(operation.gives)} if has_body else {})}


def _contents(media_types: Sequence[str]) -> dict[str, Any]:
    """By media type; several of `multipart/related` are one, since a description has no place for what is in it."""
    bare = dict.fromkeys(media_type.partition(";")[0] for media_type in media_types)
    return {media_type: {"schema": _DATA_SETS if media_type == JSON else _BINARY} for media_type in bare}
