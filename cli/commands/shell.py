"""`mutirao completion` and `mutirao version`.

Tests: tests/cli/test_main.py
"""

from __future__ import annotations

import platform

import click
from click.shell_completion import get_completion_class

from cli.settings import Command, Settings, pass_settings

PROGRAM = "mutirao"
WHERE = {
    "bash": 'eval "$(mutirao completion bash)"     # in ~/.bashrc',
    "zsh": 'eval "$(mutirao completion zsh)"      # in ~/.zshrc',
    "fish": "mutirao completion fish | source      # in ~/.config/fish/config.fish",
}


@click.command(cls=Command, epilog="Then: " + "; ".join(WHERE.values()))
@click.argument("shell", type=click.Choice(sorted(WHERE)))
@pass_settings
def completion(settings: Settings, shell: str) -> None:
    """Print the lines that teach a shell to complete this command."""
    from cli.main import main

    kind = get_completion_class(shell)
    assert kind is not None, "click knows the three shells"
    source = kind(main, {}, PROGRAM, "_MUTIRAO_COMPLETE").source()
    settings.output.script({"shell": shell, "script": source}, source)


@click.command(cls=Command)
@pass_settings
def version(settings: Settings) -> None:
    """Print the version of this program."""
    from cli.main import program_version

    number = program_version()
    settings.output.result({"version": number, "python": platform.python_version()}, f"mutirao {number}")
