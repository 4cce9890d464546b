"""From the text of a cell, or of an option, to a number: quantities, amounts, degrees, dates.

Rules: decimal comma and decimal point are both understood, with the other sign between thousands; what could be
read in two ways is refused and says how to write it. No floats: a value is scaled by powers of ten and must come out
whole. Source: docs/reference/csv.md.

    >>> scaled("1.234,56", 2), scaled("0,5", 3), scaled("-22.9", 6)
    (123456, 500, -22900000)
"""

import datetime as dt
import re

DIGITS_MAX = 15
"""Below 2**53 - 1, the largest number that a record may hold."""

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]+|[0-9]{1,3}(?:[.   ][0-9]{3})+(?=,|$)|[0-9]{1,3}(?:,[0-9]{3})+(?=\.|$))"
    r"(?:[.,](?P<fraction>[0-9]+))?"
)
_TWOFOLD = re.compile(r"([1-9][0-9]{0,2})[.,]([0-9]{3})")
_DATE_LOCAL = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


class ValueProblemError(ValueError):
    """A text isn't the number or date that was wanted.

    Args:
        message: what stands there and what was wanted.
        next_step: how to write it.
    """

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__(f"{message} {next_step}")
        self.message = message
        self.next_step = next_step


def scaled(text: str, exponent: int, *, comma_is_decimal: bool = False) -> int:
    """Read a decimal number as a whole number of its smallest parts.

    Args:
        text: for instance ``12,50``, ``1.234,56``, ``1,234.56`` or ``7``.
        exponent: how many decimal digits there may be: 2 for cents, 3 for thousandths.
        comma_is_decimal: the text stands where people write a decimal comma, as between semicolons; then ``1,500``
            is one and a half. Otherwise it is refused, as ``1.500`` always is.

    Returns:
        The number times 10 to the exponent.

    Raises:
        ValueProblemError: it isn't a number, has too many digits, or can be read in two ways.
    """
    text = text.strip()
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueProblemError(f"“{text[:40]}” is not a number.", "Write it like 12,50 or 12.50.")
    whole, fraction = match["whole"], match["fraction"] or ""
    twofold = _TWOFOLD.fullmatch(text.lstrip("+-"))
    if twofold is not None and not (comma_is_decimal and "," in text):
        before, after = twofold[1], twofold[2]
        raise ValueProblemError(
            f"“{text}” can be read as {before}{after} or as {before} and {after} thousandths.",
            f"Write {before}{after} or {before},{after}0.",
        )
    fraction = fraction.rstrip("0")
    if len(fraction) > exponent:
        raise ValueProblemError(
            f"“{text}” has {len(fraction)} decimals, at most {exponent} are kept here.", "Round it."
        )
    digits = re.sub(r"[^0-9]", "", whole) + fraction.ljust(exponent, "0")
    if len(digits.lstrip("0")) > DIGITS_MAX:
        raise ValueProblemError(f"“{text[:40]}” is too large.", "Write a smaller number.")
    number = int(digits)
    return -number if match["sign"] == "-" else number


def unscaled(number: int, exponent: int, *, decimal_sign: str = ",") -> str:
    """Write a whole number of smallest parts as a decimal; the reverse of `scaled`.

    >>> unscaled(123456, 2), unscaled(500, 3), unscaled(-5, 2)
    ('1234,56', '0,500', '-0,05')
    """
    if exponent == 0:
        return str(number)
    sign = "-" if number < 0 else ""
    digits = str(abs(number)).rjust(exponent + 1, "0")
    return f"{sign}{digits[:-exponent]}{decimal_sign}{digits[-exponent:]}"


def day_ms(text: str) -> int:
    """Read a day as the millisecond, since 1970 in UTC, at which it ends.

    Args:
        text: ``2027-03-31`` or ``31/03/2027``.

    Raises:
        ValueProblemError: it isn't a day of the calendar.
    """
    text = text.strip()
    match = _DATE_LOCAL.fullmatch(text)
    try:
        day = dt.date.fromisoformat(text) if match is None else dt.date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError as error:
        raise ValueProblemError(f"“{text[:40]}” is not a day.", "Write it like 31/03/2027 or 2027-03-31.") from error
    following = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(days=1)
    return int(following.timestamp() * 1000) - 1


def yes_or_no(text: str) -> bool:
    """Read a yes or a no in Portuguese, Spanish or English.

    Raises:
        ValueProblemError: it is neither.
    """
    word = text.strip().casefold()
    if word in {"sim", "sí", "si", "yes", "s", "y", "1", "true", "x"}:
        return True
    if word in {"não", "nao", "no", "n", "0", "false", ""}:
        return False
    raise ValueProblemError(f"“{text[:40]}” is neither yes nor no.", "Write sim or não.")
