"""Minutes, amounts and limits as officers type them, and the bodies that cite them.

Source: docs/spec/04-ledger.md L-70; docs/operating/treasurer.md.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cli.amounts import CreditUnit, money_of
from cli.errors import UsageProblemError
from cli.values import ValueProblemError, scaled

Function = TypeVar("Function", bound=Callable[..., Any])

ROW_PARTS = ("policy", "low", "high", "soft_low", "soft_high", "step", "after_days")
ROW_FORM = "POLICY:LOW:HIGH[:SOFT_LOW:SOFT_HIGH[:STEP:DAYS]]"
AMOUNT_PARTS = frozenset({"low", "high", "soft_low", "soft_high"})


def minutes_options(*, required: bool) -> Callable[[Function], Function]:
    """Give a command the two options by which minutes are cited.

    Args:
        required: whether it can't do without.
    """

    def with_options(function: Function) -> Function:
        function = click.option(
            "--minutes-file",
            required=required,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="The signed minutes as they are kept; their SHA-256 is cited, the file stays here.",
        )(function)
        return click.option(
            "--minutes",
            "cited",
            required=required,
            metavar="DAY/NUMBER",
            help="The assembly that decided it, such as 2027-03-14/12.",
        )(function)

    return with_options


def minutes_of(cited: str, file: Path) -> dict[str, Any]:
    """Give the map of a record that cites minutes.

    Args:
        cited: day and number, such as ``2027-03-14/12``.
        file: the minutes as they are kept.

    Raises:
        UsageProblemError: the day or the number is missing.
    """
    date, _, number = cited.strip().partition("/")
    if not date or not number:
        raise UsageProblemError(f"“{cited}” doesn't name minutes.", next_step="Write day and number: 2027-03-14/12.")
    return {"date": date, "number": number, "hash": hashlib.sha256(file.read_bytes()).digest()}


def minutes_if_any(cited: str | None, file: Path | None) -> dict[str, Any] | None:
    """Give what cites minutes where some are named.

    Raises:
        UsageProblemError: one of the two options is missing.
    """
    if cited is None and file is None:
        return None
    if cited is None or file is None:
        raise UsageProblemError(
            "Minutes are cited by day, number and file.", next_step="Give --minutes and --minutes-file together."
        )
    return minutes_of(cited, file)


def credit_amount(text: str, credit: CreditUnit) -> int:
    """Read an amount of the network's own credit, in minor units.

    Raises:
        UsageProblemError: it is no amount, or one of other money.
    """
    try:
        money = money_of(text, credit)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error
    if money["unit"] != credit.unit:
        raise UsageProblemError(
            f"“{text}” is official money; the ledger holds credit only.",
            next_step=f"Give the amount in {credit.name or 'credits'}.",
        )
    return int(money["amount"])


def signed_amount(text: str, credit: CreditUnit) -> int:
    """Read an amount that may be below zero, such as a limit, in minor units.

    Raises:
        UsageProblemError: it is no number.
    """
    try:
        return scaled(text, credit.exponent, comma_is_decimal=True)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error


def limit_row(text: str, credit: CreditUnit) -> dict[str, Any]:
    """Read a row of limits, such as ``person:-300:900`` or ``person:-500:1500:::1:90``.

    Raises:
        UsageProblemError: it has too few or too many parts, or one is no number.
    """
    parts = [part.strip() for part in text.split(":")]
    if not 3 <= len(parts) <= len(ROW_PARTS):
        raise UsageProblemError(f"“{text}” is no row of limits.", next_step=f"Write it as {ROW_FORM}.")
    row: dict[str, Any] = {"policy": parts[0]}
    for name, part in list(zip(ROW_PARTS, parts, strict=False))[1:]:
        if not part:
            continue
        if name in AMOUNT_PARTS:
            row[name] = signed_amount(part, credit)
        elif part.isdecimal():
            row[name] = int(part)
        else:
            raise UsageProblemError(f"“{part}” is no number of steps or days.", next_step=f"Write it as {ROW_FORM}.")
    return row
