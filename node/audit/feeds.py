"""The audit of feeds: fold every leaf again, compare tiles, frontiers and signed heads, and name what differs.

The signed root decides who is right. Where the leaves fold to it, their data are what was signed, and a column that
disagrees is wrong; where they don't, the digest beside each leaf names the one that changed.

Source: docs/spec/05-merkle.md; docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from node.audit.findings import Finding
from node.store import audit_reading as reading
from node.store import merkle, tables
from node.store.agents import get_epoch
from node.store.audit_reading import PlacedLeaf
from node.store.database import Connection
from node.store.limits import LEAF_DIGEST_BYTES
from protocol.errors import RemoteProtocolError
from protocol.feeds import LEDGER, FeedKey
from protocol.merkle.checkpoint import origin_of, parse_checkpoint, read_checkpoint
from protocol.merkle.leaf import decode_leaf, decode_ledger_leaf
from protocol.merkle.tree import Frontier, leaf_hash


@dataclass(slots=True)
class FoldedFeed:
    """What the leaf rows of a feed make of it.

    Attributes:
        row: The stored row.
        frontier: Of all leaf rows.
        tiles: Complete tiles by level and index.
        roots: Roots at the sizes that signed heads speak of.
        suspects: Leaves whose columns disagree with their data: index, what the data say, what stands there.
        findings: What is wrong whatever the root says.
    """

    row: Mapping[str, Any]
    frontier: Frontier = field(default_factory=Frontier)
    tiles: dict[tuple[int, int], bytes] = field(default_factory=dict)
    roots: dict[int, bytes] = field(default_factory=dict)
    suspects: list[tuple[PlacedLeaf, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def number(self) -> int:
        """The feed's row number."""
        number: int = self.row["sequence"]
        return number


async def audit_feeds(connection: Connection) -> list[Finding]:
    """Recompute every column of `feed`, `leaf` and `tile`.

    Args:
        connection: Reading; it must see one state throughout.
    """
    findings: list[Finding] = []
    stored_tiles: dict[int, dict[tuple[int, int], bytes]] = {}
    async for row in reading.rows(connection, tables.tile):
        stored_tiles.setdefault(row["feed"], {})[row["level"], row["tile_index"]] = row["hash"]
    feeds = [row async for row in reading.rows(connection, tables.feed)]
    for row in feeds:
        if not 1 <= row["sequence"] <= len(feeds):
            findings.append(_feed(row, "sequence", f"the {len(feeds)} rows are numbered from 1 without gaps"))
        folded = await fold_feed(connection, row)
        findings += folded.findings
        findings += await _compare_row(connection, folded)
        findings += _compare_tiles(folded, stored_tiles.pop(row["sequence"], {}))
    async for number, index in reading.orphan_leaves(connection):
        findings.append(Finding("leaf", f"{number}/{index}", "feed", "there is no such feed"))
    for number, tiles in stored_tiles.items():
        findings += [Finding("tile", f"{number}/{level}/{at}", "feed", "no such feed") for level, at in tiles]
    return findings


async def fold_feed(connection: Connection, row: Mapping[str, Any]) -> FoldedFeed:
    """Fold the leaf rows of a feed, and check each row by itself."""
    folded = FoldedFeed(row)
    sizes = _sizes_of_heads(row)
    expected = 0
    async for item in reading.leaves(connection, row["sequence"]):
        if item.leaf_index != expected:
            folded.findings.append(_leaf(folded, item, "leaf_index", f"leaf {expected} should stand here"))
        expected = item.leaf_index + 1
        for level, index, hashed in merkle.fold(folded.frontier, [item.data]):
            folded.tiles[level, index] = hashed
        if folded.frontier.size in sizes:
            folded.roots[folded.frontier.size] = folded.frontier.root()
        _check_leaf(folded, item)
    return folded


def _check_leaf(folded: FoldedFeed, item: PlacedLeaf) -> None:
    """Compare the columns of a leaf row with its data; what the root must decide becomes a suspect."""
    if leaf_hash(item.data)[:LEAF_DIGEST_BYTES] != item.digest:
        folded.suspects.append((item, "digest", "the digest isn't that of the data"))
    try:
        decode = decode_ledger_leaf if folded.row["name"] == LEDGER else decode_leaf
        record_id = decode(item.data).record_id
    except RemoteProtocolError:
        record_id = None
    if record_id != item.record_id:
        folded.suspects.append((item, "record_id", "the data name another record"))
    elif item.held != int(item.record is not None):
        here = "is" if item.record is not None else "isn't"
        folded.findings.append(_leaf(folded, item, "held", f"is {item.held}, and its record {here} here"))


