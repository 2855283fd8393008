"""The description of capabilities (PS3.18 annex H): which resources there are, and what each method of them does.

What there is comes from the routes themselves, so that nothing is claimed that is not served. Methods that
`OPERATIONS` does not have are left out: they are there to say that something is not done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import orjson
from starlette.routing import Route

from dicomweb.capabilities.operations import OPERATIONS, Operation

_WADL_NAMESPACE = "http://wadl.dev.java.net/2009/02"


@dataclass(frozen=True, slots=True)
class Method:
    """A method that is served, and what it does."""

    name: str
    operation: Operation


@dataclass(frozen=True, slots=True)
class Resource:
    """A path below the base URL, UIDs in it as `{study}`, and its methods."""

    path: str
    methods: Sequence[Method]


def resources_of(routes: Iterable[Route]) -> list[Resource]:
    """The resources of these routes."""
    found = [Resource(route.path_format, list(_methods_of(route))) for route in routes]
    return [resource for resource in found if resource.methods]


def _methods_of(route: Route) -> Iterator[Method]:
    for name in sorted(route.methods or ()):
        operation = OPERATIONS.get((name, route.path_format))
        if operation is not None:
            yield Method(name, operation)


def as_wadl(resources: Iterable[Resource], base_url: str) -> bytes:
    """The description as a WADL document, application/vnd.sun.wadl+xml."""
    application = ElementTree.Element("application", xmlns=_WADL_NAMESPACE)
    everything = ElementTree.SubElement(application, "resources", base=f"{base_url}/")
    for resource in resources:
        element = ElementTree.SubElement(everything, "resource", path=resource.path.removeprefix("/"))
        for method in resource.methods:
            _add_method(element, method)
    document: bytes = ElementTree.tostring(application, encoding="utf-8", xml_declaration=True)
    return document


def _add_method(resource: ElementTree.Element, method: Method) -> None:
    element = ElementTree.SubElement(resource, "method", name=method.name)
    operation = method.operation
    element.set("id", operation.name.replace(" ", ""))
    asked = ElementTree.SubElement(element, "request")
    for name in operation.query:
        ElementTree.SubElement(asked, "param", name=name, style="query")
    _add_representations(asked, operation.takes)
    statuses = " ".join(str(status) for status in operation.statuses)
    _add_representations(ElementTree.SubElement(element, "response", status=statuses), operation.gives)


def _add_representations(parent: ElementTree.Element, media_types: Sequence[str]) -> None:
    for media_type in media_types:
        ElementTree.SubElement(parent, "representation", mediaType=media_type)


def as_json(resources: Iterable[Resource], base_url: str) -> bytes:
    """The same as JSON: the elements and attributes of WADL as members."""
    described = [
        {"path": resource.path.removeprefix("/"), "method": [_method_json(method) for method in resource.methods]}
        for resource in resources
    ]
    return orjson.dumps({"application": {"resources": {"base": f"{base_url}/", "resource": described}}})


def _method_json(method: Method) -> dict[str, object]:
    operation = method.operation
    return {
        "name": method.name,
        "id": operation.name.replace(" ", ""),
        "request": {
            "param": [{"name": name, "style": "query"} for name in operation.query],
            "representation": _representations(operation.takes),
        },
        "response": [{"status": list(operation.statuses), "representation": _representations(operation.gives)}],
    }


def _representations(media_types: Sequence[str]) -> list[dict[str, str]]:
    return [{"mediaType": media_type} for media_type in media_types]
