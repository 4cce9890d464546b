"""What a signed body says, in lines that somebody reads before signing it too.

Amounts of credit are written as people write them, ids as their text, everything else as it stands.
Source: docs/spec/04-ledger.md L-47 and L-48.

Tests: tests/cli/commands/test_collect.py

>>> said_of({"type": "dues", "hash": b"\\x01\\x02"}, lambda amount: str(amount))
['type: dues', 'hash: 0102']
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from protocol.identifiers import to_text

AGENTS = frozenset({"account", "ledger", "payee", "payer"})
AMOUNTS = frozenset({"above", "amount", "high", "limit_high", "limit_low", "low", "soft_high", "soft_low"})
ID_BYTES = 32


def said_of(body: Mapping[str, Any], amount_text: Callable[[int], str]) -> list[str]:
    """Give what a body says, one line a field, and one line each of its lines or rows.

    Args:
        body: the map of a record.
        amount_text: writes an amount of credit.
    """
    said: list[str] = []
    for name, value in body.items():
        if isinstance(value, list | tuple):
            said.append(f"{name}:")
            said.extend(f"  {_one(each, amount_text)}" for each in value)
        else:
            said.append(f"{name}: {_value(name, value, amount_text)}")
    return said


def _one(value: Any, amount_text: Callable[[int], str]) -> str:
    if not isinstance(value, Mapping):
        return _value("", value, amount_text)
    return ", ".join(f"{name} {_value(name, each, amount_text)}" for name, each in value.items())


def _value(name: str, value: Any, amount_text: Callable[[int], str]) -> str:
    if isinstance(value, Mapping):
        return _one(value, amount_text)
    if isinstance(value, bytes):
        return to_text("agent", value) if name in AGENTS and len(value) == ID_BYTES else value.hex()
    if isinstance(value, int) and name in AMOUNTS:
        return amount_text(value)
    return str(value)
