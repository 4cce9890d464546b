"""`mutirao demo`: three networks on this machine, to look at or to be tried once from end to end.

Tests: tests/cli/demo/test_once.py, tests/cli/demo/test_lasting.py
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from cli.errors import UsageProblemError
from cli.settings import Command, Settings, pass_settings

PORT = 8801


@click.command(cls=Command, short_help="Run a small federation on this machine, or try a whole trade once.")
@click.option(
    "--dir",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".demo"),
    show_default=True,
    help="Where the three networks live; a second start goes on from there.",
)
@click.option("--port", type=click.IntRange(1024, 65_000), default=PORT, show_default=True, help="The first of three.")
@click.option("--fresh", is_flag=True, help="Delete what is there and start over.")
@click.option("--once", is_flag=True, help="Run the whole trade once, check every step, and end.")
@click.option("--keep", is_flag=True, help="With --once: keep the folder.")
@click.option(
    "--corrupt",
    type=click.Choice(("balance",)),
    help="With --once: damage this before the audit; the run must then fail. A test of the test.",
)
@pass_settings
def demo(
    settings: Settings, *, directory: Path, port: int, fresh: bool, once: bool, keep: bool, corrupt: str | None
) -> None:
    """Run a small federation on this machine: two networks of neighbours and their region.

    Without --once it stays until Ctrl-C, with the sample federation in it.
    With --once it performs a trade step by step in a temporary folder, prints one line a step, and ends with 1 when a
    check fails.
    """
    if not once and (keep or corrupt):
        raise UsageProblemError("--keep and --corrupt belong to --once.", next_step="Add --once, or leave them out.")
    if once:
        from cli.demo.once import run_once

        asyncio.run(run_once(settings.output, keep=keep, corrupt=corrupt))
    else:
        from cli.demo.lasting import run_lasting

        asyncio.run(run_lasting(settings.output, directory, port=port, fresh=fresh))
