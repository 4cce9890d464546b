"""The options that every command takes, and what they amount to.

``--node``, ``--key``, ``--as``, ``--json`` and ``--no-passphrase`` may stand before or behind the command's name; the
last one counts. Source: DESIGN §11; docs/reference/cli.md.

Tests: tests/cli/test_main.py
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

import click

from cli.errors import FailedCheckError, UsageProblemError
from cli.output import Output

NODE_VARIABLE = "MUTIRAO_NODE"
KEY_VARIABLE = "MUTIRAO_KEY"
PASSPHRASE_VARIABLE = "MUTIRAO_PASSPHRASE"
NODE_DEFAULT = "http://127.0.0.1:8801"

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


@dataclass(slots=True)
class Settings:
    """What the common options say.

    Attributes:
        node: The address of the node, without a slash at its end.
        key: The key file that signs, or None.
        agent: The id in whose name the key signs, as text, or None to find it out.
        no_passphrase: Key files have an empty passphrase.
        output: Where results go.
    """

    node: str = NODE_DEFAULT
    key: Path | None = None
    agent: str | None = None
    no_passphrase: bool = False
    output: Output = field(default_factory=Output)

    def key_path(self) -> Path:
        """Give the key file.

        Raises:
            UsageProblemError: none was given.
        """
        if self.key is None:
            raise UsageProblemError(
                "This command signs, and no key was given.",
                next_step=f"Add --key FILE, or set {KEY_VARIABLE}. A new key is made by `mutirao key new FILE`.",
            )
        return self.key

    def passphrase(self, path: Path, *, new: bool = False) -> str:
        """Find the passphrase of a key file: the flag, the environment, then the person.

        Args:
            path: the key file, for the question.
            new: the file is being made, so that the passphrase is asked for twice.

        Raises:
            UsageProblemError: there is nobody to ask.
        """
        if self.no_passphrase:
            return ""
        given = os.environ.get(PASSPHRASE_VARIABLE)
        if given:
            return given
        if not sys.stdin.isatty():
            raise UsageProblemError(
                f"{path} needs a passphrase, and there is no terminal to ask for it.",
                next_step=f"Set {PASSPHRASE_VARIABLE}, or add --no-passphrase for an empty one.",
            )
        return str(
            click.prompt(f"Passphrase of {path.name}", hide_input=True, confirmation_prompt=new, default="", err=True)
        )


def _settings(context: click.Context) -> Settings:
    return context.ensure_object(Settings)


def _set_node(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    if not value.startswith(("http://", "https://")):
        raise click.BadParameter(f"{value!r} is not an address like http://127.0.0.1:8801")
    _settings(context).node = value.rstrip("/")


def _set_key(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        _settings(context).key = Path(value)


def _set_agent(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is not None:
        _settings(context).agent = value


def _set_json(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        _settings(context).output.json_wanted = True


def _set_no_passphrase(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        _settings(context).no_passphrase = True


def common_options(*, outermost: bool) -> list[click.Option]:
    """Make the options that every command takes.

    Args:
        outermost: for the command `mutirao` itself, which alone reads the environment.
    """
    return [
        click.Option(
            ["--node"],
            metavar="URL",
            envvar=NODE_VARIABLE if outermost else None,
            expose_value=False,
            callback=_set_node,
            help=f"The node to talk to ({NODE_VARIABLE}; {NODE_DEFAULT} if not given).",
        ),
        click.Option(
            ["--key"],
            metavar="FILE",
            type=click.Path(dir_okay=False),
            envvar=KEY_VARIABLE if outermost else None,
            expose_value=False,
            callback=_set_key,
            help=f"The key file that signs ({KEY_VARIABLE}).",
        ),
        click.Option(
            ["--as"],
            metavar="AGENT",
            expose_value=False,
            callback=_set_agent,
            help="The agent in whose name the key signs, if the key alone doesn't tell.",
        ),
        click.Option(
            ["--no-passphrase"],
            is_flag=True,
            expose_value=False,
            callback=_set_no_passphrase,
            help="Key files have an empty passphrase.",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print JSON for programs.",
        ),
    ]


class Command(click.Command):
    """A command that takes the common options too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(common_options(outermost=False))


class Group(click.Group):
    """A group whose commands take the common options."""

    command_class = Command
    group_class = type


def pass_settings(
    function: Callable[Concatenate[Settings, Parameters], Result],
) -> Callable[Parameters, Result]:
    """Give a command its settings as first argument."""

    @functools.wraps(function)
    def with_settings(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        return function(_settings(click.get_current_context()), *args, **kwargs)

    return with_settings


def asynchronous(
    function: Callable[Concatenate[Settings, Parameters], Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Result]:
    """Give a command that talks to a node its settings, and run it to its end.

    An answer in which something is missing or of another kind than the API states fails the command, with a sentence.
    """

    @functools.wraps(function)
    def run(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        settings = _settings(click.get_current_context())
        try:
            return asyncio.run(function(settings, *args, **kwargs))
        except (KeyError, TypeError, AttributeError, IndexError, ValueError) as error:
            raise FailedCheckError(
                f"{settings.node} answers in a form that this program doesn't know ({type(error).__name__}: {error}).",
                code="bad_answer",
                next_step="Update the older of the two programs.",
            ) from error

    return run
