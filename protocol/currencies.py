"""Official currencies: how many decimals an amount of one has.

Rules: records hold minor units; all currencies of ISO 4217 that networks here trade in have two decimals, apart from
those of the table. Whoever writes an amount and whoever shows it must agree on this number. Source: ISO 4217.

>>> exponent_of("BRL"), exponent_of("CLP")
(2, 0)
"""

from __future__ import annotations

from typing import Final

EXPONENT: Final = 2
WITHOUT_DECIMALS: Final = frozenset({"CLP", "JPY", "PYG", "UYI"})


def exponent_of(code: str) -> int:
    """Give the number of decimals of an official currency.

    Args:
        code: three capital letters, such as `BRL`.
    """
    return 0 if code in WITHOUT_DECIMALS else EXPONENT
