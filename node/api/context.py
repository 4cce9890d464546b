"""How handlers reach the node's services.

The application is built by `node.app`, which puts the `Services` in it under this key.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from node.services import Services

SERVICES: Final = web.AppKey("services", Services)


def services_of(request: web.Request) -> Services:
    """Give the services of the application that serves this request.

    Args:
        request: the request.

    Returns:
        The node's services.
    """
    return request.app[SERVICES]
