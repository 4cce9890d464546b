"""One node for all tests of faults that concern a node's disk alone."""

import asyncio

import pytest

from tests.faults.solo import Solo


@pytest.fixture(scope="session")
def solo(tmp_path_factory: pytest.TempPathFactory) -> Solo:
    """Give a node that is off, with two members who have traded a little."""
    return asyncio.run(Solo.make(tmp_path_factory.mktemp("solo")))
