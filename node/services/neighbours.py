"""How each neighbour's link stands, for the pages and the API; the links tell it.

Tests: tests/node/test_app.py
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol


class LinkReport(Protocol):
    """How the link to one neighbour stands."""

    @property
    def network(self) -> bytes:
        """The neighbour's id, 32 bytes."""

    @property
    def state(self) -> str:
        """connected, connecting, unreachable or refused."""

    @property
    def since_ms(self) -> int:
        """Since when, by the wall clock; 0 where it never changed."""

    @property
    def behind(self) -> int:
        """Leaves that the neighbour has, that this node follows and hasn't got yet."""

    @property
    def last_error(self) -> str | None:
        """Code and sentence of how the last link ended; None where it was no error."""


LinkReports = Callable[[], Sequence[LinkReport]]
"""Gives the present reports, one a neighbour."""


def no_links() -> Sequence[LinkReport]:
    """Give no reports, for a node whose links are not started."""
    return ()
