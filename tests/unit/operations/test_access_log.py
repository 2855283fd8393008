"""The label of a request: the template of its route with all that it stands under, never what was asked for."""

from typing import Any

import pytest

from gateway.operations.access_log import _route


class _Route:
    def __init__(self, path: str) -> None:
        self.path = path


@pytest.mark.parametrize(
    ("path", "template", "parameters", "label"),
    [
        ("/healthz", "/healthz", {}, "/healthz"),
        ("/api/v1/photos/abc", "/photos/{id}", {"id": "abc"}, "/api/v1/photos/{id}"),
        ("/api/v1/photos/abc", "/api/v1/photos/{id}", {"id": "abc"}, "/api/v1/photos/{id}"),
        (
            "/dicom-web/studies/1.2/series",
            "/studies/{study}/series",
            {"study": "1.2"},
            "/dicom-web/studies/{study}/series",
        ),
        ("/files/a/b", "/files/{name:path}", {"name": "a/b"}, "/files/{name:path}"),
        ("/api/v1/deliveries/007", "/deliveries/{number:int}", {"number": 7}, "/deliveries/{number:int}"),
    ],
)
def test_the_label_is_the_whole_template(path: str, template: str, parameters: dict[str, Any], label: str) -> None:
    assert _route({"path": path, "route": _Route(template), "path_params": parameters}) == label


def test_what_no_route_answers_shares_one_label() -> None:
    assert _route({"path": "/Zaphod", "root_path": ""}) == "unrouted"
