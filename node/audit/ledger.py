"""The audit of the ledger: fold every leaf again, offline, and compare each account and each entry with the tables.

It trusts nothing that is stored but the signed records and the leaves: outcomes are decided anew, keys are looked up
at the trust size that each leaf names, and every column of `account` and `entry` is recomputed. Roots, record columns
and signatures are the business of the audit of feeds and records.

Entries are compared by a running digest an account, so that a ledger of a million transfers needs little memory; only
where a digest differs are that account's entries folded again and compared one by one.
Source: docs/spec/04-ledger.md L-40 to L-42.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from node.audit.findings import Finding
from node.store import ledger_items as items
from node.store import ledger_reading as reading
from node.store.database import Connection
from node.store.ledger import ACCOUNT_COLUMNS, ENTRY_COLUMNS, EntryRow, account_row, entry_rows
from protocol.errors import RemoteProtocolError
from protocol.ledger import Account, Item, Replay, credit_unit
from protocol.ledger.apply import OPENED
from protocol.merkle.leaf import LedgerLeaf, decode_ledger_leaf
from protocol.record import Record, decode_record

FINDINGS_MAX = 1000
"""Findings that are listed; behind them stands how many more there are."""


@dataclass(slots=True)
class _Fold:
    """What the leaves make of the ledger: the replay, and what the tables should hold."""

    network: bytes
    replay: Replay
    roles: reading.RoleSpans = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    opened_leaf: dict[int, int] = field(default_factory=dict)
    changed_leaf: dict[int, int] = field(default_factory=dict)
    digests: dict[int, Any] = field(default_factory=dict)
    wanted: frozenset[int] = frozenset()
    entries: list[EntryRow] = field(default_factory=list)


async def audit_ledger(connection: Connection) -> list[Finding]:
    """Recompute every balance, limit and entry from the leaves and records, and name what differs.

    Args:
        connection: Reading; it must see one state throughout.

    Returns:
        What was found, at most `FINDINGS_MAX`; empty for a sound ledger.
    """
    feeds = await reading.ledger_feeds(connection)
    if len(feeds) > 1:
        return [Finding("feed", str(row.sequence), "name", "there is more than one ledger feed") for row in feeds]
    if not feeds:
        fold = None
        findings: list[Finding] = []
    else:
        fold = await _fold(connection, feeds[0])
        findings = list(fold.findings)
    findings += await _compare_accounts(connection, fold)
    findings += await _compare_items(connection, fold)
    findings += await _compare_entries(connection, feeds[0] if feeds else None, fold)
    if len(findings) > FINDINGS_MAX:
        more = len(findings) - FINDINGS_MAX
        findings = [*findings[:FINDINGS_MAX], Finding("ledger", "", "", f"and {more} more findings")]
    return findings


async def _fold(connection: Connection, feed: reading.LedgerFeed, wanted: frozenset[int] = frozenset()) -> _Fold:
    """Fold all leaves of the ledger feed; keep the entries of the wanted accounts."""
    fold = _Fold(feed.network, Replay(ledger=feed.network, unit=credit_unit(feed.network)), wanted=wanted)
    fold.roles = await reading.role_spans(connection, feed.network)
    spans = await reading.key_spans(connection, feed.network)
    expected = 0
    async for row in reading.leaves(connection, feed.sequence):
        while expected < row.leaf_index:
            place = f"{feed.sequence}/{expected}"
            fold.findings.append(Finding("leaf", place, "", "the leaf is missing"))
            fold.replay.skip()
            expected += 1
        expected += 1
        await _fold_leaf(connection, fold, feed.sequence, row, spans)
    if expected != feed.size:
        fold.findings.append(
            Finding("feed", str(feed.sequence), "size", f"is {feed.size}, there are {expected} leaves")
        )
    return fold


async def _fold_leaf(
    connection: Connection, fold: _Fold, feed: int, row: reading.StoredLeaf, spans: reading.Spans
) -> None:
    """Fold one leaf, and note what it makes of accounts and entries."""
    place = f"{feed}/{row.leaf_index}"
    leaf = _leaf_of(fold, place, row.data)
    if leaf is None:
        fold.replay.skip()
        return
    record = _record_of(fold, place, leaf, row.record_data)
    roles: dict[bytes, frozenset[str]] = {}
    transfers: list[Item] = []
    if record is not None:
        roles = {who: _roles_at(fold.roles.get(who, []), leaf.keys_at) for who in fold.replay.agents(record)}
        named = fold.replay.missing(record)
        transfers = list((await items.posted_transfers(connection, named, ledger=fold.network)).values())
        key = (record.header.author or b"", record.header.key)
        if not any(_holds(span, leaf.keys_at) for span in spans.get(key, [])):
            what = f"the key of leaf {row.leaf_index} is not one of its author's at trust size {leaf.keys_at}"
            fold.findings.append(Finding("record", record.id.hex(), "data", what))
    transfers = [item for item in transfers if item.opened_leaf < row.leaf_index]
    applied, divergences = fold.replay.step(leaf, record, roles=roles, transfers=transfers)
    fold.findings += [Finding("leaf", place, "data", f"{each.field}: {each.what}") for each in divergences]
    if applied is None:
        return
    for account in applied.accounts:
        fold.changed_leaf[account.number] = applied.index
        if applied.outcome == OPENED:
            fold.opened_leaf[account.number] = applied.index
    for entry in entry_rows(applied):
        _digest_of(fold.digests, entry)
        if entry[0] in fold.wanted:
            fold.entries.append(entry)


def _leaf_of(fold: _Fold, place: str, data: bytes) -> LedgerLeaf | None:
    try:
        return decode_ledger_leaf(data)
    except RemoteProtocolError as error:
        fold.findings.append(Finding("leaf", place, "data", f"is no leaf of a ledger: {error}"))
        return None


def _record_of(fold: _Fold, place: str, leaf: LedgerLeaf, data: bytes | None) -> Record | None:
    if leaf.record_id is None:
        return None  # a leaf of time; any other is named by the replay
    name = leaf.record_id.hex()
    if data is None:
        fold.findings.append(Finding("record", name, "", f"leaf {place} names it, and it is not here"))
        return None
    try:
        return decode_record(data)
    except RemoteProtocolError as error:
        fold.findings.append(Finding("record", name, "data", f"is no record: {error}"))
        return None


def _roles_at(spans: list[reading.RoleSpan], size: int) -> frozenset[str]:
    return frozenset(role for role, since, until in spans if _holds((since, until), size))


def _holds(span: tuple[int, int | None], size: int) -> bool:
    return span[0] <= size and (span[1] is None or size < span[1])


async def _compare_accounts(connection: Connection, fold: _Fold | None) -> list[Finding]:
    """Compare every column of `account` with the book."""
    wanted = {} if fold is None else {each.number: _account_row(each, fold) for each in fold.replay.book.accounts()}
    findings: list[Finding] = []
    async for row in reading.accounts(connection):
        expected = wanted.pop(row[0], None)
        if expected is None:
            findings.append(Finding("account", str(row[0]), "number", "no leaf opened this account"))
        else:
            findings += _differences("account", str(row[0]), ACCOUNT_COLUMNS, row, expected)
    findings += [Finding("account", str(number), "number", "the account is missing") for number in wanted]
    return findings


async def _compare_items(connection: Connection, fold: _Fold | None) -> list[Finding]:
    """Compare every column of `item` with what the leaves make of it."""
    wanted = {} if fold is None else {key: items.item_row(item) for key, item in fold.replay.items.items()}
    findings: list[Finding] = []
    async for row in reading.items(connection):
        expected = wanted.pop(row[0], None)
        if expected is None:
            findings.append(Finding("item", _shown(row[0]), "id", "no leaf made this item"))
        else:
            findings += _differences("item", _shown(row[0]), items.ITEM_COLUMNS, row, expected)
    findings += [Finding("item", key.hex(), "id", "the item is missing") for key in wanted]
    return findings


def _account_row(account: Account, fold: _Fold) -> tuple[object, ...]:
    number = account.number
    return account_row(account, opened_leaf=fold.opened_leaf[number], changed_leaf=fold.changed_leaf[number])


async def _compare_entries(
    connection: Connection, feed: reading.LedgerFeed | None, fold: _Fold | None
) -> list[Finding]:
    """Compare the entries of each account by digest, then one by one where it differs."""
    stored: dict[int, Any] = {}
    async for row in reading.entries(connection):
        _digest_of(stored, row)
    expected = {} if fold is None else fold.digests
    differing = frozenset(
        number
        for number in stored.keys() | expected.keys()
        if number not in stored or number not in expected or stored[number].digest() != expected[number].digest()
    )
    if not differing:
        return []
    again = [] if feed is None else (await _fold(connection, feed, differing)).entries
    wanted = {entry[:3]: entry for entry in again}
    findings: list[Finding] = []
    async for row in reading.entries(connection):
        if row[0] not in differing:
            continue
        place = f"{row[0]}/{row[1]}/{row[2]}"
        right = wanted.pop((row[0], row[1], row[2]), None)
        if right is None:
            findings.append(Finding("entry", place, _moved_key(row, wanted), "no leaf makes this entry"))
        else:
            findings += _differences("entry", place, ENTRY_COLUMNS, row, right)
    findings += [Finding("entry", "/".join(map(str, key)), "", "the entry is missing") for key in wanted]
    return findings


def _moved_key(row: tuple[Any, ...], wanted: Iterable[tuple[int, int, int]]) -> str:
    """Name the key column that a row without a leaf was changed in: the one in which no missing entry agrees."""
    missing = list(wanted)
    for at, column in ((2, "line"), (1, "leaf_index"), (0, "account")):
        if any(all(key[other] == row[other] for other in range(3) if other != at) for key in missing):
            return column
    return "leaf_index" if any(key[0] == row[0] for key in missing) else "account"


def _differences(
    table: str, place: str, columns: tuple[str, ...], row: tuple[object, ...], expected: tuple[object, ...]
) -> list[Finding]:
    return [
        Finding(table, place, column, f"is {_shown(stored)}, the leaves make it {_shown(right)}")
        for column, stored, right in zip(columns, row, expected, strict=True)
        if stored != right or type(stored) is not type(right)
    ]


def _shown(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else repr(value)


def _digest_of(digests: dict[int, Any], entry: tuple[Any, ...]) -> None:
    """Add an entry to the running digest of its account."""
    digest = digests.get(entry[0])
    if digest is None:
        digest = digests[entry[0]] = hashlib.sha256()
    digest.update(repr(entry).encode())
