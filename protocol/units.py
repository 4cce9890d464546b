"""Names for numbers and bytes that must not be mixed up.

Money is whole minor units of a named unit; quantities are thousandths of a measure; times are
milliseconds since 1970-01-01 UTC.
"""

from __future__ import annotations

from typing import NewType

RecordId = NewType("RecordId", bytes)
"""32 bytes: the hash that names a record."""

ThingId = NewType("ThingId", bytes)
"""32 bytes: the id of a thing's first record, which names the thing for life."""

AgentId = NewType("AgentId", bytes)
"""32 bytes: the id of an agent's first `agent` record."""

NetworkId = NewType("NetworkId", bytes)
"""32 bytes: the agent id of a network."""

Amount = NewType("Amount", int)
"""Minor units of a named unit, within ±(2⁵³-1)."""

TreeSize = NewType("TreeSize", int)
"""How many leaves a Merkle tree has, from 0."""

LeafIndex = NewType("LeafIndex", int)
"""Which leaf, from 0."""

TimestampMs = NewType("TimestampMs", int)
"""Milliseconds since 1970-01-01 UTC."""

INTEGER_MAX = 2**53 - 1
"""The largest integer on the wire: what a JavaScript number holds exactly."""
