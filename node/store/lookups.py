"""What judging needs, read in one visit to the driver: records, their revisions, keys and roles.

Source: node/store/bulk.py; docs/concepts/feeds.md.

Tests: tests/node/store/test_records.py
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import bulk, driver
from node.store.agents import Agent, Span
from node.store.driver import Statement
from node.store.records import COLUMNS, StoredRecord


@dataclass(slots=True)
class Found:
    """What was found: rows of the named records and of the things that they belong to; spans by agent."""

    records: dict[bytes, StoredRecord] = field(default_factory=dict)
    keys: dict[Agent, list[Span]] = field(default_factory=dict)
    roles: dict[Agent, list[Span]] = field(default_factory=dict)


async def look_up(connection: AsyncConnection, *, names: Iterable[bytes], agents: Iterable[Agent]) -> Found:
    """Read records, with all records of their things, and the keys and roles of agents.

    Args:
        connection: Reading, or the writer's inside a job.
        names: Ids of records and things.
        agents: Agents by network.
    """
    found = Found()
    wanted, who = sorted(set(names)), sorted(set(agents))
    by_id, by_thing = _selects(wanted), _revision_selects(wanted)
    keys, roles = _agent_selects("agent_key", "key", who), _agent_selects("agent_role", "role", who)
    answers = iter(await driver.run(connection, [*by_id, *by_thing, *keys, *roles]))
    _take_records(found, answers, len(by_id) + len(by_thing))
    _take_spans(found.keys, answers, len(keys))
    _take_spans(found.roles, answers, len(roles))
    others = sorted({row.thing for row in found.records.values()} - set(wanted))
    if others:
        statements = [*_selects(others), *_revision_selects(others)]
        _take_records(found, iter(await driver.run(connection, statements)), len(statements))
    return found


def _take_records(found: Found, answers: Iterator[driver.Rows], count: int) -> None:
    for _ in range(count):
        for values in next(answers):
            row = StoredRecord.of(values)
            found.records[row.id] = row


def _take_spans(spans: dict[Agent, list[Span]], answers: Iterator[driver.Rows], count: int) -> None:
    for _ in range(count):
        for network, agent, *span in next(answers):
            spans.setdefault((network, agent), []).append(Span(*span))
    for items in spans.values():
        items.sort(key=lambda item: item.valid_from)


def _selects(values: Sequence[bytes]) -> list[Statement]:
    return bulk.select_rows("record", COLUMNS, "id", values)


def _revision_selects(values: Sequence[bytes]) -> list[Statement]:
    return bulk.select_rows("record", COLUMNS, "thing", values, only="thing <> id")


def _agent_selects(table: str, name: str, agents: Iterable[Agent]) -> list[Statement]:
    by_network: dict[bytes, list[bytes]] = {}
    for network, agent in agents:
        by_network.setdefault(network, []).append(agent)
    columns = ("network", "agent", name, "valid_from", "valid_until")
    return [
        statement
        for network, some in by_network.items()
        for statement in bulk.select_rows(table, columns, "agent", some, also=("network", network))
    ]