async def _compare_row(connection: Connection, folded: FoldedFeed) -> list[Finding]:
    """Compare a feed's row with its folded leaves and with what its heads sign."""
    row, size = folded.row, folded.frontier.size
    findings = []
    if row["size"] != size:
        findings.append(_feed(row, "size", f"is {row['size']}, there are {size} leaves"))
    findings += await _check_note(connection, folded, "head")
    findings += await _check_note(connection, folded, "seen")
    is_frontier_sound = bytes(row["frontier"]) == folded.frontier.to_bytes()
    is_sound = row["head_note"] is not None and folded.roots.get(row["head_size"]) == _root_of(row["head_note"])
    by_place: dict[tuple[int, str], Finding] = {}
    disagreeing = {item.leaf_index for item, column, _ in folded.suspects if column == "digest"}
    for item, column, what in folded.suspects:
        covered = is_frontier_sound or (is_sound and item.leaf_index < row["head_size"])
        changed = item.leaf_index in disagreeing and not covered
        name = "data" if changed else column
        by_place.setdefault((item.leaf_index, name), _leaf(folded, item, name, what))
    findings += by_place.values()
    if not is_frontier_sound and not disagreeing:
        findings.append(_feed(row, "frontier", "isn't what the leaves fold to"))
    root = folded.roots.get(row["head_size"])
    if row["head_note"] is not None and not is_sound and not disagreeing and not findings and root is not None:
        findings.append(_feed(row, "head_note", "signs another root than the leaves fold to"))
    return findings


async def _check_note(connection: Connection, folded: FoldedFeed, which: str) -> list[Finding]:
    """Check one of the two signed notes of a feed's row, and the columns that it speaks of."""
    row = folded.row
    note, size = row[f"{which}_note"], row[f"{which}_size"]
    if note is None:
        return [_feed(row, f"{which}_size", f"is {size} without a note")] if size else []
    key = FeedKey(row["network"], row["name"], row["epoch"])
    try:
        said = read_checkpoint(note)
    except RemoteProtocolError as error:
        return [_feed(row, f"{which}_note", error.message)]
    if said.origin != origin_of(key):
        names = ("network", "name", "epoch")
        ours, theirs = origin_of(key).split("/")[1:], said.origin.split("/")[1:]
        differing = [name for name, one, two in zip(names, ours, theirs, strict=False) if one != two]
        column = differing[0] if len(differing) == 1 and len(ours) == len(theirs) else f"{which}_note"
        return [_feed(row, column, f"the head is of {said.origin}")]
    epoch = await get_epoch(connection, key.network, key.epoch)
    if epoch is None:
        return [_feed(row, "epoch", "no epoch of this number is known for the network")]
    try:
        parse_checkpoint(note, origin=origin_of(key), public=epoch[1].checkpoint)
    except RemoteProtocolError as error:
        return [_feed(row, f"{which}_note", error.message)]
    if said.size != size:
        return [_feed(row, f"{which}_size", f"is {size}, the note says {said.size}")]
    return []


def _compare_tiles(folded: FoldedFeed, stored: dict[tuple[int, int], bytes]) -> list[Finding]:
    """Compare stored tiles with the folded ones; a changed leaf changes its tiles too and is named already."""
    findings = []
    has_changed_leaf = any(column == "digest" for _, column, _ in folded.suspects)
    for (level, index), hashed in folded.tiles.items():
        found = stored.pop((level, index), None)
        place = f"{folded.number}/{level}/{index}"
        if found is None:
            findings.append(Finding("tile", place, "", "the tile is missing"))
        elif found != hashed and not has_changed_leaf:
            findings.append(Finding("tile", place, "hash", "isn't what the leaves fold to"))
    for level, index in stored:
        column = "level" if index < 2**8 and level not in {8, 16, 24, 32, 40} else "tile_index"
        findings.append(Finding("tile", f"{folded.number}/{level}/{index}", column, "there is no such tile"))
    return findings


def _sizes_of_heads(row: Mapping[str, Any]) -> set[int]:
    return {row["head_size"], row["seen_size"], row["size"]}


def _root_of(note: bytes | None) -> bytes | None:
    try:
        return None if note is None else read_checkpoint(note).root
    except RemoteProtocolError:
        return None


def _feed(row: Mapping[str, Any], column: str, what: str) -> Finding:
    return Finding("feed", str(row["sequence"]), column, what)


def _leaf(folded: FoldedFeed, item: PlacedLeaf, column: str, what: str) -> Finding:
    return Finding("leaf", f"{folded.number}/{item.leaf_index}", column, what)
