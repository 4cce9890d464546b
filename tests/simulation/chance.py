"""Chance from one seed: each draw is named, so that what happens here doesn't change with what happened elsewhere.

A draw is a hash of the seed and its name. With one common stream, taking a step out of a schedule would shift every
later draw, and no failing run could be made shorter.
"""

from __future__ import annotations

import hashlib
import random

_SCALE = 1 << 64


class Chance:
    """All draws of one seed."""

    def __init__(self, seed: int | str) -> None:
        """Take the seed."""
        self._key = hashlib.blake2b(str(seed).encode(), digest_size=32).digest()

    def unit(self, *name: object) -> float:
        """Give a number from 0 up to 1, the same for the same name."""
        return int.from_bytes(self._draw(name)[:8], "big") / _SCALE

    def below(self, bound: int, *name: object) -> int:
        """Give a whole number from 0 up to `bound`, which it doesn't reach."""
        return int.from_bytes(self._draw(name)[:8], "big") % bound

    def octets(self, count: int, *name: object) -> bytes:
        """Give `count` bytes."""
        found = self._draw(name)
        while len(found) < count:
            found += hashlib.blake2b(found, digest_size=64, key=self._key).digest()
        return found[:count]

    def stream(self, *name: object) -> random.Random:
        """Give a generator of its own for one purpose."""
        return random.Random(self._draw(name))

    def _draw(self, name: tuple[object, ...]) -> bytes:
        return hashlib.blake2b(repr(name).encode(), digest_size=32, key=self._key).digest()
