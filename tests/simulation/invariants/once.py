"""I2: no record acts twice; whoever holds the same feeds has drawn the same conclusions from them.

A record stands once in its feed. All nodes that hold the same feeds say the same of each record (valid, void, waiting),
and nothing waits for what is there. What rogues publish in feeds of their own is left out.
"""

from __future__ import annotations

from tests.simulation.invariants.base import Invariant
from tests.simulation.invariants.convergence import scopes
from tests.simulation.reading import query

STATES = (
    "SELECT record.id, record.state, record.code FROM record JOIN feed ON feed.sequence = record.feed "
    "WHERE feed.name IN ('trust', 'catalog') AND feed.network IN ({networks}) ORDER BY record.id"
)
TWICE = (
    "SELECT feed.name, count(*) FROM leaf JOIN feed ON feed.sequence = leaf.feed WHERE leaf.record_id IS NOT NULL "
    "AND feed.network IN ({networks}) GROUP BY leaf.feed, leaf.record_id HAVING count(*) > 1"
)


class ActsOnce(Invariant):
    """Compares what nodes made of the same records."""

    name = "I2-once"

    async def at_rest(self) -> None:
        """Compare all nodes."""
        honest = tuple(node.network.id for node in self.federation.nodes.values())
        states_of, twice_of = (sql.format(networks=",".join("?" * len(honest))) for sql in (STATES, TWICE))
        said: dict[frozenset[str], tuple[str, list[tuple[object, ...]]]] = {}
        for name, networks in scopes(self.federation).items():
            node = self.federation.nodes[name]
            twice = query(node, twice_of, honest)
            if twice:
                raise self.wrong(f"{name} holds a record more than once in a feed: {twice}")
            if networks & self.federation.forked:
                continue
            states = query(node, states_of, honest)
            other, expected = said.setdefault(frozenset(networks), (name, states))
            if states != expected:
                different = sorted(set(states) ^ set(expected), key=repr)[:4]
                raise self.wrong(f"{name} and {other} judge the same records differently: {different}")
