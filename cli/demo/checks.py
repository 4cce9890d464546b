"""Checking what nodes say, and saying what was checked.

A check is a sentence that must hold. What reaches a node by gossip needs a moment, so such a check asks again until it
holds or its time is up; the sentence of one that doesn't hold is the failure. Source: docs/operating/demo.md.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from cli.errors import CliError, FailedCheckError, RefusedError, as_cli_error
from cli.output import Output
from protocol.errors import MutiraoError

WAIT_S = 20.0
PAUSE_S = 0.05

Found = TypeVar("Found")


@dataclass(slots=True)
class Checks:
    """The checks of one step.

    Attributes:
        checked: The sentences that held.
    """

    checked: list[str] = field(default_factory=list)

    def that(self, holds: bool, sentence: str) -> None:
        """Check a fact.

        Raises:
            FailedCheckError: it doesn't hold.
        """
        if not holds:
            raise FailedCheckError(f"This doesn't hold: {sentence}.", code="check")
        self.checked.append(sentence)

    async def eventually(
        self, sentence: str, probe: Callable[[], Awaitable[Found | None]], *, seconds: float = WAIT_S
    ) -> Found:
        """Check something that needs a moment.

        Args:
            sentence: what must hold.
            probe: gives what was looked for, or None or False while it isn't there; a refusal counts as "not yet".
            seconds: how long to ask.

        Returns:
            What the probe gave.

        Raises:
            FailedCheckError: it didn't hold in time; what the node said last is in the message.
        """
        said = ""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    try:
                        found = await probe()
                    except CliError as error:
                        found, said = None, error.message
                    if found is not None and found is not False:
                        self.checked.append(sentence)
                        return found
                    await asyncio.sleep(PAUSE_S)
        except TimeoutError as error:
            hint = f" (said last: {said})" if said else ""
            raise FailedCheckError(
                f"After {seconds:.0f} s this doesn't hold: {sentence}{hint}.", code="check"
            ) from error

    async def refused(self, sentence: str, probe: Callable[[], Awaitable[object]]) -> RefusedError:
        """Check that something is refused, and give the refusal.

        Raises:
            FailedCheckError: it isn't.
        """
        try:
            await probe()
        except RefusedError as error:
            self.checked.append(f"{sentence} ({error.code})")
            return error
        raise FailedCheckError(f"This doesn't hold: {sentence}.", code="check")


async def run_step(output: Output, name: str, step: Callable[[Checks], Awaitable[None]]) -> None:
    """Run one step and print its line: its name, whether all its checks held, and which.

    Args:
        output: where the line goes.
        name: of the step.
        step: makes the checks.

    Raises:
        FailedCheckError: a check didn't hold.
    """
    checks = Checks()
    began = time.monotonic()
    failure: CliError | None = None
    try:
        await step(checks)
    except* MutiraoError as group:
        failure = _first(group)
    seconds = round(time.monotonic() - began, 2)
    line = {"step": name, "ok": failure is None, "checked": checks.checked, "seconds": seconds}
    text = f"✓ {name} ({seconds} s)\n" + "\n".join(f"    {sentence}" for sentence in checks.checked)
    if failure is not None:
        line["failed"] = failure.message
        text = text.replace("✓", "✗", 1) + f"\n    FAILED: {failure.message}"
    output.line(line, text)
    if failure is not None:
        raise FailedCheckError(f"The step {name} failed: {failure.message}", code="step", next_step=failure.next_step)


def _first(group: BaseExceptionGroup[MutiraoError]) -> CliError:
    found: BaseException = group
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    assert isinstance(found, MutiraoError)
    return as_cli_error(found)
