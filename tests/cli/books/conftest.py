"""What the tests of books need of the machine."""

from __future__ import annotations

import shutil

import pytest


@pytest.fixture(scope="session")
def hledger() -> str:
    """The path of hledger; on a machine without it the test is skipped, which fails where MUTIRAO_NO_SKIP is 1."""
    program = shutil.which("hledger")
    if program is None:
        pytest.skip("hledger is not installed: install the package of that name")
    return program
