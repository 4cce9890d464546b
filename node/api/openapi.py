"""The OpenAPI 3.1 document, made from the rows of the route table and the types that they name.

Nothing is written twice: a parameter's bounds and a field's meaning come from the msgspec types and their docstrings.
Source: docs/spec/08-http.md section 1; OpenAPI 3.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from node.api.negotiation import JSON_TYPE, MSGPACK_TYPE
from node.api.route import Access, Route
from node.api.schemas import ErrorAnswer
from protocol.feeds import FEED_NAMES

_REFERENCE: Final = "#/components/schemas/{name}"
_PART: Final = re.compile(r"\{(\w+)\}")
_AGENT: Final = {"type": "string", "pattern": "^agent:[a-z2-7]{51}[aq]$"}
_PATH_SCHEMAS: Final[dict[str, dict[str, Any]]] = {
    "id": {"type": "string", "pattern": "^[a-z][a-z_]{0,31}:[a-z2-7]{51}[aq]$"},
    "agent": _AGENT,
    "network": _AGENT,
    "name": {"type": "string", "enum": list(FEED_NAMES)},
}
"""Parts of paths: ids are base32 of 32 bytes, whose last character carries one bit."""


def document(routes: Sequence[Route], *, version: str) -> dict[str, Any]:
    """Build the document.

    Args:
        routes: the route table.
        version: the program's version.

    Returns:
        The document as plain values, ready for JSON.
    """
    types: list[type] = [ErrorAnswer]
    for route in routes:
        types.extend(kind for kind in (route.answer, route.body) if kind is not None)
    unique = list(dict.fromkeys(types))
    schemas, components = msgspec.json.schema_components(unique, ref_template=_REFERENCE)
    by_type = dict(zip(unique, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, by_type)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mutirão node",
            "version": version,
            "description": "Catalogue, feeds and ledger of a local network and of the networks that it follows.",
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "The token of POST /api/v1/session."},
                "cookie": {"type": "apiKey", "in": "cookie", "name": "mutirao_session"},
            },
        },
    }


def _operation(route: Route, schemas: dict[type, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "tags": [route.tag],
        "parameters": _path_parameters(route.path) + _query_parameters(route.query),
        "responses": {
            str(route.status): {"description": "What was asked for.", "content": _content(route, schemas)},
            "default": {
                "description": "The request was not carried out; the code says why and what to do next.",
                "content": {name: {"schema": schemas[ErrorAnswer]} for name in (JSON_TYPE, MSGPACK_TYPE)},
            },
        },
    }
    if route.body is not None:
        shape = {"schema": schemas[route.body]}
        operation["requestBody"] = {"required": True, "content": {JSON_TYPE: shape}}
        if route.reads_body:
            operation["requestBody"]["content"][MSGPACK_TYPE] = {
                "schema": {"description": "A canonical MessagePack array of the records' bytes."},
            }
    if route.access is not Access.ANYBODY:
        operation["security"] = [{"bearer": []}, {"cookie": []}]
    return operation


def _content(route: Route, schemas: dict[type, dict[str, Any]]) -> dict[str, Any]:
    if route.answer is None:
        kind = route.content_type or "text/plain"
        return {kind: {"schema": {"type": "object" if kind == JSON_TYPE else "string"}}}
    return {name: {"schema": schemas[route.answer]} for name in (JSON_TYPE, MSGPACK_TYPE)}


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _PATH_SCHEMAS[name]} for name in _PART.findall(path)
    ]


def _query_parameters(query: type) -> list[dict[str, Any]]:
    (reference,), components = msgspec.json.schema_components([query], ref_template="{name}")
    shape = components[reference["$ref"]]
    required = set(shape.get("required", []))
    return [
        {"name": name, "in": "query", "required": name in required, "schema": schema}
        for name, schema in shape["properties"].items()
    ]
