"""The audit of records: every column from the signed bytes, every signature, every verdict judged again.

Source: docs/spec/03-records.md; docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

from collections.abc import Mapping, Sequence
from typing import Any

from node.audit.findings import Finding
from node.services.intake import bundled, trust_size
from node.services.knowledge import Knowledge, Standing
from node.services.signatures import Signatures
from node.store import audit_reading as reading
from node.store import tables
from node.store.database import Connection
from node.store.feed_reading import FeedReader
from node.store.records import VALID, WAITING
from protocol.bundle import decode_bundle, verify_bundle
from protocol.errors import RemoteProtocolError
from protocol.feeds import LEDGER, FeedKey
from protocol.merkle.leaf import decode_leaf
from protocol.record import Record, decode_record

RECORDS_AT_ONCE = 500


async def audit_records(connection: Connection, signatures: Signatures) -> list[Finding]:
    """Recompute every column of `record`, `waiting` and `bundle`.

    Args:
        connection: Reading; it must see one state throughout.
        signatures: Checks them, many at a time.
    """
    audit = _Audit(connection, signatures)
    await audit.read_bundles()
    await audit.read_waiting()
    await audit.read_records()
    return audit.findings


class _Audit:
    """One run over the records.

    Attributes:
        findings: What was found so far.
    """

    def __init__(self, connection: Connection, signatures: Signatures) -> None:
        self.findings: list[Finding] = []
        self._connection = connection
        self._signatures = signatures
        self._feeds = FeedReader()
        self._keys: dict[int, FeedKey] = {}
        self._bundled: set[bytes] = set()
        self._waiting: dict[bytes, dict[bytes, int]] = {}
        self._trust: dict[bytes, int] = {}

    async def read_bundles(self) -> None:
        """Verify every bundle by itself."""
        async for row in reading.rows(self._connection, tables.bundle):
            self._bundled.add(row["record_id"])
            try:
                bundle = decode_bundle(row["data"])
                verify_bundle(bundle)
            except RemoteProtocolError as error:
                self._note("bundle", row["record_id"], "data", error.message)
                continue
            if bundle.record.id != row["record_id"]:
                self._note("bundle", row["record_id"], "record_id", "the bundle is of another record")

    async def read_waiting(self) -> None:
        """Read what waits for what; it is compared as the records are judged."""
        async for row in reading.rows(self._connection, tables.waiting):
            self._waiting.setdefault(row["record_id"], {})[row["needs"]] = row["trust_size"]

    async def read_records(self) -> None:
        """Check all records, some hundred at a time."""
        async for row in reading.rows(self._connection, tables.feed):
            self._keys[row["sequence"]] = FeedKey(row["network"], row["name"], row["epoch"])
        count = 0
        highest: list[tuple[int, bytes]] = []
        some: list[dict[str, Any]] = []
        async for row in reading.records(self._connection):
            count += 1
            highest = [*highest[-7:], (row["sequence"], row["id"])]
            if row["sequence"] < 1:
                self._note("record", row["id"], "sequence", "rows are numbered from 1")
            some.append(row)
            if len(some) == RECORDS_AT_ONCE:
                await self._check(some)
                some = []
        await self._check(some)
        for sequence, record_id in highest:
            if sequence > count:
                self._note("record", record_id, "sequence", f"the {count} rows are numbered from 1 without gaps")
        for record_id in self._waiting:
            self._note("waiting", record_id, "record_id", "no such record waits")

    async def _check(self, rows: Sequence[dict[str, Any]]) -> None:
        """Check some records: bytes, signatures, columns, places and verdicts."""
        decoded: list[tuple[dict[str, Any], Record]] = []
        for row in rows:
            try:
                decoded.append((row, decode_record(row["data"])))
            except RemoteProtocolError as error:
                self._note("record", row["id"], "data", error.message)
                self._waiting.pop(row["id"], None)
        sound = await self._signatures.check([record for _, record in decoded])
        judged: list[tuple[dict[str, Any], Record]] = []
        for (row, record), is_signed in zip(decoded, sound, strict=True):
            if not is_signed:
                self._note("record", row["id"], "data", "the signature doesn't fit")
                self._waiting.pop(row["id"], None)
                continue
            if record.id != row["id"]:
                self._note("record", row["id"], "id", f"the signed bytes are record {record.id.hex()}")
                continue
            if await self._check_columns(row, record):
                judged.append((row, record))
        await self._judge(judged)

    async def _check_columns(self, row: Mapping[str, Any], record: Record) -> bool:
        """Compare the columns of a row with its record; tell whether its place is right."""
        header = record.header
        expected = {
            "network": header.home if header.home is not None else record.thing_id,
            "kind": header.kind,
            "author": header.author,
            "thing": record.thing_id,
        }
        for name, value in expected.items():
            if row[name] != value:
                self._note("record", row["id"], name, "isn't what the record says")
        if row["feed"] is None:
            if row["id"] in self._bundled:
                return True
            self._note("record", row["id"], "feed", "it stands in no feed and came in no bundle")
            return False
        if row["leaf_names"] == row["id"] and row["feed"] in self._keys:
            return True
        places = await reading.places_of(self._connection, row["id"])
        if any(feed == row["feed"] for feed, _ in places):
            self._note("record", row["id"], "leaf_index", "another leaf names it")
        else:
            self._note("record", row["id"], "feed", "no leaf of this feed names it")
        return False

    async def _judge(self, rows: Sequence[tuple[dict[str, Any], Record]]) -> None:
        """Judge records again at their places and compare states, codes and what they wait for."""
        connection = self._connection
        standings: list[tuple[dict[str, Any], Standing]] = []
        for row, record in rows:
            if row["feed"] is not None and self._keys[row["feed"]].name == LEDGER:
                self._compare(row, VALID, None)  # the ledger's own audit decides its instructions again
                continue
            try:
                standings.append((row, await self._standing(row, record)))
            except RemoteProtocolError:
                continue  # its leaf or bundle is damaged, and named there
        knowledge = Knowledge()
        for network in {standing.feed.network for _, standing in standings}:
            if network not in self._trust:
                self._trust[network] = await trust_size(connection, self._feeds, network)
        knowledge.trust_sizes = dict(self._trust)
        await knowledge.load(connection, ((standing.record, standing.feed.network) for _, standing in standings))
        for row, standing in standings:
            verdict = knowledge.judge(standing)
            self._compare(row, verdict.state, verdict.refusal.code if verdict.refusal else None)
            needs = {need.needs: need.trust_size for need in verdict.needs}
            stored = self._waiting.pop(row["id"], {})
            if verdict.state == WAITING and row["state"] == WAITING and needs != stored:
                column = "trust_size" if needs.keys() == stored.keys() else "needs"
                self._note("waiting", row["id"], column, "isn't what the record waits for")

    async def _standing(self, row: Mapping[str, Any], record: Record) -> Standing:
        if row["feed"] is None:
            return await bundled(self._connection, self._feeds, row["id"], row["data"])
        return Standing(
            record=record,
            data=row["data"],
            feed=self._keys[row["feed"]],
            index=row["leaf_index"],
            keys_at=decode_leaf(row["leaf_data"]).keys_at,
        )

    def _compare(self, row: Mapping[str, Any], state: str, code: str | None) -> None:
        if row["state"] != state:
            self._note("record", row["id"], "state", f"is {row['state']!a}, judged again it is {state}")
        elif row["code"] != code:
            self._note("record", row["id"], "code", f"is {row['code']!a}, judged again it is {code}")

    def _note(self, table: str, record_id: bytes, column: str, what: str) -> None:
        self.findings.append(Finding(table, record_id.hex(), column, what))
