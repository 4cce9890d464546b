"""What a command can end with, and the exit code of each ending.

    CliError
    ├── RefusedError        1  the node said a valid "no"
    ├── FailedCheckError    1  something was checked and is not as it must be
    ├── UsageProblemError   2  the command was asked for something it can't do
    └── UnreachableError    3  no answer came from the node

Rules: exit codes are 0 done, 1 refused or failed check, 2 usage, 3 unreachable; every error says what came,
what was wanted and the next step. Source: DESIGN §11; docs/reference/cli.md.
"""

from enum import IntEnum
from typing import Any

from protocol.errors import ConfigError, MutiraoError, ProtocolError, StorageError

CORRECT = "Correct the value, then run the command again."
LOOK = "Check the disk and the folder, then `mutirao verify data DIR`."


class ExitCode(IntEnum):
    """The four ways in which every command ends."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    UNREACHABLE = 3


class CliError(MutiraoError):
    """A command can't go on.

    Args:
        message: what came and what was wanted, one sentence.
        next_step: what the person can do now, one sentence.
        code: a word for programs that read ``--json``.
        details: further values for programs; must be JSON.
    """

    exit_code = ExitCode.REFUSED

    def __init__(
        self, message: str, *, next_step: str = "", code: str = "", details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step
        self.code = code or "failed"
        self.details = details or {}


class RefusedError(CliError):
    """The node answered with a valid "no"."""


class FailedCheckError(CliError):
    """A signature, proof, sum, file or row is not as it must be."""


class UsageProblemError(CliError):
    """An argument, a file or a folder that was given can't be used."""

    exit_code = ExitCode.USAGE


class UnreachableError(CliError):
    """The node didn't answer."""

    exit_code = ExitCode.UNREACHABLE


def as_cli_error(error: MutiraoError) -> CliError:
    """Give any error of the project its exit code and its next step.

    Args:
        error: an error that reached the edge of a command.

    Returns:
        The error itself when it is one of the command line's, otherwise its translation.
    """
    if isinstance(error, CliError):
        return error
    if isinstance(error, ProtocolError):
        return FailedCheckError(error.message, code=str(error.code), next_step=error.code.next_step)
    if isinstance(error, ConfigError):
        return UsageProblemError(str(error), code="config", next_step=error.next_step or CORRECT)
    if isinstance(error, StorageError):
        return FailedCheckError(str(error), code="storage", next_step=error.next_step or LOOK)
    return CliError(str(error))
