"""The command `mutirao`: its subjects, and the one place where an error becomes an exit code.

Source: DESIGN §11; docs/reference/cli.md, which is generated from what stands here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from cli.errors import ExitCode, UsageProblemError, as_cli_error
from cli.settings import Group, Settings, common_options
from protocol.errors import MutiraoError

PROGRAM = "mutirao"
COMMANDS = {
    "init": "cli.commands.init:init",
    "serve": "cli.commands.serve:serve",
    "status": "cli.commands.status:status",
    "verify": "cli.commands.verify:verify",
    "demo": "cli.commands.demo:demo",
    "key": "cli.commands.key:key",
    "member": "cli.commands.member:member",
    "offer": "cli.commands.listing:offer",
    "need": "cli.commands.listing:need",
    "order": "cli.commands.order:order",
    "pay": "cli.commands.ledger:pay",
    "slip": "cli.commands.slip:slip",
    "rule": "cli.commands.rule:rule",
    "dues": "cli.commands.collect:dues",
    "levy": "cli.commands.collect:levy",
    "circulation": "cli.commands.collect:circulation",
    "fund": "cli.commands.fund:fund",
    "write-off": "cli.commands.fund:write_off",
    "hold": "cli.commands.hold:hold",
    "request": "cli.commands.requests:request",
    "mandate": "cli.commands.mandates:mandate",
    "reverse": "cli.commands.consent:reverse",
    "consent": "cli.commands.consent:consent",
    "ledger": "cli.commands.ledger:ledger",
    "cash": "cli.commands.cash:cash",
    "year": "cli.commands.year:year",
    "seal": "cli.commands.seal:seal",
    "attest": "cli.commands.seal:attest",
    "peer": "cli.commands.peer:peer",
    "catalog": "cli.commands.catalog:catalog",
    "export": "cli.commands.catalog:export",
    "import": "cli.commands.importing:import_tables",
    "opening": "cli.commands.opening:opening",
    "history": "cli.commands.history:history",
    "completion": "cli.commands.shell:completion",
    "version": "cli.commands.shell:version",
}
"""Name to where the command stands; a module is imported when its command is asked for."""


class Program(Group):
    """The outermost group: it imports a command's module when it is needed, and ends the process with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order in which they are shown."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and give one command."""
        del ctx
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command; in standalone mode end with its exit code, and with an error's explanation before."""
        settings = extra.setdefault("obj", Settings())
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        sys.exit(self._run(settings, args, prog_name, complete_var, extra))

    def _run(
        self,
        settings: Settings,
        args: Sequence[str] | None,
        prog_name: str | None,
        complete_var: str | None,
        extra: dict[str, Any],
    ) -> int:
        try:
            code = super().main(args, prog_name or PROGRAM, complete_var, standalone_mode=False, **extra)
        except click.Abort:
            click.echo("Stopped.", err=True)
            return ExitCode.REFUSED
        except click.ClickException as error:
            if "--json" in (sys.argv[1:] if args is None else args):
                # The option may stand behind the mistake, where nobody has read it yet.
                settings.output.json_wanted = True
                settings.output.error(
                    UsageProblemError(error.format_message(), code="usage", next_step=_help_of(error))
                )
            else:
                error.show()
            return error.exit_code
        except MutiraoError as error:
            translated = as_cli_error(error)
            settings.output.error(translated)
            return translated.exit_code
        except BrokenPipeError:
            # The reader of a pipe went away, as `head` does; there is nobody left to tell.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return ExitCode.DONE
        return code if isinstance(code, int) else ExitCode.DONE


def _help_of(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    return f"See: {context.command_path if context else PROGRAM} --help"


@click.group(PROGRAM, cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.pass_context
def main(context: click.Context) -> None:
    """A network's market and credit, from the command line.

    A first look: `mutirao demo` runs three networks on this machine.
    A network of your own: `mutirao init DIR --name NAME --url URL`, then `mutirao serve DIR`.

    Exit codes: 0 done, 1 refused or failed check, 2 usage, 3 node unreachable.
    """
    context.ensure_object(Settings)


main.params.extend(common_options(outermost=True))


def program_version() -> str:
    """Give the version of the installed program, or "unknown" where it runs from a bare source tree."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(PROGRAM)
    except PackageNotFoundError:
        return "unknown"
