"""`mutirao serve`: run the node of a folder until it is told to stop.

Tests: tests/cli/commands/test_init.py, tests/cli/demo/test_once.py
"""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import click

from cli import keys
from cli.settings import PASSPHRASE_VARIABLE, Command, Settings, pass_settings


@click.command(cls=Command)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--until-input-ends",
    is_flag=True,
    hidden=True,
    help="Stop also when standard input ends: whoever started this process is gone.",
)
@pass_settings
def serve(settings: Settings, directory: Path, until_input_ends: bool) -> None:
    """Run the node of DIRECTORY until Ctrl-C.

    The passphrase of its keys comes from MUTIRAO_PASSPHRASE, or is asked for.
    """
    import node.app

    key = directory / "keys" / "network.key"
    if key.exists() and keys.is_locked(key):
        os.environ[PASSPHRASE_VARIABLE] = settings.passphrase(key)
    if until_input_ends:
        threading.Thread(target=_stop_at_end_of_input, daemon=True).start()
    node.app.serve(directory)


def _stop_at_end_of_input() -> None:
    # Not through sys.stdin: a thread that holds its lock would abort the interpreter at its end.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
