"""A site of pages in this process: real application, real templates, views made by hand."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from node.clock import FixedClock
from node.web.routes import add_pages
from tests.node.web.reading import HandReading
from tests.node.web.views import NOW_MS

Site = TestClient[web.Request, web.Application]


@pytest.fixture
def reading() -> HandReading:
    """What the pages read, for a test to change."""
    return HandReading()


@pytest.fixture
async def site(reading: HandReading) -> AsyncIterator[Site]:
    """A browser in front of the pages."""
    app = web.Application()
    add_pages(app, reading, FixedClock(NOW_MS))
    async with TestClient(TestServer(app)) as client:
        yield client
