"""Parameter types that several commands share.

Tests: tests/cli/test_main.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.values import ValueProblemError, day_ms, scaled
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text

DEGREE_EXPONENT = 6


class IdentifierType(click.ParamType[str]):
    """An id as a node prints it.

    Args:
        kinds: what it may be of; anything if none is given.
    """

    name = "id"

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds
        self.name = f"{kinds[0].upper()}_ID" if len(kinds) == 1 else "ID"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check an id and give it back."""
        try:
            kind, _ = from_text(str(value).strip())
        except RemoteProtocolError as error:
            self.fail(f"{error.message}; copy it as it is printed", param, ctx)
        if self.kinds and kind not in self.kinds:
            self.fail(f"this id begins with {kind}:, wanted is one with {': or '.join(self.kinds)}:", param, ctx)
        return str(value).strip()


class AddressType(click.ParamType[str]):
    """The address of a node, without the slash at its end."""

    name = "URL"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check how an address begins."""
        if not str(value).startswith(("http://", "https://")):
            self.fail(f"{value!r} is not an address like https://vila.example", param, ctx)
        return str(value).rstrip("/")


class DayType(click.ParamType[int]):
    """A day that isn't over, read as the millisecond at which it ends."""

    name = "DAY"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a day."""
        if isinstance(value, int):
            return value
        from cli.records import now_ms

        try:
            end_ms = day_ms(str(value))
        except ValueProblemError as error:
            self.fail(str(error), param, ctx)
        if end_ms < now_ms():
            self.fail(f"{value} is over already", param, ctx)
        return end_ms


class DecimalType(click.ParamType[int]):
    """A decimal number, read as a whole number of its smallest parts.

    Args:
        exponent: how many decimals there may be.
    """

    def __init__(self, exponent: int, name: str) -> None:
        self.exponent = exponent
        self.name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a number."""
        if isinstance(value, int):
            return value
        try:
            return scaled(str(value), self.exponent, comma_is_decimal=True)
        except ValueProblemError as error:
            self.fail(str(error), param, ctx)


DEGREES = DecimalType(DEGREE_EXPONENT, "DEGREES")
ADDRESS = AddressType()
DAY = DayType()


def without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what wasn't said."""
    return {name: value for name, value in values.items() if value is not None and value != []}
