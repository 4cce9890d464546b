"""Running commands of this program inside the demonstration, without a process for each.

The very functions that `mutirao` runs are run, options read from words as in a terminal; only what they would print is
kept as a value. A command takes a thread, since it brings its own event loop. Source: docs/operating/demo.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import click

from cli.errors import CliError, ExitCode, UsageProblemError, as_cli_error
from cli.main import main
from cli.output import Output
from cli.settings import Settings
from protocol.errors import MutiraoError


class Kept(Output):
    """An output that keeps the result of a command in place of printing it."""

    def __init__(self) -> None:
        super().__init__(json_wanted=True)
        self.value: Any = None

    def result(self, value: Any, text: str | Sequence[str] = "") -> None:
        """Keep the result."""
        del text
        self.value = value

    def table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[tuple[str, str]], *, empty: str) -> None:
        """Keep the rows."""
        del columns, empty
        self.value = list(rows)

    def note(self, text: str) -> None:
        """Say nothing on the way."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended.

    Attributes:
        code: Its exit code.
        value: Its result, None where it failed.
        error: Why it failed, None where it didn't.
    """

    code: int
    value: Any
    error: CliError | None


async def run_inside(*words: str) -> Ended:
    """Run one command to its end.

    Args:
        words: its arguments.
    """
    return await asyncio.to_thread(_run, words)


def _run(words: Sequence[str]) -> Ended:
    output = Kept()
    try:
        main.main(args=list(words), standalone_mode=False, obj=Settings(output=output))
    except click.ClickException as error:
        problem = UsageProblemError(error.format_message())
        return Ended(ExitCode.USAGE, None, problem)
    except MutiraoError as error:
        translated = as_cli_error(error)
        return Ended(translated.exit_code, None, translated)
    return Ended(ExitCode.DONE, output.value, None)
