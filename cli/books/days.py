"""Days on the command line, read as the first or the last millisecond of a day of UTC.

Tests: tests/cli/commands/test_books.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.values import ValueProblemError, day_ms

DAY_MS = 86_400_000


class PastDayType(click.ParamType[int]):
    """A day, also one that is over.

    Args:
        is_end: read it as its last millisecond, otherwise as its first.
    """

    name = "DAY"

    def __init__(self, *, is_end: bool) -> None:
        self.is_end = is_end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a day."""
        if isinstance(value, int):
            return value
        try:
            end_ms = day_ms(str(value))
        except ValueProblemError as error:
            self.fail(str(error), param, ctx)
        return end_ms if self.is_end else end_ms - DAY_MS + 1


FROM = click.option("--from", "from_ms", type=PastDayType(is_end=False), help="The first day that counts (UTC).")
TO = click.option("--to", "until_ms", type=PastDayType(is_end=True), help="The last day that counts (UTC).")
