"""Every error of the project has its exit code."""

import pytest

from cli.errors import (
    CliError,
    ExitCode,
    FailedCheckError,
    RefusedError,
    UnreachableError,
    UsageProblemError,
    as_cli_error,
)
from protocol.errors import Code, ConfigError, MutiraoError, RemoteProtocolError, StorageError


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RefusedError("no"), ExitCode.REFUSED),
        (FailedCheckError("no"), ExitCode.REFUSED),
        (UsageProblemError("no"), ExitCode.USAGE),
        (UnreachableError("no"), ExitCode.UNREACHABLE),
        (ConfigError("no"), ExitCode.USAGE),
        (StorageError("no"), ExitCode.REFUSED),
        (RemoteProtocolError(Code.BAD_SIGNATURE), ExitCode.REFUSED),
        (MutiraoError("no"), ExitCode.REFUSED),
    ],
)
def test_each_error_has_its_exit_code(error: MutiraoError, code: ExitCode) -> None:
    """1 is refused or failed, 2 usage, 3 unreachable."""
    assert as_cli_error(error).exit_code == code


def test_a_protocol_error_keeps_code_and_next_step() -> None:
    """What the registry of codes says reaches the person."""
    translated = as_cli_error(RemoteProtocolError(Code.STALE, "it is old"))

    assert (translated.code, translated.message) == ("stale", "it is old")
    assert translated.next_step == Code.STALE.next_step


def test_the_command_lines_own_errors_pass_unchanged() -> None:
    """Nothing is wrapped twice."""
    error = CliError("no")

    assert as_cli_error(error) is error


def test_a_next_step_that_was_given_is_kept() -> None:
    """The general advice stands only where nobody knew better."""
    assert "Stop it." == as_cli_error(StorageError("in use", next_step="Stop it.")).next_step
    assert "verify data" in as_cli_error(StorageError("damaged")).next_step
    assert "Choose." == as_cli_error(ConfigError("taken", next_step="Choose.")).next_step
